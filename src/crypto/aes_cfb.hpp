#pragma once
// AES-128 in cipher feedback mode over whole blocks (NIST SP 800-38A section 6.3, CFB128): how TPMs wrap what they are sent.
// Not authenticated: TPMs put an HMAC over the result.
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

/// Errors: invalid_input "crypto.key_length" (key is not 16 bytes), "crypto.buffer_size" (more than 2 GiB).
Result<SecretBytes> aes_128_cfb_encrypt(const SecretBytes& key, std::span<const std::uint8_t, 16> iv, ByteView text);
Result<SecretBytes> aes_128_cfb_decrypt(const SecretBytes& key, std::span<const std::uint8_t, 16> iv, ByteView sealed);

}  // namespace iapp::crypto
