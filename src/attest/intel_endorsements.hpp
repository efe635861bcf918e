#pragma once
// Intel endorsements that one anchor vouches for: collateral parsed and signature-checked once, then immutable.
// Time enters only when a verifier asks: nothing here is fresh, or stale, by itself.
#include <memory>

#include "attest/intel_collateral.hpp"
#include "attest/intel_tcb.hpp"

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

class CertificateStore;

/// Safe to share between threads: nothing in it changes.
class IntelEndorsements {
public:
    /// Checks everything about the collateral that no clock changes: the chains end in `anchor`, the lists are signed by the
    /// CAs they speak for, both documents carry their signer's signature over their exact bytes and have their form.
    /// `checks` receives collateral_chain, crl, collateral_signature and collateral_format.
    /// Errors: the reason of the first check that failed.
    static Result<std::shared_ptr<const IntelEndorsements>> open(const Collateral& collateral, const TrustAnchor& anchor,
                                                                 CheckLog& checks);

    const TrustAnchor& anchor() const;
    const TcbInfo& tcb_info() const;
    const QeIdentity& qe_identity() const;

    /// The times at which every certificate, list and document in here is inside its window; may be empty.
    UnixSeconds valid_from() const;
    UnixSeconds valid_until() const;

    UnixSeconds issued() const;                   ///< of the older of both documents
    std::uint32_t tcb_evaluation_number() const;  ///< the lower of both documents; refuse to go back
    /// Big endian, no leading zero byte; refuse to go back. Absent when the list has no number.
    const std::optional<Bytes>& root_crl_number() const;
    const std::optional<Bytes>& pck_crl_number() const;

    struct Parts;
    const Parts& parts() const { return *parts_; }  ///< for this room only

    /// As open(), with the certificates and links `store` knows already; for this room only.
    static Result<std::shared_ptr<const IntelEndorsements>> open(const Collateral& collateral, const TrustAnchor& anchor,
                                                                 CertificateStore store, CheckLog& checks);

private:
    explicit IntelEndorsements(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
    std::shared_ptr<const Parts> parts_;
};

}  // namespace iapp::attest
