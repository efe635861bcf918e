#pragma once
// Private keys of the kinds public_key.hpp knows: for development PKIs and for whoever signs documents.
// Not for transport or decryption: see hpke.hpp and rsa.hpp. P256Key (p256.hpp) stays the short way for P-256.
#include "crypto/public_key.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

class SigningKey {
public:
    static SigningKey generate(Curve curve);

    /// 2048 to 8192 bits; 4096 take a second or more. Errors: invalid_input "crypto.public_key_rsa".
    static Result<SigningKey> generate_rsa(int bits);

    /// An unencrypted PEM private key. Errors: invalid_input "crypto.signing_key" (not one, or of another kind).
    static Result<SigningKey> from_pem(const SecretBytes& pem);

    /// PKCS#8 PEM, unencrypted: the caller chooses a file mode that keeps it private.
    SecretBytes to_pem() const;

    const PublicKey& public_key() const { return public_; }

    /// Errors: invalid_input "crypto.public_key_scheme".
    Result<Bytes> sign(SignatureScheme scheme, ByteView message) const;

    evp_pkey_st* native() const { return key_.get(); }  ///< for this room only (certificates)

private:
    SigningKey(KeyHandle key, PublicKey public_key) : key_(std::move(key)), public_(std::move(public_key)) {}
    static Result<SigningKey> from_handle(KeyHandle key);

    KeyHandle key_;
    PublicKey public_;
};

}  // namespace iapp::crypto
