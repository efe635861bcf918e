#include "attest/internal/fields.hpp"
#include "attest/pck.hpp"
#include "attest/snp_vek.hpp"
#include "crypto/hash.hpp"
#include "crypto/x509.hpp"

namespace iapp::attest::fields {
namespace {

using crypto::Certificate;

Field sgx_extension(const SgxExtension& platform)
{
    Field out = group("sgx_extension",
                      {digits("ppid", platform.ppid), digits("fmspc", platform.fmspc), digits("pce_id", platform.pce_id),
                       number("pce_svn", platform.pce_svn), digits("tcb_components", platform.components),
                       digits("cpu_svn", platform.cpu_svn), number("sgx_type", static_cast<unsigned>(platform.type))});
    if (platform.platform_instance_id) out.fields.push_back(digits("platform_instance_id", *platform.platform_instance_id));
    return out;
}

Field vek_extension(const VekExtensions& vek)
{
    Field out = group("vek", {text("product", vek.product_name), text("tcb", to_text(vek.tcb))});
    if (vek.hardware_id) out.fields.push_back(digits("hardware_id", *vek.hardware_id));
    if (vek.csp_id) out.fields.push_back(text("csp_id", *vek.csp_id));
    return out;
}

/// What Intel or AMD wrote into this certificate, if either did.
void add_vendor_fields(const Certificate& certificate, std::vector<Field>& out)
{
    if (const auto* extension = certificate.find_extension(kSgxExtensionOid)) {
        if (const auto platform = parse_sgx_extension(extension->value)) out.push_back(sgx_extension(*platform));
        return;
    }
    for (const VekKind kind : {VekKind::vcek, VekKind::vlek}) {
        if (certificate.subject_cn() != common_name(kind)) continue;
        if (const auto vek = parse_vek_extensions(certificate.extensions(), kind)) out.push_back(vek_extension(*vek));
    }
}

Field certificate(const Certificate& certificate)
{
    std::vector<Field> below{digits("serial", certificate.serial()), time("not_before", certificate.not_before()),
                             time("not_after", certificate.not_after()), flag("ca", certificate.is_ca()),
                             digits("sha256", crypto::sha256(certificate.der()))};
    add_vendor_fields(certificate, below);
    return group("certificate", certificate.subject_cn(), std::move(below));
}

}  // namespace

Result<Field> certificates(ByteView pem)
{
    const auto all = crypto::parse_pem_certificates(as_text(pem));
    if (!all) {
        TRY(const crypto::Crl crl, crypto::Crl::from_pem(as_text(pem)));
        return revocation_list(crl.der());
    }
    Field out = group("certificates", {});
    for (const Certificate& one : *all) out.fields.push_back(certificate(one));
    return out;
}

Result<Field> certificate_der(ByteView der)
{
    TRY(const Certificate one, Certificate::from_der(der));
    return certificate(one);
}

Result<Field> revocation_list(ByteView der)
{
    TRY(const crypto::Crl crl, crypto::Crl::from_der(der));
    Field out = group("revocation list", {digits("issuer", crl.issuer_der()), time("this_update", crl.this_update())});
    if (crl.next_update()) out.fields.push_back(time("next_update", *crl.next_update()));
    if (crl.number()) out.fields.push_back(digits("number", *crl.number()));
    out.fields.push_back(number("revoked", crl.size()));
    return out;
}

}  // namespace iapp::attest::fields
