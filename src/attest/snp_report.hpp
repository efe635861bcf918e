#pragma once
// The AMD SEV-SNP attestation report, versions 2 to 5: bytes in, fields out. Nothing is verified here; see snp_verify.hpp.
// Source: AMD 56860 (SEV-SNP firmware ABI), ATTESTATION_REPORT.
#include <optional>

#include "attest/evidence.hpp"
#include "attest/snp_product.hpp"
#include "crypto/hash.hpp"

namespace iapp::attest {

inline constexpr std::size_t kSnpReportSize = 0x4a0;
inline constexpr std::size_t kSnpSignedSize = 0x2a0;

/// A report asked for by the host instead of a guest carries this VMPL.
inline constexpr std::uint32_t kSnpHostVmpl = 0xffffffff;

/// What the guest owner allowed at launch.
struct SnpPolicy {
    std::uint64_t bits;

    std::uint8_t abi_minor() const { return static_cast<std::uint8_t>(bits); }
    std::uint8_t abi_major() const { return static_cast<std::uint8_t>(bits >> 8); }
    bool smt_allowed() const { return bit(16); }
    bool migration_agent_allowed() const { return bit(18); }
    bool debug_allowed() const { return bit(19); }
    bool single_socket() const { return bit(20); }
    bool cxl_allowed() const { return bit(21); }
    bool aes_256_xts_required() const { return bit(22); }
    bool rapl_disabled_required() const { return bit(23); }
    bool ciphertext_hiding_required() const { return bit(24); }
    bool page_swap_disabled() const { return bit(25); }

private:
    bool bit(unsigned n) const { return (bits >> n & 1) != 0; }
};

/// What the platform says about itself. Bits that a later firmware adds are kept, not refused: they only describe.
struct SnpPlatformInfo {
    std::uint64_t bits;

    bool smt() const { return bit(0); }
    bool tsme() const { return bit(1); }
    bool ecc() const { return bit(2); }
    bool rapl_disabled() const { return bit(3); }
    bool ciphertext_hiding() const { return bit(4); }
    bool alias_check_complete() const { return bit(5); }  ///< the BadRAM mitigation ran
    bool tio() const { return bit(7); }

private:
    bool bit(unsigned n) const { return (bits >> n & 1) != 0; }
};

enum class SnpSigningKey : unsigned char { vcek = 0, vlek = 1, none = 7 };

struct SnpFirmwareVersion {
    std::uint8_t build;
    std::uint8_t minor;
    std::uint8_t major;

    friend bool operator==(const SnpFirmwareVersion&, const SnpFirmwareVersion&) = default;
};

using SnpChipId = FixedBytes<64, struct SnpChipIdTag>;

/// A report that obeys the format. Every byte of it may still be a lie.
struct UnverifiedSnpReport {
    std::uint32_t version;  ///< 2 to 5
    std::uint32_t guest_svn;
    SnpPolicy policy;
    std::array<std::uint8_t, 16> family_id;
    std::array<std::uint8_t, 16> image_id;
    std::uint32_t vmpl;  ///< 0 to 3, or kSnpHostVmpl
    SnpTcbBytes current_tcb;
    SnpPlatformInfo platform_info;
    bool author_key_enabled;
    bool chip_key_masked;  ///< then nothing signed the report
    SnpSigningKey signing_key;
    ReportData report_data;
    Hash384 measurement;
    Hash256 host_data;
    Hash384 id_key_digest;
    Hash384 author_key_digest;
    Hash256 report_id;
    Hash256 report_id_ma;               ///< all ones without a migration agent
    SnpTcbBytes reported_tcb;           ///< selects the endorsement key
    std::optional<SnpCpuId> cpu;        ///< version 3 and later
    std::optional<SnpProduct> product;  ///< of `cpu`; nothing for a processor that is not known here
    SnpChipId chip_id;                  ///< zero when masked
    SnpTcbBytes committed_tcb;
    SnpFirmwareVersion current_version;
    SnpFirmwareVersion committed_version;
    SnpTcbBytes launch_tcb;
    std::optional<std::uint64_t> launch_mit_vector;   ///< version 5
    std::optional<std::uint64_t> current_mit_vector;  ///< version 5

    std::array<std::uint8_t, kSnpSignedSize> signed_bytes;  ///< as received; what `signature` covers
    std::array<std::uint8_t, 96> signature;                 ///< P-384 r || s, big endian
};

/// Reads exactly one report of 1184 bytes; every reserved bit must be as the version defines it.
/// Errors: invalid_input "attest.snp_format".
Result<UnverifiedSnpReport> parse_snp_report(ByteView bytes);

}  // namespace iapp::attest
