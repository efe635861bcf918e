#include "attest/run.hpp"

namespace iapp::attest {

LoggedEvents events_of(const EventLog& log)
{
    LoggedEvents out;
    for (const LogEntry& entry : log) out.push_back({entry.op, entry.payload});
    return out;
}

Result<RunAttestation> appraise_run(const VerifiedQuote& quote, const AppraisalPolicy& policy, const ReportData& expected,
                                    const EventLog& log, UnixSeconds now, CheckLog& checks)
{
    Challenge challenge = Challenge::of(expected);
    challenge.logged = {"rtmr3"};
    challenge.events = events_of(log);
    TRY(AttestationResult result, appraise(quote, policy, challenge, now, checks));
    if (quote.td() == nullptr) return checks.fail(CheckId::tee, "an enclave has no register for a measured log");
    TRY(RunIdentity run, appraise_event_log(log, quote.td()->rtmr[kLogRegister], checks));
    return RunAttestation(std::move(result), std::move(run), checks.outcomes());
}

}  // namespace iapp::attest
