#include "attest/internal/appraiser.hpp"
#include "attest/internal/registers.hpp"

namespace iapp::attest {

Claims claims_of(const VerifiedTpmQuote& quote)
{
    Registers registers;
    for (const auto& [index, value] : quote.pcrs().values) registers.push_back({pcr_name(index), value});
    return {.kind = EvidenceKind::tpm,
            .simulated = false,
            .debug = false,
            .tcb = std::nullopt,
            .tcb_evaluation_number = 0,
            .collateral_issued = std::nullopt,
            .valid_until = UnixSeconds::max(),
            .machine = hex(quote.ak().name()),
            .registers = std::move(registers),
            .report_data = quote.extra_data(),
            .evidence_id = quote.evidence_id()};
}

Result<AttestationResult> appraise(const VerifiedTpmQuote& quote, const AppraisalPolicy& policy, const Challenge& challenge,
                                   UnixSeconds now, CheckLog& checks)
{
    return Appraiser(policy, challenge, now, checks).run(claims_of(quote), [] { return Status{}; });
}

}  // namespace iapp::attest
