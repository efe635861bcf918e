#pragma once
// A run that may receive keys: a TD that was appraised, and the measured log in RTMR3 that says which task it serves.
// The only way to a RunAttestation is appraise_run(), so nobody can use the log of a TD that was not judged.
#include "attest/appraise.hpp"
#include "attest/event_log.hpp"

namespace iapp::attest {

/// The entries of a log by operation and payload, as references name them. Says nothing about truth.
LoggedEvents events_of(const EventLog& log);

class RunAttestation {
public:
    const Claims& claims() const { return result_.claims(); }
    bool simulated() const { return result_.simulated(); }
    const RunIdentity& run() const { return run_; }                      ///< what the measured log says this TD is doing
    const std::vector<CheckOutcome>& checks() const { return checks_; }  ///< of the appraisal and of the log

private:
    friend Result<RunAttestation> appraise_run(const VerifiedQuote&, const AppraisalPolicy&, const ReportData&,
                                               const EventLog&, UnixSeconds, CheckLog&);
    RunAttestation(AttestationResult result, RunIdentity run, std::vector<CheckOutcome> checks)
        : result_(std::move(result)), run_(std::move(run)), checks_(std::move(checks))
    {
    }

    AttestationResult result_;
    RunIdentity run_;
    std::vector<CheckOutcome> checks_;
};

/// appraise(), then the measured log against RTMR3. An enclave has no RTMR3 and is refused.
/// `expected`  64 bytes the verifier computed itself (report_data.hpp).
/// Errors: the reason of the first check that failed.
Result<RunAttestation> appraise_run(const VerifiedQuote& quote, const AppraisalPolicy& policy, const ReportData& expected,
                                    const EventLog& log, UnixSeconds now, CheckLog& checks);

}  // namespace iapp::attest
