#include "resultproxy/service.hpp"

#include <sys/stat.h>

#include "base/log.hpp"
#include "blobs/client.hpp"
#include "chain/hub.hpp"
#include "resultproxy/internal/book.hpp"
#include "resultproxy/internal/tokens.hpp"
#include "resultproxy/upload_rule.hpp"

namespace iapp::resultproxy {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

constexpr int kUnauthorized = 401;
constexpr std::chrono::minutes kUploadTime{10};

class HubFacts final : public ChainFacts {
public:
    HubFacts(const net::HttpClient& http, const wire::Network& network)
        : rpc_(http, {network.rpc_url}), hub_(rpc_, network.chain_id, network.contracts.hub)
    {
    }
    Result<poco::Task> task(const poco::TaskId& id, const CallContext& call) override { return hub_.view_task(id, call); }
    Result<poco::Deal> deal(const poco::DealId& id, const CallContext& call) override { return hub_.view_deal(id, call); }
    Result<poco::Contribution> contribution(const poco::TaskId& id, const eth::Address& worker,
                                            const CallContext& call) override
    {
        return hub_.view_contribution(id, worker, call);
    }

private:
    chain::JsonRpcClient rpc_;
    chain::Hub hub_;
};

Status make_directory(const std::filesystem::path& directory)
{
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error || ::chmod(directory.c_str(), 0700) != 0)
        return fail(ErrorKind::unavailable, "result_proxy.io", directory.string() + ": " + error.message());
    return {};
}

/// A refusal is a status without words, as in iExec's proxy; the operator reads why.
Response refused(std::string_view reason, const poco::TaskId& task)
{
    log::info("result proxy refused", {{"task", task.hex()}, {"reason", reason}});
    return net::empty_response(kUnauthorized);
}

}  // namespace

struct Service::Impl {
    internal::Book book;
    crypto::SecretBytes key;
    std::unique_ptr<ChainFacts> own_chain;
    ChainFacts& chain;
    blobs::BlobClient blobs;
    const Clock& clock;

    /// The wallet whose token the request carries, bare.
    Result<std::optional<eth::Address>> wallet_of(const Request& request)
    {
        const auto token = request.headers.find("Authorization");
        if (!token || !internal::is_token_of(key, *token)) return std::optional<eth::Address>{};
        return book.wallet_of(*token);
    }

    Result<TokenFacts> token_facts(const Request& request, const wire::WorkerpoolAuthorization& authorization,
                                   const CallContext& call)
    {
        const auto signer = wire::personal_signer(request.headers.find("Authorization"), authorization.hash());
        TokenFacts facts{signer.has_value() && signer == authorization.worker, {}, {}, clock.now_seconds()};
        if (!facts.is_signed_by_worker || !authorization.task) return facts;  // nothing is asked for strangers
        TRY(facts.task, chain.task(*authorization.task, call));
        if (facts.task.exists()) {
            TRY(facts.deal, chain.deal(facts.task.deal, call));
        }
        return facts;
    }

    Result<Response> post_token(const Request& request, const CallContext& call)
    {
        TRY(const auto authorization, wire::parse_workerpool_authorization(request.body));
        TRY(const TokenFacts facts, token_facts(request, authorization, call));
        if (const auto reason = token_refusal(facts, authorization))
            return refused(*reason, authorization.task.value_or(poco::TaskId::zero()));
        const eth::Address& wallet = *authorization.worker;
        TRY(std::string token, book.grant(wallet, *authorization.task, authorization.enclave.value_or(eth::Address::zero()),
                                          [&](std::optional<std::string> known) {
                                              return known && internal::is_token_of(key, *known)
                                                         ? *std::move(known)
                                                         : internal::make_token(key, wallet, clock.now_seconds());
                                          }));
        return net::text_response(200, std::move(token));
    }

    Result<UploadFacts> upload_facts(const eth::Address& wallet, const ResultModel& result, const CallContext& call)
    {
        UploadFacts facts{wallet, {}, {}, {}, {}, {}};
        TRY(facts.task, chain.task(result.task, call));
        if (!facts.task.exists()) return facts;
        TRY(facts.deal, chain.deal(facts.task.deal, call));
        TRY(facts.enclave, book.enclave_of(result.task, wallet));
        if (facts.task.status != poco::TaskStatus::revealing) return facts;
        TRY(facts.contribution, chain.contribution(result.task, wallet, call));
        if (facts.contribution.status != poco::ContributionStatus::proved) return facts;
        if (const auto digest = digest_of_zip(result.zip)) facts.computed_digest = *digest;
        return facts;
    }

    Result<Response> post_result(const Request& request, const CallContext& call)
    {
        TRY(const auto wallet, wallet_of(request));
        if (!wallet) return net::empty_response(kUnauthorized);
        TRY(const ResultModel result, parse_result_model(request.body));
        TRY(const UploadFacts facts, upload_facts(*wallet, result, call));
        if (const auto reason = upload_refusal(facts, result)) return refused(*reason, result.task);
        TRY(const auto there, book.cid_of(result.task));
        if (there) return net::empty_response(400);
        TRY(const std::string cid, blobs.add(ByteView(result.zip), call));
        const Status stored = book.store(result.task, *wallet, cid);
        if (!stored && stored.error().kind == ErrorKind::conflict) return net::empty_response(400);
        TRY_OK(stored);
        log::info("result stored", {{"task", result.task.hex()}, {"cid", cid}});
        return net::text_response(200, "/ipfs/" + cid);
    }

    Result<Response> head_result(const Request& request, const CallContext&)
    {
        TRY(const auto wallet, wallet_of(request));
        if (!wallet) return net::empty_response(kUnauthorized);
        TRY(const auto task, poco::TaskId::from_hex(request.param("task")));
        TRY(const auto cid, book.cid_of(task));
        return net::empty_response(cid ? 204 : 404);
    }

    Result<Response> get_hash(const Request& request, const CallContext&)
    {
        TRY(const auto task, poco::TaskId::from_hex(request.param("task")));
        TRY(auto cid, book.cid_of(task));
        if (!cid) return net::empty_response(404);
        return net::text_response(200, *std::move(cid));
    }
};

Result<std::unique_ptr<Service>> Service::open(const std::filesystem::path& directory, const wire::NetworkServices& services,
                                               ChainFacts& chain, const net::HttpClient& http, const Clock& clock)
{
    TRY_OK(make_directory(directory));
    TRY(auto key, internal::open_token_key(directory / "token.key"));
    TRY(auto book, internal::Book::open(directory / "results.db"));
    blobs::BlobClient blobs(http, services.ipfs_api, services.ipfs_gateway);
    auto impl = std::make_unique<Impl>(Impl{std::move(book), std::move(key), nullptr, chain, std::move(blobs), clock});
    return std::unique_ptr<Service>(new Service(std::move(impl)));
}

Result<std::unique_ptr<Service>> Service::open(const std::filesystem::path& directory, const wire::Network& network,
                                               const net::HttpClient& http, const Clock& clock)
{
    auto chain = std::make_unique<HubFacts>(http, network);
    TRY(auto service, open(directory, network.services, *chain, http, clock));
    service->impl_->own_chain = std::move(chain);
    return service;
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

void Service::add_routes(net::HttpServer& server)
{
    const auto bind = [impl = impl_.get()](auto method) {
        return net::answering(
            [impl, method](const Request& request, const CallContext& call) { return (impl->*method)(request, call); });
    };
    server.route("POST", "/v1/results/token", bind(&Impl::post_token), {.max_body_bytes = 64 * 1024});
    server.route("POST", "/v1/results", bind(&Impl::post_result),
                 {.max_body_bytes = kMaxUploadBytes, .timeout = kUploadTime});
    server.route("HEAD", "/v1/results/{task}", bind(&Impl::head_result));
    server.route("GET", "/v1/results/{task}/ipfshash", bind(&Impl::get_hash));
    server.route("GET", "/version", [](const Request&, const CallContext&) { return net::text_response(200, "iapp/1"); });
}

}  // namespace iapp::resultproxy
