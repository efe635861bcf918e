#include "attest/policy.hpp"

#include "attest/internal/json_text.hpp"

namespace iapp::attest {

ReferenceValue tdx_reference(const Hash384& mr_td)
{
    return {.name = {},
            .tee = EvidenceKind::tdx,
            .registers = {{"mrtd", to_bytes(mr_td.bytes())}},
            .least_isv_svn = std::nullopt};
}

Result<ReferenceValue> parse_reference_value(std::string_view text)
{
    const auto mr_td = parse_digits<Hash384>(text);
    if (!mr_td) return fail(ErrorKind::invalid_input, "attest.measurement", "a measurement is 96 hex digits without prefix");
    return tdx_reference(*mr_td);
}

AppraisalPolicy authenticity_only()
{
    using enum EvidenceKind;
    AppraisalPolicy out;
    out.name = "authenticity-only";
    out.tees = {tdx, sgx, snp, tpm, azure_snp, azure_tdx};
    out.snp.dangerous_no_revocation_list = true;
    out.dangerous_any_measurement = true;
    out.dangerous_any_report_data = true;
    return out;
}

}  // namespace iapp::attest
