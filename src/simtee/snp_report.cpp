#include "simtee/snp_report.hpp"

namespace iapp::simtee {
namespace {

constexpr std::size_t kScalar = 48;
constexpr std::size_t kScalarField = 72;
constexpr std::size_t kTableEntry = 24;

void put(Bytes& out, std::uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_zeros_up_to(Bytes& out, std::size_t offset) { out.resize(offset); }

void put_version(Bytes& out, const attest::SnpFirmwareVersion& version)
{
    append(out, Bytes{version.build, version.minor, version.major, 0});
}

std::uint32_t key_info(const attest::UnverifiedSnpReport& fields)
{
    return (fields.author_key_enabled ? 1U : 0U) | (fields.chip_key_masked ? 2U : 0U) |
           static_cast<std::uint32_t>(fields.signing_key) << 2;
}

}  // namespace

attest::UnverifiedSnpReport simulated_report(const SnpMachine& machine, attest::VekKind kind, std::uint32_t version,
                                             const Hash384& measurement, const attest::ReportData& report_data)
{
    constexpr std::uint64_t kPolicy = 0x30000;  // SMT allowed, and the bit that is always one
    constexpr std::uint64_t kPlatform = 0x25;   // SMT, ECC, alias check complete
    constexpr std::uint64_t kMitigations = 0x0b;
    const attest::SnpTcbBytes tcb = encode_tcb(machine.product, machine.tcb);
    const attest::SnpFirmwareVersion firmware{.build = 55, .minor = 55, .major = 1};
    std::array<std::uint8_t, 64> chip{};
    if (kind == attest::VekKind::vcek) std::ranges::copy(machine.hardware_id, chip.begin());
    std::array<std::uint8_t, 32> ones{};
    ones.fill(0xff);
    return {.version = version,
            .guest_svn = 0,
            .policy = {kPolicy},
            .family_id = {},
            .image_id = {},
            .vmpl = 0,
            .current_tcb = tcb,
            .platform_info = {kPlatform},
            .author_key_enabled = false,
            .chip_key_masked = false,
            .signing_key = kind == attest::VekKind::vcek ? attest::SnpSigningKey::vcek : attest::SnpSigningKey::vlek,
            .report_data = report_data,
            .measurement = measurement,
            .host_data = Hash256::zero(),
            .id_key_digest = Hash384::zero(),
            .author_key_digest = Hash384::zero(),
            .report_id = crypto::sha256(as_bytes("IAPP simulated report id")),
            .report_id_ma = Hash256{ones},
            .reported_tcb = tcb,
            .cpu = version >= 3 ? std::optional(machine.cpu) : std::nullopt,
            .product = version >= 3 ? std::optional(machine.product) : std::nullopt,
            .chip_id = attest::SnpChipId{chip},
            .committed_tcb = tcb,
            .current_version = firmware,
            .committed_version = firmware,
            .launch_tcb = tcb,
            .launch_mit_vector = version >= 5 ? std::optional(kMitigations) : std::nullopt,
            .current_mit_vector = version >= 5 ? std::optional(kMitigations) : std::nullopt,
            .signed_bytes = {},
            .signature = {}};
}

Bytes write_snp_report(const attest::UnverifiedSnpReport& fields)
{
    Bytes out;
    put(out, fields.version, 4);
    put(out, fields.guest_svn, 4);
    put(out, fields.policy.bits, 8);
    append(out, fields.family_id);
    append(out, fields.image_id);
    put(out, fields.vmpl, 4);
    put(out, 1, 4);  // ECDSA P-384 with SHA-384
    append(out, fields.current_tcb);
    put(out, fields.platform_info.bits, 8);
    put(out, key_info(fields), 4);
    put(out, 0, 4);
    append(out, fields.report_data.bytes());
    append(out, fields.measurement.bytes());
    append(out, fields.host_data.bytes());
    append(out, fields.id_key_digest.bytes());
    append(out, fields.author_key_digest.bytes());
    append(out, fields.report_id.bytes());
    append(out, fields.report_id_ma.bytes());
    append(out, fields.reported_tcb);
    if (fields.cpu) append(out, Bytes{fields.cpu->family, fields.cpu->model, fields.cpu->stepping});
    put_zeros_up_to(out, 0x1a0);
    append(out, fields.chip_id.bytes());
    append(out, fields.committed_tcb);
    put_version(out, fields.current_version);
    put_version(out, fields.committed_version);
    append(out, fields.launch_tcb);
    put(out, fields.launch_mit_vector.value_or(0), 8);
    put(out, fields.current_mit_vector.value_or(0), 8);
    put_zeros_up_to(out, attest::kSnpReportSize);
    return out;
}

Bytes encode_snp_report(const attest::UnverifiedSnpReport& fields, const crypto::SigningKey& vek_key)
{
    Bytes out = write_snp_report(fields);
    sign_snp_report(out, vek_key);
    return out;
}

void sign_snp_report(Bytes& report, const crypto::SigningKey& vek_key)
{
    report.resize(attest::kSnpReportSize);
    const ByteView signed_bytes = ByteView(report).first(attest::kSnpSignedSize);
    const auto raw = vek_key.sign(crypto::SignatureScheme::ecdsa_p384_sha384, signed_bytes);
    if (!raw) return;  // another kind of key: the report stays unsigned, as one with such a key is
    for (std::size_t i = 0; i < 2; ++i) {
        const ByteView scalar = ByteView(*raw).subspan(i * kScalar, kScalar);
        const auto at = report.begin() + static_cast<std::ptrdiff_t>(attest::kSnpSignedSize + i * kScalarField);
        std::reverse_copy(scalar.begin(), scalar.end(), at);
    }
}

Bytes encode_snp_cert_table(const attest::SnpCertTable& table)
{
    Bytes out;
    std::size_t offset = kTableEntry * (table.entries.size() + 1);
    for (const attest::SnpCertEntry& entry : table.entries) {
        append(out, entry.guid.bytes());
        put(out, offset, 4);
        put(out, entry.certificate.size(), 4);
        offset += entry.certificate.size();
    }
    put_zeros_up_to(out, kTableEntry * (table.entries.size() + 1));
    for (const attest::SnpCertEntry& entry : table.entries) append(out, entry.certificate);
    return out;
}

}  // namespace iapp::simtee
