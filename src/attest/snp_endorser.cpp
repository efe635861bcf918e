// The half of SNP verification that needs no report: the chain from a VEK to AMD's pinned keys, its extensions, and the
// root's revocation list. Declared in snp_verify.hpp and snp_issuer.hpp.
#include "attest/internal/json_text.hpp"
#include "attest/snp_issuer.hpp"
#include "attest/snp_verify.hpp"

namespace iapp::attest {

using crypto::Certificate;
using crypto::Crl;

struct SnpEndorser::Chain {
    Certificate vek;
    Certificate signer;  ///< ASK or ASVK
    Certificate ark;
    VekKind kind;
};

namespace {

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::unauthenticated, "attest.vek_chain", std::move(detail));
}

Result<VekKind> kind_of(const Certificate& vek)
{
    for (const VekKind kind : {VekKind::vcek, VekKind::vlek})
        if (vek.subject_cn() == common_name(kind)) return kind;
    return bad("the endorsement key's certificate is named neither SEV-VCEK nor SEV-VLEK");
}

/// A CA that may sign certificates, with no extension that changes what it means; `below` CAs stand under it.
Status check_ca(const Certificate& ca, std::uint32_t below)
{
    if (!ca.may_sign_certificates()) return bad("\"" + ca.subject_cn() + "\" is not a CA that may sign certificates");
    if (ca.unknown_critical_extension() != nullptr)
        return bad("\"" + ca.subject_cn() + "\" has an unknown critical extension");
    const auto& limit = ca.basic_constraints()->path_length;
    if (limit && *limit < below) return bad("\"" + ca.subject_cn() + "\" may not stand above another CA");
    return {};
}

Status check_vek_link(const Certificate& vek, const Certificate& signer)
{
    if (vek.is_ca() || vek.unknown_critical_extension() != nullptr)
        return bad("the endorsement key's certificate is a CA, or has an unknown critical extension");
    return vek.verify_signed_by(signer);
}

bool self_issued(const Certificate& certificate) { return certificate.subject_der() == certificate.issuer_der(); }

struct Issuers {
    Certificate signer;  ///< ASK or ASVK
    Certificate ark;
};

/// Exactly both CAs, in any order, each signed as it should be.
Result<Issuers> read_issuers(std::string_view pem)
{
    TRY(std::vector<Certificate> pool, crypto::parse_pem_certificates(pem, 2));
    if (pool.size() != 2) return bad("the chain has one certificate, not two");
    if (self_issued(pool.front())) std::swap(pool.front(), pool.back());
    TRY_OK(check_ca(pool.back(), 1));
    TRY_OK(check_ca(pool.front(), 0));
    TRY_OK(pool.back().verify_signed_by(pool.back()));
    TRY_OK(pool.front().verify_signed_by(pool.back()));
    return Issuers{std::move(pool.front()), std::move(pool.back())};
}

bool pinned(const Certificate& certificate, const std::optional<Hash256>& pin)
{
    const auto key = subject_key_sha256(certificate);
    return key && pin && *key == *pin;
}

/// The product whose keys both CAs are. Keys decide; the names must agree, as v2 reports have nothing else to go by.
std::optional<SnpProduct> trusted_product(const Certificate& ark, const Certificate& signer, VekKind kind,
                                          const AmdTrust& trust)
{
    const auto key = subject_key_sha256(ark);
    const auto product = key ? trust.product_of_ark(*key) : std::nullopt;
    if (!product || !pinned(signer, trust.pins(*product).signer_of(kind))) return std::nullopt;
    const std::string suffix(name(*product));
    const bool named = ark.subject_cn() == "ARK-" + suffix &&
                       signer.subject_cn() == (kind == VekKind::vcek ? "SEV-" : "SEV-VLEK-") + suffix;
    return named ? product : std::nullopt;
}

/// A list counts only when the root it speaks for signed it, and when it says until when it holds.
Result<Crl> read_crl(ByteView der, const Certificate& ark)
{
    const auto refused = [](std::string detail) {
        return fail(ErrorKind::unauthenticated, "attest.crl", std::move(detail));
    };
    TRY(Crl crl, Crl::from_der(der));
    if (!crl.unknown_critical_extension().empty()) return refused("the list has an unknown critical extension");
    if (!crl.next_update()) return refused("the list does not name its next update");
    if (!ark.may_sign_crls()) return refused("\"" + ark.subject_cn() + "\" may not sign revocation lists");
    TRY_OK(crl.verify_signed_by(ark));
    return crl;
}

/// The list of `ark`, and that neither CA is on it.
Result<Crl> check_list(ByteView der, const Certificate& signer, const Certificate& ark, CheckLog& checks)
{
    auto crl = read_crl(der, ark);
    if (!crl) return checks.fail(CheckId::crl, explain(crl.error()), crl.error().where);
    checks.pass(CheckId::crl);
    for (const Certificate* certificate : {&signer, &ark})
        if (crl->contains(certificate->serial()))
            return checks.fail(CheckId::revoked, "\"" + certificate->subject_cn() + "\" is revoked by its root");
    checks.pass(CheckId::revoked);
    return crl;
}

std::unexpected<Error> untrusted(const Certificate& signer, const Certificate& ark, CheckLog& checks)
{
    return checks.fail(CheckId::root, "\"" + signer.subject_cn() + "\" under \"" + ark.subject_cn() +
                                          "\" is not a pair of keys that is trusted");
}

}  // namespace

Result<SnpEndorser::Chain> SnpEndorser::check_chain(const SnpEndorsements& endorsements, CheckLog& checks)
{
    const auto build = [&]() -> Result<Chain> {
        TRY(Certificate vek, Certificate::from_der(endorsements.vek));
        TRY(const VekKind kind, kind_of(vek));
        TRY(Issuers issuers, read_issuers(endorsements.cert_chain_pem));
        TRY_OK(check_vek_link(vek, issuers.signer));
        return Chain{std::move(vek), std::move(issuers.signer), std::move(issuers.ark), kind};
    };
    auto chain = build();
    if (!chain) return checks.fail(CheckId::vek_chain, explain(chain.error()), chain.error().where);
    checks.pass(CheckId::vek_chain);
    return chain;
}

Result<SnpEndorser> SnpEndorser::create(const SnpEndorsements& endorsements, const AmdTrust& trust, Revocation revocation,
                                        CheckLog& checks)
{
    TRY(const Chain chain, check_chain(endorsements, checks));
    const auto product = trusted_product(chain.ark, chain.signer, chain.kind, trust);
    if (!product) return untrusted(chain.signer, chain.ark, checks);
    checks.pass(CheckId::root);

    const auto file_vek = [&](const Error& error) { return checks.fail(CheckId::vek, explain(error), error.where); };
    auto vek = parse_vek_extensions(chain.vek.extensions(), chain.kind);
    if (!vek) return file_vek(vek.error());
    if (vek->product != *product)
        return checks.fail(CheckId::vek, "the endorsement key is of " + vek->product_name + ", its issuer of " +
                                             std::string(name(*product)));
    auto key = chain.vek.subject_key();
    if (!key) return file_vek(key.error());
    if (key->kind() != crypto::KeyKind::ec_p384) return checks.fail(CheckId::vek, "the endorsement key is not a P-384 key");
    checks.pass(CheckId::vek);

    SnpEndorser out(*product, chain.kind, *std::move(vek), *std::move(key), !trust.hardware(*product));
    for (const Certificate* certificate : {&chain.vek, &chain.signer, &chain.ark}) {
        out.certificates_.push_back(
            {"\"" + certificate->subject_cn() + "\"", certificate->not_before(), certificate->not_after()});
        out.narrow(certificate->not_before(), certificate->not_after());
    }
    TRY_OK(out.check_revocation(endorsements, chain, revocation, checks));
    return out;
}

Status SnpEndorser::check_revocation(const SnpEndorsements& endorsements, const Chain& chain, Revocation revocation,
                                     CheckLog& checks)
{
    if (!endorsements.crl) {
        if (revocation == Revocation::required)
            return checks.fail(CheckId::crl, "the revocation list of \"" + chain.ark.subject_cn() + "\" is missing");
        for (const CheckId id : {CheckId::crl, CheckId::revoked}) checks.skip(id, "no list given");
        return {};
    }
    TRY(const Crl crl, check_list(*endorsements.crl, chain.signer, chain.ark, checks));
    crl_ = Window{"the list of \"" + chain.ark.subject_cn() + "\"", crl.this_update(), *crl.next_update()};
    crl_number_ = crl.number();
    narrow(crl_->from, crl_->to);
    return {};
}

void SnpEndorser::narrow(UnixSeconds from, UnixSeconds to)
{
    from_ = std::max(from_, from);
    until_ = std::min(until_, to);
}

Result<SnpIssuer> verify_snp_issuer(std::string_view cert_chain_pem, ByteView crl, const AmdTrust& trust, CheckLog& checks)
{
    const auto issuers = read_issuers(cert_chain_pem);
    if (!issuers) return checks.fail(CheckId::vek_chain, explain(issuers.error()), issuers.error().where);
    checks.pass(CheckId::vek_chain);
    const auto& [signer, ark] = *issuers;
    for (const VekKind kind : {VekKind::vcek, VekKind::vlek}) {
        const auto product = trusted_product(ark, signer, kind, trust);
        if (!product) continue;
        checks.pass(CheckId::root);
        TRY(const Crl list, check_list(crl, signer, ark, checks));
        return SnpIssuer{*product, kind, std::max({signer.not_before(), ark.not_before(), list.this_update()}),
                         std::min({signer.not_after(), ark.not_after(), *list.next_update()}), list.number()};
    }
    return untrusted(signer, ark, checks);
}

}  // namespace iapp::attest
