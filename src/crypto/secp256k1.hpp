#pragma once
// ECDSA on secp256k1 with public key recovery (SEC 1 s.4.1.6), as Ethereum uses it: RFC 6979 nonces, low s.
// Not addresses, not messages: callers bring the 32-byte digest (see eth/).
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

/// x || y, big endian, without the 0x04 of SEC 1.
using Secp256k1PublicKey = FixedBytes<64, struct Secp256k1PublicKeyTag>;

/// r || s || v; v is 27 or 28.
using Signature65 = FixedBytes<65, struct Signature65Tag>;

class Secp256k1Key {
public:
    static Secp256k1Key generate();

    /// Takes a 32-byte scalar. Errors: invalid_input "crypto.key_length", "crypto.secp256k1_key" (zero, or not below the
    /// group order).
    static Result<Secp256k1Key> from_secret(SecretBytes scalar);

    Signature65 sign_recoverable(const Hash256& digest) const;

    const Secp256k1PublicKey& public_key64() const { return public_; }

    /// The 32-byte scalar, for key stores.
    const SecretBytes& secret() const { return scalar_; }

private:
    Secp256k1Key(SecretBytes scalar, const Secp256k1PublicKey& public_key) : scalar_(std::move(scalar)), public_(public_key)
    {
    }

    SecretBytes scalar_;
    Secp256k1PublicKey public_;
};

/// The key that signed. The caller compares it (or its address) with the one it expects: any valid (r, s) recovers some key.
/// Errors: invalid_input "crypto.signature_v" (v is not 27 or 28), "crypto.signature_range" (r or s is zero or not below the
/// order),
///         "crypto.signature_high_s" (the malleable twin); unauthenticated "crypto.recover" (no such point).
Result<Secp256k1PublicKey> recover(const Hash256& digest, const Signature65& signature);

/// x || y of a compressed (33), uncompressed (65) or raw (64) public key. Errors: invalid_input "crypto.secp256k1_point".
Result<Secp256k1PublicKey> parse_secp256k1_public_key(ByteView key);

}  // namespace iapp::crypto
