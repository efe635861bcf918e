// /tee/*: what schedulers and workers of iExec's stack ask. docs/compatibility-sms-tee.md
#include <algorithm>
#include <array>

#include "base/error_kind.hpp"
#include "base/hex.hpp"
#include "codec/json.hpp"
#include "poco/legacy_message.hpp"
#include "sms/internal/routes.hpp"
#include "sms/internal/tee_checks.hpp"
#include "wire/errors.hpp"

namespace iapp::sms::internal {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

constexpr std::string_view kFrameworkVersion = "1";
constexpr std::array<std::string_view, 2> kOtherFrameworks{"SCONE", "GRAMINE"};
constexpr int kUnauthorized = 401;
constexpr int kServerError = 500;

/// The newest attested enclave of a task, or `wanted` if that one was attested.
Result<std::optional<eth::Address>> find_enclave(store::Database& database, const poco::TaskId& task,
                                                 std::optional<eth::Address> wanted)
{
    TRY(store::Transaction transaction, database.read());
    TRY(store::Rows rows, transaction.query("SELECT address FROM enclaves WHERE task = ?1 AND (?2 IS NULL OR address = ?2) "
                                            "ORDER BY leaf DESC LIMIT 1",
                                            task, wanted));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<eth::Address>{};
    TRY(const auto address, rows.id<eth::Address>(0));
    return std::optional(address);
}

/// `?enclave=0x..` narrows the question to one address: a second agent of the same task must not shadow the first.
Result<std::optional<eth::Address>> wanted_enclave(const Request& request)
{
    const auto text = request.query.find("enclave");
    if (!text) return std::optional<eth::Address>{};
    TRY(const auto address, eth::Address::from_hex(*text));
    return std::optional(address);
}

/// One program does what pre- and post-compute images do elsewhere: the agent, known by its measurement.
Response properties(const Parts& parts)
{
    const json::Object agent{{"image", "iapp-agent"},
                             {"fingerprint", hex(parts.agent_measurement.bytes())},
                             {"entrypoint", ""},
                             {"heapSizeInBytes", 0}};
    return net::json_response(200, json::print(json::Object{{"teeFramework", "TDX"},
                                                            {"teeFrameworkVersion", kFrameworkVersion},
                                                            {"preComputeProperties", agent},
                                                            {"postComputeProperties", agent}}));
}

Response properties_of(const Parts& parts, const Request& request, std::string_view version)
{
    const std::string_view framework = request.param("framework");
    if (std::ranges::find(kOtherFrameworks, framework) != kOtherFrameworks.end()) return net::empty_response(409);
    if (framework != "TDX") return net::empty_response(400);
    return version == kFrameworkVersion ? properties(parts) : net::empty_response(404);
}

Response outage(const Error& error)
{
    const Error shown = public_chain_error(error);
    return net::json_response(info(shown.kind).http_status, wire::encode(wire::public_error(shown)));
}

Response enclave_challenge(const Parts& parts, const Request& request, const CallContext& context)
{
    const auto task = poco::TaskId::from_hex(request.param("task"));
    const auto wanted = wanted_enclave(request);
    if (!task || !wanted) return net::empty_response(400);
    const auto signer = signer_of(request, poco::enclave_challenge_message(*task));
    if (!signer) return net::empty_response(kUnauthorized);
    const auto standing = parts.release.chain.standing(*task, context);
    if (!standing && is_outage(standing.error())) return outage(standing.error());
    if (!standing) return net::empty_response(kUnauthorized);
    const eth::Address& owner = standing->deal.workerpool.owner;
    if (task_refusal(*standing, *signer == owner && !owner.is_zero())) return net::empty_response(kUnauthorized);
    const auto enclave = find_enclave(parts.release.database, *task, *wanted);
    if (!enclave) return net::error_response(enclave.error());
    if (!*enclave) return net::empty_response(404);
    return net::text_response(200, eth::to_checksum(**enclave));
}

Response refused(int status, std::string_view code)
{
    return net::json_response(status, json::print(json::Object{{"error", code}}));
}

Response no_session(const Parts& parts, const wire::WorkerpoolAuthorization& authorization)
{
    const auto attested = find_enclave(parts.release.database, *authorization.task, authorization.enclave);
    if (!attested) return net::error_response(attested.error());
    return refused(kServerError, session_refusal(authorization, attested->has_value()));
}

Response session(const Parts& parts, const Request& request, const CallContext& context)
{
    const auto authorization = wire::parse_workerpool_authorization(request.body);
    if (!authorization) return net::empty_response(400);
    const auto signer = signer_of(request, authorization->hash());
    if (!signer || signer != authorization->worker) return refused(kUnauthorized, "INVALID_AUTHORIZATION");
    if (!authorization->task) return refused(kUnauthorized, "EXECUTION_NOT_AUTHORIZED_EMPTY_PARAMS_UNAUTHORIZED");
    const auto standing = parts.release.chain.standing(*authorization->task, context);
    if (!standing && is_outage(standing.error())) return outage(standing.error());
    if (!standing) return refused(kUnauthorized, "EXECUTION_NOT_AUTHORIZED_GET_CHAIN_TASK_FAILED");
    const bool is_signed = authorization->is_signed_by(standing->deal.workerpool.owner);
    if (const auto code = task_refusal(*standing, is_signed)) return refused(kUnauthorized, *code);
    return no_session(parts, *authorization);
}

}  // namespace

void add_tee_routes(net::HttpServer& server, const Parts& parts)
{
    server.route("GET", "/tee/framework",
                 [](const Request&, const CallContext&) { return net::json_response(200, R"("TDX")"); });
    server.route("GET", "/tee/properties/{framework}",
                 [parts](const Request& r, const CallContext&) { return properties_of(parts, r, kFrameworkVersion); });
    server.route("GET", "/tee/properties/{framework}/{version}",
                 [parts](const Request& r, const CallContext&) { return properties_of(parts, r, r.param("version")); });
    server.route("POST", "/tee/challenges/{task}",
                 [parts](const Request& r, const CallContext& c) { return enclave_challenge(parts, r, c); });
    server.route("POST", "/tee/sessions", [parts](const Request& r, const CallContext& c) { return session(parts, r, c); },
                 {.max_body_bytes = 64 * 1024});
}

}  // namespace iapp::sms::internal
