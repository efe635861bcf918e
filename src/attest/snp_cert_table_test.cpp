#include "attest/snp_cert_table.hpp"

#include <gtest/gtest.h>

#include "simtee/snp_report.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

const Bytes kVcek(100, 0x11);
const Bytes kAsk(50, 0x22);
constexpr std::size_t kHead = 3 * 24;  ///< two entries and the last one

Bytes good() { return simtee::encode_snp_cert_table({{{kVcekGuid, kVcek}, {kAskGuid, kAsk}}}); }

void put_u32(Bytes& table, std::size_t at, std::uint32_t value)
{
    for (std::size_t i = 0; i < 4; ++i) table[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void expect_bad(const Bytes& table, const std::string& what)
{
    const auto parsed = parse_snp_cert_table(table);
    ASSERT_FALSE(parsed.has_value()) << what;
    EXPECT_EQ(parsed.error().reason, "attest.snp_format") << what;
    test::count_negative("attest.snp_format");
}

TEST(SnpCertTable, ReadsWhatTheHostPutsIn)
{
    const SnpCertTable table = parse_snp_cert_table(good()).value();
    ASSERT_EQ(table.entries.size(), 2U);
    EXPECT_EQ(*table.find(kVcekGuid), kVcek);
    EXPECT_EQ(*table.find(kAskGuid), kAsk);
    EXPECT_EQ(table.find(kArkGuid), nullptr);
    EXPECT_EQ(hex(kVcekGuid.bytes()), "63da758de6644564adc5f4b93be8accd");
}

TEST(SnpCertTable, MayBeEmptyAndMayBePadded)
{
    EXPECT_TRUE(parse_snp_cert_table({})->entries.empty());
    EXPECT_TRUE(parse_snp_cert_table(Bytes(24))->entries.empty());
    EXPECT_TRUE(parse_snp_cert_table(Bytes(4096))->entries.empty());
    Bytes padded = good();
    padded.resize(16384);
    EXPECT_EQ(parse_snp_cert_table(padded)->entries.size(), 2U);
}

TEST(SnpCertTable, EveryTruncationIsRefused)
{
    const Bytes table = good();
    for (std::size_t size = 1; size < table.size(); ++size)
        expect_bad(Bytes(table.begin(), table.begin() + static_cast<std::ptrdiff_t>(size)), std::to_string(size));
}

TEST(SnpCertTable, RefusesOtherShapes)
{
    Bytes twice = simtee::encode_snp_cert_table({{{kVcekGuid, kVcek}, {kVcekGuid, kAsk}}});
    expect_bad(twice, "a name twice");
    expect_bad(simtee::encode_snp_cert_table({{{kVcekGuid, {}}}}), "an empty certificate");
    expect_bad(simtee::encode_snp_cert_table({{{SnpCertGuid::zero(), kVcek}}}), "a certificate without a name");
    Bytes rest = good();
    rest.push_back(1);
    expect_bad(rest, "bytes after the certificates");
    Bytes gap = good();
    put_u32(gap, 24 + 16, kHead + 110);  // the second certificate starts ten bytes later, and ends ten bytes earlier
    put_u32(gap, 24 + 20, 40);
    expect_bad(gap, "bytes between certificates");
    SnpCertTable many;
    for (std::uint8_t i = 1; i <= 17; ++i) {
        std::array<std::uint8_t, 16> guid{};
        guid.fill(i);
        many.entries.push_back({SnpCertGuid{guid}, kAsk});
    }
    expect_bad(simtee::encode_snp_cert_table(many), "more entries than there are kinds");
    many.entries.pop_back();
    EXPECT_EQ(parse_snp_cert_table(simtee::encode_snp_cert_table(many))->entries.size(), 16U);
    Bytes big = good();
    big.resize((64 << 10) + 1);
    expect_bad(big, "more than 64 KiB");
}

TEST(Pitfall12, SizesOfTheCertificateTableCannotWrap)
{
    const std::uint32_t size = 100;
    for (const std::uint32_t length :
         {0U, 1U, size - 1, size + 1, 0x7fffffffU, 0x80000000U, 0xffffffffU, 0xffffffb9U, 0xffffff00U}) {
        Bytes table = good();
        put_u32(table, 20, length);
        expect_bad(table, "length " + std::to_string(length));  // 1 and n-1 leave certificate bytes that nobody names
    }
    for (const std::uint32_t offset : {0U, 1U, 24U, 71U, 73U, 0x7fffffffU, 0x80000000U, 0xfffffff0U, 0xffffffffU}) {
        Bytes table = good();
        put_u32(table, 16, offset);
        expect_bad(table, "offset " + std::to_string(offset));
    }
    Bytes wraps = good();  // 0xfffffff0 + 0x20 is 0x10 in 32 bits
    put_u32(wraps, 16, 0xfffffff0);
    put_u32(wraps, 20, 0x20);
    expect_bad(wraps, "offset and length that wrap");
    Bytes same = good();
    put_u32(same, 24 + 16, kHead);
    expect_bad(same, "two certificates share bytes");
}

}  // namespace
}  // namespace iapp::attest
