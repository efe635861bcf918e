#pragma once
// What a verifier writes down about one piece of evidence, accepted or refused: for tokens (ear.hpp) and people
// (describe.hpp).
// Not permission to act: only AttestationResult (appraise.hpp) is that.
#include "attest/check.hpp"
#include "attest/claims.hpp"

namespace iapp::attest {

struct Appraisal {
    EvidenceKind kind;
    bool accepted;
    std::optional<Claims> claims;      ///< none when the evidence could not be verified
    std::vector<CheckOutcome> checks;  ///< in the order they ran; of a refusal, one has failed
    std::string policy_name;
    Hash256 policy_sha256;            ///< of the policy document
    bool boot_measured = false;       ///< the boot registers equal a reference value of the policy
    bool runtime_measured = false;    ///< so does what was measured since: the replayed log, or registers the policy names
    bool machine_listed = false;      ///< the policy lists machines, and this is one of them
    std::optional<UnixSeconds> at{};  ///< the verifier's time; in the past, the verdict is one about the past
};

/// The check that ended the appraisal, or null.
const CheckOutcome* failed_check(const Appraisal& appraisal);

/// What became of a check that may be listed several times: the worst of its outcomes; nothing when it did not run.
std::optional<Outcome> outcome_of(const Appraisal& appraisal, CheckId id);

}  // namespace iapp::attest
