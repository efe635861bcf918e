#pragma once
// Public areas of TPM keys (TPMT_PUBLIC): attributes, scheme, key and Name. A parser; it trusts nothing.
// Source: TPM 2.0 Library, Part 2, sections 8.3 (TPMA_OBJECT), 12.2 (TPMT_PUBLIC); Part 1, section 16 (Names).
#include "attest/check.hpp"
#include "attest/digest.hpp"
#include "crypto/public_key.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxTpmPublicSize = 2048;

/// TPMA_OBJECT.
namespace tpm_attribute {
inline constexpr std::uint32_t kFixedTpm = 1U << 1;
inline constexpr std::uint32_t kFixedParent = 1U << 4;
inline constexpr std::uint32_t kSensitiveDataOrigin = 1U << 5;
inline constexpr std::uint32_t kUserWithAuth = 1U << 6;
inline constexpr std::uint32_t kAdminWithPolicy = 1U << 7;
inline constexpr std::uint32_t kNoDictionaryAttack = 1U << 10;
inline constexpr std::uint32_t kRestricted = 1U << 16;
inline constexpr std::uint32_t kDecrypt = 1U << 17;
inline constexpr std::uint32_t kSign = 1U << 18;
}  // namespace tpm_attribute

/// What an attestation key must be, so that it signs only what its TPM says about itself.
inline constexpr std::uint32_t kAkRequired = tpm_attribute::kFixedTpm | tpm_attribute::kFixedParent |
                                             tpm_attribute::kSensitiveDataOrigin | tpm_attribute::kRestricted |
                                             tpm_attribute::kSign;
inline constexpr std::uint32_t kAkForbidden = tpm_attribute::kDecrypt;

/// TPM_ALG_ID of schemes and ciphers.
namespace tpm_algorithm {
inline constexpr std::uint16_t kRsa = 0x0001;
inline constexpr std::uint16_t kAes = 0x0006;
inline constexpr std::uint16_t kNull = 0x0010;
inline constexpr std::uint16_t kRsassa = 0x0014;
inline constexpr std::uint16_t kRsaes = 0x0015;
inline constexpr std::uint16_t kRsapss = 0x0016;
inline constexpr std::uint16_t kOaep = 0x0017;
inline constexpr std::uint16_t kEcdsa = 0x0018;
inline constexpr std::uint16_t kEcdh = 0x0019;
inline constexpr std::uint16_t kEcc = 0x0023;
inline constexpr std::uint16_t kCfb = 0x0043;
}  // namespace tpm_algorithm

/// The cipher with which a storage or endorsement key protects what is sent to it. kNull: none.
struct TpmSymmetric {
    std::uint16_t algorithm;
    std::uint16_t key_bits;
    std::uint16_t mode;
};

struct TpmPublic {
    Bytes bytes;  ///< the TPMT_PUBLIC as received; what the Name hashes
    HashAlgorithm name_algorithm;
    std::uint32_t attributes;
    Bytes auth_policy;
    TpmSymmetric symmetric;
    std::uint16_t scheme;                      ///< kNull: the caller of the TPM chooses
    std::optional<HashAlgorithm> scheme_hash;  ///< absent when the scheme is kNull or has none
    crypto::PublicKey key;

    /// u16be name algorithm || digest of `bytes`: covers the attributes, too.
    Bytes name() const;
};

/// Reads one TPMT_PUBLIC of an RSA key (2048 bits or more) or of a key on P-256 or P-384; every byte is used. A public area
/// inside a TPM2B_PUBLIC (tpm2-tools write that) has two bytes of size in front: see strip_tpm2b().
/// Errors: invalid_input "attest.tpm_format".
Result<TpmPublic> parse_tpm_public(ByteView bytes);

/// The bytes behind a u16be size that counts exactly them; otherwise the bytes as they are.
ByteView strip_tpm2b(ByteView bytes);

}  // namespace iapp::attest
