#include "market/service.hpp"

#include <functional>
#include <thread>

#include "base/log.hpp"
#include "codec/json.hpp"
#include "market/challenge.hpp"
#include "market/page_cache.hpp"
#include "market/publisher.hpp"
#include "market/rate_limit.hpp"
#include "market/read_gate.hpp"
#include "market/unpublish.hpp"
#include "store/group_committer.hpp"

namespace iapp::market {
namespace {

constexpr std::string_view kVersion = "iapp/1";
constexpr std::chrono::seconds kRoundLimit{30};   ///< others wait for a round we started
constexpr std::chrono::seconds kIdleRefresh{10};  ///< keeps a book nobody reads from falling far behind
constexpr std::string_view kRetry = "Something went wrong, you should retry later.";
constexpr std::string_view kInternal = "Internal error";

struct Refusal {
    int status;
    std::string_view message;
};

/// What a client may learn about an error. Its own mistakes carry the message; an outage of the chain says "retry".
Refusal explain(const Error& error)
{
    const bool is_ours = error.reason.starts_with("market.");
    if (is_ours && error.kind == ErrorKind::unauthenticated) return {403, "invalid authorization"};
    if (is_ours && error.kind == ErrorKind::invalid_input) return {400, error.detail};
    if (is_ours && error.kind == ErrorKind::permission_denied) return {403, error.detail};
    if (is_ours && error.kind == ErrorKind::not_found) return {404, error.detail};
    if (error.kind == ErrorKind::internal || error.reason.starts_with("store.")) return {500, kInternal};
    return {500, kRetry};
}

net::Response refused(int status, std::string_view message)
{
    return net::json_response(status, json::print(json::Object{{"ok", false}, {"error", message}}));
}

net::Response refuse(const Error& error)
{
    const Refusal refusal = explain(error);
    if (refusal.status == 500)
        log::warning("request failed", {{"reason", error.reason}, {"detail", error.detail}, {"line", error.where.line()}});
    return refused(refusal.status, refusal.message);
}

net::Response too_often()
{
    net::Response response = refused(429, "Rate limit exceeded");
    response.headers.set("Retry-After", "60");
    return response;
}

Result<net::Response> answer(std::string body) { return net::json_response(200, std::move(body)); }

Result<std::string_view> require(const net::Request& request, std::string_view name)
{
    if (const auto given = request.query.find(name)) return *given;
    return fail(ErrorKind::invalid_input, "market.query", std::string(name) + " is a required field");
}

std::string_view authorization_of(const net::Request& request) { return request.headers.find("Authorization").value_or(""); }

}  // namespace

struct Service::Impl {
    Impl(std::unique_ptr<BookFile> opened, const wire::Network& network, const net::HttpClient& http, const Clock& time,
         const Options& options)
        : clock(time),
          book(std::move(opened)),
          rpc(http, {network.rpc_url}),
          hub(rpc, network.chain_id, network.contracts.hub),
          tracker(hub, *book, network),
          committer(book->database),
          challenges(network.chain_id),
          publisher(hub, tracker, *book, network, time, options.max_open_orders),
          rate(options.requests_per_minute),
          is_behind_proxy(options.is_behind_proxy),
          gate(tracker, pages, *book, [this](const auto& request, auto page) { return serve(request, std::move(page)); }),
          follow([this](const std::stop_token& stop) { keep_up(stop); })
    {
    }

    /// Reads the chain now and then, so that the first read after a quiet night is not a long one.
    void keep_up(const std::stop_token& stop)
    {
        std::mutex mutex;
        std::condition_variable_any wake;
        while (!stop.stop_requested()) {
            const net::CallContext context{.request_id = "market", .deadline = net::deadline_in(kRoundLimit), .stop = stop};
            if (const auto head = tracker.refresh(context); !head && head.error().kind != ErrorKind::cancelled)
                log::warning("following the chain failed",
                             {{"reason", head.error().reason}, {"detail", head.error().detail}});
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, kIdleRefresh, [] { return false; });
        }
    }

    std::uint64_t chain_id() const { return hub.chain_id(); }

    bool admits(const net::Request& request) { return rate.admit(counted_address(request, is_behind_proxy), clock.now()); }

    net::Response serve(const net::Request& request, std::string page)
    {
        return admits(request) ? net::json_response(200, std::move(page)) : too_often();
    }

    using Read = std::function<Result<std::optional<std::string>>(store::Transaction&)>;

    /// Answers what `read` finds in the book at the head of the chain; `what` is named when it finds nothing.
    Result<net::Response> answer_from_book(const net::Request& request, const net::CallContext& call, std::string_view what,
                                           const Read& read)
    {
        TRY(const Head head, tracker.refresh(call));
        const BookVersion version{head.revision, book->writes};
        if (auto known = pages.find(request.target, version)) return answer(*std::move(known));
        TRY(auto transaction, book->readers.read());
        TRY(auto body, read(transaction));
        if (!body) return fail(ErrorKind::not_found, "market.unknown", std::string(what) + " not found");
        pages.put(request.target, version, *body);
        return answer(*std::move(body));
    }

    Result<Address> authenticate(const net::Request& request)
    {
        return challenges.redeem(authorization_of(request), clock.now_seconds());
    }

    Result<net::Response> get_challenge(const net::Request& request, const net::CallContext&)
    {
        TRY(const auto given, require(request, "address"));
        TRY(const Address address, parse_address("address", given));
        return answer("{\"ok\":true,\"data\":" + challenges.issue(address, clock.now_seconds()) + '}');
    }

    Result<net::Response> get_orders(OrderKind kind, const net::Request& request, const net::CallContext& call)
    {
        TRY(const ListQuery query, parse_order_query(kind, request.query));
        return answer_from_book(request, call, {},
                                [&](auto& transaction) { return list_orders(transaction, chain_id(), kind, query); });
    }

    Result<net::Response> get_order(OrderKind kind, const net::Request& request, const net::CallContext& call)
    {
        TRY(const Hash256 hash, parse_hash("orderHash", request.param("hash")));
        return answer_from_book(request, call, kind_info(kind).name,
                                [&](auto& transaction) { return find_order(transaction, chain_id(), kind, hash); });
    }

    Result<Publisher::Claim> read_claim(OrderKind kind, const net::Request& request)
    {
        TRY(const Address claimant, challenges.claimant(authorization_of(request), clock.now_seconds()));
        TRY(Listing listing, parse_publish_body(kind, request.body));
        return Publisher::Claim{std::move(listing), claimant};
    }

    /// Who has no challenge of ours, or comes when too many wait, hears it at once.
    Status post_order(OrderKind kind, net::Pending pending)
    {
        TRY_OK(challenges.claimant(authorization_of(pending.request()), clock.now_seconds()));
        if (publisher.is_full())
            return fail(ErrorKind::unavailable, "market.busy", "too many orders wait to be published; try again");
        auto prove = [this, pending]() -> Status {
            TRY_OK(authenticate(pending.request()));
            return {};
        };
        auto published = [pending](const Result<std::string>& record) mutable {
            std::move(pending).answer(record ? net::json_response(200, "{\"ok\":true,\"published\":" + *record + '}')
                                             : refuse(record.error()));
        };
        publisher.publish(
            {[this, kind, pending] { return read_claim(kind, pending.request()); }, std::move(prove), std::move(published)});
        return {};
    }

    Result<net::Response> put_order(OrderKind kind, const net::Request& request, const net::CallContext&)
    {
        TRY(const Address signer, authenticate(request));
        TRY(const UnpublishRequest wanted, parse_unpublish_body(kind, request.body));
        std::vector<Hash256> hashes;
        TRY_OK(committer.commit([&](store::Transaction& transaction) -> Status {
            TRY(hashes, unpublish(transaction, kind, wanted, signer));
            return {};
        }));
        ++book->writes;
        json::Array unpublished;
        for (const Hash256& hash : hashes) unpublished.emplace_back(hash.hex());
        return answer(json::print(json::Object{{"ok", true}, {"unpublished", std::move(unpublished)}}));
    }

    Result<net::Response> get_deals(const net::Request& request, const net::CallContext& call)
    {
        TRY(const ListQuery query, parse_deal_query(request.query));
        return answer_from_book(request, call, {}, [&](auto& transaction) { return list_deals(transaction, query); });
    }

    Result<net::Response> get_deal(const net::Request& request, const net::CallContext& call)
    {
        TRY(const Hash256 id, parse_hash("dealid", request.param("id")));
        return answer_from_book(request, call, "deal",
                                [&](auto& transaction) { return find_deal(transaction, poco::DealId{id.array()}); });
    }

    Result<net::Response> get_categories(const net::Request& request, const net::CallContext& call)
    {
        TRY(const ListQuery query, parse_category_query(request.query));
        return answer_from_book(request, call, {},
                                [&](auto& transaction) { return list_categories(transaction, chain_id(), query); });
    }

    Result<net::Response> get_category(const net::Request& request, const net::CallContext& call)
    {
        TRY(const std::uint64_t id, parse_number("catid", request.param("id")));
        return answer_from_book(request, call, "category",
                                [&](auto& transaction) { return find_category(transaction, chain_id(), id); });
    }

    Result<net::Response> get_prices(const net::Request& request, const net::CallContext& call)
    {
        TRY(const auto given, require(request, "category"));
        TRY(const std::uint64_t category, parse_number("category", given));
        return answer_from_book(request, call, {}, [&](auto& transaction) { return list_prices(transaction, category); });
    }

    Result<net::Response> get_metrics(const net::Request&, const net::CallContext& call)
    {
        TRY(const Head head, tracker.refresh(call));
        json::Object out{{"ok", true}, {"lastBlock", head.block.number}, {"checkpointBlock", head.block.number}};
        TRY(auto transaction, book->readers.read());
        for (const KindInfo& kind : kKinds) {
            TRY(const std::uint64_t open, count_open(transaction, kind.kind));
            out.emplace(kind.path.substr(1), open);
        }
        return answer(json::print(out));
    }

    const Clock& clock;
    std::unique_ptr<BookFile> book;
    chain::JsonRpcClient rpc;
    chain::Hub hub;
    Tracker tracker;
    store::GroupCommitter committer;
    Challenges challenges;
    Publisher publisher;  ///< after what its submissions use
    PageCache pages;
    RateLimit rate;
    bool is_behind_proxy;
    ReadGate gate;  ///< it and the next are last: they use the rest
    std::jthread follow;
};

net::ServerOptions serving(net::ServerOptions options)
{
    options.cors = options.cors_names_origin = true;
    options.refuse = [](int status, const Error& error) {
        if (error.kind == ErrorKind::internal) return refused(status, kInternal);
        return refused(status, status >= 500 ? kRetry : std::string_view(error.detail));
    };
    return options;
}

Result<std::unique_ptr<Service>> Service::open(const std::string& database, const wire::Network& network,
                                               const net::HttpClient& http, const Clock& clock)
{
    return open(database, network, http, clock, Options{});
}

Result<std::unique_ptr<Service>> Service::open(const std::string& database, const wire::Network& network,
                                               const net::HttpClient& http, const Clock& clock, const Options& options)
{
    TRY(auto opened, BookFile::open(database));
    return std::unique_ptr<Service>(new Service(std::make_unique<Impl>(std::move(opened), network, http, clock, options)));
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

void Service::add_routes(net::HttpServer& server)
{
    Impl& impl = *impl_;
    const auto refusal_of = [&impl](const net::Request& request) -> std::optional<net::Response> {
        if (!impl.admits(request)) return too_often();
        if (const Status chain = check_chain_id(request.query, impl.chain_id()); !chain) return refuse(chain.error());
        return std::nullopt;
    };
    const auto add = [&](std::string_view method, std::string_view pattern, const net::RouteOptions& options, auto handler,
                         auto... kind) {
        const auto answering = [&impl, refusal_of, handler, kind...](const net::Request& request,
                                                                     const net::CallContext& call) {
            if (auto refused = refusal_of(request)) return *std::move(refused);
            auto response = (impl.*handler)(kind..., request, call);
            return response ? *std::move(response) : refuse(response.error());
        };
        server.route(method, pattern, answering, options);
    };
    const net::RouteOptions immediate, instant{.is_instant = true},
        gated{.gate = [&impl](net::Waiting waiting) { impl.gate.take(std::move(waiting)); }};
    server.route("GET", "/version", [&impl](const net::Request& request, const net::CallContext&) {
        if (!impl.admits(request)) return too_often();
        return net::json_response(200, json::print(json::Object{{"ok", true}, {"version", kVersion}}));
    });
    add("GET", "/challenge", instant, &Impl::get_challenge);
    for (const KindInfo& kind : kKinds) {
        const std::string path(kind.path);
        add("GET", path, gated, &Impl::get_orders, kind.kind);
        add("GET", path + "/{hash}", gated, &Impl::get_order, kind.kind);
        server.route_late(
            "POST", path,
            [&impl, refusal_of, kind = kind.kind](net::Pending pending) {
                if (auto refused = refusal_of(pending.request())) return std::move(pending).answer(*std::move(refused));
                if (const Status begun = impl.post_order(kind, pending); !begun)
                    std::move(pending).answer(refuse(begun.error()));
            },
            instant);
        add("PUT", path, immediate, &Impl::put_order, kind.kind);
    }
    add("GET", "/deals", gated, &Impl::get_deals);
    add("GET", "/deals/{id}", gated, &Impl::get_deal);
    add("GET", "/categories", gated, &Impl::get_categories);
    add("GET", "/categories/{id}", gated, &Impl::get_category);
    add("GET", "/ohlc", gated, &Impl::get_prices);
    add("GET", "/metrics", immediate, &Impl::get_metrics);
}

}  // namespace iapp::market
