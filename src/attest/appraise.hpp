#pragma once
// Appraisal: verified evidence + reference values + policy + the challenge -> Attestation Result (RFC 9334, section 8.4).
// Pure: no I/O, no clock, no log. One set of checks for every kind of evidence, plus the few that only one kind has.
#include "attest/azure.hpp"
#include "attest/check.hpp"
#include "attest/intel_verify.hpp"
#include "attest/policy.hpp"
#include "attest/snp_verify.hpp"
#include "attest/tpm_verify.hpp"

namespace iapp::attest {

/// What the verifier expects of this very evidence, from values it holds itself.
struct Challenge {
    std::optional<Bytes> report_data;      ///< compared whole; absent only counts under policy.dangerous_any_report_data
    std::vector<std::string_view> logged;  ///< registers the caller judges by a measured log right after this
    /// What a log that replays to RTMR3 says of the start; the caller checks the replay. It accounts for RTMR3 only in
    /// references that name some of it: any program can come with a log that tells the truth about it.
    std::optional<LoggedEvents> events{};

    static Challenge of(const ReportData& expected) { return {to_bytes(expected.bytes()), {}}; }
};

/// What a relying party may act on. Only appraise() makes one.
class AttestationResult {
public:
    const Claims& claims() const { return claims_; }
    bool simulated() const { return claims_.simulated; }
    const std::vector<CheckOutcome>& checks() const { return checks_; }

private:
    friend class Appraiser;
    AttestationResult(Claims claims, std::vector<CheckOutcome> checks)
        : claims_(std::move(claims)), checks_(std::move(checks))
    {
    }

    Claims claims_;
    std::vector<CheckOutcome> checks_;
};

/// Appraises in the order of check.hpp: tee, simulated, debug, attributes, TCB, age, machine, measurement, host data, report
/// data. `now` is the time that verification used. Errors: the reason of the first check that failed.
Result<AttestationResult> appraise(const VerifiedQuote& quote, const AppraisalPolicy& policy, const Challenge& challenge,
                                   UnixSeconds now, CheckLog& checks);
Result<AttestationResult> appraise(const VerifiedSnpReport& report, const AppraisalPolicy& policy,
                                   const Challenge& challenge, UnixSeconds now, CheckLog& checks);

/// A TPM signs 32 bytes at most with some hashes: its challenge is extraData, whole, as the verifier sent it.
Result<AttestationResult> appraise(const VerifiedTpmQuote& quote, const AppraisalPolicy& policy, const Challenge& challenge,
                                   UnixSeconds now, CheckLog& checks);

/// Registers of the paravisor and of the virtual TPM together; the challenge is the TPM's extraData.
Result<AttestationResult> appraise(const VerifiedAzure& azure, const AppraisalPolicy& policy, const Challenge& challenge,
                                   UnixSeconds now, CheckLog& checks);

}  // namespace iapp::attest
