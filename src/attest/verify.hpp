#pragma once
// Verification: Evidence + Endorsements + trust anchor + time -> a quote whose every byte is vouched for. One call, no
// partial success: chain, revocation, quoting enclave, signatures, collateral windows and TCB level together. Not appraisal:
// whether the vouched-for TD is one we want is appraise.hpp's question. Pure: the time and the collateral are parameters.
#include "attest/collateral.hpp"
#include "attest/tcb.hpp"

namespace iapp::attest {

/// The root key a verifier believes in, by the SHA-256 of its SubjectPublicKeyInfo. Never taken from evidence.
class TrustAnchor {
public:
    /// Intel SGX Root CA (production); signs SGX and TDX.
    static TrustAnchor intel();

    /// The key of one PEM certificate. Anything but a vendor key built into this file is a simulated anchor.
    /// Errors: invalid_input "attest.root".
    static Result<TrustAnchor> from_pem(std::string_view pem);

    const Hash256& spki_sha256() const { return spki_sha256_; }
    bool hardware() const { return *this == intel(); }

    friend bool operator==(const TrustAnchor&, const TrustAnchor&) = default;

private:
    explicit TrustAnchor(const Hash256& spki_sha256) : spki_sha256_(spki_sha256) {}
    Hash256 spki_sha256_;
};

/// A quote whose signatures, chain, revocation state and TCB were all checked at one time against one anchor.
/// Only verify_tdx() makes one.
class VerifiedQuote {
public:
    const TdBody& body() const { return quote_.body; }
    const UnverifiedQuote& quote() const { return quote_; }
    const SgxExtension& platform() const { return platform_; }
    const TcbVerdict& tcb() const { return tcb_; }
    std::uint32_t tcb_evaluation_number() const { return tcb_evaluation_number_; }  ///< the lower of both documents
    UnixSeconds valid_until() const { return valid_until_; }  ///< the first window among everything used that closes
    bool simulated() const { return simulated_; }
    Hash256 evidence_id() const { return attest::evidence_id(quote_); }

private:
    friend class TdxVerifier;
    VerifiedQuote(UnverifiedQuote quote, SgxExtension platform, TcbVerdict tcb, std::uint32_t number, UnixSeconds until,
                  bool simulated)
        : quote_(std::move(quote)),
          platform_(platform),
          tcb_(std::move(tcb)),
          tcb_evaluation_number_(number),
          valid_until_(until),
          simulated_(simulated)
    {
    }

    UnverifiedQuote quote_;
    SgxExtension platform_;
    TcbVerdict tcb_;
    std::uint32_t tcb_evaluation_number_;
    UnixSeconds valid_until_;
    bool simulated_;
};

/// Verifies TDX evidence. `checks` receives every check that ran, also when the answer is no.
/// `now`  verifier time, UTC; the epoch itself is refused.
/// Errors: the reason of the first check that failed (check.hpp).
Result<VerifiedQuote> verify_tdx(const Evidence& evidence, const Collateral& collateral, const TrustAnchor& anchor,
                                 UnixSeconds now, CheckLog& checks);

}  // namespace iapp::attest
