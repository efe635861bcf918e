#include "market/service.hpp"

#include <thread>

#include "base/log.hpp"
#include "codec/json.hpp"
#include "market/challenge.hpp"
#include "market/publisher.hpp"

namespace iapp::market {
namespace {

constexpr std::string_view kVersion = "iapp/1";
constexpr std::chrono::seconds kIdleRefresh{10};  ///< keeps a book nobody reads from falling far behind

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
    if (is_ours && error.kind == ErrorKind::resource_exhausted) return {429, error.detail};
    if (error.kind == ErrorKind::internal || error.reason.starts_with("store.")) return {500, "Internal error"};
    return {500, "Something went wrong, you should retry later."};
}

net::Response refuse(const Error& error)
{
    const Refusal refusal = explain(error);
    if (refusal.status == 500)
        log::warning("request failed", {{"reason", error.reason}, {"detail", error.detail}, {"line", error.where.line()}});
    return net::json_response(refusal.status, json::print(json::Object{{"ok", false}, {"error", refusal.message}}));
}

Result<net::Response> answer(std::string body) { return net::json_response(200, std::move(body)); }

/// The body, or 404.
Result<net::Response> answer_found(std::optional<std::string> body, std::string_view what)
{
    if (!body) return fail(ErrorKind::not_found, "market.unknown", std::string(what) + " not found");
    return answer(*std::move(body));
}

}  // namespace

struct Service::Impl {
    Impl(store::Database opened, const wire::Network& network, const net::HttpClient& http, const Clock& time, const Options& options)
        : clock(time),
          database(std::move(opened)),
          rpc(http, {network.rpc_url}),
          hub(rpc, network.chain_id, network.contracts.hub),
          tracker(hub, database, network),
          publisher(hub, tracker, database, network, time, options.max_open_orders),
          challenges(network.chain_id),
          follow([this](const std::stop_token& stop) { keep_up(stop); })
    {
    }

    /// Reads the chain now and then, so that the first read after a quiet night is not a long one.
    void keep_up(const std::stop_token& stop)
    {
        std::mutex mutex;
        std::condition_variable_any wake;
        while (!stop.stop_requested()) {
            const net::CallContext context{.request_id = "market", .deadline = net::deadline_in(std::chrono::minutes(5)), .stop = stop};
            if (const auto head = tracker.refresh(context); !head && head.error().kind != ErrorKind::cancelled)
                log::warning("following the chain failed", {{"reason", head.error().reason}, {"detail", head.error().detail}});
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, kIdleRefresh, [] { return false; });
        }
    }

    std::uint64_t chain_id() const { return hub.chain_id(); }

    /// A view of the book at the head of the chain.
    Result<store::Transaction> fresh(const net::CallContext& call)
    {
        TRY_OK(tracker.refresh(call));
        return database.read();
    }

    Result<Address> authenticate(const net::Request& request)
    {
        return challenges.redeem(request.headers.find("Authorization").value_or(""), clock.now_seconds());
    }

    Result<net::Response> get_challenge(const net::Request& request, const net::CallContext&)
    {
        const auto given = request.query.find("address");
        if (!given) return fail(ErrorKind::invalid_input, "market.query", "address is a required field");
        TRY(const Address address, parse_address("address", *given));
        TRY(const auto data, challenges.issue(address, clock.now_seconds()));
        return answer("{\"ok\":true,\"data\":" + data + '}');
    }

    Result<net::Response> get_orders(OrderKind kind, const net::Request& request, const net::CallContext& call)
    {
        TRY(const ListQuery query, parse_order_query(kind, request.query));
        TRY(auto transaction, fresh(call));
        TRY(auto page, list_orders(transaction, chain_id(), kind, query));
        return answer(std::move(page));
    }

    Result<net::Response> get_order(OrderKind kind, const net::Request& request, const net::CallContext& call)
    {
        TRY(const Hash256 hash, parse_hash("orderHash", request.param("hash")));
        TRY(auto transaction, fresh(call));
        TRY(auto order, find_order(transaction, chain_id(), kind, hash));
        return answer_found(std::move(order), kind_info(kind).name);
    }

    Result<net::Response> post_order(OrderKind kind, const net::Request& request, const net::CallContext& call)
    {
        TRY(const Address signer, authenticate(request));
        TRY(const Listing listing, parse_publish_body(kind, request.body));
        TRY(const auto record, publisher.publish(listing, signer, call));
        return answer("{\"ok\":true,\"published\":" + record + '}');
    }

    Result<net::Response> put_order(OrderKind kind, const net::Request& request, const net::CallContext&)
    {
        TRY(const Address signer, authenticate(request));
        TRY(const UnpublishRequest wanted, parse_unpublish_body(kind, request.body));
        TRY(const auto hashes, publisher.unpublish(kind, wanted, signer));
        json::Array unpublished;
        for (const Hash256& hash : hashes) unpublished.emplace_back(hash.hex());
        return answer(json::print(json::Object{{"ok", true}, {"unpublished", std::move(unpublished)}}));
    }

    Result<net::Response> get_deals(const net::Request& request, const net::CallContext& call)
    {
        TRY(const ListQuery query, parse_deal_query(request.query));
        TRY(auto transaction, fresh(call));
        TRY(auto page, list_deals(transaction, query));
        return answer(std::move(page));
    }

    Result<net::Response> get_deal(const net::Request& request, const net::CallContext& call)
    {
        TRY(const Hash256 id, parse_hash("dealid", request.param("id")));
        TRY(auto transaction, fresh(call));
        TRY(auto deal, find_deal(transaction, poco::DealId{id.array()}));
        return answer_found(std::move(deal), "deal");
    }

    Result<net::Response> get_categories(const net::Request& request, const net::CallContext& call)
    {
        TRY(const ListQuery query, parse_category_query(request.query));
        TRY(auto transaction, fresh(call));
        TRY(auto page, list_categories(transaction, chain_id(), query));
        return answer(std::move(page));
    }

    Result<net::Response> get_category(const net::Request& request, const net::CallContext& call)
    {
        const auto id = parse_number(request.param("id"));
        if (!id) return fail(ErrorKind::invalid_input, "market.query", "catid must be an integer");
        TRY(auto transaction, fresh(call));
        TRY(auto category, find_category(transaction, chain_id(), *id));
        return answer_found(std::move(category), "category");
    }

    Result<net::Response> get_prices(const net::Request& request, const net::CallContext& call)
    {
        const auto given = request.query.find("category");
        if (!given) return fail(ErrorKind::invalid_input, "market.query", "category is a required field");
        const auto category = parse_number(*given);
        if (!category) return fail(ErrorKind::invalid_input, "market.query", "category must be an integer");
        TRY(auto transaction, fresh(call));
        TRY(auto prices, list_prices(transaction, *category));
        return answer(std::move(prices));
    }

    Result<net::Response> get_metrics(const net::Request&, const net::CallContext& call)
    {
        TRY(const Head head, tracker.refresh(call));
        json::Object out{{"ok", true}, {"lastBlock", head.block.number}, {"checkpointBlock", head.block.number}};
        TRY(auto transaction, database.read());
        for (const KindInfo& kind : kKinds) {
            TRY(const std::uint64_t open, count_open(transaction, kind.kind));
            out.emplace(kind.path.substr(1), open);
        }
        return answer(json::print(out));
    }

    const Clock& clock;
    store::Database database;
    chain::JsonRpcClient rpc;
    chain::Hub hub;
    Tracker tracker;
    Publisher publisher;
    Challenges challenges;
    std::jthread follow;  ///< last: it uses the rest
};

Result<std::unique_ptr<Service>> Service::open(const std::filesystem::path& database, const wire::Network& network,
                                               const net::HttpClient& http, const Clock& clock)
{
    return open(database, network, http, clock, Options{});
}

Result<std::unique_ptr<Service>> Service::open(const std::filesystem::path& database, const wire::Network& network,
                                               const net::HttpClient& http, const Clock& clock, const Options& options)
{
    TRY(store::Database opened, store::Database::open(database, book_migrations()));
    return std::unique_ptr<Service>(new Service(std::make_unique<Impl>(std::move(opened), network, http, clock, options)));
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

void Service::add_routes(net::HttpServer& server)
{
    using Method = Result<net::Response> (Impl::*)(const net::Request&, const net::CallContext&);
    using KindMethod = Result<net::Response> (Impl::*)(OrderKind, const net::Request&, const net::CallContext&);
    Impl* const impl = impl_.get();
    const auto guarded = [impl](auto handler) {
        return [impl, handler](const net::Request& request, const net::CallContext& call) {
            const Status chain = check_chain_id(request.query, impl->chain_id());
            if (!chain) return refuse(chain.error());
            auto response = handler(request, call);
            return response ? *std::move(response) : refuse(response.error());
        };
    };
    const auto add = [&](std::string_view method, std::string_view pattern, Method handler) {
        server.route(method, pattern, guarded([impl, handler](const auto& request, const auto& call) { return (impl->*handler)(request, call); }));
    };
    const auto add_kind = [&](std::string_view method, std::string_view pattern, OrderKind kind, KindMethod handler) {
        server.route(method, pattern,
                     guarded([impl, handler, kind](const auto& request, const auto& call) { return (impl->*handler)(kind, request, call); }));
    };
    server.route("GET", "/version", [](const net::Request&, const net::CallContext&) {
        return net::json_response(200, json::print(json::Object{{"ok", true}, {"version", kVersion}}));
    });
    add("GET", "/challenge", &Impl::get_challenge);
    for (const KindInfo& kind : kKinds) {
        const std::string path(kind.path);
        add_kind("GET", path, kind.kind, &Impl::get_orders);
        add_kind("GET", path + "/{hash}", kind.kind, &Impl::get_order);
        add_kind("POST", path, kind.kind, &Impl::post_order);
        add_kind("PUT", path, kind.kind, &Impl::put_order);
    }
    add("GET", "/deals", &Impl::get_deals);
    add("GET", "/deals/{id}", &Impl::get_deal);
    add("GET", "/categories", &Impl::get_categories);
    add("GET", "/categories/{id}", &Impl::get_category);
    add("GET", "/ohlc", &Impl::get_prices);
    add("GET", "/metrics", &Impl::get_metrics);
}

}  // namespace iapp::market
