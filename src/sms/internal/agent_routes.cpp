// What agents and schedulers ask: nonces, releases, and the address of the enclave that was attested for a task.
#include "base/error_kind.hpp"
#include "eth/signature.hpp"
#include "poco/legacy_message.hpp"
#include "sms/internal/routes.hpp"
#include "wire/agent_api.hpp"

namespace iapp::sms::internal {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

constexpr int kForbidden = 403;

Response our_error(const Error& error)
{
    return net::json_response(info(error.kind).http_status, wire::encode(wire::public_error(error)));
}

Response issue_nonce(const Parts& parts, const Request& request)
{
    const auto asked = wire::parse_nonce_request(request.body);
    if (!asked) return our_error(asked.error());
    return net::json_response(200, wire::encode(parts.release.nonces.issue(asked->task, parts.release.clock.now_seconds())));
}

Response release(const Parts& parts, const Request& request, const CallContext& context)
{
    const auto reply = handle_release(parts.release, request.body, context);
    if (!reply) return our_error(reply.error());
    if (const auto* refusal = std::get_if<wire::ErrorBody>(&*reply)) {
        ++parts.counters.refused;
        return net::json_response(kForbidden, wire::encode(*refusal));
    }
    ++parts.counters.released;
    return net::json_response(200, wire::encode(std::get<wire::SealedReply>(*reply)));
}

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

Response enclave_challenge(const Parts& parts, const Request& request, const CallContext& context)
{
    const auto task = poco::TaskId::from_hex(request.param("task"));
    const auto wanted = wanted_enclave(request);
    if (!task || !wanted) return net::empty_response(400);
    const auto signer = signer_of(request, poco::enclave_challenge_message(*task));
    if (!signer) return net::empty_response(401);
    const auto owner = parts.release.chain.pool_owner(*task, context);
    if (!owner && is_outage(owner.error())) return our_error(public_chain_error(owner.error()));
    if (!owner || owner->is_zero() || *owner != *signer) return net::empty_response(401);
    const auto enclave = find_enclave(parts.release.database, *task, *wanted);
    if (!enclave) return our_error(enclave.error());
    if (!*enclave) return net::empty_response(404);
    return net::text_response(200, eth::to_checksum(**enclave));
}

}  // namespace

std::optional<eth::Address> signer_of(const Request& request, const Hash256& message)
{
    const auto header = request.headers.find("authorization");
    if (!header) return std::nullopt;
    const auto raw = parse_hex0x(*header);
    if (!raw || raw->size() != crypto::Signature65::kSize)
        return std::nullopt;  // the compact form is not part of this scheme
    const auto signature = eth::parse_signature(*raw);
    if (!signature) return std::nullopt;
    const auto signer = eth::recover_address(eth::personal_digest(message), *signature);
    return signer ? std::optional(*signer) : std::nullopt;
}

void add_agent_routes(net::HttpServer& server, const Parts& parts)
{
    server.route("POST", wire::kNoncePath, [parts](const Request& r, const CallContext&) { return issue_nonce(parts, r); });
    server.route("POST", wire::kReleasePath,
                 [parts](const Request& r, const CallContext& c) { return release(parts, r, c); },
                 {.max_body_bytes = wire::kMaxReleaseRequestBytes});
    server.route("POST", "/tee/challenges/{task}",
                 [parts](const Request& r, const CallContext& c) { return enclave_challenge(parts, r, c); });
    server.route("GET", "/tee/framework",
                 [](const Request&, const CallContext&) { return net::json_response(200, R"("TDX")"); });
}

}  // namespace iapp::sms::internal
