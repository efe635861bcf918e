#include "attest/snp_report.hpp"

#include "attest/internal/cursor.hpp"

namespace iapp::attest {
namespace {

constexpr std::uint32_t kLeastVersion = 2;
constexpr std::uint32_t kMostVersion = 5;
constexpr std::uint32_t kEcdsaP384Sha384 = 1;
constexpr std::uint64_t kPolicyMustBeOne = std::uint64_t{1} << 17;
constexpr std::uint64_t kPolicyReserved = ~((std::uint64_t{1} << 26) - 1);
constexpr std::uint32_t kKeyInfoReserved = ~std::uint32_t{0x1f};
constexpr std::uint32_t kMostVmpl = 3;
constexpr std::size_t kScalar = 48;       // of P-384
constexpr std::size_t kScalarField = 72;  // little endian, upper bytes zero

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.snp_format", std::move(detail));
}

bool all_zero(ByteView bytes)
{
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

/// The bytes between fields. Remembers the first that is not zero, by its offset in the report.
class Reserved {
public:
    void take(Cursor& in, std::size_t size)
    {
        const std::size_t at = kSnpReportSize - in.remaining();
        if (!all_zero(in.take(size)) && first_ == 0) first_ = at;
    }
    bool broken() const { return first_ != 0; }
    std::string detail() const
    {
        const std::array<std::uint8_t, 2> offset{static_cast<std::uint8_t>(first_ >> 8), static_cast<std::uint8_t>(first_)};
        return "reserved bytes from 0x" + hex(offset) + " are not zero";
    }

private:
    std::size_t first_ = 0;  ///< no field of the report starts with reserved bytes
};

SnpFirmwareVersion read_version(Cursor& in)
{
    const auto raw = in.array<3>();
    return {.build = raw[0], .minor = raw[1], .major = raw[2]};
}

/// KEY_INFO: AUTHOR_KEY_EN, MASK_CHIP_KEY, SIGNING_KEY.
Status read_key_info(std::uint32_t info, UnverifiedSnpReport& out)
{
    if ((info & kKeyInfoReserved) != 0) return bad("reserved bits of KEY_INFO are not zero");
    const std::uint32_t key = info >> 2 & 7;
    if (key != 0 && key != 1 && key != 7) return bad("SIGNING_KEY is " + std::to_string(key) + ", not VCEK, VLEK or none");
    out.author_key_enabled = (info & 1) != 0;
    out.chip_key_masked = (info & 2) != 0;
    out.signing_key = static_cast<SnpSigningKey>(key);
    return {};
}

Status check_head(const UnverifiedSnpReport& report, std::uint32_t algorithm)
{
    if (report.version < kLeastVersion || report.version > kMostVersion)
        return bad("the report has version " + std::to_string(report.version) + ", not 2 to 5");
    if ((report.policy.bits & kPolicyMustBeOne) == 0) return bad("bit 17 of the policy is not one");
    if ((report.policy.bits & kPolicyReserved) != 0) return bad("reserved bits of the policy are not zero");
    if (report.vmpl > kMostVmpl && report.vmpl != kSnpHostVmpl)
        return bad("the VMPL is " + std::to_string(report.vmpl) + ", not 0 to 3");
    if (algorithm != kEcdsaP384Sha384)
        return bad("the signature algorithm is " + std::to_string(algorithm) + ", not ECDSA P-384 with SHA-384");
    return {};
}

/// The four TCB versions, under the layout of the product; version 2 names none and knows Milan's and Genoa's, which is one.
Status check_tcbs(const UnverifiedSnpReport& report)
{
    if (report.cpu && !report.product) return {};
    const SnpProduct product = report.product.value_or(SnpProduct::milan);
    for (const SnpTcbBytes* tcb : {&report.current_tcb, &report.reported_tcb, &report.committed_tcb, &report.launch_tcb})
        if (!reserved_zero(product, *tcb)) return bad("reserved bytes of a TCB version are not zero");
    return {};
}

/// The tail from 0x1f8: mitigation vectors since version 5, zeros before.
void read_mitigations(Cursor& in, Reserved& reserved, UnverifiedSnpReport& out)
{
    if (out.version >= 5) {
        out.launch_mit_vector = in.u64();
        out.current_mit_vector = in.u64();
    } else {
        reserved.take(in, 16);
    }
    reserved.take(in, 0x2a0 - 0x208);
}

/// R and S, each 72 little-endian bytes of which P-384 uses 48, then 368 zeros.
void read_signature(Cursor& in, Reserved& reserved, UnverifiedSnpReport& out)
{
    for (std::size_t i = 0; i < 2; ++i) {
        const ByteView scalar = in.take(kScalar);
        std::reverse_copy(scalar.begin(), scalar.end(), out.signature.begin() + static_cast<std::ptrdiff_t>(i * kScalar));
        reserved.take(in, kScalarField - kScalar);
    }
    reserved.take(in, in.remaining());
}

/// Up to the VMPL at 0x30; what follows is still zero.
UnverifiedSnpReport read_start(Cursor& in)
{
    return {
        .version = in.u32(),
        .guest_svn = in.u32(),
        .policy = {in.u64()},
        .family_id = in.array<16>(),
        .image_id = in.array<16>(),
        .vmpl = in.u32(),
        .current_tcb = {},
        .platform_info = {},
        .author_key_enabled = false,
        .chip_key_masked = false,
        .signing_key = SnpSigningKey::none,
        .report_data = ReportData::zero(),
        .measurement = Hash384::zero(),
        .host_data = Hash256::zero(),
        .id_key_digest = Hash384::zero(),
        .author_key_digest = Hash384::zero(),
        .report_id = Hash256::zero(),
        .report_id_ma = Hash256::zero(),
        .reported_tcb = {},
        .cpu = {},
        .product = {},
        .chip_id = SnpChipId::zero(),
        .committed_tcb = {},
        .current_version = {},
        .committed_version = {},
        .launch_tcb = {},
        .launch_mit_vector = {},
        .current_mit_vector = {},
        .signed_bytes = {},
        .signature = {},
    };
}

/// Family, model and stepping at 0x188 since version 3, zeros before.
void read_cpu(Cursor& in, Reserved& reserved, UnverifiedSnpReport& out)
{
    if (out.version < 3) return reserved.take(in, 3);
    const auto cpu = in.array<3>();
    out.cpu = SnpCpuId{.family = cpu[0], .model = cpu[1], .stepping = cpu[2]};
    out.product = product_of(*out.cpu);
}

}  // namespace

Result<UnverifiedSnpReport> parse_snp_report(ByteView bytes)
{
    if (bytes.size() != kSnpReportSize)
        return bad("the report has " + std::to_string(bytes.size()) + " bytes, not " + std::to_string(kSnpReportSize));
    Cursor in(bytes);
    Reserved reserved;
    UnverifiedSnpReport out = read_start(in);
    TRY_OK(check_head(out, in.u32()));
    out.current_tcb = in.array<8>();
    out.platform_info = {in.u64()};
    TRY_OK(read_key_info(in.u32(), out));
    reserved.take(in, 4);
    out.report_data = in.id<ReportData>();
    out.measurement = in.id<Hash384>();
    out.host_data = in.id<Hash256>();
    out.id_key_digest = in.id<Hash384>();
    out.author_key_digest = in.id<Hash384>();
    out.report_id = in.id<Hash256>();
    out.report_id_ma = in.id<Hash256>();
    out.reported_tcb = in.array<8>();
    read_cpu(in, reserved, out);
    reserved.take(in, 0x1a0 - 0x18b);
    out.chip_id = in.id<SnpChipId>();
    out.committed_tcb = in.array<8>();
    out.current_version = read_version(in);
    reserved.take(in, 1);
    out.committed_version = read_version(in);
    reserved.take(in, 1);
    out.launch_tcb = in.array<8>();
    read_mitigations(in, reserved, out);
    read_signature(in, reserved, out);
    if (reserved.broken()) return bad(reserved.detail());
    TRY_OK(check_tcbs(out));
    std::ranges::copy(bytes.first<kSnpSignedSize>(), out.signed_bytes.begin());
    return out;
}

}  // namespace iapp::attest
