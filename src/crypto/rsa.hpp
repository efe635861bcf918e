#pragma once
// RSAES-PKCS1-v1_5 (RFC 8017 s.7.2): the key transport that iExec's clients expect for encrypted results; and RSAES-OAEP
// (s.7.1), the one that TPMs expect. Legacy: new formats seal with HPKE or age. No signatures here.
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/public_key.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

/// Encrypts to an RSA public key in PEM SubjectPublicKeyInfo, 2048 to 8192 bits; the result is as long as the modulus.
/// Errors: invalid_input "crypto.rsa_pem" (not one RSA public key), "crypto.rsa_size", "crypto.rsa_length" (text above
/// modulus - 11 bytes).
Result<Bytes> rsa_pkcs1_encrypt(std::string_view pem_spki, const SecretBytes& text);

/// RSAES-OAEP with SHA-256 and MGF1 of SHA-256; the label is public and may be empty.
/// Errors: invalid_input "crypto.rsa_pem" (not an RSA key), "crypto.rsa_length" (text above modulus - 66 bytes).
Result<Bytes> rsa_oaep_sha256_encrypt(const PublicKey& key, ByteView label, const SecretBytes& text);

/// The client's side: makes key pairs and opens results.
class RsaKey {
public:
    /// `bits` is 2048 to 8192. Errors: invalid_input "crypto.rsa_size".
    static Result<RsaKey> generate(int bits);

    /// Reads an unencrypted PEM private key (PKCS#8 or PKCS#1). Errors: invalid_input "crypto.rsa_pem", "crypto.rsa_size".
    static Result<RsaKey> from_pem(const SecretBytes& pem);

    SecretBytes private_pem() const;  ///< PKCS#8, unencrypted
    std::string public_pem() const;   ///< SubjectPublicKeyInfo

    /// Errors: unauthenticated "crypto.rsa_decrypt". Never run this for a remote party: the answer is a padding oracle.
    Result<SecretBytes> decrypt_pkcs1(ByteView ciphertext) const;

    /// Errors: unauthenticated "crypto.rsa_decrypt" (another key, another label, or damaged).
    Result<SecretBytes> decrypt_oaep_sha256(ByteView label, ByteView ciphertext) const;

private:
    explicit RsaKey(KeyHandle key) : key_(std::move(key)) {}

    KeyHandle key_;
};

}  // namespace iapp::crypto
