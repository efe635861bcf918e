#include "attest/appraise.hpp"

#include <algorithm>

#include "attest/internal/appraiser.hpp"
#include "attest/internal/registers.hpp"
#include "crypto/secret.hpp"

namespace iapp::attest {
namespace {

bool is_out_of_date(TcbStatus status)
{
    return status == TcbStatus::out_of_date || status == TcbStatus::out_of_date_configuration_needed;
}

bool is_zero(const Bytes& value)
{
    return std::ranges::all_of(value, [](std::uint8_t byte) { return byte == 0; });
}

/// Registers that describe what the host or owner attached, not which program runs.
bool describes_host(std::string_view name)
{
    return name == "host_data" || name == "configid" || name.starts_with("mrconfig") || name.starts_with("mrowner");
}

/// Whether a measured log accounts for the register: one the caller judges, or one whose events the reference names.
bool accounted_for(std::string_view name, const ReferenceValue& reference, const Challenge& challenge)
{
    if (std::ranges::find(challenge.logged, name) != challenge.logged.end()) return true;
    return name == "rtmr3" && challenge.events && !reference.events.empty();
}

/// The first event of the reference that the log does not have exactly once with its payload; empty when it has all.
std::string event_mismatch(const ReferenceValue& reference, const Challenge& challenge)
{
    for (const LoggedEvent& wanted : reference.events) {
        if (!challenge.events) return "event " + wanted.name + ", for which no measured log was given,";
        const bool once = std::ranges::count(*challenge.events, wanted.name, &LoggedEvent::name) == 1;
        if (!once || std::ranges::find(*challenge.events, wanted) == challenge.events->end()) return "event " + wanted.name;
    }
    return {};
}

/// Why the claims are not those of `reference`, looking only at registers for which `judged` holds; empty when they are.
template <class Judged>
std::string mismatch(const Claims& claims, const ReferenceValue& reference, const Challenge& challenge, Judged judged)
{
    for (const RegisterValue& wanted : reference.registers) {
        const Bytes* seen = find_register(claims.registers, wanted.name);
        if (judged(wanted.name) && (seen == nullptr || *seen != wanted.value)) return wanted.name;
    }
    for (const RegisterInfo& info : registers_of(claims.kind)) {
        const Bytes* seen = find_register(claims.registers, info.name);
        if (!info.zero_unless_named || seen == nullptr || is_zero(*seen) || !judged(info.name)) continue;
        if (!accounted_for(info.name, reference, challenge) && find_register(reference.registers, info.name) == nullptr)
            return std::string(info.name) + ", which must be zero unless it is named,";
    }
    return {};
}

/// Whether the register "isvsvn" is there and at least `least`.
bool reaches_isv_svn(const Claims& claims, std::uint16_t least)
{
    const Bytes* seen = find_register(claims.registers, "isvsvn");
    return seen != nullptr && seen->size() == 2 && ((*seen)[0] << 8U | (*seen)[1]) >= least;
}

std::string program_mismatch(const Claims& claims, const ReferenceValue& reference, const Challenge& challenge)
{
    if (reference.tee != claims.kind) return "the kind of TEE";
    if (reference.least_isv_svn && !reaches_isv_svn(claims, *reference.least_isv_svn)) return "isvsvn, which is too low,";
    std::string event = event_mismatch(reference, challenge);
    if (!event.empty()) return event;
    return mismatch(claims, reference, challenge, [](std::string_view name) { return !describes_host(name); });
}

std::string host_mismatch(const Claims& claims, const ReferenceValue& reference)
{
    return mismatch(claims, reference, {{}, {}}, describes_host);
}

/// The register a person would look for first.
std::string main_register(const Claims& claims)
{
    if (claims.registers.empty()) return "no register";
    const RegisterValue& first = claims.registers.front();
    return first.name + " " + hex(first.value);
}

}  // namespace

std::string word(std::uint64_t value)
{
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    return hex0x(bytes);
}

Status Appraiser::check_kind(const Claims& claims)
{
    TRY_OK(checks_.require(CheckId::tee, std::ranges::find(policy_.tees, claims.kind) != policy_.tees.end(),
                           "the policy does not accept " + std::string(name(claims.kind))));
    if (claims.simulated && !policy_.dangerous_allow_simulated)
        return checks_.fail(CheckId::simulated, "the trust anchor is not a hardware vendor's root");
    // Who trusts a TPM's key has decided what it is: nothing in its quotes tells a chip from a program.
    const std::string_view real = claims.kind == EvidenceKind::tpm ? "key as trusted" : "hardware";
    checks_.pass(CheckId::simulated, claims.simulated ? "SIMULATED, allowed by policy" : std::string(real));
    return checks_.require(CheckId::debug, !claims.debug, "the host can read this guest's memory: a debug bit is set");
}

Status Appraiser::check_tcb(const TcbVerdict& tcb)
{
    const std::string status(name(tcb.status));
    if (tcb.status == TcbStatus::revoked) return checks_.fail(CheckId::tcb, "the TCB of the platform is revoked");
    const TcbRules& rules = policy_.tcb;
    if (std::ranges::find(rules.statuses, tcb.status) == rules.statuses.end())
        return checks_.fail(CheckId::tcb, "status " + status + " is not accepted");
    const auto open = std::ranges::find_if(tcb.advisories, [&](const std::string& advisory) {
        return std::ranges::find(rules.advisories, advisory) == rules.advisories.end();
    });
    if (tcb.status != TcbStatus::up_to_date && open != tcb.advisories.end())
        return checks_.fail(CheckId::tcb, "status " + status + " comes with " + *open + ", which is not accepted");
    if (is_out_of_date(tcb.status) && now_ > tcb.date + rules.out_of_date_grace.value_or(std::chrono::days(0)))
        return checks_.fail(CheckId::tcb, "status " + status + " since " + iso8601(tcb.date) + ": the grace period is over");
    checks_.pass(CheckId::tcb, status);
    return {};
}

Status Appraiser::check_age(const Claims& claims)
{
    if (!policy_.most_collateral_age) {
        checks_.skip(CheckId::collateral_age, "no limit in the policy");
        return {};
    }
    const bool young = claims.collateral_issued && now_ - *claims.collateral_issued <= *policy_.most_collateral_age;
    return checks_.require(CheckId::collateral_age, young,
                           claims.collateral_issued ? "the oldest document is of " + iso8601(*claims.collateral_issued)
                                                    : "this kind of evidence has no dated collateral");
}

Status Appraiser::check_platform(const Claims& claims)
{
    if (claims.tcb) {
        TRY_OK(check_tcb(*claims.tcb));
        TRY_OK(checks_.require(CheckId::tcb_evaluation, claims.tcb_evaluation_number >= policy_.tcb.least_evaluation_number,
                               "evaluation number " + std::to_string(claims.tcb_evaluation_number) + " is below " +
                                   std::to_string(policy_.tcb.least_evaluation_number)));
    }
    TRY_OK(check_age(claims));
    if (!policy_.machines) {
        checks_.skip(CheckId::machine, "no list in the policy");
        return {};
    }
    return checks_.require(CheckId::machine, std::ranges::find(*policy_.machines, claims.machine) != policy_.machines->end(),
                           "machine " + (claims.machine.empty() ? "(hidden)" : claims.machine) + " is not on the list");
}

Status Appraiser::check_registers(const Claims& claims)
{
    if (policy_.dangerous_any_measurement) {
        checks_.skip(CheckId::measurement, "the policy accepts any measurement");
        checks_.skip(CheckId::host_data, "the policy accepts any measurement");
        return {};
    }
    TRY_OK(checks_.require(CheckId::no_reference_values, !policy_.accepted.empty(),
                           "the policy accepts no measurement at all"));
    std::string program_differs;
    std::string host_differs;
    for (const ReferenceValue& reference : policy_.accepted) {
        program_differs = program_mismatch(claims, reference, challenge_);
        if (!program_differs.empty()) continue;
        host_differs = host_mismatch(claims, reference);
        if (!host_differs.empty()) continue;
        checks_.pass(CheckId::measurement, reference.name);
        checks_.pass(CheckId::host_data);
        return {};
    }
    if (host_differs.empty())
        return checks_.fail(CheckId::measurement, main_register(claims) + " is not an accepted guest: " + program_differs +
                                                      " differs from the last reference");
    checks_.pass(CheckId::measurement);
    return checks_.fail(CheckId::host_data, host_differs + " differs from the reference");
}

Status Appraiser::check_report_data(const Claims& claims)
{
    if (!challenge_.report_data && policy_.dangerous_any_report_data) {
        checks_.skip(CheckId::report_data, "the policy accepts any report data");
        return {};
    }
    if (!challenge_.report_data) return checks_.fail(CheckId::report_data, "no challenge was given to compare with");
    if (challenge_.report_data->empty()) return checks_.fail(CheckId::report_data, "an empty challenge binds nothing");
    return checks_.require(CheckId::report_data, crypto::equal_constant_time(claims.report_data, *challenge_.report_data),
                           "the evidence was made for another challenge, key or task");
}

}  // namespace iapp::attest
