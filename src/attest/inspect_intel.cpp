#include "attest/intel_quote.hpp"
#include "attest/internal/fields.hpp"

namespace iapp::attest::fields {
namespace {

Field td_body(const TdBody& td)
{
    std::vector<Field> out{digits("tee_tcb_svn", td.tee_tcb_svn),
                           digits("mrseam", td.mr_seam),
                           digits("mrsignerseam", td.mr_signer_seam),
                           mask("seam_attributes", td.seam_attributes),
                           mask("td_attributes", td.td_attributes),
                           flag("debug", (td.td_attributes & 0xff) != 0),
                           mask("xfam", td.xfam),
                           digits("mrtd", td.mr_td),
                           digits("mrconfigid", td.mr_config_id),
                           digits("mrowner", td.mr_owner),
                           digits("mrownerconfig", td.mr_owner_config)};
    for (std::size_t i = 0; i < td.rtmr.size(); ++i) out.push_back(digits("rtmr" + std::to_string(i), td.rtmr[i]));
    out.push_back(digits("report_data", td.report_data));
    if (td.tee_tcb_svn2) out.push_back(digits("tee_tcb_svn2", *td.tee_tcb_svn2));
    if (td.mr_service_td) out.push_back(digits("mrservicetd", *td.mr_service_td));
    return group("body", td.tee_tcb_svn2 ? "TD 1.5" : "TD 1.0", std::move(out));
}

std::vector<Field> enclave(const SgxBody& report)
{
    return {digits("cpu_svn", report.cpu_svn),
            mask("misc_select", report.misc_select),
            mask("flags", report.flags),
            flag("debug", (report.flags & kSgxDebug) != 0),
            mask("xfrm", report.xfrm),
            digits("mrenclave", report.mr_enclave),
            digits("mrsigner", report.mr_signer),
            digits("configid", report.config_id),
            number("isv_prod_id", report.isv_prod_id),
            number("isv_svn", report.isv_svn),
            number("config_svn", report.config_svn),
            digits("isv_ext_prod_id", report.isv_ext_prod_id),
            digits("isv_family_id", report.isv_family_id),
            digits("report_data", report.report_data)};
}

Field pck_reference(const PckReference& reference)
{
    std::vector<Field> out;
    if (reference.ppid) out.push_back(digits("ppid", *reference.ppid));
    out.push_back(digits("cpu_svn", reference.cpu_svn));
    out.push_back(number("pce_svn", reference.pce_svn));
    if (reference.pce_id) out.push_back(digits("pce_id", *reference.pce_id));
    return group("pck_reference", std::move(out));
}

}  // namespace

Result<Field> intel_quote(ByteView bytes)
{
    TRY(const UnverifiedQuote quote, parse_intel_quote(bytes));
    Field out = group(
        std::string(name(quote.kind())) + " quote",
        {number("version", quote.version), digits("qe_vendor_id", quote.qe_vendor_id), digits("user_data", quote.user_data),
         quote.td() != nullptr ? td_body(*quote.td()) : group("body", "SGX enclave", enclave(*quote.sgx())),
         digits("attestation_key", quote.attestation_key), digits("signature", quote.signature),
         group("quoting_enclave", enclave(quote.qe_report)), digits("qe_auth_data", quote.qe_auth),
         number("quote_size_bytes", quote.quote_size), number("padding_bytes", bytes.size() - quote.quote_size),
         digits("evidence_id", evidence_id(quote))});
    if (quote.pck_reference) out.fields.push_back(pck_reference(*quote.pck_reference));
    if (quote.pck_chain_pem.empty()) return out;
    if (auto chain = certificates(as_bytes(quote.pck_chain_pem))) {
        chain->name = "pck_chain";
        out.fields.push_back(*std::move(chain));
    }
    return out;
}

}  // namespace iapp::attest::fields
