#pragma once
// Attestation results that travel: EAT (RFC 9711) of the EAR profile (draft-ietf-rats-ear-04), signed with ES256, as JWT
// (RFC 7519) and as CWT in COSE_Sign1 (RFC 8392, RFC 9052). Both carry the same claims: docs/formats/attestation-result.md.
// Not an appraisal: make_ear() restates one. Pure: the caller passes the time and keeps the keys.
#include <span>
#include <variant>

#include "attest/trust_vector.hpp"
#include "crypto/p256.hpp"
#include "crypto/x25519.hpp"

namespace iapp::attest {

inline constexpr std::string_view kEarProfile = "tag:ietf.org,2026:rats/ear#04";

/// A longer token is refused unread.
inline constexpr std::size_t kMaxEarBytes = 256U << 10U;

/// Who appraised: the maker of the verifier, as URI or name, and the build.
struct VerifierId {
    std::string developer;
    std::string build;

    friend bool operator==(const VerifierId&, const VerifierId&) = default;
};

/// A key that the evidence binds; whoever holds it is the attester ("cnf", RFC 7800 and RFC 8747).
using ConfirmationKey = std::variant<crypto::P256PublicKey, crypto::X25519PublicKey>;

struct EarCheck {
    std::string id;  ///< "attest.debug"
    Outcome outcome;

    friend bool operator==(const EarCheck&, const EarCheck&) = default;
};

struct EarTcb {
    std::string status;  ///< the vendor's word: "UpToDate"
    UnixSeconds date;
    std::vector<std::string> advisories;
    std::uint32_t evaluation_number;

    friend bool operator==(const EarTcb&, const EarTcb&) = default;
};

/// One attester. Members after `policy_ids` are this project's own claims: absent in results of other verifiers.
struct EarSubmodule {
    std::string name;  ///< "cpu", "vtpm"
    Tier status;
    TrustVector vector;
    std::vector<std::string> policy_ids = {};

    std::string tee = {};                ///< name of the EvidenceKind
    std::optional<bool> simulated = {};  ///< absent when the evidence did not verify
    std::optional<bool> debug = {};
    Registers measurements = {};  ///< sorted: the shorter name first
    std::optional<Hash256> evidence_id = {};
    std::optional<bool> accepted = {};
    std::optional<Hash256> policy_sha256 = {};
    std::optional<EarTcb> tcb = {};
    std::optional<Outcome> report_data = {};
    std::vector<EarCheck> checks = {};

    friend bool operator==(const EarSubmodule&, const EarSubmodule&) = default;
};

struct Ear {
    std::string profile{kEarProfile};
    std::string issuer;  ///< may be empty in results of other verifiers
    VerifierId verifier;
    UnixSeconds issued_at;
    std::optional<UnixSeconds> not_before;
    std::optional<UnixSeconds> expires;
    Bytes nonce;  ///< 8 to 64 bytes; empty: none
    std::optional<std::string> audience;
    std::optional<ConfirmationKey> key;
    Tier status;                           ///< the worst of the submodules
    std::vector<EarSubmodule> submodules;  ///< sorted: the shorter name first; at least one

    friend bool operator==(const Ear&, const Ear&) = default;
};

struct EarRequest {
    std::string issuer;
    VerifierId verifier;
    UnixSeconds now;
    std::chrono::seconds ttl;
    Bytes nonce;  ///< of the relying party: 8 to 64 bytes
    std::optional<std::string> audience;
    std::optional<ConfirmationKey> key;  ///< only one that the evidence binds through its report data
};

struct NamedAppraisal {
    std::string name;
    Appraisal appraisal;
};

/// The result of one or more appraisals. It expires after `ttl`, or as soon as the endorsements of an accepted appraisal do.
/// Errors: invalid_input "attest.ear_format" (no or equal names, nonce outside 8..64 bytes, ttl not positive, an appraisal
/// that contradicts itself); precondition_failed "attest.ear_claims" (the endorsements have expired already).
Result<Ear> make_ear(const EarRequest& request, std::span<const NamedAppraisal> appraisals);

/// The key id of tokens: RFC 7638 thumbprint of the public key as JWK, SHA-256, base64url.
std::string ear_key_id(const crypto::P256PublicKey& key);

/// Errors: invalid_input "json.utf8" (a text is not UTF-8).
Result<std::string> sign_ear_jwt(const Ear& ear, const crypto::P256Key& key);

/// Errors: invalid_input "cbor.utf8" (a text is not UTF-8).
Result<Bytes> sign_ear_cose(const Ear& ear, const crypto::P256Key& key);

/// What a relying party demands of a token.
struct EarExpectation {
    Bytes nonce;                          ///< the one it sent; an empty one is never met
    std::optional<std::string> audience;  ///< its own name; absent: the token must not name anyone
    UnixSeconds now;
    Tier least_status = Tier::affirming;       ///< contraindicated: read the result whatever it says
    std::chrono::seconds most_clock_skew{60};  ///< for "nbf" and "iat"; never prolongs "exp"
    bool accept_older_drafts = false;          ///< -03, and the dotted names and JWT type of Veraison's tokens
};

/// Checks in this order: that it is a token at all (ear_format); the signature under `verifier` (ear_signature); the claims'
/// form (ear_format); profile, times, nonce, audience, status (ear_claims). Nothing is interpreted before the signature.
/// Errors: "attest.ear_format", "attest.ear_signature", "attest.ear_claims".
Result<Ear> verify_ear_jwt(std::string_view token, const crypto::P256PublicKey& verifier, const EarExpectation& expected,
                           CheckLog& checks);
Result<Ear> verify_ear_cose(ByteView token, const crypto::P256PublicKey& verifier, const EarExpectation& expected,
                            CheckLog& checks);

}  // namespace iapp::attest
