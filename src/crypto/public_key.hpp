#pragma once
// Public keys of the kinds attestation meets (P-256, P-384, RSA) and the signature schemes they verify.
// Not certificates (x509.hpp), not private keys (signing_key.hpp), no encryption. Named curves only, no odd parameters.
#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"

namespace iapp::crypto {

enum class KeyKind : unsigned char { ec_p256, ec_p384, rsa };

enum class Curve : unsigned char { p256, p384 };

/// Signature, curve or padding, and hash: chosen by the caller from what it expects, never by the signature alone.
/// ECDSA signatures are raw r || s, each as wide as the curve. RSA-PSS (RFC 8017 s.8.1) uses MGF1 with the same hash, a salt
/// as long as the hash and trailer 0xbc; nothing else is taken.
enum class SignatureScheme : unsigned char {
    ecdsa_p256_sha256,
    ecdsa_p384_sha384,
    rsa_pss_sha256,
    rsa_pss_sha384,
    rsa_pss_sha512,
    rsa_pkcs1_sha256,
    rsa_pkcs1_sha384,
    rsa_pkcs1_sha512,
};

/// A checked public key; copies share it. Safe to use from several threads.
class PublicKey {
public:
    /// Exactly one DER SubjectPublicKeyInfo: rsaEncryption with NULL parameters, or id-ecPublicKey with a named curve and an
    /// uncompressed point.
    /// Errors: invalid_input "crypto.public_key" (another kind, form or length), "crypto.public_key_point" (not on its
    /// curve), "crypto.public_key_rsa" (modulus outside 2048 to 8192 bits or even, exponent even or below 65537).
    static Result<PublicKey> from_spki_der(ByteView der);

    /// One PEM block "PUBLIC KEY". Errors: invalid_input "crypto.pem"; as from_spki_der().
    static Result<PublicKey> from_spki_pem(std::string_view pem);

    /// Big-endian coordinates, each exactly as wide as the curve. Errors: invalid_input "crypto.public_key",
    /// "crypto.public_key_point".
    static Result<PublicKey> from_ec_point(Curve curve, ByteView x, ByteView y);

    /// Big-endian numbers; leading zero bytes are allowed. Errors: invalid_input "crypto.public_key_rsa".
    static Result<PublicKey> from_rsa(ByteView n, ByteView e);

    KeyKind kind() const { return parts_->kind; }
    std::size_t bits() const { return parts_->bits; }  ///< of the curve or of the modulus

    const Bytes& spki_der() const { return parts_->spki; }
    std::string spki_pem() const;

    /// Errors: invalid_input "crypto.public_key_scheme" (not a scheme of this kind of key); unauthenticated
    /// "crypto.public_key_signature" (also for a signature of the wrong length).
    Status verify(SignatureScheme scheme, ByteView message, ByteView signature) const;

    evp_pkey_st* native() const { return parts_->key.get(); }  ///< for this room only

    friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.spki_der() == b.spki_der(); }

private:
    struct Parts {
        KeyHandle key;
        KeyKind kind;
        std::size_t bits;
        Bytes spki;
    };
    explicit PublicKey(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
    static PublicKey make(KeyHandle key, KeyKind kind, Bytes spki);

    std::shared_ptr<const Parts> parts_;
};

}  // namespace iapp::crypto
