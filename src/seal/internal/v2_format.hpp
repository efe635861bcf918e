#pragma once
// The header of dataset format v2 and what is derived from it (docs/formats/dataset-v2.md).
#include <array>
#include <optional>

#include "base/fixed_bytes.hpp"
#include "crypto/aead.hpp"
#include "seal/dataset_v2.hpp"

namespace iapp::seal::v2 {

inline constexpr std::string_view kMagic = "IAPPSEAL";
inline constexpr std::uint8_t kVersion = 2;
inline constexpr std::uint8_t kSuiteAes256Gcm = 1;
inline constexpr std::uint8_t kFlagLength = 1;
inline constexpr unsigned kMinChunkLog2 = 12;
inline constexpr unsigned kMaxChunkLog2 = 24;
inline constexpr std::size_t kFixedBytes = 20;  ///< what precedes the salt, and goes into both derivations
inline constexpr std::size_t kSaltBytes = 32;

struct Header {
    unsigned chunk_log2;
    std::optional<std::uint64_t> plaintext_bytes;
    std::array<std::uint8_t, kSaltBytes> salt;
    Hash256 commitment;
};

struct FileKeys {
    crypto::SecretBytes chunk_key;
    Hash256 commitment;
};

std::array<std::uint8_t, kFixedBytes> fixed_part(const Header& header);
Bytes encode(const Header& header);

/// Errors: corrupt "seal.v2_magic", "seal.v2_version", "seal.v2_header".
Result<Header> parse(std::span<const std::uint8_t, kV2HeaderBytes> raw);

/// Errors: invalid_input "seal.key_size".
Result<FileKeys> derive(const Header& header, const crypto::SecretBytes& data_key);

/// 00 00 00 || u64be(index) || last
std::array<std::uint8_t, crypto::kAeadNonceSize> nonce(std::uint64_t index, bool last);

}  // namespace iapp::seal::v2
