#include "attest/internal/fields.hpp"
#include "attest/snp_cert_table.hpp"
#include "attest/snp_report.hpp"

namespace iapp::attest::fields {
namespace {

/// Named components when the product is known, the eight bytes otherwise.
Field tcb(std::string name, const UnverifiedSnpReport& report, const SnpTcbBytes& bytes)
{
    if (report.product) return text(std::move(name), to_text(decode_tcb(*report.product, bytes)));
    return digits(std::move(name), bytes);
}

Field firmware(std::string name, const SnpFirmwareVersion& version)
{
    return text(std::move(name), std::to_string(version.major) + "." + std::to_string(version.minor) + " build " +
                                     std::to_string(version.build));
}

Field guest_policy(const SnpPolicy& policy)
{
    return group("policy", {mask("bits", policy.bits),
                            text("abi", std::to_string(policy.abi_major()) + "." + std::to_string(policy.abi_minor())),
                            flag("smt_allowed", policy.smt_allowed()),
                            flag("migration_agent_allowed", policy.migration_agent_allowed()),
                            flag("debug_allowed", policy.debug_allowed()), flag("single_socket", policy.single_socket())});
}

Field platform(const SnpPlatformInfo& info)
{
    return group("platform_info", {mask("bits", info.bits), flag("smt", info.smt()), flag("tsme", info.tsme()),
                                   flag("ecc", info.ecc()), flag("ciphertext_hiding", info.ciphertext_hiding()),
                                   flag("alias_check_complete", info.alias_check_complete())});
}

std::string signing_key(SnpSigningKey key)
{
    if (key == SnpSigningKey::vcek) return "VCEK";
    return key == SnpSigningKey::vlek ? "VLEK" : "none";
}

}  // namespace

Result<Field> snp_report(ByteView bytes)
{
    TRY(const UnverifiedSnpReport r, parse_snp_report(bytes));
    Field out = group("snp report", {number("version", r.version), number("guest_svn", r.guest_svn), guest_policy(r.policy),
                                     digits("family_id", r.family_id), digits("image_id", r.image_id)});
    auto& f = out.fields;
    f.push_back(r.vmpl == kSnpHostVmpl ? text("vmpl", "asked for by the host") : number("vmpl", r.vmpl));
    f.push_back(text("product", r.product ? name(*r.product) : "named by the certificate only"));
    f.push_back(platform(r.platform_info));
    f.push_back(text("signing_key", signing_key(r.signing_key)));
    f.push_back(flag("author_key_enabled", r.author_key_enabled));
    f.push_back(flag("chip_key_masked", r.chip_key_masked));
    f.push_back(digits("report_data", r.report_data));
    f.push_back(digits("measurement", r.measurement));
    f.push_back(digits("host_data", r.host_data));
    f.push_back(digits("id_key_digest", r.id_key_digest));
    f.push_back(digits("author_key_digest", r.author_key_digest));
    f.push_back(digits("report_id", r.report_id));
    f.push_back(digits("report_id_ma", r.report_id_ma));
    f.push_back(digits("chip_id", r.chip_id));
    f.push_back(tcb("reported_tcb", r, r.reported_tcb));
    f.push_back(tcb("committed_tcb", r, r.committed_tcb));
    f.push_back(tcb("current_tcb", r, r.current_tcb));
    f.push_back(tcb("launch_tcb", r, r.launch_tcb));
    f.push_back(firmware("current_version", r.current_version));
    f.push_back(firmware("committed_version", r.committed_version));
    return out;
}

Result<Field> snp_cert_table(ByteView bytes)
{
    TRY(const SnpCertTable table, parse_snp_cert_table(bytes));
    if (table.entries.empty()) return fail(ErrorKind::invalid_input, "attest.evidence_kind", "the table has no entry");
    Field out = group("snp certificate table", {});
    for (const SnpCertEntry& entry : table.entries) {
        Field below = digits("guid", entry.guid);
        if (auto certificate = certificate_der(entry.certificate)) below.fields.push_back(*std::move(certificate));
        out.fields.push_back(std::move(below));
    }
    return out;
}

}  // namespace iapp::attest::fields
