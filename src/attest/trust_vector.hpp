#pragma once
// The AR4SI trustworthiness vector of an appraisal, and the tiers that relying parties compare.
// Not a verdict of its own: it restates the appraisal's in the vocabulary of other verifiers.
// Source: draft-ietf-rats-ar4si, sections 2.3 (claims, common values) and 3.2 (vector); draft-ietf-rats-ear-04, status.
#include <array>

#include "attest/appraisal.hpp"

namespace iapp::attest {

enum class Tier : unsigned char { none, affirming, warning, contraindicated };

/// "none", "affirming", "warning", "contraindicated".
std::string_view name(Tier tier);

/// The tier of one claim: -1..1 none, 2..31 affirming, 32..95 warning, 96..127 contraindicated; below -1 the verifier's own
/// values, mirrored (-2..-32, -33..-96, -97..-128).
Tier tier_of(std::int8_t claim);

/// Whether a relying party that needs `least` can use `have`. From best to worst: affirming, warning, none,
/// contraindicated. "none" says that nothing is known, which is worse than a warning.
bool at_least(Tier have, Tier least);

Tier worst(Tier a, Tier b);

/// In the order of their CBOR labels 0..7.
enum class TrustClaim : unsigned char {
    instance_identity,
    configuration,
    executables,
    file_system,
    hardware,
    runtime_opaque,
    storage_opaque,
    sourced_data,
};
inline constexpr std::size_t kTrustClaims = 8;

/// A claim that is absent was not appraised.
class TrustVector {
public:
    std::optional<std::int8_t> at(TrustClaim claim) const { return values_[static_cast<std::size_t>(claim)]; }
    void set(TrustClaim claim, std::int8_t value) { values_[static_cast<std::size_t>(claim)] = value; }
    bool empty() const { return *this == TrustVector{}; }

    /// The worst tier among the claims that say something; none when no claim does.
    Tier tier() const;

    friend bool operator==(const TrustVector&, const TrustVector&) = default;

private:
    std::array<std::optional<std::int8_t>, kTrustClaims> values_{};
};

/// Never empty. The rules are a table in docs/formats/attestation-result.md and in trust_vector_test.cpp.
TrustVector trust_vector(const Appraisal& appraisal);

/// The status of a submodule: the vector's tier; of a refusal, never better than none.
Tier status_of(const Appraisal& appraisal);

}  // namespace iapp::attest
