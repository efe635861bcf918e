#include "wire/sms_api.hpp"

#include <algorithm>

#include "codec/json.hpp"
#include "eth/eip712.hpp"
#include "eth/signature.hpp"

namespace iapp::wire {
namespace {

Hash256 grants_domain(std::uint64_t chain_id) { return eth::domain_separator({"iapp-sms", "1", chain_id, std::nullopt}); }

Result<crypto::Signature65> read_signature(const json::ObjectReader& body)
{
    TRY(const std::string_view text, body.text("signature"));
    return eth::parse_signature_hex(text);
}

constexpr json::Limits kGrantLimits{.max_bytes = 8 * 1024, .max_depth = 4};

}  // namespace

bool is_requester_secret_key(std::string_view key)
{
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !key.empty() && key.size() <= 64 && std::ranges::all_of(key, allowed);
}

Hash256 signing_digest(const GrantPolicy& policy, std::uint64_t chain_id)
{
    static const Hash256 type =
        eth::type_hash("GrantPolicy(bytes32 orderHash,address dataset,uint64 notAfter,uint64 maxReleases,uint64 issuedAt)");
    return eth::typed_digest(grants_domain(chain_id), eth::StructHash{type}
                                                          .bytes32(policy.order_hash)
                                                          .address(policy.dataset)
                                                          .uint(policy.not_after)
                                                          .uint(policy.max_releases)
                                                          .uint(policy.issued_at)
                                                          .finish());
}

Hash256 signing_digest(const RevokeGrant& revocation, std::uint64_t chain_id)
{
    static const Hash256 type = eth::type_hash("RevokeGrant(bytes32 orderHash,address dataset,uint64 issuedAt)");
    return eth::typed_digest(grants_domain(chain_id), eth::StructHash{type}
                                                          .bytes32(revocation.order_hash)
                                                          .address(revocation.dataset)
                                                          .uint(revocation.issued_at)
                                                          .finish());
}

std::string encode(const Signed<GrantPolicy>& body)
{
    const GrantPolicy& policy = body.message;
    return json::print(json::Object{{"orderHash", policy.order_hash.hex()},
                                    {"dataset", eth::to_checksum(policy.dataset)},
                                    {"notAfter", policy.not_after},
                                    {"maxReleases", policy.max_releases},
                                    {"issuedAt", policy.issued_at},
                                    {"signature", body.signature.hex()}});
}

std::string encode(const Signed<RevokeGrant>& body)
{
    return json::print(json::Object{{"orderHash", body.message.order_hash.hex()},
                                    {"dataset", eth::to_checksum(body.message.dataset)},
                                    {"issuedAt", body.message.issued_at},
                                    {"signature", body.signature.hex()}});
}

Result<Signed<GrantPolicy>> parse_grant_policy(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kGrantLimits));
    TRY(const json::ObjectReader body, json::ObjectReader::of(value));
    TRY_OK(body.only({"orderHash", "dataset", "notAfter", "maxReleases", "issuedAt", "signature"}));
    TRY(const Hash256 order_hash, body.id<Hash256>("orderHash"));
    TRY(const eth::Address dataset, body.id<eth::Address>("dataset"));
    TRY(const std::uint64_t not_after, body.u64("notAfter", kUnlimited));
    TRY(const std::uint64_t max_releases, body.u64("maxReleases", kUnlimited));
    TRY(const std::uint64_t issued_at, body.u64("issuedAt", kUnlimited));
    TRY(const crypto::Signature65 signature, read_signature(body));
    return Signed<GrantPolicy>{{order_hash, dataset, not_after, max_releases, issued_at}, signature};
}

Result<Signed<RevokeGrant>> parse_revoke_grant(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kGrantLimits));
    TRY(const json::ObjectReader body, json::ObjectReader::of(value));
    TRY_OK(body.only({"orderHash", "dataset", "issuedAt", "signature"}));
    TRY(const Hash256 order_hash, body.id<Hash256>("orderHash"));
    TRY(const eth::Address dataset, body.id<eth::Address>("dataset"));
    TRY(const std::uint64_t issued_at, body.u64("issuedAt", kUnlimited));
    TRY(const crypto::Signature65 signature, read_signature(body));
    return Signed<RevokeGrant>{{order_hash, dataset, issued_at}, signature};
}

}  // namespace iapp::wire
