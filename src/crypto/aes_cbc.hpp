#pragma once
// Streaming AES-256-CBC with PKCS#7 padding (NIST SP 800-38A, RFC 5652 s.6.3), the cipher of iExec's dataset and result
// files. Not authenticated: the caller checks a hash of the ciphertext before it trusts a plaintext.
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

inline constexpr std::size_t kAesBlockSize = 16;

using AesIv = std::span<const std::uint8_t, kAesBlockSize>;

class Aes256CbcEncryptor {
public:
    /// Errors: invalid_input "crypto.key_length" (key is not 32 bytes).
    static Result<Aes256CbcEncryptor> create(const SecretBytes& key, AesIv iv);

    /// Bytes that `out` needs at least for update() of `input_size` bytes; finish() needs 16.
    static constexpr std::size_t output_bound(std::size_t input_size) { return input_size + kAesBlockSize; }

    /// Encrypts `in` into `out` and returns the bytes written: whole blocks, up to 15 input bytes wait for the next call.
    /// `out` must not overlap `in`.
    /// Errors: invalid_input "crypto.buffer_size"; precondition_failed "crypto.finished".
    Result<std::size_t> update(ByteView in, std::span<std::uint8_t> out);

    /// Writes the padded last block: always 16 bytes. Errors: as update().
    Result<std::size_t> finish(std::span<std::uint8_t> out);

private:
    explicit Aes256CbcEncryptor(CipherHandle context) : context_(std::move(context)) {}

    CipherHandle context_;  ///< empty once finished
};

class Aes256CbcDecryptor {
public:
    /// Errors: invalid_input "crypto.key_length" (key is not 32 bytes).
    static Result<Aes256CbcDecryptor> create(const SecretBytes& key, AesIv iv);

    static constexpr std::size_t output_bound(std::size_t input_size) { return input_size + kAesBlockSize; }

    /// Decrypts `in` into `out` and returns the bytes written; the last whole block is held back because it may be padding.
    /// `out` must not overlap `in`.
    /// Errors: invalid_input "crypto.buffer_size"; precondition_failed "crypto.finished".
    Result<std::size_t> update(ByteView in, std::span<std::uint8_t> out);

    /// Removes the padding and writes the last 0 to 15 bytes; `out` holds at least 16.
    /// Errors: as update(); corrupt "crypto.aes_cbc_padding" (wrong key, cut or damaged ciphertext). Do not tell a peer
    /// which.
    Result<std::size_t> finish(std::span<std::uint8_t> out);

private:
    explicit Aes256CbcDecryptor(CipherHandle context) : context_(std::move(context)) {}

    CipherHandle context_;  ///< empty once finished
};

}  // namespace iapp::crypto
