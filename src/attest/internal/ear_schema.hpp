#pragma once
// The form of EAR claims, as one table for both encodings: which name in JSON is which label in CBOR, and what it may hold.
// The common form is the CBOR one, as a tree ("claims tree"): ear_claims.cpp writes and reads only that.
// Shows Boost.JSON through codec/json.hpp: include it from .cpp files only.
#include "codec/cbor.hpp"
#include "codec/json.hpp"

namespace iapp::attest {

/// Labels of the claims tree (IANA CWT claims registry; draft-ietf-rats-ear-04; RFC 8747; RFC 9052 section 7).
namespace label {
inline constexpr std::int64_t kIssuer = 1, kAudience = 3, kExpires = 4, kNotBefore = 5, kIssuedAt = 6, kConfirmation = 8,
                              kNonce = 10, kDebugStatus = 263, kProfile = 265, kSubmodules = 266, kStatus = 1000,
                              kVector = 1001, kPolicyIds = 1003, kVerifierId = 1004, kAttesterClaims = 1005,
                              kVerifierClaims = 1006;
inline constexpr std::int64_t kDeveloper = 0, kBuild = 1;
inline constexpr std::int64_t kCoseKey = 1, kKeyType = 1, kCurve = -1, kX = -2, kY = -3;
inline constexpr std::int64_t kDebugEnabled = 0, kDebugDisabledSinceBoot = 2;
inline constexpr std::int64_t kEc2 = 2, kOkp = 1, kP256 = 1, kX25519 = 4;
}  // namespace label

/// Takes what the table knows and leaves out the rest: unknown claims are ignored (RFC 9711 section 4), known ones must have
/// their form. Errors: invalid_input "attest.ear_format".
Result<cbor::Value> claims_from_json(const json::Value& json, bool older);
Result<cbor::Value> claims_from_cbor(const cbor::Value& cbor, bool older);

/// `tree` has the form of the table.
json::Value claims_to_json(const cbor::Value& tree);

}  // namespace iapp::attest
