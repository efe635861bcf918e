#include "endorse/accept.hpp"

#include <algorithm>

#include "attest/snp_issuer.hpp"
#include "attest/snp_verify.hpp"

namespace iapp::endorse {
namespace {

std::unexpected<Error> refuse(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::unauthenticated, reason, std::move(detail));
}

bool is_of_chip(const attest::VekExtensions& vek, const SnpChipId& chip)
{
    if (!vek.hardware_id || vek.hardware_id->size() > chip.bytes().size()) return false;
    const ByteView bytes = chip.bytes();
    const ByteView rest = bytes.subspan(vek.hardware_id->size());
    return std::ranges::equal(*vek.hardware_id, bytes.first(vek.hardware_id->size())) &&
           std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
}

attest::EvidenceKind kind_of(IntelTee tee)
{
    return tee == IntelTee::sgx ? attest::EvidenceKind::sgx : attest::EvidenceKind::tdx;
}

/// The documents are genuine; are they the ones that were asked for?
Status check_platform(const IntelKey& key, const attest::IntelEndorsements& endorsements)
{
    if (endorsements.tcb_info().kind != kind_of(key.tee) || endorsements.qe_identity().kind != kind_of(key.tee))
        return refuse("attest.platform", "the documents are for the other TEE");
    if (endorsements.tcb_info().fmspc != key.fmspc)
        return refuse("attest.platform", "TCB info is for FMSPC " + hex(endorsements.tcb_info().fmspc.bytes()));
    return {};
}

/// The CA of the PCK list, by the end of its name: "Intel SGX PCK Platform CA".
Status check_ca(const IntelKey& key, std::string_view common_name)
{
    if (common_name.ends_with(key.ca == PckCa::platform ? " Platform CA" : " Processor CA")) return {};
    return refuse("attest.platform", "the PCK list is of \"" + std::string(common_name) + "\"");
}

/// A signer that its root has revoked signs nothing, whatever the signatures say.
Status check_signers(const IntelEntry& entry)
{
    const attest::Collateral& c = entry.collateral;
    TRY(const crypto::Crl list, crypto::Crl::from_der(c.root_ca_crl));
    for (const std::string* chain : {&c.pck_crl_issuer_chain, &c.tcb_info_issuer_chain, &c.qe_identity_issuer_chain}) {
        TRY(const std::vector<crypto::Certificate> certificates, crypto::parse_pem_certificates(*chain, 2));
        for (const crypto::Certificate& certificate : certificates) {
            if (list.contains(certificate.serial()))
                return refuse("attest.revoked", "\"" + certificate.subject_cn() + "\" is revoked by the root CA");
            const bool is_root = certificate.subject_der() == certificate.issuer_der();
            if (chain == &c.pck_crl_issuer_chain && !is_root) TRY_OK(check_ca(entry.key, certificate.subject_cn()));
        }
    }
    return {};
}

Bytes minimal_big_endian(std::uint32_t value)
{
    Bytes out;
    for (; value > 0; value >>= 8U) out.insert(out.begin(), static_cast<std::uint8_t>(value));
    return out;
}

}  // namespace

Accept accept_under(const Anchors& anchors)
{
    return [anchors](const Entry& entry) -> Result<Facts> {
        const auto* intel = std::get_if<IntelEntry>(&entry);
        if (intel != nullptr && anchors.intel) return accept_intel(*intel, *anchors.intel);
        if (intel != nullptr || !anchors.amd) return refuse("attest.root", "no trust anchor of this vendor is configured");
        if (const auto* vcek = std::get_if<VcekEntry>(&entry)) return accept_vcek(*vcek, *anchors.amd);
        return accept_amd_issuer(std::get<AmdIssuerEntry>(entry), *anchors.amd);
    };
}

Result<Facts> accept_intel(const IntelEntry& entry, const attest::TrustAnchor& anchor)
{
    attest::CheckLog checks;
    TRY(const auto endorsements, attest::IntelEndorsements::open(entry.collateral, anchor, checks));
    TRY_OK(check_platform(entry.key, *endorsements));
    TRY_OK(check_signers(entry));
    Facts out{endorsements->valid_from(), endorsements->valid_until(), {}};
    out.numbers.emplace("tcb_info", minimal_big_endian(endorsements->tcb_info().tcb_evaluation_number));
    out.numbers.emplace("qe_identity", minimal_big_endian(endorsements->qe_identity().tcb_evaluation_number));
    if (const auto& number = endorsements->root_crl_number()) out.numbers.emplace("root_crl", *number);
    if (const auto& number = endorsements->pck_crl_number()) out.numbers.emplace("pck_crl", *number);
    return out;
}

Result<Facts> accept_amd_issuer(const AmdIssuerEntry& entry, const attest::AmdTrust& trust)
{
    attest::CheckLog checks;
    TRY(const attest::SnpIssuer issuer, attest::verify_snp_issuer(entry.cert_chain, entry.crl, trust, checks));
    if (issuer.product != entry.key.product || issuer.kind != entry.key.kind)
        return refuse("attest.snp_product", "the chain issues the " + std::string(attest::name(issuer.kind)) + "s of " +
                                                std::string(attest::name(issuer.product)));
    Facts out{issuer.valid_from, issuer.valid_until, {}};
    if (issuer.crl_number) out.numbers.emplace("crl", *issuer.crl_number);
    return out;
}

Result<Facts> accept_vcek(const VcekEntry& entry, const attest::AmdTrust& trust)
{
    attest::CheckLog checks;
    const attest::SnpEndorsements raw{entry.vek, entry.cert_chain, std::nullopt};
    TRY(const attest::SnpEndorser endorser,
        attest::SnpEndorser::create(raw, trust, attest::Revocation::if_provided, checks));
    if (endorser.product() != entry.key.product || endorser.vek_kind() != VekKind::vcek)
        return refuse("attest.vek", "the certificate is a " + std::string(attest::name(endorser.vek_kind())) + " of " +
                                        endorser.vek().product_name);
    if (!is_of_chip(endorser.vek(), entry.key.chip)) return refuse("attest.vek_chip", "the VCEK is of another chip");
    if (endorser.vek().tcb != attest::decode_tcb(entry.key.product, entry.key.tcb))
        return refuse("attest.vek_tcb", "the VCEK is for " + attest::to_text(endorser.vek().tcb));
    return Facts{endorser.valid_from(), endorser.valid_until(), {}};
}

}  // namespace iapp::endorse
