#pragma once
// Authenticated encryption: AES-256-GCM (NIST SP 800-38D) and ChaCha20-Poly1305 (RFC 8439), 16-byte tag behind the
// ciphertext. Not a nonce manager: the caller never uses a nonce twice under one key.
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

inline constexpr std::size_t kAeadKeySize = 32;
inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadTagSize = 16;

using AeadNonce = std::span<const std::uint8_t, kAeadNonceSize>;

/// Returns ciphertext followed by the tag. Errors: invalid_input "crypto.key_length" (key is not 32 bytes).
Result<Bytes> aes_256_gcm_seal(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView text);

/// Errors: invalid_input "crypto.key_length"; unauthenticated "crypto.aead_open" (wrong key, nonce, aad, or changed bytes).
Result<SecretBytes> aes_256_gcm_open(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView sealed);

/// As aes_256_gcm_seal().
Result<Bytes> chacha20_poly1305_seal(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView text);

/// As aes_256_gcm_open().
Result<SecretBytes> chacha20_poly1305_open(const SecretBytes& key, AeadNonce nonce, ByteView aad, ByteView sealed);

/// An expanded key for many messages: the key schedule is made once, buffers are the caller's, nothing is allocated per
/// call. One thread at a time per object.
class AeadContext {
public:
    /// Errors: invalid_input "crypto.key_length".
    static Result<AeadContext> aes_256_gcm(const SecretBytes& key);
    static Result<AeadContext> chacha20_poly1305(const SecretBytes& key);

    /// Writes ciphertext and tag. `out` is exactly text.size() + 16 bytes and either starts where `text` starts or does not
    /// overlap it. Errors: invalid_input "crypto.buffer_size"; resource_exhausted "crypto.aead_length" (a message of 1 GiB
    /// or more).
    Status seal(AeadNonce nonce, ByteView aad, ByteView text, std::span<std::uint8_t> out);

    /// Writes the plaintext. `out` is exactly sealed.size() - 16 bytes and either starts where `sealed` starts or does not
    /// overlap it. On failure `out` is zeroed: no unauthenticated byte reaches the caller. Errors: as seal();
    /// unauthenticated "crypto.aead_open".
    Status open(AeadNonce nonce, ByteView aad, ByteView sealed, std::span<std::uint8_t> out);

private:
    AeadContext(CipherHandle seal, CipherHandle open) : seal_(std::move(seal)), open_(std::move(open)) {}

    CipherHandle seal_;
    CipherHandle open_;
};

}  // namespace iapp::crypto
