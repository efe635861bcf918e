#include "attest/snp_report.hpp"

#include <gtest/gtest.h>

#include "support/check_coverage.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();

const test::SampleSnp& sample(SnpProduct product = SnpProduct::milan)
{
    static std::map<SnpProduct, test::SampleSnp> samples;
    auto found = samples.find(product);
    if (found == samples.end()) found = samples.emplace(product, test::make_sample_snp(kNow, product)).first;
    return found->second;
}

Bytes report_of(std::uint32_t version, SnpProduct product = SnpProduct::milan)
{
    const test::SampleSnp& made = sample(product);
    const auto fields = simtee::simulated_report(made.authority.machine, VekKind::vcek, version, made.fields.measurement,
                                                 made.fields.report_data);
    return simtee::encode_snp_report(fields, made.authority.vek_key);
}

void expect_bad_format(const Bytes& report, const std::string& what)
{
    const auto parsed = parse_snp_report(report);
    ASSERT_FALSE(parsed.has_value()) << what;
    EXPECT_EQ(parsed.error().reason, "attest.snp_format") << what;
    test::count_negative("attest.snp_format");
}

TEST(SnpReport, ReadsEveryVersionAsItWasWritten)
{
    for (const SnpProduct product : kSnpProducts)
        for (std::uint32_t version = product == SnpProduct::turin ? 3 : 2; version <= 5; ++version) {
            const simtee::SnpMachine& machine = sample(product).authority.machine;
            const UnverifiedSnpReport read = parse_snp_report(report_of(version, product)).value();
            EXPECT_EQ(read.version, version);
            EXPECT_EQ(read.cpu.has_value(), version >= 3);
            EXPECT_EQ(read.product, version >= 3 ? std::optional(product) : std::nullopt);
            EXPECT_EQ(read.launch_mit_vector.has_value(), version >= 5);
            EXPECT_EQ(read.measurement, sample().fields.measurement);
            EXPECT_EQ(read.report_data, sample().fields.report_data);
            EXPECT_EQ(decode_tcb(product, read.reported_tcb), machine.tcb);
            EXPECT_EQ(read.current_version, (SnpFirmwareVersion{.build = 55, .minor = 55, .major = 1}));
            EXPECT_TRUE(read.policy.smt_allowed() && !read.policy.debug_allowed() && read.platform_info.ecc());
        }
}

TEST(SnpReport, WritesWhatItReads)
{
    for (std::uint32_t version = 2; version <= 5; ++version) {
        const Bytes report = report_of(version);
        const Bytes again = simtee::encode_snp_report(parse_snp_report(report).value(), sample().authority.vek_key);
        EXPECT_TRUE(std::ranges::equal(ByteView(report).first(kSnpSignedSize), ByteView(again).first(kSnpSignedSize)));
    }
}

TEST(SnpReport, HasOneLength)
{
    const Bytes report = report_of(3);
    for (std::size_t size = 0; size < report.size(); ++size)
        expect_bad_format(Bytes(report.begin(), report.begin() + static_cast<std::ptrdiff_t>(size)), std::to_string(size));
    for (const std::size_t more : {1, 16, 1184}) {
        Bytes longer = report;
        longer.resize(report.size() + more);
        expect_bad_format(longer, "longer");
    }
}

struct Range {
    const char* name;
    std::uint32_t least;  ///< versions in which these bytes are reserved
    std::uint32_t most;
    std::size_t from;
    std::size_t to;
};

TEST(SnpReport, ReservedBytesAreZero)
{
    constexpr Range kRanges[]{
        {"after_key_info", 2, 5, 0x4c, 0x50},
        {"cpuid_of_version_2", 2, 2, 0x188, 0x18b},
        {"after_cpuid", 2, 5, 0x18b, 0x1a0},
        {"after_current_version", 2, 5, 0x1eb, 0x1ec},
        {"after_committed_version", 2, 5, 0x1ef, 0x1f0},
        {"mitigations_before_5", 2, 4, 0x1f8, 0x208},
        {"before_signature", 2, 5, 0x208, 0x2a0},
        {"upper_r", 2, 5, 0x2a0 + 48, 0x2a0 + 72},
        {"upper_s", 2, 5, 0x2a0 + 72 + 48, 0x2a0 + 144},
        {"after_signature", 2, 5, 0x2a0 + 144, 0x4a0},
    };
    for (std::uint32_t version = 2; version <= 5; ++version) {
        Bytes report = report_of(version);
        for (const Range& range : kRanges) {
            if (version < range.least || version > range.most) continue;
            for (std::size_t at = range.from; at < range.to; ++at) {
                report[at] ^= 0x80;
                expect_bad_format(report, std::string(range.name) + " version " + std::to_string(version));
                report[at] ^= 0x80;
            }
        }
    }
}

TEST(SnpReport, ReservedBytesOfATcbAreZero)
{
    for (const auto& [product, reserved] : {std::pair{SnpProduct::milan, std::vector<std::size_t>{2, 3, 4, 5}},
                                            std::pair{SnpProduct::genoa, std::vector<std::size_t>{2, 3, 4, 5}},
                                            std::pair{SnpProduct::turin, std::vector<std::size_t>{4, 5, 6}}}) {
        Bytes report = report_of(3, product);
        for (const std::size_t tcb : {0x38, 0x180, 0x1e0, 0x1f0})
            for (const std::size_t byte : reserved) {
                report[tcb + byte] ^= 1;
                expect_bad_format(report, std::string(name(product)) + std::to_string(tcb + byte));
                report[tcb + byte] ^= 1;
            }
    }
}

struct Case {
    const char* name;
    bool good;
    void (*bend)(Bytes&);
};
class SnpFields : public testing::TestWithParam<Case> {};

TEST_P(SnpFields, FollowTheirRule)
{
    Bytes report = report_of(3);
    GetParam().bend(report);
    if (GetParam().good) EXPECT_TRUE(parse_snp_report(report).has_value());
    else expect_bad_format(report, GetParam().name);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Snp, SnpFields, testing::Values(
    Case{"as_written",            true,  [](Bytes&) {}},
    Case{"version_0",             false, [](Bytes& r) { r[0] = 0; }},
    Case{"version_1",             false, [](Bytes& r) { r[0] = 1; }},
    Case{"version_6",             false, [](Bytes& r) { r[0] = 6; }},
    Case{"version_high_byte",     false, [](Bytes& r) { r[3] = 1; }},
    Case{"guest_svn_any",         true,  [](Bytes& r) { r[4] = 0xff; }},
    Case{"policy_bit_17_clear",   false, [](Bytes& r) { r[8 + 2] &= 0xfd; }},
    Case{"policy_bit_25",         true,  [](Bytes& r) { r[8 + 3] |= 0x02; }},
    Case{"policy_bit_26",         false, [](Bytes& r) { r[8 + 3] |= 0x04; }},
    Case{"policy_bit_63",         false, [](Bytes& r) { r[8 + 7] |= 0x80; }},
    Case{"policy_debug_reads",    true,  [](Bytes& r) { r[8 + 2] |= 0x08; }},
    Case{"vmpl_3",                true,  [](Bytes& r) { r[0x30] = 3; }},
    Case{"vmpl_4",                false, [](Bytes& r) { r[0x30] = 4; }},
    Case{"vmpl_high_byte",        false, [](Bytes& r) { r[0x33] = 1; }},
    Case{"vmpl_almost_host",      false, [](Bytes& r) { r[0x30] = 0xfe; r[0x31] = r[0x32] = r[0x33] = 0xff; }},
    Case{"vmpl_host_reads",       true,  [](Bytes& r) { r[0x30] = r[0x31] = r[0x32] = r[0x33] = 0xff; }},
    Case{"algorithm_0",           false, [](Bytes& r) { r[0x34] = 0; }},
    Case{"algorithm_2",           false, [](Bytes& r) { r[0x34] = 2; }},
    Case{"algorithm_high_byte",   false, [](Bytes& r) { r[0x37] = 1; }},
    Case{"platform_info_any",     true,  [](Bytes& r) { r[0x47] = 0x80; }},
    Case{"author_key",            true,  [](Bytes& r) { r[0x48] |= 1; }},
    Case{"masked_reads",          true,  [](Bytes& r) { r[0x48] |= 2; }},
    Case{"signing_key_vlek",      true,  [](Bytes& r) { r[0x48] = 1 << 2; }},
    Case{"signing_key_2",         false, [](Bytes& r) { r[0x48] = 2 << 2; }},
    Case{"signing_key_3",         false, [](Bytes& r) { r[0x48] = 3 << 2; }},
    Case{"signing_key_4",         false, [](Bytes& r) { r[0x48] = 4 << 2; }},
    Case{"signing_key_5",         false, [](Bytes& r) { r[0x48] = 5 << 2; }},
    Case{"signing_key_6",         false, [](Bytes& r) { r[0x48] = 6 << 2; }},
    Case{"signing_key_none_reads", true, [](Bytes& r) { r[0x48] = 7 << 2; }},
    Case{"key_info_bit_5",        false, [](Bytes& r) { r[0x48] |= 0x20; }},
    Case{"key_info_bit_31",       false, [](Bytes& r) { r[0x4b] |= 0x80; }},
    Case{"unknown_processor_reads", true, [](Bytes& r) { r[0x188] = 0x1b; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(SnpReport, AnUnknownProcessorHasNoProduct)
{
    Bytes report = report_of(3);
    report[0x188] = 0x1b;
    EXPECT_FALSE(parse_snp_report(report)->product.has_value());
}

TEST(SnpReport, TurnsTheSignatureToBigEndian)
{
    const Bytes report = report_of(3);
    const auto read = parse_snp_report(report).value();
    EXPECT_EQ(read.signature[0], report[0x2a0 + 47]);
    EXPECT_EQ(read.signature[47], report[0x2a0]);
    EXPECT_EQ(read.signature[48], report[0x2a0 + 72 + 47]);
    EXPECT_EQ(read.signature[95], report[0x2a0 + 72]);
}

TEST(SnpProduct, FollowsFamilyAndModel)
{
    struct Row {
        SnpCpuId cpu;
        std::optional<SnpProduct> product;
    };
    for (const auto& [cpu, product] :
         {Row{{0x19, 0x00, 0}, SnpProduct::milan}, Row{{0x19, 0x0f, 9}, SnpProduct::milan},
          Row{{0x19, 0x10, 0}, SnpProduct::genoa}, Row{{0x19, 0x1f, 0}, SnpProduct::genoa}, Row{{0x19, 0x20, 0}, {}},
          Row{{0x19, 0x9f, 0}, {}}, Row{{0x19, 0xa0, 2}, SnpProduct::genoa}, Row{{0x19, 0xaf, 0}, SnpProduct::genoa},
          Row{{0x19, 0xb0, 0}, {}}, Row{{0x1a, 0x00, 0}, SnpProduct::turin}, Row{{0x1a, 0x1f, 0}, SnpProduct::turin},
          Row{{0x1a, 0x20, 0}, {}}, Row{{0x17, 0x31, 0}, {}}, Row{{0x1b, 0x00, 0}, {}}, Row{{0xff, 0xff, 0xff}, {}},
          Row{{0, 0, 0}, {}}})
        EXPECT_EQ(product_of(cpu), product) << int{cpu.family} << "/" << int{cpu.model};
    for (const SnpProduct product : kSnpProducts) EXPECT_EQ(find_snp_product(name(product)), product);
    EXPECT_FALSE(find_snp_product("milan").has_value());
    EXPECT_FALSE(find_snp_product("").has_value());
}

TEST(SnpTcb, StandsElsewhereOnTurin)
{
    const SnpTcbBytes bytes{1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(decode_tcb(SnpProduct::milan, bytes), (SnpTcb{.boot_loader = 1, .tee = 2, .snp = 7, .microcode = 8}));
    EXPECT_EQ(decode_tcb(SnpProduct::genoa, bytes), decode_tcb(SnpProduct::milan, bytes));
    EXPECT_EQ(decode_tcb(SnpProduct::turin, bytes),
              (SnpTcb{.fmc = 1, .boot_loader = 2, .tee = 3, .snp = 4, .microcode = 8}));
    EXPECT_EQ(to_text(decode_tcb(SnpProduct::turin, bytes)), "fmc 1, boot loader 2, tee 3, snp 4, microcode 8");
}

TEST(Pitfall19, ATcbIsComparedByComponentAndNeverAsANumber)
{
    const SnpTcb floor{.boot_loader = 3, .tee = 0, .snp = 8, .microcode = 115};
    const SnpTcb newer_snp_older_microcode{.boot_loader = 3, .tee = 0, .snp = 9, .microcode = 114};
    const SnpTcb older_snp_newer_microcode{.boot_loader = 3, .tee = 0, .snp = 7, .microcode = 255};
    EXPECT_FALSE(newer_snp_older_microcode.reaches(floor));
    EXPECT_FALSE(older_snp_newer_microcode.reaches(floor));  // as one little-endian number it is the larger
    EXPECT_TRUE(floor.reaches(floor));
    for (std::uint8_t SnpTcb::*component :
         {&SnpTcb::fmc, &SnpTcb::boot_loader, &SnpTcb::tee, &SnpTcb::snp, &SnpTcb::microcode}) {
        SnpTcb higher = floor;
        ++(higher.*component);
        EXPECT_TRUE(higher.reaches(floor));
        EXPECT_FALSE(floor.reaches(higher));
    }
}

}  // namespace
}  // namespace iapp::attest
