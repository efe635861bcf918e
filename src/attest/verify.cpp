#include "attest/verify.hpp"

#include "attest/internal/chain.hpp"
#include "attest/internal/json_text.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;
using crypto::Crl;

constexpr std::string_view kPckName = "Intel SGX PCK Certificate";
constexpr std::string_view kTcbSignerName = "Intel SGX TCB Signing";

// SHA-256 of the SubjectPublicKeyInfo of "Intel SGX Root CA" (production, valid 2018-05-21 to 2049-12-31).
constexpr std::array<std::uint8_t, 32> kIntelRootSpki{0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91,
                                                      0x86, 0x06, 0x8a, 0x7f, 0xc1, 0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35,
                                                      0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e};

/// The endorsements after their own signatures were checked.
struct Endorsements {
    CertificateChain crl_issuer;
    CertificateChain tcb_signer;
    CertificateChain qe_signer;
    Crl root_crl;
    Crl pck_crl;
};

struct SignedDocuments {
    TcbInfo tcb;
    QeIdentity qe;
};

}  // namespace

TrustAnchor TrustAnchor::intel() { return TrustAnchor(Hash256{kIntelRootSpki}); }

Result<TrustAnchor> TrustAnchor::from_pem(std::string_view pem)
{
    const auto bad = [](std::string detail) {
        return fail(ErrorKind::invalid_input, "attest.root", "trust anchor: " + std::move(detail));
    };
    const auto root = Certificate::from_pem(pem);
    if (!root) return bad(explain(root.error()));
    if (!root->may_sign_certificates()) return bad("the certificate is not a CA");
    if (const auto self = root->verify_signed_by(*root); !self) return bad("the certificate is not self-signed");
    const auto key = attest::spki_sha256(*root);
    if (!key) return bad(explain(key.error()));
    return TrustAnchor(*key);
}

/// One verification: holds what every step needs, and narrows the time until which the answer holds.
class TdxVerifier {
public:
    TdxVerifier(const TrustAnchor& anchor, UnixSeconds now, CheckLog& log) : anchor_(anchor), now_(now), log_(log) {}

    Result<VerifiedQuote> run(const Evidence& evidence, const Collateral& collateral)
    {
        TRY(UnverifiedQuote quote, read_quote(evidence));
        TRY(const CertificateChain pck, check_pck_chain(quote));
        TRY(const SgxExtension platform, check_pck(pck.leaf()));
        TRY_OK(check_signatures(quote, pck.leaf()));
        TRY(const Endorsements endorsements, check_endorsements(collateral, pck));
        TRY(const SignedDocuments documents, check_documents(collateral, endorsements));
        TRY_OK(check_windows(documents, endorsements));
        TRY(TcbVerdict tcb, check_tcb(quote, platform, documents));
        const std::uint32_t number = std::min(documents.tcb.tcb_evaluation_number, documents.qe.tcb_evaluation_number);
        return VerifiedQuote(std::move(quote), platform, std::move(tcb), number, until_, !anchor_.hardware());
    }

private:
    /// Passes the value of a step on, or files its error under `id`.
    template <class T>
    Result<T> step(CheckId id, Result<T> result)
    {
        if (!result) return log_.fail(id, explain(result.error()), result.error().where);
        return result;
    }

    Result<UnverifiedQuote> read_quote(const Evidence& evidence)
    {
        TRY_OK(log_.require(CheckId::evidence_kind, evidence.kind == EvidenceKind::tdx, "the evidence is not a TDX quote"));
        TRY(UnverifiedQuote quote, step(CheckId::quote_format, parse_tdx_quote(evidence.bytes)));
        log_.pass(CheckId::quote_format, "TDX quote version " + std::to_string(quote.version));
        return quote;
    }

    bool ends_in_anchor(const CertificateChain& chain) const
    {
        const auto key = spki_sha256(chain.root());
        return key && *key == anchor_.spki_sha256();
    }

    Status check_validity(const CertificateChain& chain)
    {
        for (const Certificate& certificate : chain.certificates) {
            if (!certificate.valid_at(now_))
                return log_.fail(CheckId::certificate_expired,
                                 "\"" + certificate.subject_cn() + "\" is valid from " + iso8601(certificate.not_before()) +
                                     " to " + iso8601(certificate.not_after()) + ", not at " + iso8601(now_));
            until_ = std::min(until_, certificate.not_after());
        }
        return {};
    }

    Result<CertificateChain> check_pck_chain(const UnverifiedQuote& quote)
    {
        TRY(CertificateChain chain, step(CheckId::chain, build_chain(quote.pck_chain_pem, ChainKind::pck)));
        log_.pass(CheckId::chain, chain.leaf().subject_cn() + " < " + chain.issuer().subject_cn());
        TRY_OK(log_.require(CheckId::root, ends_in_anchor(chain),
                            "the chain ends in \"" + chain.root().subject_cn() + "\", which is not the trust anchor"));
        TRY_OK(check_validity(chain));
        return chain;
    }

    Result<SgxExtension> check_pck(const Certificate& leaf)
    {
        if (leaf.subject_cn() != kPckName) return log_.fail(CheckId::pck, "the leaf is not named " + std::string(kPckName));
        const auto* extension = leaf.find_extension(kSgxExtensionOid);
        if (extension == nullptr) return log_.fail(CheckId::pck, "the leaf has no SGX extension");
        TRY(const SgxExtension platform, step(CheckId::pck, parse_sgx_extension(extension->value)));
        log_.pass(CheckId::pck, "FMSPC " + hex(platform.fmspc.bytes()));
        return platform;
    }

    Status check_signatures(const UnverifiedQuote& quote, const Certificate& leaf)
    {
        TRY(const crypto::P256PublicKey pck_key, step(CheckId::pck, leaf.public_key()));
        TRY_OK(step(CheckId::qe_signature,
                    crypto::p256_verify(pck_key, quote.qe_report_bytes, crypto::P256Signature{quote.qe_report_signature})));
        log_.pass(CheckId::qe_signature);

        const Hash256 bound = crypto::Sha256().update(quote.attestation_key).update(quote.qe_auth).finish();
        std::array<std::uint8_t, 64> expected{};
        std::ranges::copy(bound.bytes(), expected.begin());
        TRY_OK(log_.require(CheckId::qe_binding, quote.qe_report.report_data == expected,
                            "the quoting enclave's report data is not SHA-256(key || auth data) and zeros"));

        TRY_OK(step(CheckId::signature, crypto::p256_verify(crypto::P256PublicKey{quote.attestation_key}, quote.signed_bytes,
                                                            crypto::P256Signature{quote.signature})));
        log_.pass(CheckId::signature);
        return {};
    }

    Result<CertificateChain> endorser_chain(std::string_view pem, ChainKind kind)
    {
        TRY(CertificateChain chain, step(CheckId::collateral_chain, build_chain(pem, kind)));
        if (!ends_in_anchor(chain))
            return log_.fail(CheckId::collateral_chain,
                             "\"" + chain.leaf().subject_cn() + "\" does not chain to the trust anchor");
        if (kind == ChainKind::signer && chain.leaf().subject_cn() != kTcbSignerName)
            return log_.fail(CheckId::collateral_chain, "the signer is not named " + std::string(kTcbSignerName));
        return chain;
    }

    Result<Endorsements> check_endorsements(const Collateral& collateral, const CertificateChain& pck)
    {
        TRY(CertificateChain crl_issuer, endorser_chain(collateral.pck_crl_issuer_chain, ChainKind::crl_issuer));
        TRY(CertificateChain tcb_signer, endorser_chain(collateral.tcb_info_issuer_chain, ChainKind::signer));
        TRY(CertificateChain qe_signer, endorser_chain(collateral.qe_identity_issuer_chain, ChainKind::signer));
        log_.pass(CheckId::collateral_chain);
        for (const auto* chain : {&crl_issuer, &tcb_signer, &qe_signer}) TRY_OK(check_validity(*chain));
        log_.pass(CheckId::certificate_expired);

        TRY(Crl root_crl, read_crl(collateral.root_ca_crl, pck.root(), "root CA"));
        TRY(Crl pck_crl, read_crl(collateral.pck_crl, pck.issuer(), "PCK CA"));
        log_.pass(CheckId::crl);
        Endorsements out{std::move(crl_issuer), std::move(tcb_signer), std::move(qe_signer), std::move(root_crl),
                         std::move(pck_crl)};
        TRY_OK(check_revocation(out, pck));
        return out;
    }

    /// A list counts only when the very CA it speaks for signed it. Its window is check_windows()'s business.
    Result<Crl> read_crl(ByteView der, const Certificate& issuer, const std::string& whose)
    {
        if (der.empty()) return log_.fail(CheckId::crl, "the revocation list of the " + whose + " is missing");
        TRY(Crl crl, step(CheckId::crl, Crl::from_der(der)));
        if (!crl.unknown_critical_extension().empty())
            return log_.fail(CheckId::crl, "the list of the " + whose + " has an unknown critical extension");
        if (!crl.next_update())
            return log_.fail(CheckId::crl, "the list of the " + whose + " does not name its next update");
        if (!issuer.may_sign_crls()) return log_.fail(CheckId::crl, "the " + whose + " may not sign revocation lists");
        TRY_OK(step(CheckId::crl, crl.verify_signed_by(issuer)));
        return crl;
    }

    /// The root's list speaks about every certificate the root signed, the PCK CA's about the leaf.
    Status check_revocation(const Endorsements& e, const CertificateChain& pck)
    {
        for (const Certificate* certificate :
             {&pck.issuer(), &e.crl_issuer.leaf(), &e.tcb_signer.leaf(), &e.qe_signer.leaf()})
            if (e.root_crl.contains(certificate->serial()))
                return log_.fail(CheckId::revoked, "\"" + certificate->subject_cn() + "\" is revoked by the root CA");
        if (e.pck_crl.contains(pck.leaf().serial()))
            return log_.fail(CheckId::revoked, "the PCK certificate of this platform is revoked");
        log_.pass(CheckId::revoked);
        return {};
    }

    Status check_document_signature(std::string_view document, ByteView signature, const Certificate& signer)
    {
        TRY(const crypto::P256PublicKey key, step(CheckId::collateral_signature, signer.public_key()));
        TRY(const auto raw, step(CheckId::collateral_signature, crypto::P256Signature::from_bytes(signature)));
        return step(CheckId::collateral_signature, crypto::p256_verify(key, as_bytes(document), raw));
    }

    /// Signatures over the exact bytes first; only then are those bytes parsed.
    Result<SignedDocuments> check_documents(const Collateral& c, const Endorsements& e)
    {
        TRY_OK(check_document_signature(c.tcb_info, c.tcb_info_signature, e.tcb_signer.leaf()));
        TRY_OK(check_document_signature(c.qe_identity, c.qe_identity_signature, e.qe_signer.leaf()));
        log_.pass(CheckId::collateral_signature);
        TRY(TcbInfo tcb, step(CheckId::collateral_format, parse_tcb_info(c.tcb_info)));
        TRY(QeIdentity qe, step(CheckId::collateral_format, parse_qe_identity(c.qe_identity)));
        log_.pass(CheckId::collateral_format);
        return SignedDocuments{std::move(tcb), std::move(qe)};
    }

    Status check_window(std::string_view what, UnixSeconds from, UnixSeconds to)
    {
        if (now_ < from || to < now_)
            return log_.fail(CheckId::collateral_expired, std::string(what) + " is valid from " + iso8601(from) + " to " +
                                                              iso8601(to) + ", not at " + iso8601(now_));
        until_ = std::min(until_, to);
        return {};
    }

    Status check_windows(const SignedDocuments& d, const Endorsements& e)
    {
        TRY_OK(check_window("TCB info", d.tcb.issue_date, d.tcb.next_update));
        TRY_OK(check_window("QE identity", d.qe.issue_date, d.qe.next_update));
        TRY_OK(check_window("root CA CRL", e.root_crl.this_update(), *e.root_crl.next_update()));
        TRY_OK(check_window("PCK CA CRL", e.pck_crl.this_update(), *e.pck_crl.next_update()));
        log_.pass(CheckId::collateral_expired, "valid until " + iso8601(until_));
        return {};
    }

    Result<TcbVerdict> check_tcb(const UnverifiedQuote& quote, const SgxExtension& platform, const SignedDocuments& d)
    {
        TRY_OK(log_.require(CheckId::platform, d.tcb.fmspc == platform.fmspc && d.tcb.pce_id == platform.pce_id,
                            "TCB info is for FMSPC " + hex(d.tcb.fmspc.bytes()) + " PCE " + hex(d.tcb.pce_id.bytes()) +
                                ", the platform is " + hex(platform.fmspc.bytes()) + " PCE " +
                                hex(platform.pce_id.bytes())));

        if (const auto why = mismatch(d.qe, quote.qe_report)) return log_.fail(CheckId::qe_identity, *why);
        const auto qe = match_svn(d.qe.levels, quote.qe_report.isv_svn);
        if (!qe) return log_.fail(CheckId::qe_identity, "the quoting enclave is older than every listed version");
        log_.pass(CheckId::qe_identity, std::string(name(qe->status)));

        const auto module = match_module(d.tcb, quote.body);
        if (!module) return log_.fail(CheckId::tdx_module, module.error().detail);
        log_.pass(CheckId::tdx_module, std::string(name(module->status)));

        auto level = match_platform(d.tcb, platform, quote.body.tee_tcb_svn);
        if (!level) return log_.fail(CheckId::tcb_level, "the platform is below every listed TCB level");
        TcbVerdict merged = merge(merge(*std::move(level), *module), *qe);
        log_.pass(CheckId::tcb_level, std::string(name(merged.status)));
        return merged;
    }

    const TrustAnchor& anchor_;
    UnixSeconds now_;
    CheckLog& log_;
    UnixSeconds until_ = UnixSeconds::max();
};

Result<VerifiedQuote> verify_tdx(const Evidence& evidence, const Collateral& collateral, const TrustAnchor& anchor,
                                 UnixSeconds now, CheckLog& checks)
{
    return TdxVerifier(anchor, now, checks).run(evidence, collateral);
}

}  // namespace iapp::attest
