#pragma once
// ECDSA on NIST P-256 with SHA-256 (FIPS 186-5), raw r || s signatures as attestation quotes carry them.
#include <string_view>

#include "base/fixed_bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

/// x || y, big endian, without the 0x04 of SEC 1.
using P256PublicKey = FixedBytes<64, struct P256PublicKeyTag>;

/// r || s, 32 big-endian bytes each.
using P256Signature = FixedBytes<64, struct P256SignatureTag>;

class P256Key {
public:
    static P256Key generate();

    /// Reads an unencrypted PEM private key (PKCS#8 or SEC 1) on the named curve.
    /// Errors: invalid_input "crypto.p256_pem" (not a private key), "crypto.p256_curve" (another curve or explicit
    /// parameters).
    static Result<P256Key> from_pem(const SecretBytes& pem);

    /// PKCS#8 PEM, unencrypted: the caller chooses a file mode that keeps it private.
    SecretBytes to_pem() const;

    const P256PublicKey& public_key() const { return public_; }

    /// Signs SHA-256(message).
    P256Signature sign(ByteView message) const;

    /// Signs a digest that is already there.
    P256Signature sign_digest(const Hash256& digest) const;

    /// The x coordinate of the shared point (NIST SP 800-56A r3 section 5.7.1.2): input of a key derivation, never a key.
    /// Errors: invalid_input "crypto.p256_point" (not a point of the curve).
    Result<SecretBytes> agree(const P256PublicKey& peer) const;

    evp_pkey_st* native() const { return key_.get(); }  ///< for this room only (certificates)

private:
    P256Key(KeyHandle key, const P256PublicKey& public_key) : key_(std::move(key)), public_(public_key) {}

    KeyHandle key_;
    P256PublicKey public_;
};

/// A checked public key that verifies many signatures. Safe to use from several threads.
class P256Verifier {
public:
    /// Errors: invalid_input "crypto.p256_point" (not a point of the curve).
    static Result<P256Verifier> create(const P256PublicKey& key);

    /// Verifies a signature over SHA-256(message). Errors: unauthenticated "crypto.p256_signature".
    Status verify(ByteView message, const P256Signature& signature) const;
    Status verify_digest(const Hash256& digest, const P256Signature& signature) const;

private:
    explicit P256Verifier(KeyHandle key) : key_(std::move(key)) {}

    KeyHandle key_;
};

/// One signature under one key. Errors: as P256Verifier.
Status p256_verify(const P256PublicKey& key, ByteView message, const P256Signature& signature);

}  // namespace iapp::crypto
