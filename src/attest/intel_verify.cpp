#include "attest/intel_verify.hpp"

#include "attest/internal/intel_parts.hpp"
#include "attest/internal/json_text.hpp"
#include "attest/internal/pck_cache.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;

constexpr auto kScheme = crypto::SignatureScheme::ecdsa_p256_sha256;
constexpr std::string_view kPckName = "Intel SGX PCK Certificate";

std::string outside(std::string_view what, const TimeWindow& window, UnixSeconds now)
{
    return std::string(what) + " is valid from " + iso8601(window.from) + " to " + iso8601(window.to) + ", not at " +
           iso8601(now);
}

}  // namespace

/// One verification: holds what every step needs, and narrows the time until which the answer holds. Two halves, so that the
/// one-call form can judge the quote before it opens the collateral: check_quote() and conclude().
class IntelVerification {
public:
    IntelVerification(const TrustAnchor& anchor, CertificateStore& store, PckCache* cache, UnixSeconds now, CheckLog& log)
        : anchor_(anchor), store_(store), cache_(cache), now_(now), log_(log)
    {
    }

    /// Everything that needs no endorsements. `spare_chain`  the PCK chain for quotes that only name theirs, may be null.
    Result<UnverifiedQuote> check_quote(const Evidence& evidence, const std::string* spare_chain)
    {
        TRY(const UnverifiedQuote quote, read_quote(evidence));
        TRY_OK(check_pck_chain(quote, spare_chain));
        TRY_OK(check_reference(quote));
        TRY_OK(check_signatures(quote));
        return quote;
    }

    Result<VerifiedQuote> conclude(const UnverifiedQuote& quote, const IntelEndorsements& endorsements)
    {
        const IntelEndorsements::Parts& e = endorsements.parts();
        log_.pass(CheckId::collateral_chain);
        TRY_OK(check_endorser_windows(e));
        TRY_OK(check_pck_list(e));
        TRY_OK(check_revocation(e));
        log_.pass(CheckId::collateral_signature);
        log_.pass(CheckId::collateral_format);
        TRY_OK(check_freshness(e));
        TRY_OK(check_platform(quote, e.tcb));
        TRY(PlatformVerdict verdict, judge_platform(e.tcb, e.qe, pck_->platform, quote.body, quote.qe_report, log_));
        return VerifiedQuote({.version = quote.version,
                              .user_data = quote.user_data,
                              .body = quote.body,
                              .qe_report = quote.qe_report,
                              .platform = pck_->platform,
                              .verdict = std::move(verdict),
                              .tcb_evaluation_number = endorsements.tcb_evaluation_number(),
                              .collateral_issued = endorsements.issued(),
                              .valid_until = std::min(pck_->window.to, endorsements.valid_until()),
                              .simulated = !anchor_.hardware(),
                              .evidence_id = attest::evidence_id(quote)});
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
        if (evidence.kind != EvidenceKind::tdx && evidence.kind != EvidenceKind::sgx)
            return log_.fail(CheckId::evidence_kind, "the evidence is not an Intel quote");
        log_.pass(CheckId::evidence_kind);
        TRY(const UnverifiedQuote quote, step(CheckId::quote_format, parse_intel_quote(evidence.bytes)));
        if (quote.kind() != evidence.kind)
            return log_.fail(CheckId::quote_format, "the quote is not of the kind the evidence says it is");
        log_.pass(CheckId::quote_format);
        return quote;
    }

    Status check_pck_chain(const UnverifiedQuote& quote, const std::string* spare_chain)
    {
        std::string_view pem = quote.pck_chain_pem;
        if (quote.pck_reference) {
            if (spare_chain == nullptr)
                return log_.fail(CheckId::chain, "the quote only names its PCK certificate, and the collateral has none");
            pem = *spare_chain;
        }
        if (cache_ == nullptr) return open_pck_chain(pem);
        const Hash256 key = crypto::sha256(as_bytes(pem));
        pck_ = cache_->parts().find(key);
        if (!pck_) {
            TRY_OK(open_pck_chain(pem));
            cache_->parts().insert(key, pck_);
            return {};
        }
        log_.pass(CheckId::chain);
        TRY_OK(check_root(pck_->root_spki, pck_->chain));
        TRY_OK(check_validity(pck_->chain, pck_->window));
        log_.pass(CheckId::pck);
        return {};
    }

    Status open_pck_chain(std::string_view pem)
    {
        TRY(CertificateChain chain, step(CheckId::chain, build_chain(pem, ChainKind::pck, store_)));
        log_.pass(CheckId::chain);
        TRY(const Hash256 root, step(CheckId::root, spki_sha256(chain.root())));
        TRY_OK(check_root(root, chain));
        TimeWindow window;
        window.narrow(chain);
        TRY_OK(check_validity(chain, window));
        TRY(const SgxExtension platform, read_pck(chain.leaf()));
        TRY(crypto::PublicKey key, step(CheckId::pck, chain.leaf().subject_key()));
        log_.pass(CheckId::pck);
        pck_ = std::make_shared<const KnownPck>(std::move(chain), root, platform, std::move(key));
        return {};
    }

    Status check_root(const Hash256& spki, const CertificateChain& chain)
    {
        if (spki != anchor_.spki_sha256())
            return log_.fail(CheckId::root,
                             "the chain ends in \"" + chain.root().subject_cn() + "\", which is not the trust anchor");
        log_.pass(CheckId::root);
        return {};
    }

    /// Passing is logged once, for all chains, by check_endorser_windows().
    Status check_validity(const CertificateChain& chain, const TimeWindow& window)
    {
        if (window.contains(now_)) return {};
        for (const Certificate& certificate : chain.certificates) {
            if (certificate.valid_at(now_)) continue;
            return log_.fail(
                CheckId::certificate_expired,
                outside("\"" + certificate.subject_cn() + "\"", {certificate.not_before(), certificate.not_after()}, now_));
        }
        return log_.fail(CheckId::certificate_expired, "the windows of the chain do not overlap");
    }

    Result<SgxExtension> read_pck(const Certificate& leaf)
    {
        if (leaf.subject_cn() != kPckName) return log_.fail(CheckId::pck, "the leaf is not named " + std::string(kPckName));
        const auto* extension = leaf.find_extension(kSgxExtensionOid);
        if (extension == nullptr) return log_.fail(CheckId::pck, "the leaf has no SGX extension");
        return step(CheckId::pck, parse_sgx_extension(extension->value));
    }

    /// The PCK certificate is the one the quote carries, or the very one it names.
    Status check_reference(const UnverifiedQuote& quote)
    {
        if (quote.pck_reference) {
            const PckReference& named = *quote.pck_reference;
            const SgxExtension& pck = pck_->platform;
            const auto differs = [&](std::string_view what) {
                return log_.fail(CheckId::pck_match,
                                 "the PCK certificate of the collateral has another " + std::string(what));
            };
            if (named.ppid && *named.ppid != pck.ppid) return differs("PPID");
            if (named.cpu_svn != pck.cpu_svn) return differs("CPUSVN");
            if (named.pce_svn != pck.pce_svn) return differs("PCESVN");
            if (named.pce_id && *named.pce_id != pck.pce_id) return differs("PCEID");
        }
        log_.pass(CheckId::pck_match);
        return {};
    }

    Status check_signatures(const UnverifiedQuote& quote)
    {
        std::shared_ptr<const CertifiedKey> key = pck_->find_key(quote);
        if (key) {
            log_.pass(CheckId::qe_signature);
            log_.pass(CheckId::qe_binding);
        } else {
            TRY_OK(check_certified(quote));
            TRY(key, import_key(quote));
            pck_->remember_key(key);
        }
        TRY_OK(step(CheckId::signature, key->key.verify(quote.signed_bytes, crypto::P256Signature{quote.signature})));
        log_.pass(CheckId::signature);
        return {};
    }

    /// PCK key -> QE report -> attestation key: the only link between the platform and the quote.
    Status check_certified(const UnverifiedQuote& quote)
    {
        TRY_OK(step(CheckId::qe_signature, pck_->key.verify(kScheme, quote.qe_report_bytes, quote.qe_report_signature)));
        log_.pass(CheckId::qe_signature);
        const Hash256 bound = crypto::Sha256().update(quote.attestation_key).update(quote.qe_auth).finish();
        std::array<std::uint8_t, 64> expected{};
        std::ranges::copy(bound.bytes(), expected.begin());
        if (quote.qe_report.report_data != ReportData{expected})
            return log_.fail(CheckId::qe_binding,
                             "the quoting enclave's report data is not SHA-256(key || auth data) and zeros");
        log_.pass(CheckId::qe_binding);
        return {};
    }

    Result<std::shared_ptr<const CertifiedKey>> import_key(const UnverifiedQuote& quote)
    {
        TRY(crypto::P256Verifier key,
            step(CheckId::signature, crypto::P256Verifier::create(crypto::P256PublicKey{quote.attestation_key})));
        Bytes certificate;
        certificate.reserve(quote.qe_report_bytes.size() + 64 + 64 + quote.qe_auth.size());
        for (const ByteView part :
             {quote.qe_report_bytes, ByteView(quote.qe_report_signature), ByteView(quote.attestation_key), quote.qe_auth})
            append(certificate, part);
        return std::make_shared<const CertifiedKey>(CertifiedKey{std::move(certificate), std::move(key)});
    }

    Status check_endorser_windows(const IntelEndorsements::Parts& e)
    {
        if (!e.certificates.contains(now_)) {
            for (const auto* chain : {&e.crl_issuer, &e.tcb_signer, &e.qe_signer}) {
                TimeWindow window;
                window.narrow(*chain);
                TRY_OK(check_validity(*chain, window));
            }
        }
        log_.pass(CheckId::certificate_expired);
        return {};
    }

    /// The list in hand is that of the CA that issued this PCK certificate, not of the other one.
    Status check_pck_list(const IntelEndorsements::Parts& e)
    {
        if (pck_->chain.issuer().native() != e.crl_issuer.leaf().native() &&
            pck_->chain.issuer().der() != e.crl_issuer.leaf().der())
            TRY_OK(step(CheckId::crl, check_crl_issuer(e.pck_crl, pck_->chain.issuer())));
        if (pck_->chain.root().native() != e.crl_issuer.root().native() &&
            pck_->chain.root().der() != e.crl_issuer.root().der())
            TRY_OK(step(CheckId::crl, check_crl_issuer(e.root_crl, pck_->chain.root())));
        log_.pass(CheckId::crl);
        return {};
    }

    /// The root's list speaks about every certificate the root signed, the PCK CA's about the leaf.
    Status check_revocation(const IntelEndorsements::Parts& e)
    {
        for (const Certificate* certificate :
             {&pck_->chain.issuer(), &e.crl_issuer.leaf(), &e.tcb_signer.leaf(), &e.qe_signer.leaf()})
            if (e.root_crl.contains(certificate->serial()))
                return log_.fail(CheckId::revoked, "\"" + certificate->subject_cn() + "\" is revoked by the root CA");
        if (e.pck_crl.contains(pck_->chain.leaf().serial()))
            return log_.fail(CheckId::revoked, "the PCK certificate of this platform is revoked");
        log_.pass(CheckId::revoked);
        return {};
    }

    Status check_freshness(const IntelEndorsements::Parts& e)
    {
        for (const DocumentWindow& document : e.documents)
            if (!document.window.contains(now_))
                return log_.fail(CheckId::collateral_expired, outside(document.what, document.window, now_));
        log_.pass(CheckId::collateral_expired);
        return {};
    }

    Status check_platform(const UnverifiedQuote& quote, const TcbInfo& tcb)
    {
        const SgxExtension& pck = pck_->platform;
        if (tcb.kind != quote.kind())
            return log_.fail(CheckId::platform, "the TCB info is for " + std::string(name(tcb.kind)) + ", the quote is " +
                                                    std::string(name(quote.kind())));
        if (tcb.fmspc != pck.fmspc || tcb.pce_id != pck.pce_id)
            return log_.fail(CheckId::platform, "TCB info is for FMSPC " + hex(tcb.fmspc.bytes()) + " PCE " +
                                                    hex(tcb.pce_id.bytes()) + ", the platform is " + hex(pck.fmspc.bytes()) +
                                                    " PCE " + hex(pck.pce_id.bytes()));
        log_.pass(CheckId::platform);
        return {};
    }

    const TrustAnchor& anchor_;
    CertificateStore& store_;
    PckCache* cache_;
    UnixSeconds now_;
    CheckLog& log_;
    std::shared_ptr<const KnownPck> pck_;
};

Result<VerifiedQuote> IntelVerifier::verify(const Evidence& evidence, UnixSeconds now, CheckLog& checks) const
{
    const IntelEndorsements::Parts& e = endorsements_->parts();
    CertificateStore store(&e.store);
    IntelVerification verification(e.anchor, store, cache_.get(), now, checks);
    TRY(const UnverifiedQuote quote, verification.check_quote(evidence, e.pck_chain ? &*e.pck_chain : nullptr));
    return verification.conclude(quote, *endorsements_);
}

Result<VerifiedQuote> verify_intel(const Evidence& evidence, const Collateral& collateral, const TrustAnchor& anchor,
                                   UnixSeconds now, CheckLog& checks)
{
    CertificateStore store;
    IntelVerification verification(anchor, store, nullptr, now, checks);
    const auto& spare = collateral.pck_certificate_chain;
    TRY(const UnverifiedQuote quote, verification.check_quote(evidence, spare ? &*spare : nullptr));

    CheckLog opening;  // on success conclude() lists these checks again, in their place among the others
    const auto endorsements = IntelEndorsements::open(collateral, anchor, std::move(store), opening);
    if (!endorsements) {
        checks.append(opening);
        return std::unexpected(endorsements.error());
    }
    return verification.conclude(quote, **endorsements);
}

}  // namespace iapp::attest
