#include <algorithm>

#include "attest/internal/registers.hpp"
#include "attest/policy_document.hpp"

namespace iapp::attest {
namespace {

using Level = PolicyFinding::Level;

void lint_waivers(const AppraisalPolicy& policy, std::vector<PolicyFinding>& out)
{
    if (policy.dangerous_allow_simulated)
        out.push_back({Level::warning, "simulated TEEs are accepted: remove dangerousAllowSimulated outside development"});
    if (policy.dangerous_any_measurement)
        out.push_back({Level::warning, "any program is accepted: remove dangerousAnyMeasurement and name references"});
    if (policy.dangerous_any_report_data)
        out.push_back({Level::warning, "replayed evidence is accepted: remove dangerousAnyReportData and send a challenge"});
    if (policy.snp.dangerous_no_revocation_list)
        out.push_back(
            {Level::warning, "SEV-SNP is accepted without a revocation list: remove snp.dangerousNoRevocationList"});
}

void lint_tcb(const AppraisalPolicy& policy, std::vector<PolicyFinding>& out)
{
    const auto& tcb = policy.tcb;
    if (tcb.statuses.empty()) out.push_back({Level::warning, "tcb.statuses is empty: no Intel platform is accepted"});
    for (const TcbStatus status : tcb.statuses) {
        if (status == TcbStatus::revoked)
            out.push_back({Level::warning, "tcb.statuses names Revoked, which is refused all the same: remove it"});
        else if (status != TcbStatus::up_to_date && tcb.advisories.empty())
            out.push_back(
                {Level::note, std::string(name(status)) +
                                  " is accepted only without advisories: list the reviewed ones in tcb.advisories"});
    }
    const bool out_of_date = std::ranges::any_of(tcb.statuses, [](TcbStatus status) {
        return status == TcbStatus::out_of_date || status == TcbStatus::out_of_date_configuration_needed;
    });
    if (out_of_date && !tcb.out_of_date_grace)
        out.push_back(
            {Level::warning,
             "tcb.statuses names an out-of-date status without tcb.outOfDateGraceDays: it is refused all the same"});
    if (tcb.least_evaluation_number == 0)
        out.push_back({Level::note, "tcb.leastEvaluationNumber is not set: an older, still valid TCB info can be replayed"});
    if (!policy.most_collateral_age)
        out.push_back({Level::note, "mostCollateralAgeHours is not set: collateral counts until its own window closes"});
}

bool accepts(const AppraisalPolicy& policy, EvidenceKind kind)
{
    return std::ranges::find(policy.tees, kind) != policy.tees.end();
}

void lint_references(const AppraisalPolicy& policy, std::vector<PolicyFinding>& out)
{
    if (policy.tees.empty()) out.push_back({Level::warning, "tees is empty: nothing is accepted"});
    for (const EvidenceKind kind : policy.tees) {
        const bool known = std::ranges::find(policy.accepted, kind, &ReferenceValue::tee) != policy.accepted.end();
        if (!known && !policy.dangerous_any_measurement)
            out.push_back({Level::warning, std::string(name(kind)) + " is accepted, but no reference is of this kind"});
    }
    for (const ReferenceValue& reference : policy.accepted)
        if (!accepts(policy, reference.tee))
            out.push_back({Level::warning, "reference \"" + reference.name + "\" is " + std::string(name(reference.tee)) +
                                               ", which tees does not list"});
}

void lint_snp(const AppraisalPolicy& policy, std::vector<PolicyFinding>& out)
{
    if (!accepts(policy, EvidenceKind::snp) && !accepts(policy, EvidenceKind::azure_snp)) return;
    for (const SnpProduct product : policy.snp.products)
        if (!policy.snp.floors.contains(product))
            out.push_back({Level::note, "snp.floors has no entry for " + std::string(name(product)) +
                                            ": AMD rates no TCB, so any firmware of this product is accepted"});
    if (policy.snp.most_vmpl > 0)
        out.push_back({Level::note, "snp.mostVmpl is above 0: code at VMPL 0 can impersonate such a guest"});
}

bool covers(const AppraisalPolicy& policy, std::string_view register_name)
{
    return std::ranges::any_of(policy.tpm.pcrs, [&](unsigned pcr) { return pcr_name(pcr) == register_name; });
}

/// Registers of the firmware and boot loader that a quote covers and a reference leaves out, and the other way round.
void lint_pcrs(const AppraisalPolicy& policy, const ReferenceValue& reference, std::vector<PolicyFinding>& out)
{
    constexpr unsigned kLastOfFirmware = 7;
    if (register_size(reference.tee, pcr_name(0)) == std::nullopt) return;
    const std::string who = "reference \"" + reference.name + "\"";
    for (const unsigned pcr : policy.tpm.pcrs)
        if (pcr <= kLastOfFirmware && find_register(reference.registers, pcr_name(pcr)) == nullptr)
            out.push_back(
                {Level::note, who + " does not name " + pcr_name(pcr) + ": whatever was measured there is accepted"});
    for (const RegisterValue& named : reference.registers)
        if (named.name.starts_with("pcr") && !covers(policy, named.name))
            out.push_back(
                {Level::warning, who + " names " + named.name + ", which tpm.pcrs does not: it is never accepted"});
}

void lint_tpm(const AppraisalPolicy& policy, std::vector<PolicyFinding>& out)
{
    for (const ReferenceValue& reference : policy.accepted) lint_pcrs(policy, reference, out);
    const bool wanted = accepts(policy, EvidenceKind::tpm) || accepts(policy, EvidenceKind::azure_snp) ||
                        accepts(policy, EvidenceKind::azure_tdx);
    if (wanted && policy.tpm.pcrs.empty() && !policy.dangerous_any_measurement)
        out.push_back({Level::warning, "tpm.pcrs is empty: no TPM quote is accepted"});
    for (const unsigned pcr : policy.tpm.pcrs)
        if (pcr == 16 || pcr == 23)
            out.push_back({Level::warning, pcr_name(pcr) + " can be reset by software: it proves nothing about the boot"});
}

}  // namespace

std::vector<PolicyFinding> lint(const AppraisalPolicy& policy)
{
    std::vector<PolicyFinding> out;
    lint_waivers(policy, out);
    lint_references(policy, out);
    lint_tcb(policy, out);
    lint_snp(policy, out);
    lint_tpm(policy, out);
    return out;
}

}  // namespace iapp::attest
