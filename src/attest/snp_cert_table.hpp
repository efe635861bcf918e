#pragma once
// The certificate table that a host hands to its guest beside a report (extended report, configfs-tsm "auxblob").
// Every byte of it is the host's: take the endorsement key from it and verify that; the host's root is never a root.
// Source: AMD 56421 (GHCB), SNP Extended Guest Request.
#include <vector>

#include "base/fixed_bytes.hpp"
#include "base/result.hpp"

namespace iapp::attest {

using SnpCertGuid = FixedBytes<16, struct SnpCertGuidTag>;  ///< in the order of its text

inline constexpr SnpCertGuid kVcekGuid{std::array<std::uint8_t, 16>{0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad,
                                                                    0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd}};
inline constexpr SnpCertGuid kVlekGuid{std::array<std::uint8_t, 16>{0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa,
                                                                    0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1}};
inline constexpr SnpCertGuid kAskGuid{std::array<std::uint8_t, 16>{0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0,
                                                                   0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82}};
inline constexpr SnpCertGuid kArkGuid{std::array<std::uint8_t, 16>{0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97,
                                                                   0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae}};

struct SnpCertEntry {
    SnpCertGuid guid;
    Bytes certificate;  ///< as the host stored it: usually DER
};

struct SnpCertTable {
    std::vector<SnpCertEntry> entries;  ///< in the order of the table

    /// The certificate under this name, or null.
    const Bytes* find(const SnpCertGuid& guid) const;
};

/// Reads a whole table: entries, one all-zero entry, then the certificates; no name twice, no two certificates that share a
/// byte, and zeros between and after them. An empty input is an empty table: the host had nothing to give.
/// Errors: invalid_input "attest.snp_format".
Result<SnpCertTable> parse_snp_cert_table(ByteView bytes);

}  // namespace iapp::attest
