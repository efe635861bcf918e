#pragma once
// Credential activation: how a TPM with a trusted endorsement key (EK) proves that an attestation key (AK) is inside it. A
// secret is wrapped to the EK and to the Name of the AK; only the TPM that holds both unwraps it (TPM2_MakeCredential,
// done here in software; TPM2_ActivateCredential, done there).
// Not storage: a challenge lives in the memory of whoever made it. Uses randomness of crypto/, nothing else of the world.
// Source: TPM 2.0 Library, Part 1, section 24; TCG EK Credential Profile 2.5.
#include "attest/tpm_verify.hpp"
#include "base/clock.hpp"
#include "crypto/secret.hpp"

namespace iapp::attest {

/// An endorsement key that a manufacturer, or the caller's own enrolment, vouches for.
class TrustedEk {
public:
    const TpmPublic& ek() const { return ek_; }

private:
    friend Result<TrustedEk> verify_ek_certificate(const TpmPublic&, ByteView, std::string_view, std::string_view,
                                                   UnixSeconds, CheckLog&);
    friend Result<TrustedEk> trust_pinned_ek(const TpmPublic&, std::span<const Hash256>, CheckLog&);
    explicit TrustedEk(TpmPublic ek) : ek_(std::move(ek)) {}

    TpmPublic ek_;
};

/// Trusts an EK by its certificate, DER as read from the TPM and without padding.
/// `intermediates_pem`  certificates between it and a root, in any order; empty when there are none. Untrusted.
/// `roots_pem`          the manufacturers' roots the caller trusts.
/// No revocation list is looked at, and "attest.revoked" is listed as skipped: manufacturers publish them unevenly. Leave
/// the root of one that lost its keys out. Errors: "attest.chain", "attest.root", "attest.certificate_expired",
/// "attest.ak_binding" (the certificate is of another key than `ek`, or `ek` is no endorsement key).
Result<TrustedEk> verify_ek_certificate(const TpmPublic& ek, ByteView certificate, std::string_view intermediates_pem,
                                        std::string_view roots_pem, UnixSeconds now, CheckLog& checks);

/// Trusts an EK that was enrolled before, by SHA-256 of its SubjectPublicKeyInfo. Errors: "attest.ak_binding".
Result<TrustedEk> trust_pinned_ek(const TpmPublic& ek, std::span<const Hash256> spki_sha256, CheckLog& checks);

/// One challenge to one TPM about one key. Move-only, and answered at most once.
class CredentialChallenge {
public:
    static constexpr std::size_t kSecretSize = 32;

    /// Wraps a fresh random secret for an EK with RSA (OAEP) or P-256 (ECDH), SHA-256 and AES-128-CFB.
    /// Errors: unauthenticated "attest.ak" (`ak` is not fit to attest), "attest.ak_binding" (an EK of another form).
    static Result<CredentialChallenge> make(const TrustedEk& ek, const TpmPublic& ak, CheckLog& checks);

    const Bytes& id_object() const { return id_object_; }                ///< inside of TPM2B_ID_OBJECT
    const Bytes& encrypted_secret() const { return encrypted_secret_; }  ///< inside of TPM2B_ENCRYPTED_SECRET

    /// The AK is trusted when `answer` is the secret, whole. Errors: unauthenticated "attest.ak_binding".
    Result<TrustedAk> accept(ByteView answer, CheckLog& checks) &&;

private:
    explicit CredentialChallenge(TpmPublic ak) : ak_(std::move(ak)) {}

    TpmPublic ak_;
    crypto::SecretBytes secret_;
    Bytes id_object_;
    Bytes encrypted_secret_;
};

}  // namespace iapp::attest
