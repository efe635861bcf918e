#pragma once
// Issues certificates and revocation lists: what a development PKI needs.
// Not a certificate authority: no request checking, no serial bookkeeping. A P-256 issuer signs with SHA-256, a P-384 issuer
// with SHA-384, an RSA issuer with RSASSA-PSS and SHA-384: the algorithms that x509.hpp verifies.
#include "crypto/signing_key.hpp"
#include "crypto/x509.hpp"

namespace iapp::crypto {

struct CertificateProfile {
    std::string common_name;
    std::string organization;  ///< left out when empty
    Bytes serial;              ///< big endian, 1 to 20 bytes, top bit clear, not all zero; empty means random
    UnixSeconds not_before;
    UnixSeconds not_after;
    bool ca = false;  ///< critical basicConstraints; keyUsage is keyCertSign + cRLSign, else digitalSignature
    std::optional<std::uint32_t> path_length;  ///< for a CA only
    std::vector<X509Extension> extensions;     ///< added after the standard ones, in this order
    bool bare = false;  ///< no standard extensions at all, and serial number zero is allowed: AMD's endorsement keys
};

/// A self-signed certificate over `key`.
/// Errors: invalid_input "crypto.x509_profile" (empty name, bad serial, window or OID, path length without ca).
Result<Certificate> issue_root(const CertificateProfile& profile, const P256Key& key);
Result<Certificate> issue_root(const CertificateProfile& profile, const SigningKey& key);

/// A certificate for `subject_key`, signed by `issuer_key`, which must be the key of `issuer`.
/// Errors: invalid_input "crypto.x509_profile", "crypto.x509_issuer_key", "crypto.p256_point".
Result<Certificate> issue_certificate(const CertificateProfile& profile, const P256PublicKey& subject_key,
                                      const Certificate& issuer, const P256Key& issuer_key);
Result<Certificate> issue_certificate(const CertificateProfile& profile, const PublicKey& subject_key,
                                      const Certificate& issuer, const SigningKey& issuer_key);

struct CrlProfile {
    UnixSeconds this_update;
    std::optional<UnixSeconds> next_update;
    std::uint64_t number = 1;
    std::vector<Bytes> revoked_serials;  ///< as Certificate::serial()
    std::vector<X509Extension> extensions;
};

/// Errors: invalid_input "crypto.crl_profile", "crypto.x509_issuer_key".
Result<Crl> issue_crl(const CrlProfile& profile, const Certificate& issuer, const P256Key& issuer_key);
Result<Crl> issue_crl(const CrlProfile& profile, const Certificate& issuer, const SigningKey& issuer_key);

}  // namespace iapp::crypto
