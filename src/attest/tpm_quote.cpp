#include "attest/tpm_quote.hpp"

#include "attest/internal/tpm_reader.hpp"

namespace iapp::attest {
namespace {

constexpr std::uint32_t kGeneratedByTpm = 0xff544347;  // TPM_GENERATED_VALUE
constexpr std::uint16_t kAttestQuote = 0x8018;         // TPM_ST_ATTEST_QUOTE
constexpr std::size_t kMaxName = 66;                   // TPM2B_NAME: algorithm and SHA-512
constexpr std::size_t kMaxData = 66;                   // TPM2B_DATA: sizeof(TPMT_HA)
constexpr std::size_t kMaxDigest = 64;
constexpr std::uint32_t kMaxBanks = 16;
constexpr std::size_t kSelectSize = 3;  // PCR_SELECT_MIN: 24 registers

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.tpm_format", "TPMS_ATTEST: " + std::move(detail));
}

std::set<std::uint32_t> read_bitmap(ByteView bitmap)
{
    std::set<std::uint32_t> out;
    for (std::uint32_t i = 0; i < 8 * bitmap.size(); ++i)
        if ((bitmap[i / 8] >> (i % 8) & 1) != 0) out.insert(i);
    return out;
}

/// TPML_PCR_SELECTION.
Result<std::vector<PcrSelection>> read_selections(TpmReader& in)
{
    const std::uint32_t count = in.u32be();
    if (count > kMaxBanks) return bad("more than 16 register banks are selected");
    std::vector<PcrSelection> out;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto bank = find_hash_algorithm(in.u16be());
        const std::size_t size = in.u8();
        const ByteView bitmap = in.take(kSelectSize);
        if (!in.ok()) return bad("ends inside its register selection");
        if (!bank) return bad("a register bank of an unknown algorithm is selected");
        if (size != kSelectSize) return bad("a register bitmap is not 3 bytes long");
        out.push_back({*bank, read_bitmap(bitmap)});
    }
    return out;
}

}  // namespace

Result<UnverifiedTpmQuote> parse_tpm_quote(ByteView bytes)
{
    if (bytes.size() > kMaxTpmAttestSize) return bad("larger than 1 KiB");
    TpmReader in(bytes);
    const std::uint32_t magic = in.u32be();
    const std::uint16_t type = in.u16be();
    const ByteView signer = in.sized(kMaxName);
    const ByteView extra_data = in.sized(kMaxData);
    TpmClock clock{in.u64be(), in.u32be(), in.u32be(), false};
    const std::uint8_t safe = in.u8();
    const std::uint64_t firmware = in.u64be();
    if (!in.ok()) return bad("ends early, or a field is longer than its kind allows");
    if (magic != kGeneratedByTpm) return bad("the magic is not TPM_GENERATED_VALUE");
    if (type != kAttestQuote) return bad("the type is not a quote");
    if (safe > 1) return bad("\"safe\" is not yes or no");
    clock.safe = safe == 1;
    TRY(std::vector<PcrSelection> selections, read_selections(in));
    const ByteView pcr_digest = in.sized(kMaxDigest);
    if (!in.done()) return bad("the register digest does not end the structure");
    return UnverifiedTpmQuote{.bytes = to_bytes(bytes),
                              .qualified_signer = to_bytes(signer),
                              .extra_data = to_bytes(extra_data),
                              .clock = clock,
                              .firmware_version = firmware,
                              .selections = std::move(selections),
                              .pcr_digest = to_bytes(pcr_digest)};
}

}  // namespace iapp::attest
