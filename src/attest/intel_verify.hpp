#pragma once
// Verification of Intel evidence: quote + endorsements + time -> a quote whose every byte is vouched for. One call, no
// partial success: chain, revocation, quoting enclave, signatures, collateral windows and TCB level together. Not appraisal:
// whether the vouched-for TD or enclave is one we want is appraise.hpp's question. Pure: the time and the collateral are
// parameters. State that may be kept between calls holds facts that no clock changes; windows and revocation are judged at
// each call, and each call lists every check.
#include "attest/intel_endorsements.hpp"

namespace iapp::attest {

/// A quote whose signatures, chain, revocation state and TCB were all checked at one time against one anchor. Holds no view
/// into the evidence. Only a verifier makes one.
class VerifiedQuote {
public:
    EvidenceKind kind() const { return td() != nullptr ? EvidenceKind::tdx : EvidenceKind::sgx; }
    std::uint16_t version() const { return parts_.version; }
    const std::array<std::uint8_t, 20>& user_data() const { return parts_.user_data; }

    const QuoteBody& body() const { return parts_.body; }
    const TdBody* td() const { return std::get_if<TdBody>(&parts_.body); }     ///< null when the body is SGX
    const SgxBody* sgx() const { return std::get_if<SgxBody>(&parts_.body); }  ///< null when the body is TDX
    const ReportData& report_data() const { return td() != nullptr ? td()->report_data : sgx()->report_data; }
    const SgxBody& qe_report() const { return parts_.qe_report; }

    const SgxExtension& platform() const { return parts_.platform; }
    const TcbVerdict& tcb() const { return parts_.verdict.merged; }
    const PlatformVerdict& tcb_parts() const { return parts_.verdict; }
    std::uint32_t tcb_evaluation_number() const { return parts_.tcb_evaluation_number; }  ///< the lower of both documents
    UnixSeconds collateral_issued() const { return parts_.collateral_issued; }            ///< the older of both documents
    UnixSeconds valid_until() const { return parts_.valid_until; }  ///< the first window among everything used that closes
    bool simulated() const { return parts_.simulated; }
    const Hash256& evidence_id() const { return parts_.evidence_id; }

private:
    friend class IntelVerification;
    struct Parts {
        std::uint16_t version;
        std::array<std::uint8_t, 20> user_data;
        QuoteBody body;
        SgxBody qe_report;
        SgxExtension platform;
        PlatformVerdict verdict;
        std::uint32_t tcb_evaluation_number;
        UnixSeconds collateral_issued;
        UnixSeconds valid_until;
        bool simulated;
        Hash256 evidence_id;
    };
    explicit VerifiedQuote(Parts parts) : parts_(std::move(parts)) {}
    Parts parts_;
};

/// PCK chains that were parsed and whose signatures were checked, by the SHA-256 of their PEM text; the least recently used
/// goes first. Whether a chain's root is trusted, inside its window and not revoked is asked again at each use. Safe to
/// share between threads and between verifiers.
class PckCache {
public:
    explicit PckCache(std::size_t capacity = 4096);
    ~PckCache();
    PckCache(const PckCache&) = delete;
    PckCache& operator=(const PckCache&) = delete;

    std::size_t size() const;

    struct Parts;
    Parts& parts() const { return *parts_; }  ///< for this room only

private:
    std::unique_ptr<Parts> parts_;
};

/// A verifier that keeps what it need not check twice. Safe to share between threads.
class IntelVerifier {
public:
    /// `cache`  may serve several verifiers, and outlives a change of endorsements.
    IntelVerifier(std::shared_ptr<const IntelEndorsements> endorsements, std::shared_ptr<PckCache> cache)
        : endorsements_(std::move(endorsements)), cache_(std::move(cache))
    {
    }

    const IntelEndorsements& endorsements() const { return *endorsements_; }

    /// Verifies a TDX or SGX quote. `checks` receives every check that ran, also when the answer is no.
    /// `now`  verifier time, UTC; the epoch itself is refused.
    /// Errors: the reason of the first check that failed (check.hpp).
    Result<VerifiedQuote> verify(const Evidence& evidence, UnixSeconds now, CheckLog& checks) const;

private:
    std::shared_ptr<const IntelEndorsements> endorsements_;
    std::shared_ptr<PckCache> cache_;
};

/// The whole of it once, from text. As IntelVerifier::verify().
Result<VerifiedQuote> verify_intel(const Evidence& evidence, const Collateral& collateral, const TrustAnchor& anchor,
                                   UnixSeconds now, CheckLog& checks);

}  // namespace iapp::attest
