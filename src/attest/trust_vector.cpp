#include "attest/trust_vector.hpp"

#include <algorithm>

namespace iapp::attest {
namespace {

using enum TrustClaim;

// Values of AR4SI. The common ones first.
constexpr std::int8_t kVerifierFailed = -1;  ///< the verifier lacks what it needs: says nothing about the attester
constexpr std::int8_t kNoClaim = 0;
constexpr std::int8_t kUnexpected = 1;  ///< evidence that could not be parsed
constexpr std::int8_t kGood = 2;
constexpr std::int8_t kBootOnly = 3;      ///< executables
constexpr std::int8_t kVulnerable = 32;   ///< hardware: genuine, with known weaknesses
constexpr std::int8_t kUnknownCode = 33;  ///< executables
constexpr std::int8_t kBad = 96;
constexpr std::int8_t kUnrecognized = 97;  ///< hardware, instance identity
constexpr std::int8_t kBadSignature = 99;

struct Refusal {
    CheckId check;
    TrustClaim claim;
    std::int8_t value;
};

/// What the failure of a check says about the attester. A check that is not here: hardware 96, the worst reading.
constexpr std::array kRefusals{
    Refusal{CheckId::evidence_kind, hardware, kUnexpected},
    Refusal{CheckId::quote_format, hardware, kUnexpected},
    Refusal{CheckId::snp_format, hardware, kUnexpected},
    Refusal{CheckId::tpm_format, hardware, kUnexpected},
    Refusal{CheckId::hcl_format, hardware, kUnexpected},

    Refusal{CheckId::chain, hardware, kBadSignature},
    Refusal{CheckId::root, hardware, kUnrecognized},
    Refusal{CheckId::pck, hardware, kUnrecognized},
    Refusal{CheckId::pck_match, hardware, kUnrecognized},
    Refusal{CheckId::qe_signature, hardware, kBadSignature},
    Refusal{CheckId::qe_binding, hardware, kBadSignature},
    Refusal{CheckId::signature, hardware, kBadSignature},
    Refusal{CheckId::revoked, hardware, kBad},
    Refusal{CheckId::platform, hardware, kUnrecognized},
    Refusal{CheckId::qe_identity, hardware, kUnrecognized},
    Refusal{CheckId::tdx_module, hardware, kUnrecognized},
    Refusal{CheckId::tcb_level, hardware, kUnrecognized},
    Refusal{CheckId::snp_product, hardware, kUnrecognized},
    Refusal{CheckId::vek_chain, hardware, kBadSignature},
    Refusal{CheckId::vek, hardware, kUnrecognized},
    Refusal{CheckId::vek_tcb, hardware, kUnrecognized},
    Refusal{CheckId::vek_chip, hardware, kUnrecognized},
    Refusal{CheckId::hcl_binding, hardware, kBadSignature},
    Refusal{CheckId::tee, hardware, kUnrecognized},
    Refusal{CheckId::simulated, hardware, kBad},
    Refusal{CheckId::tcb, hardware, kBad},

    // endorsements and policies are the verifier's own
    Refusal{CheckId::certificate_expired, hardware, kVerifierFailed},
    Refusal{CheckId::collateral_format, hardware, kVerifierFailed},
    Refusal{CheckId::collateral_chain, hardware, kVerifierFailed},
    Refusal{CheckId::collateral_signature, hardware, kVerifierFailed},
    Refusal{CheckId::collateral_expired, hardware, kVerifierFailed},
    Refusal{CheckId::collateral_age, hardware, kVerifierFailed},
    Refusal{CheckId::tcb_evaluation, hardware, kVerifierFailed},
    Refusal{CheckId::crl, hardware, kVerifierFailed},
    Refusal{CheckId::policy_format, hardware, kVerifierFailed},
    Refusal{CheckId::no_reference_values, executables, kVerifierFailed},

    Refusal{CheckId::ak, instance_identity, kUnrecognized},
    Refusal{CheckId::ak_binding, instance_identity, kUnrecognized},
    Refusal{CheckId::machine, instance_identity, kUnrecognized},

    Refusal{CheckId::debug, configuration, kBad},
    Refusal{CheckId::attributes, configuration, kBad},
    Refusal{CheckId::vmpl, configuration, kBad},
    Refusal{CheckId::host_data, configuration, kBad},
    Refusal{CheckId::report_data, instance_identity, kBad},  // made by or for another peer

    Refusal{CheckId::measurement, executables, kUnknownCode},
    Refusal{CheckId::pcr_selection, executables, kUnknownCode},
    Refusal{CheckId::pcr_digest, executables, kBadSignature},
    Refusal{CheckId::boot_log_format, executables, kUnexpected},
    Refusal{CheckId::boot_log_replay, executables, kBadSignature},
    Refusal{CheckId::boot_log_event, executables, kBadSignature},
    Refusal{CheckId::runtime_log_format, executables, kUnexpected},
    Refusal{CheckId::runtime_log_replay, executables, kBadSignature},
    Refusal{CheckId::runtime_log_event, executables, kBadSignature},
    Refusal{CheckId::runtime_log_duplicate, executables, kBad},
    Refusal{CheckId::runtime_log_sentinel, executables, kBad},
    Refusal{CheckId::event_log_format, executables, kUnexpected},
    Refusal{CheckId::event_log_replay, executables, kBadSignature},
    Refusal{CheckId::event_log_unknown, executables, kUnknownCode},
    Refusal{CheckId::event_log_duplicate, executables, kBad},
    Refusal{CheckId::event_log_after_ready, executables, kBad},
    Refusal{CheckId::event_log_order, executables, kBad},
    Refusal{CheckId::event_log_missing, executables, kBad},
    Refusal{CheckId::event_log_payload, executables, kUnknownCode},
};

Refusal refusal_of(const Appraisal& appraisal)
{
    const CheckOutcome* failed = failed_check(appraisal);
    if (failed == nullptr) return {CheckId::evidence_kind, hardware, kVerifierFailed};  // refused, and nobody said why
    const auto* found = std::ranges::find(kRefusals, failed->id, &Refusal::check);
    return found == kRefusals.end() ? Refusal{failed->id, hardware, kBad} : *found;
}

/// A TPM by itself says nothing about the processor and its memory.
bool has_cpu(const Appraisal& appraisal) { return appraisal.kind != EvidenceKind::tpm; }

bool revocation_skipped(const Appraisal& appraisal)
{
    return outcome_of(appraisal, CheckId::crl) == Outcome::skipped ||
           outcome_of(appraisal, CheckId::revoked) == Outcome::skipped;
}

/// A vendor that rates no TCB leaves it to the policy's floors: without one, any firmware would do.
bool firmware_skipped(const Appraisal& appraisal) { return outcome_of(appraisal, CheckId::tcb) == Outcome::skipped; }

/// Whether the policy waived by name what runs there, or for whom the evidence was made.
bool waived(const Appraisal& appraisal)
{
    return outcome_of(appraisal, CheckId::measurement) == Outcome::skipped ||
           outcome_of(appraisal, CheckId::report_data) == Outcome::skipped;
}

std::optional<std::int8_t> hardware_claim(const Appraisal& appraisal, const Claims& claims)
{
    if (claims.simulated) return kBad;
    if (!has_cpu(appraisal)) return std::nullopt;
    if (claims.tcb && claims.tcb->status == TcbStatus::revoked) return kBad;
    const bool current = !claims.tcb || claims.tcb->status == TcbStatus::up_to_date;
    return current && !revocation_skipped(appraisal) && !firmware_skipped(appraisal) ? kGood : kVulnerable;
}

std::optional<std::int8_t> configuration_claim(const Appraisal& appraisal, const Claims& claims)
{
    if (claims.debug) return kBad;
    if (outcome_of(appraisal, CheckId::attributes) == Outcome::passed) return kGood;
    return std::nullopt;
}

std::optional<std::int8_t> executables_claim(const Appraisal& appraisal)
{
    if (appraisal.boot_measured) return appraisal.runtime_measured ? kGood : kBootOnly;
    if (appraisal.accepted) return kNoClaim;  // the policy did not ask
    return std::nullopt;
}

std::optional<std::int8_t> opaque_claim(const Appraisal& appraisal, const Claims& claims)
{
    if (claims.debug) return kBad;
    if (claims.simulated || !has_cpu(appraisal)) return std::nullopt;
    return kGood;
}

void put(TrustVector& vector, TrustClaim claim, std::optional<std::int8_t> value)
{
    if (value) vector.set(claim, *value);
}

/// Writes what was refused over what was claimed; nothing makes a contraindication better.
void put_refusal(TrustVector& vector, const Refusal& refusal)
{
    const auto have = vector.at(refusal.claim);
    if (!have || tier_of(*have) != Tier::contraindicated) vector.set(refusal.claim, refusal.value);
}

int badness(Tier tier)
{
    constexpr std::array kBadness{2, 0, 1, 3};  // as Tier
    return kBadness[static_cast<std::size_t>(tier)];
}

}  // namespace

std::string_view name(Tier tier)
{
    constexpr std::array<std::string_view, 4> kNames{"none", "affirming", "warning", "contraindicated"};
    return kNames[static_cast<std::size_t>(tier)];
}

Tier tier_of(std::int8_t claim)
{
    const int value = claim < -1 ? -claim - 1 : claim;  // the verifier's own values mirror the standard's, shifted by one
    if (claim < -1 && value < 32) return Tier::affirming;
    if (value < 2) return Tier::none;
    if (value < 32) return Tier::affirming;
    return value < 96 ? Tier::warning : Tier::contraindicated;
}

bool at_least(Tier have, Tier least) { return badness(have) <= badness(least); }

Tier worst(Tier a, Tier b) { return badness(a) < badness(b) ? b : a; }

Tier TrustVector::tier() const
{
    Tier out = Tier::none;  // here the least of all: a claim that says nothing hides none that says something
    for (const auto& value : values_)
        if (value) out = std::max(out, tier_of(*value));
    return out;
}

TrustVector trust_vector(const Appraisal& appraisal)
{
    TrustVector out;
    if (const auto& claims = appraisal.claims) {
        put(out, hardware, hardware_claim(appraisal, *claims));
        put(out, configuration, configuration_claim(appraisal, *claims));
        put(out, executables, executables_claim(appraisal));
        put(out, runtime_opaque, opaque_claim(appraisal, *claims));
        if (appraisal.machine_listed) out.set(instance_identity, kGood);
    }
    if (!appraisal.accepted || out.empty()) put_refusal(out, refusal_of(appraisal));
    return out;
}

Tier status_of(const Appraisal& appraisal)
{
    const Tier tier = trust_vector(appraisal).tier();
    if (appraisal.accepted && waived(appraisal)) return worst(tier, Tier::warning);
    if (appraisal.accepted || tier == Tier::none || tier == Tier::contraindicated) return tier;
    return tier_of(refusal_of(appraisal).value) == Tier::none ? Tier::none : Tier::contraindicated;
}

}  // namespace iapp::attest
