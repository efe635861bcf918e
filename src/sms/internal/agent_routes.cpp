// What agents ask: nonces and releases.
#include "base/error_kind.hpp"
#include "sms/internal/routes.hpp"
#include "wire/agent_api.hpp"
#include "wire/workerpool_authorization.hpp"

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

}  // namespace

std::optional<eth::Address> signer_of(const Request& request, const Hash256& message)
{
    return wire::personal_signer(request.headers.find("authorization"), message);
}

void add_agent_routes(net::HttpServer& server, const Parts& parts)
{
    server.route("POST", wire::kNoncePath, [parts](const Request& r, const CallContext&) { return issue_nonce(parts, r); });
    server.route("POST", wire::kReleasePath,
                 [parts](const Request& r, const CallContext& c) { return release(parts, r, c); },
                 {.max_body_bytes = wire::kMaxReleaseRequestBytes});
}

}  // namespace iapp::sms::internal
