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

}  // namespace

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
