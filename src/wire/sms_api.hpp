#pragma once
// The secret service as its clients see it: limits and reserved names of secrets, and the typed messages of owner control.
// The messages the npm clients sign to write secrets are poco/legacy_message.hpp.
// Grants: EIP-712, domain {name:"iapp-sms", version:"1", chainId}.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fixed_bytes.hpp"
#include "crypto/secp256k1.hpp"
#include "eth/address.hpp"

namespace iapp::wire {

inline constexpr std::size_t kMaxSecretBytes = 4096;
inline constexpr std::string_view kResultKeySecret =
    "iexec-result-encryption-public-key";                                            ///< web2: base64 of an RSA SPKI PEM
inline constexpr std::string_view kResultRecipientSecret = "iapp-result-recipient";  ///< web2: "age1..."
inline constexpr std::uint64_t kUnlimited = 9007199254740991;                        ///< 2^53-1, as in dataset orders

/// 1 to 64 of [A-Za-z0-9_-].
bool is_requester_secret_key(std::string_view key);

/// The dataset owner's limits on one order: releases stop after `not_after` and after `max_releases` releases.
struct GrantPolicy {
    Hash256 order_hash;
    eth::Address dataset;
    std::uint64_t not_after;     ///< unix seconds; kUnlimited = no end
    std::uint64_t max_releases;  ///< kUnlimited = no limit; 0 = none at all
    std::uint64_t issued_at;     ///< unix seconds, strictly increasing per order
};

/// The dataset owner's stop: no release under this order from now on. Final: a later policy does not undo it.
struct RevokeGrant {
    Hash256 order_hash;
    eth::Address dataset;
    std::uint64_t issued_at;
};

/// EIP-712 digests.
Hash256 signing_digest(const GrantPolicy& policy, std::uint64_t chain_id);
Hash256 signing_digest(const RevokeGrant& revocation, std::uint64_t chain_id);

/// Body of POST /v1/grants/policy and /v1/grants/revoke: the message and its signature by the current dataset owner.
template <class Message>
struct Signed {
    Message message;
    crypto::Signature65 signature;
};

/// {"orderHash","dataset","notAfter","maxReleases","issuedAt","signature"}; numbers are JSON integers.
std::string encode(const Signed<GrantPolicy>& body);
/// {"orderHash","dataset","issuedAt","signature"}
std::string encode(const Signed<RevokeGrant>& body);

/// Errors: invalid_input, those of codec/json.hpp.
Result<Signed<GrantPolicy>> parse_grant_policy(std::string_view json);
Result<Signed<RevokeGrant>> parse_revoke_grant(std::string_view json);

}  // namespace iapp::wire
