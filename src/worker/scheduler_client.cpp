#include "worker/scheduler_client.hpp"

#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "wire/errors.hpp"

namespace iapp::worker {
namespace {

constexpr std::chrono::seconds kRequestLife{60};

ErrorKind kind_of(int status)
{
    switch (status) {
        case 401:
            return ErrorKind::unauthenticated;
        case 403:
            return ErrorKind::permission_denied;
        case 404:
            return ErrorKind::not_found;
        case 409:
            return ErrorKind::conflict;
        case 412:
            return ErrorKind::precondition_failed;
        default:
            return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid_input;
    }
}

std::unexpected<Error> refusal(const net::Response& response)
{
    const auto body = wire::parse_error_body(response.body);
    return fail(kind_of(response.status), "scheduler.refused",
                body ? body->id + ": " + body->message : "the scheduler answered " + std::to_string(response.status));
}

}  // namespace

SchedulerClient::SchedulerClient(const net::HttpClient& http, const eth::Wallet& wallet, const Clock& clock,
                                 std::string origin, std::uint64_t chain_id)
    : http_(http), wallet_(wallet), clock_(clock), origin_(std::move(origin)), chain_id_(chain_id)
{
}

Result<net::Response> SchedulerClient::post(std::string_view path, std::string body, const net::CallContext& call) const
{
    const auto expires = static_cast<std::uint64_t>((clock_.now_seconds() + kRequestLife).time_since_epoch().count());
    const auto nonce = crypto::random_fixed<wire::WorkerNonce>();
    const wire::WorkerRequest signed_part{
        "POST", std::string(path), crypto::keccak256(as_bytes(body)), wallet_.address(), expires, nonce};
    const auto signature = wallet_.sign(wire::signing_digest(signed_part, chain_id_));
    net::Request request;
    request.method = "POST";
    request.target = origin_ + std::string(path);
    request.headers.set("Content-Type", "application/json");
    request.headers.set("Authorization", wire::encode(wire::WorkerAuth{wallet_.address(), expires, nonce, signature}));
    request.body = std::move(body);
    TRY(auto response, http_.send(request, call));
    if (!response.is_success()) return refusal(response);
    return response;
}

Result<std::optional<wire::Lease>> SchedulerClient::lease(const net::CallContext& call) const
{
    TRY(const auto response, post(wire::kLeasePath, "{}", call));
    if (response.status == 204) return std::optional<wire::Lease>{};
    TRY(auto lease, wire::parse_lease(response.body));
    return std::optional(std::move(lease));
}

Result<wire::RenewReply> SchedulerClient::renew(const std::string& lease_id, const net::CallContext& call) const
{
    TRY(const auto response, post(wire::kRenewPath, wire::encode(wire::RenewRequest{lease_id}), call));
    return wire::parse_renew_reply(response.body);
}

Result<crypto::Signature65> SchedulerClient::authorize(const std::string& lease_id, const eth::Address& enclave,
                                                       const net::CallContext& call) const
{
    TRY(const auto response, post(wire::kAuthorizePath, wire::encode(wire::AuthorizeRequest{lease_id, enclave}), call));
    TRY(const auto reply, wire::parse_authorize_reply(response.body));
    return reply.signature;
}

Status SchedulerClient::report(const wire::Report& report, const net::CallContext& call) const
{
    TRY_OK(post(wire::kReportPath, wire::encode(report), call));
    return {};
}

}  // namespace iapp::worker
