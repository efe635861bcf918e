#pragma once
// Keyed hashing and key derivation: HMAC (RFC 2104), HKDF (RFC 5869), PBKDF2 (RFC 8018), scrypt (RFC 7914), and the two
// functions that TPMs use (NIST SP 800-108, SP 800-56C). SHA-256 throughout.
#include <cstdint>
#include <string_view>

#include "base/fixed_bytes.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace iapp::crypto {

/// The tag is public. Compare a received tag with equal_constant_time(), not with ==.
Hash256 hmac_sha256(const SecretBytes& key, ByteView text);

/// HKDF-Extract: 32 bytes. An empty salt means 32 zero bytes, as the RFC says.
SecretBytes hkdf_sha256_extract(ByteView salt, const SecretBytes& input);

/// HKDF-Expand. Errors: invalid_input "crypto.kdf_length" (length is 0 or above 8160).
Result<SecretBytes> hkdf_sha256_expand(const SecretBytes& prk, ByteView info, std::size_t length);

/// Extract, then expand. Errors: as hkdf_sha256_expand().
Result<SecretBytes> hkdf_sha256(const SecretBytes& input, ByteView salt, ByteView info, std::size_t length);

/// NIST SP 800-108 r1 section 4.1, counter mode with HMAC and 32-bit counter and length: what TPM 2.0 Part 1 calls KDFa.
/// Errors: invalid_input "crypto.kdf_length".
Result<SecretBytes> counter_kdf_sha256(const SecretBytes& key, std::string_view label, ByteView context, std::size_t length);

/// NIST SP 800-56C r2 section 4, one step with a hash: what TPM 2.0 Part 1 calls KDFe, when `info` is its label with the
/// final zero byte and the two parties. Errors: invalid_input "crypto.kdf_length".
Result<SecretBytes> one_step_kdf_sha256(const SecretBytes& shared, ByteView info, std::size_t length);

struct ScryptCost {
    std::uint64_t n;  ///< a power of two above 1
    std::uint32_t r;
    std::uint32_t p;
};

/// A cost that comes from a file is foreign input: one derivation may take 1 GiB of memory (128 * n * r bytes) and pass over
/// 4 GiB in all (128 * n * r * p), not more.
/// Errors: invalid_input "crypto.scrypt_cost" (n not a power of two above 1, or r or p zero), "crypto.kdf_length" (0 or
/// above 8160);
///         resource_exhausted "crypto.scrypt_limit".
Result<SecretBytes> scrypt(const SecretBytes& password, ByteView salt, ScryptCost cost, std::size_t length);

/// Errors: invalid_input "crypto.pbkdf2_cost" (iterations is 0), "crypto.kdf_length";
///         resource_exhausted "crypto.pbkdf2_limit" (iterations above 50 million).
Result<SecretBytes> pbkdf2_sha256(const SecretBytes& password, ByteView salt, std::uint32_t iterations, std::size_t length);

}  // namespace iapp::crypto
