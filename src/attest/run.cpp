#include "attest/run.hpp"

namespace iapp::attest {

Result<RunAttestation> appraise_run(const VerifiedQuote& quote, const AppraisalPolicy& policy, const ReportData& expected,
                                    const EventLog& log, UnixSeconds now, CheckLog& checks)
{
    Challenge challenge = Challenge::of(expected);
    challenge.logged = {"rtmr3"};
    TRY(AttestationResult result, appraise(quote, policy, challenge, now, checks));
    if (quote.td() == nullptr) return checks.fail(CheckId::tee, "an enclave has no register for a measured log");
    TRY(RunIdentity run, appraise_event_log(log, quote.td()->rtmr[kLogRegister], checks));
    return RunAttestation(std::move(result), std::move(run), checks.outcomes());
}

}  // namespace iapp::attest
