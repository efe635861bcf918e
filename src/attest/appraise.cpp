#include "attest/appraise.hpp"

#include <algorithm>

#include "attest/internal/json_text.hpp"
#include "crypto/secret.hpp"

namespace iapp::attest {
namespace {

std::string word(std::uint64_t value)
{
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    return hex0x(bytes);
}

Status check_simulated(const VerifiedQuote& quote, const AppraisalPolicy& policy, CheckLog& checks)
{
    if (quote.simulated() && !policy.dangerous_allow_simulated)
        return checks.fail(CheckId::simulated, "the trust anchor is not a hardware vendor's root");
    checks.pass(CheckId::simulated, quote.simulated() ? "SIMULATED, allowed by policy" : "hardware");
    return {};
}

/// Required bits set, nothing outside `allowed`.
bool within(std::uint64_t value, std::uint64_t required, std::uint64_t allowed)
{
    return (value & required) == required && (value & ~allowed) == 0;
}

Status check_attributes(const TdBody& body, const AppraisalPolicy& policy, CheckLog& checks)
{
    TRY_OK(checks.require(CheckId::debug, (body.td_attributes & kTdDebugGroup) == 0,
                          "TD attributes " + word(body.td_attributes) + ": a bit of the debug group is set"));
    if (!within(body.td_attributes, policy.td_attributes_required, policy.td_attributes_allowed))
        return checks.fail(CheckId::attributes, "TD attributes " + word(body.td_attributes) + " are outside the policy");
    if (!within(body.xfam, policy.xfam_required, policy.xfam_allowed))
        return checks.fail(CheckId::attributes, "XFAM " + word(body.xfam) + " is outside the policy");
    if (body.seam_attributes != 0) return checks.fail(CheckId::attributes, "SEAM attributes are not zero");
    if (body.mr_service_td && !body.mr_service_td->is_zero())
        return checks.fail(CheckId::attributes, "a service TD is bound to this TD");
    checks.pass(CheckId::attributes);
    return {};
}

Status check_tcb(const VerifiedQuote& quote, const AppraisalPolicy& policy, CheckLog& checks)
{
    const TcbVerdict& tcb = quote.tcb();
    const std::string status(name(tcb.status));
    if (tcb.status == TcbStatus::revoked) return checks.fail(CheckId::tcb, "the TCB of the platform is revoked");
    if (std::ranges::find(policy.tcb_statuses, tcb.status) == policy.tcb_statuses.end())
        return checks.fail(CheckId::tcb, "status " + status + " is not accepted");
    const auto open = std::ranges::find_if(tcb.advisories, [&](const std::string& advisory) {
        return std::ranges::find(policy.advisories, advisory) == policy.advisories.end();
    });
    if (tcb.status != TcbStatus::up_to_date && open != tcb.advisories.end())
        return checks.fail(CheckId::tcb, "status " + status + " comes with " + *open + ", which is not accepted");
    checks.pass(CheckId::tcb, status);
    return checks.require(CheckId::tcb_evaluation, quote.tcb_evaluation_number() >= policy.least_tcb_evaluation_number,
                          "evaluation number " + std::to_string(quote.tcb_evaluation_number()) + " is below " +
                              std::to_string(policy.least_tcb_evaluation_number));
}

Status check_measurement(const TdBody& body, const AppraisalPolicy& policy, CheckLog& checks)
{
    TRY_OK(
        checks.require(CheckId::no_reference_values, !policy.accepted.empty(), "the policy accepts no measurement at all"));
    const ReferenceValue seen{body.mr_td, {body.rtmr[0], body.rtmr[1], body.rtmr[2]}};
    return checks.require(CheckId::measurement, std::ranges::find(policy.accepted, seen) != policy.accepted.end(),
                          "MRTD " + hex(body.mr_td.bytes()) + " with its RTMR0..2 is not an accepted measurement");
}

}  // namespace

Result<ReferenceValue> parse_reference_value(std::string_view text)
{
    const auto mr_td = parse_digits<Hash384>(text);
    if (!mr_td) return fail(ErrorKind::invalid_input, "attest.measurement", "a measurement is 96 hex digits without prefix");
    return ReferenceValue{*mr_td};
}

Result<AttestationResult> appraise(const VerifiedQuote& quote, const AppraisalPolicy& policy, const ReportData& expected,
                                   const EventLog& log, CheckLog& checks)
{
    if (quote.td() == nullptr) return checks.fail(CheckId::tee, "the evidence is an SGX quote, the policy is for TDs");
    const TdBody& body = *quote.td();
    TRY_OK(check_simulated(quote, policy, checks));
    TRY_OK(check_attributes(body, policy, checks));
    TRY_OK(check_tcb(quote, policy, checks));
    TRY_OK(check_measurement(body, policy, checks));
    TRY_OK(checks.require(CheckId::report_data, crypto::equal_constant_time(body.report_data.bytes(), expected.bytes()),
                          "the quote was made for another challenge, key or task"));
    TRY(RunIdentity run, appraise_event_log(log, body.rtmr[kLogRegister], checks));
    return AttestationResult(quote, std::move(run), checks.outcomes());
}

}  // namespace iapp::attest
