#include "attest/intel_endorsements.hpp"

#include "attest/internal/intel_parts.hpp"
#include "attest/internal/json_text.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;
using crypto::Crl;

constexpr std::string_view kTcbSignerName = "Intel SGX TCB Signing";

// SHA-256 of the SubjectPublicKeyInfo of "Intel SGX Root CA" (production, valid 2018-05-21 to 2049-12-31).
constexpr std::array<std::uint8_t, 32> kIntelRootSpki{0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91,
                                                      0x86, 0x06, 0x8a, 0x7f, 0xc1, 0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35,
                                                      0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e};

std::unexpected<Error> unfit(std::string detail)
{
    return fail(ErrorKind::unauthenticated, "attest.crl", std::move(detail));
}

/// Opens one set of collateral; files each failure under its check.
class Opener {
public:
    Opener(const Collateral& collateral, const TrustAnchor& anchor, CertificateStore store, CheckLog& log)
        : in_(collateral), anchor_(anchor), store_(std::move(store)), log_(log)
    {
    }

    Result<IntelEndorsements::Parts> run()
    {
        TRY(CertificateChain crl_issuer, endorser(in_.pck_crl_issuer_chain, ChainKind::crl_issuer));
        TRY(CertificateChain tcb_signer, endorser(in_.tcb_info_issuer_chain, ChainKind::signer));
        TRY(CertificateChain qe_signer, endorser(in_.qe_identity_issuer_chain, ChainKind::signer));
        log_.pass(CheckId::collateral_chain);
        TRY(Crl root_crl, read_crl(in_.root_ca_crl, crl_issuer.root(), "root CA"));
        TRY(Crl pck_crl, read_crl(in_.pck_crl, crl_issuer.leaf(), "PCK CA"));
        log_.pass(CheckId::crl);
        TRY_OK(check_signature(in_.tcb_info, in_.tcb_info_signature, tcb_signer.leaf()));
        TRY_OK(check_signature(in_.qe_identity, in_.qe_identity_signature, qe_signer.leaf()));
        log_.pass(CheckId::collateral_signature);
        TRY(TcbInfo tcb, step(CheckId::collateral_format, parse_tcb_info(in_.tcb_info)));
        TRY(QeIdentity qe, step(CheckId::collateral_format, parse_qe_identity(in_.qe_identity)));
        log_.pass(CheckId::collateral_format);

        const std::array<DocumentWindow, 4> documents{
            DocumentWindow{"TCB info", {tcb.issue_date, tcb.next_update}},
            DocumentWindow{"QE identity", {qe.issue_date, qe.next_update}},
            DocumentWindow{"root CA CRL", {root_crl.this_update(), *root_crl.next_update()}},
            DocumentWindow{"PCK CA CRL", {pck_crl.this_update(), *pck_crl.next_update()}}};
        IntelEndorsements::Parts out{.anchor = anchor_,
                                     .store = std::move(store_),
                                     .crl_issuer = std::move(crl_issuer),
                                     .tcb_signer = std::move(tcb_signer),
                                     .qe_signer = std::move(qe_signer),
                                     .root_crl = std::move(root_crl),
                                     .pck_crl = std::move(pck_crl),
                                     .tcb = std::move(tcb),
                                     .qe = std::move(qe),
                                     .pck_chain = in_.pck_certificate_chain,
                                     .documents = documents,
                                     .certificates = {},
                                     .freshness = {}};
        for (const auto* chain : {&out.crl_issuer, &out.tcb_signer, &out.qe_signer}) out.certificates.narrow(*chain);
        for (const auto& document : documents) out.freshness.narrow(document.window.from, document.window.to);
        return out;
    }

private:
    /// Passes the value of a step on, or files its error under `id`.
    template <class T>
    Result<T> step(CheckId id, Result<T> result)
    {
        if (!result) return log_.fail(id, explain(result.error()), result.error().where);
        return result;
    }

    Result<CertificateChain> endorser(std::string_view pem, ChainKind kind)
    {
        TRY(CertificateChain chain, step(CheckId::collateral_chain, build_chain(pem, kind, store_)));
        const auto root = spki_sha256(chain.root());
        if (!root || *root != anchor_.spki_sha256())
            return log_.fail(CheckId::collateral_chain,
                             "\"" + chain.leaf().subject_cn() + "\" does not chain to the trust anchor");
        if (kind == ChainKind::signer && chain.leaf().subject_cn() != kTcbSignerName)
            return log_.fail(CheckId::collateral_chain, "the signer is not named " + std::string(kTcbSignerName));
        return chain;
    }

    Result<Crl> read_crl(ByteView der, const Certificate& issuer, const std::string& whose)
    {
        if (der.empty()) return log_.fail(CheckId::crl, "the revocation list of the " + whose + " is missing");
        TRY(Crl crl, step(CheckId::crl, Crl::from_der(der)));
        if (!crl.unknown_critical_extension().empty())
            return log_.fail(CheckId::crl, "the list of the " + whose + " has an unknown critical extension");
        if (!crl.next_update())
            return log_.fail(CheckId::crl, "the list of the " + whose + " does not name its next update");
        TRY_OK(step(CheckId::crl, check_crl_issuer(crl, issuer)));
        return crl;
    }

    Status check_signature(std::string_view document, ByteView signature, const Certificate& signer)
    {
        TRY(const crypto::PublicKey key, step(CheckId::collateral_signature, signer.subject_key()));
        return step(CheckId::collateral_signature,
                    key.verify(crypto::SignatureScheme::ecdsa_p256_sha256, as_bytes(document), signature));
    }

    const Collateral& in_;
    const TrustAnchor& anchor_;
    CertificateStore store_;
    CheckLog& log_;
};

}  // namespace

Status check_crl_issuer(const Crl& crl, const Certificate& issuer)
{
    if (!issuer.may_sign_crls()) return unfit("\"" + issuer.subject_cn() + "\" may not sign revocation lists");
    return crl.verify_signed_by(issuer);
}

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

Result<std::shared_ptr<const IntelEndorsements>> IntelEndorsements::open(const Collateral& collateral,
                                                                         const TrustAnchor& anchor, CheckLog& checks)
{
    return open(collateral, anchor, CertificateStore{}, checks);
}

Result<std::shared_ptr<const IntelEndorsements>> IntelEndorsements::open(const Collateral& collateral,
                                                                         const TrustAnchor& anchor, CertificateStore store,
                                                                         CheckLog& checks)
{
    TRY(Parts parts, Opener(collateral, anchor, std::move(store), checks).run());
    return std::shared_ptr<const IntelEndorsements>(new IntelEndorsements(std::make_shared<const Parts>(std::move(parts))));
}

const TrustAnchor& IntelEndorsements::anchor() const { return parts_->anchor; }
const TcbInfo& IntelEndorsements::tcb_info() const { return parts_->tcb; }
const QeIdentity& IntelEndorsements::qe_identity() const { return parts_->qe; }

UnixSeconds IntelEndorsements::valid_from() const { return std::max(parts_->certificates.from, parts_->freshness.from); }

UnixSeconds IntelEndorsements::valid_until() const { return std::min(parts_->certificates.to, parts_->freshness.to); }

UnixSeconds IntelEndorsements::issued() const { return std::min(parts_->tcb.issue_date, parts_->qe.issue_date); }

std::uint32_t IntelEndorsements::tcb_evaluation_number() const
{
    return std::min(parts_->tcb.tcb_evaluation_number, parts_->qe.tcb_evaluation_number);
}

const std::optional<Bytes>& IntelEndorsements::root_crl_number() const { return parts_->root_crl.number(); }
const std::optional<Bytes>& IntelEndorsements::pck_crl_number() const { return parts_->pck_crl.number(); }

}  // namespace iapp::attest
