#include "endorse/needs.hpp"

#include "attest/azure.hpp"
#include "attest/intel_quote.hpp"
#include "attest/snp_report.hpp"
#include "crypto/x509.hpp"

namespace iapp::endorse {
namespace {

using attest::EvidenceKind;

std::unexpected<Error> no_key(std::string detail)
{
    return fail(ErrorKind::invalid_input, "endorse.key", std::move(detail));
}

/// By the end of the CA's name: "Intel SGX PCK Platform CA".
bool issued_by(const crypto::Certificate& leaf, const crypto::Certificate& ca, std::string_view kind)
{
    return ca.subject_cn().ends_with(kind) && leaf.issuer_der() == ca.subject_der();
}

Result<IntelKey> key_of_chain(std::string_view pem, IntelTee tee)
{
    TRY(const auto chain, crypto::parse_pem_certificates(pem));
    for (const crypto::Certificate& leaf : chain) {
        const auto* extension = leaf.find_extension(attest::kSgxExtensionOid);
        if (extension == nullptr) continue;
        TRY(const attest::SgxExtension platform, attest::parse_sgx_extension(extension->value));
        for (const crypto::Certificate& ca : chain) {
            if (issued_by(leaf, ca, " Platform CA")) return IntelKey{tee, platform.fmspc, PckCa::platform};
            if (issued_by(leaf, ca, " Processor CA")) return IntelKey{tee, platform.fmspc, PckCa::processor};
        }
    }
    return no_key("the quote's certificates name no platform");
}

Result<std::vector<Key>> keys_of_quote(ByteView bytes)
{
    TRY(const attest::UnverifiedQuote quote, attest::parse_intel_quote(bytes));
    const IntelTee tee = quote.kind() == EvidenceKind::tdx ? IntelTee::tdx : IntelTee::sgx;
    TRY(const IntelKey key, key_of_chain(quote.pck_chain_pem, tee));
    return std::vector<Key>{key};
}

Result<std::vector<Key>> keys_of_report(ByteView bytes, std::optional<SnpProduct> product)
{
    TRY(const attest::UnverifiedSnpReport report, attest::parse_snp_report(bytes));
    if (report.cpu && !report.product) return no_key("the report's processor is not known");
    if (report.product) product = report.product;
    if (!product) return no_key("a report of version 2 does not name its product: say which");
    if (report.signing_key == attest::SnpSigningKey::vlek) return std::vector<Key>{AmdIssuerKey{*product, VekKind::vlek}};
    return std::vector<Key>{AmdIssuerKey{*product, VekKind::vcek}, VcekKey{*product, report.chip_id, report.reported_tcb}};
}

Result<std::vector<Key>> keys_of_azure(const attest::Evidence& evidence, std::optional<SnpProduct> product)
{
    TRY(const attest::AzureEvidence azure, attest::parse_azure_evidence(as_text(evidence.bytes), evidence.kind));
    if (evidence.kind == EvidenceKind::azure_tdx) return keys_of_quote(azure.td_quote);
    TRY(const attest::HclReport hcl, attest::parse_hcl_report(azure.hcl_report));
    return keys_of_report(hcl.hardware_report, product);
}

struct FilesOf {
    std::vector<Bytes> operator()(const IntelEntry& entry) const
    {
        return {to_bytes(attest::encode_collateral(entry.collateral))};
    }
    std::vector<Bytes> operator()(const VcekEntry& entry) const { return {entry.vek, to_bytes(entry.cert_chain)}; }
    std::vector<Bytes> operator()(const AmdIssuerEntry& entry) const { return {to_bytes(entry.cert_chain), entry.crl}; }
};

}  // namespace

Result<std::vector<Key>> keys_for(const attest::Evidence& evidence, std::optional<SnpProduct> product)
{
    switch (evidence.kind) {
        case EvidenceKind::tdx:
        case EvidenceKind::sgx:
            return keys_of_quote(evidence.bytes);
        case EvidenceKind::snp:
            return keys_of_report(evidence.bytes, product);
        case EvidenceKind::azure_snp:
        case EvidenceKind::azure_tdx:
            return keys_of_azure(evidence, product);
        case EvidenceKind::tpm:
            break;
    }
    return std::vector<Key>{};
}

std::vector<Bytes> files_of(const Entry& entry) { return std::visit(FilesOf{}, entry); }

}  // namespace iapp::endorse
