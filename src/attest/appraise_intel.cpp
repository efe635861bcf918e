#include "attest/internal/appraiser.hpp"
#include "attest/internal/registers.hpp"

namespace iapp::attest {
namespace {

Bytes big_endian(std::uint16_t value)
{
    return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value & 0xffU)};
}

Registers registers(const TdBody& td)
{
    Registers out{{"mrtd", copy_of(td.mr_td)},       {"rtmr0", copy_of(td.rtmr[0])},
                  {"rtmr1", copy_of(td.rtmr[1])},    {"rtmr2", copy_of(td.rtmr[2])},
                  {"rtmr3", copy_of(td.rtmr[3])},    {"mrconfigid", copy_of(td.mr_config_id)},
                  {"mrowner", copy_of(td.mr_owner)}, {"mrownerconfig", copy_of(td.mr_owner_config)},
                  {"mrseam", copy_of(td.mr_seam)}};
    if (td.mr_service_td) out.push_back({"mrservicetd", copy_of(*td.mr_service_td)});
    return out;
}

Registers registers(const SgxBody& enclave)
{
    return {{"mrenclave", copy_of(enclave.mr_enclave)},         {"mrsigner", copy_of(enclave.mr_signer)},
            {"isvprodid", big_endian(enclave.isv_prod_id)},     {"isvsvn", big_endian(enclave.isv_svn)},
            {"configid", copy_of(enclave.config_id)},           {"configsvn", big_endian(enclave.config_svn)},
            {"isvextprodid", copy_of(enclave.isv_ext_prod_id)}, {"isvfamilyid", copy_of(enclave.isv_family_id)}};
}

Status check_td(const TdBody& td, const TdxRules& rules, CheckLog& checks)
{
    const auto outside = [&](std::string detail) { return checks.fail(CheckId::attributes, std::move(detail)); };
    if (!within(td.td_attributes, rules.attributes_required, rules.attributes_allowed))
        return outside("TD attributes " + word(td.td_attributes) + " are outside the policy");
    if (!within(td.xfam, rules.xfam_required, rules.xfam_allowed))
        return outside("XFAM " + word(td.xfam) + " is outside the policy");
    if (td.seam_attributes != 0) return outside("SEAM attributes are not zero");
    if (td.mr_service_td && !td.mr_service_td->is_zero() && !rules.allow_service_td)
        return outside("a service TD is bound to this TD");
    checks.pass(CheckId::attributes);
    return {};
}

Status check_enclave(const SgxBody& enclave, const SgxRules& rules, CheckLog& checks)
{
    const auto outside = [&](std::string detail) { return checks.fail(CheckId::attributes, std::move(detail)); };
    if (!within(enclave.flags, rules.flags_required, rules.flags_allowed))
        return outside("enclave attributes " + word(enclave.flags) + " are outside the policy");
    if (!within(enclave.xfrm, 0x3, rules.xfrm_allowed))
        return outside("XFRM " + word(enclave.xfrm) + " is outside the policy");
    if ((enclave.misc_select & ~rules.misc_select_allowed) != 0)
        return outside("MISCSELECT " + word(enclave.misc_select) + " is outside the policy");
    checks.pass(CheckId::attributes);
    return {};
}

}  // namespace

Claims claims_of(const VerifiedQuote& quote)
{
    const TdBody* td = quote.td();
    const SgxBody* enclave = quote.sgx();
    return {.kind = quote.kind(),
            .simulated = quote.simulated(),
            .debug = td != nullptr ? (td->td_attributes & kTdDebugGroup) != 0 : (enclave->flags & kSgxDebug) != 0,
            .tcb = quote.tcb(),
            .tcb_evaluation_number = quote.tcb_evaluation_number(),
            .collateral_issued = quote.collateral_issued(),
            .valid_until = quote.valid_until(),
            .machine = hex(quote.platform().ppid.bytes()),
            .registers = td != nullptr ? registers(*td) : registers(*enclave),
            .report_data = copy_of(quote.report_data()),
            .evidence_id = quote.evidence_id()};
}

Status check_attributes(const VerifiedQuote& quote, const AppraisalPolicy& policy, CheckLog& checks)
{
    if (const TdBody* td = quote.td()) return check_td(*td, policy.tdx, checks);
    return check_enclave(*quote.sgx(), policy.sgx, checks);
}

Result<AttestationResult> appraise(const VerifiedQuote& quote, const AppraisalPolicy& policy, const Challenge& challenge,
                                   UnixSeconds now, CheckLog& checks)
{
    return Appraiser(policy, challenge, now, checks).run(claims_of(quote), [&] {
        return check_attributes(quote, policy, checks);
    });
}

}  // namespace iapp::attest
