#pragma once
// Digests as TPMs and boot logs name them: TPM_ALG_ID, size, function.
// Source: TCG Algorithm Registry, table of TPM_ALG_ID.
#include <map>
#include <optional>

#include "crypto/hash.hpp"

namespace iapp::attest {

/// The values are TPM_ALG_ID. SHA-1 and SM3 are known by size, so that a log which carries them can be read; nothing here
/// computes or trusts them.
enum class HashAlgorithm : std::uint16_t {
    sha1 = 0x0004,
    sha256 = 0x000b,
    sha384 = 0x000c,
    sha512 = 0x000d,
    sm3_256 = 0x0012
};

std::optional<HashAlgorithm> find_hash_algorithm(std::uint16_t tpm_alg_id);

/// "sha1", "sha256", "sha384", "sha512", "sm3_256": the names of tpm2-tools and of our documents.
std::string_view name(HashAlgorithm algorithm);
std::optional<HashAlgorithm> find_hash_algorithm(std::string_view name);

std::size_t digest_size(HashAlgorithm algorithm);

/// SHA-256 or better: what a register bank must use to be believed.
bool is_strong(HashAlgorithm algorithm);

/// The digest; empty for an algorithm that is not is_strong().
Bytes digest(HashAlgorithm algorithm, ByteView data);

/// One register extension: H(old || digest).
Bytes extend(HashAlgorithm algorithm, ByteView old, ByteView digest);

enum class RegisterKind : unsigned char {
    rtmr,  ///< TDX RTMR0..3
    pcr,   ///< TPM PCR0..23
};

/// Register values that hardware vouches for, and that a log has to explain.
struct MeasuredRegisters {
    RegisterKind kind;
    HashAlgorithm bank;
    std::map<std::uint32_t, Bytes> values;  ///< by index; each has the size of the bank
};

/// The four RTMRs of a TD.
MeasuredRegisters rtmr_registers(const std::array<Hash384, 4>& rtmr);

}  // namespace iapp::attest
