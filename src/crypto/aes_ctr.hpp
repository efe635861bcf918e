#pragma once
// AES-128 in counter mode (NIST SP 800-38A section 6.5), the cipher of Ethereum key stores. Not authenticated.
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

/// Encrypts or decrypts: the two are the same. The whole 16-byte `counter` block counts up, big endian.
/// Errors: invalid_input "crypto.key_length" (key is not 16 bytes).
Result<SecretBytes> aes_128_ctr(const SecretBytes& key, std::span<const std::uint8_t, 16> counter, ByteView text);

}  // namespace iapp::crypto
