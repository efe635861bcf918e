#pragma once
// X25519 key agreement (RFC 7748), as HPKE and age use it.
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

using X25519PublicKey = FixedBytes<32, struct X25519PublicKeyTag>;

class X25519Key {
public:
    static X25519Key generate();

    /// Takes the 32-byte scalar. Errors: invalid_input "crypto.key_length".
    static Result<X25519Key> from_secret(const SecretBytes& scalar);

    const X25519PublicKey& public_key() const { return public_; }

    /// The 32-byte scalar, as age identities store it.
    SecretBytes secret() const;

    /// The 32-byte shared secret. Errors: invalid_input "crypto.x25519_zero" (the peer sent a low-order point).
    Result<SecretBytes> agree(const X25519PublicKey& peer) const;

private:
    X25519Key(KeyHandle key, const X25519PublicKey& public_key) : key_(std::move(key)), public_(public_key) {}

    KeyHandle key_;
    X25519PublicKey public_;
};

}  // namespace iapp::crypto
