#pragma once
// Appraisal: a verified quote + reference values + policy + the challenge -> Attestation Result (RFC 9334, section 8.4).
// Pure: no I/O, no clock, no log.
#include "attest/event_log.hpp"
#include "attest/intel_verify.hpp"

namespace iapp::attest {

/// One TD we accept: its MRTD and the boot registers. A register that is not named must be zero, so that a bare MRTD
/// never accepts a TD which booted something further that was measured elsewhere.
struct ReferenceValue {
    Hash384 mr_td;
    std::array<Hash384, 3> rtmr{Hash384::zero(), Hash384::zero(), Hash384::zero()};  ///< RTMR0..2; RTMR3 is the event log

    friend bool operator==(const ReferenceValue&, const ReferenceValue&) = default;
};

/// Parses 96 hex digits: an MRTD whose boot registers stay zero. Errors: invalid_input "attest.measurement".
Result<ReferenceValue> parse_reference_value(std::string_view text);

/// TDATTRIBUTES bits (Intel TDX Module 1.5 ABI, ATTRIBUTES).
inline constexpr std::uint64_t kTdDebugGroup = 0xff;
inline constexpr std::uint64_t kTdSeptVeDisable = 1ULL << 28;
inline constexpr std::uint64_t kTdProtectionKeys = 1ULL << 30;
inline constexpr std::uint64_t kTdKeyLocker = 1ULL << 31;

struct AppraisalPolicy {
    std::vector<ReferenceValue> accepted;                        ///< empty refuses everything
    std::vector<TcbStatus> tcb_statuses{TcbStatus::up_to_date};  ///< revoked is refused even when listed
    std::vector<std::string> advisories;                         ///< advisories accepted with a status other than up_to_date
    std::uint32_t least_tcb_evaluation_number = 0;
    std::uint64_t td_attributes_required = kTdSeptVeDisable;
    std::uint64_t td_attributes_allowed = kTdSeptVeDisable | kTdProtectionKeys | kTdKeyLocker;
    std::uint64_t xfam_required = 0x3;        ///< x87, SSE: always set
    std::uint64_t xfam_allowed = 0x0006dbe7;  ///< no supervisor state beyond CET, no reserved bits
    bool dangerous_allow_simulated = false;
};

/// What a relying party may act on. Only appraise() makes one.
class AttestationResult {
public:
    bool simulated() const { return quote_.simulated(); }
    const TdBody& body() const { return *quote_.td(); }
    const VerifiedQuote& quote() const { return quote_; }
    const RunIdentity& run() const { return run_; }  ///< what the measured log says this TD is doing
    const std::vector<CheckOutcome>& checks() const { return checks_; }

private:
    friend Result<AttestationResult> appraise(const VerifiedQuote&, const AppraisalPolicy&, const ReportData&,
                                              const EventLog&, CheckLog&);
    AttestationResult(VerifiedQuote quote, RunIdentity run, std::vector<CheckOutcome> checks)
        : quote_(std::move(quote)), run_(std::move(run)), checks_(std::move(checks))
    {
    }

    VerifiedQuote quote_;
    RunIdentity run_;
    std::vector<CheckOutcome> checks_;
};

/// Appraises in the order of check.hpp: simulated, debug, attributes, tcb, measurement, report_data, event log.
/// `expected`  64 bytes the verifier computed itself (report_data.hpp); compared whole, in constant time.
/// Errors: the reason of the first check that failed.
Result<AttestationResult> appraise(const VerifiedQuote& quote, const AppraisalPolicy& policy, const ReportData& expected,
                                   const EventLog& log, CheckLog& checks);

}  // namespace iapp::attest
