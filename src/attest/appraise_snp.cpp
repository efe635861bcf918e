#include <algorithm>

#include "attest/internal/appraiser.hpp"

namespace iapp::attest {
namespace {

Registers registers(const UnverifiedSnpReport& report)
{
    return {{"measurement", copy_of(report.measurement)},     {"host_data", copy_of(report.host_data)},
            {"id_key_digest", copy_of(report.id_key_digest)}, {"author_key_digest", copy_of(report.author_key_digest)},
            {"family_id", copy_of(report.family_id)},         {"image_id", copy_of(report.image_id)},
            {"report_id_ma", copy_of(report.report_id_ma)}};
}

Status check_guest(const UnverifiedSnpReport& report, const SnpRules& rules, CheckLog& checks)
{
    const auto outside = [&](std::string detail) { return checks.fail(CheckId::attributes, std::move(detail)); };
    const SnpPolicy& guest = report.policy;
    if (guest.migration_agent_allowed() && !rules.allow_migration_agent)
        return outside("a migration agent may move this guest");
    if (guest.smt_allowed() && !rules.allow_smt) return outside("the guest may run beside others on one core (SMT)");
    if (std::pair(guest.abi_major(), guest.abi_minor()) < std::pair(rules.least_abi_major, rules.least_abi_minor))
        return outside("the guest accepts firmware ABI " + std::to_string(guest.abi_major()) + "." +
                       std::to_string(guest.abi_minor()));
    if (report.guest_svn < rules.least_guest_svn)
        return outside("guest SVN " + std::to_string(report.guest_svn) + " is too low");
    if (rules.require_alias_check && !report.platform_info.alias_check_complete())
        return outside("the platform has not checked its memory for aliases");
    if (rules.require_ciphertext_hiding && !report.platform_info.ciphertext_hiding())
        return outside("the platform does not hide ciphertext from the host");
    checks.pass(CheckId::attributes);
    return {};
}

Status check_vmpl(const UnverifiedSnpReport& report, const SnpRules& rules, CheckLog& checks)
{
    return checks.require(CheckId::vmpl, report.vmpl <= rules.most_vmpl,
                          "VMPL " + std::to_string(report.vmpl) + " is above " + std::to_string(rules.most_vmpl));
}

struct NamedTcb {
    std::string_view name;
    SnpTcb tcb;
};

/// AMD rates no TCB: the floors are the policy's. Each of the four must reach it, component by component.
Status check_floor(const VerifiedSnpReport& report, const SnpRules& rules, CheckLog& checks)
{
    const auto floor = rules.floors.find(report.product());
    if (floor == rules.floors.end()) {
        checks.skip(CheckId::tcb, "no floor for this product in the policy");
        return {};
    }
    const std::array all{NamedTcb{"reported", report.reported_tcb()}, NamedTcb{"committed", report.committed_tcb()},
                         NamedTcb{"current", report.current_tcb()}, NamedTcb{"launch", report.launch_tcb()}};
    for (const auto& [which, tcb] : all)
        if (!tcb.reaches(floor->second))
            return checks.fail(CheckId::tcb, "the " + std::string(which) + " TCB (" + to_text(tcb) +
                                                 ") is below the floor (" + to_text(floor->second) + ")");
    checks.pass(CheckId::tcb, "above the floor");
    return {};
}

Status check_product(const VerifiedSnpReport& report, const SnpRules& rules, CheckLog& checks)
{
    if (std::ranges::find(rules.products, report.product()) != rules.products.end()) return {};
    return checks.fail(CheckId::attributes, "the policy does not accept product " + std::string(name(report.product())));
}

}  // namespace

Claims claims_of(const VerifiedSnpReport& verified)
{
    const UnverifiedSnpReport& report = verified.report();
    const auto chip = verified.chip_id();
    return {.kind = EvidenceKind::snp,
            .simulated = verified.simulated(),
            .debug = report.policy.debug_allowed(),
            .tcb = std::nullopt,
            .tcb_evaluation_number = 0,
            .collateral_issued = verified.crl_issued(),
            .valid_until = verified.valid_until(),
            .machine = chip ? hex(chip->bytes()) : "",
            .registers = registers(report),
            .report_data = copy_of(report.report_data),
            .evidence_id = verified.evidence_id()};
}

Status check_attributes(const VerifiedSnpReport& verified, const AppraisalPolicy& policy, CheckLog& checks)
{
    TRY_OK(check_product(verified, policy.snp, checks));
    TRY_OK(check_guest(verified.report(), policy.snp, checks));
    TRY_OK(check_vmpl(verified.report(), policy.snp, checks));
    return check_floor(verified, policy.snp, checks);
}

Result<AttestationResult> appraise(const VerifiedSnpReport& report, const AppraisalPolicy& policy,
                                   const Challenge& challenge, UnixSeconds now, CheckLog& checks)
{
    return Appraiser(policy, challenge, now, checks).run(claims_of(report), [&] {
        return check_attributes(report, policy, checks);
    });
}

}  // namespace iapp::attest
