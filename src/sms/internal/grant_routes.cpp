// Owner control: limits and revocations of grants, signed (EIP-712) by whoever owns the dataset now.
#include "base/error_kind.hpp"
#include "codec/json.hpp"
#include "eth/signature.hpp"
#include "sms/internal/routes.hpp"
#include "wire/sms_api.hpp"

namespace iapp::sms::internal {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

constexpr std::uint64_t kMaxClockSkewSeconds = 300;
constexpr std::uint64_t kMaxPolicyAgeSeconds = 3600;

std::uint64_t seconds_now(const Parts& parts)
{
    return static_cast<std::uint64_t>(parts.release.clock.now_seconds().time_since_epoch().count());
}

template <class Message>
Status check_signer(const Parts& parts, const wire::Signed<Message>& body, const CallContext& context)
{
    const auto owner = parts.release.chain.owner_of(body.message.dataset, context);
    if (!owner) return std::unexpected(public_chain_error(owner.error()));
    const Hash256 digest = wire::signing_digest(body.message, parts.release.operator_policy.chain_id);
    if (!owner->is_zero() && eth::verify(digest, body.signature.bytes(), *owner)) return {};
    return fail(ErrorKind::permission_denied, "grant.signer",
                "the signature is not the dataset owner's; sign with " + eth::to_checksum(*owner) + " for this chain");
}

Status check_time(const Parts& parts, std::uint64_t issued_at)
{
    if (issued_at <= seconds_now(parts) + kMaxClockSkewSeconds) return {};
    return fail(ErrorKind::invalid_input, "grant.future",
                "issuedAt lies in the future; check the clock of the signing machine");
}

/// An old policy that was never sent must not surprise its owner later. An old revocation may: it can only stop things.
Status check_age(const Parts& parts, std::uint64_t issued_at)
{
    if (issued_at + kMaxPolicyAgeSeconds >= seconds_now(parts)) return {};
    return fail(ErrorKind::invalid_input, "grant.too_old", "issuedAt is more than an hour ago; sign the policy again");
}

Response stored(const Hash256& order_hash, std::uint64_t issued_at)
{
    return net::json_response(200, json::print(json::Object{{"orderHash", order_hash.hex()}, {"issuedAt", issued_at}}));
}

Result<Response> set_policy(const Parts& parts, const Request& request, const CallContext& context)
{
    TRY(const auto body, wire::parse_grant_policy(request.body));
    TRY_OK(check_time(parts, body.message.issued_at));
    TRY_OK(check_age(parts, body.message.issued_at));
    TRY_OK(check_signer(parts, body, context));
    TRY_OK(parts.release.committer.commit([&](store::Transaction& transaction) { return store_policy(transaction, body); }));
    return stored(body.message.order_hash, body.message.issued_at);
}

Result<Response> revoke(const Parts& parts, const Request& request, const CallContext& context)
{
    TRY(const auto body, wire::parse_revoke_grant(request.body));
    TRY_OK(check_time(parts, body.message.issued_at));
    TRY_OK(check_signer(parts, body, context));
    TRY_OK(parts.release.committer.commit(
        [&](store::Transaction& transaction) { return store_revocation(transaction, body); }));
    return stored(body.message.order_hash, body.message.issued_at);
}

/// What is known about a grant; public, as the order itself is.
Result<Response> show(const Parts& parts, const Request& request)
{
    TRY(const auto order_hash, Hash256::from_hex(request.param("order")));
    TRY(const auto dataset, eth::Address::from_hex(request.param("dataset")));
    TRY(store::Transaction transaction, parts.release.database.read());
    TRY(const GrantState state, grant_state(transaction, order_hash, dataset));
    json::Object out{{"orderHash", order_hash.hex()},
                     {"dataset", eth::to_checksum(dataset)},
                     {"revoked", state.revoked},
                     {"releases", state.releases}};
    if (state.policy)
        out["policy"] = {{"notAfter", state.policy->not_after},
                         {"maxReleases", state.policy->max_releases},
                         {"issuedAt", state.policy->issued_at}};
    return net::json_response(200, json::print(out));
}

}  // namespace

void add_grant_routes(net::HttpServer& server, const Parts& parts)
{
    const net::RouteOptions small{.max_body_bytes = 16 * 1024};
    server.route("POST", "/v1/grants/policy",
                 net::answering([parts](const Request& r, const CallContext& c) { return set_policy(parts, r, c); }), small);
    server.route("POST", "/v1/grants/revoke",
                 net::answering([parts](const Request& r, const CallContext& c) { return revoke(parts, r, c); }), small);
    server.route("GET", "/v1/grants/{dataset}/{order}",
                 net::answering([parts](const Request& r, const CallContext&) { return show(parts, r); }));
}

}  // namespace iapp::sms::internal
