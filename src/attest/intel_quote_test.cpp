#include "attest/intel_quote.hpp"

#include <gtest/gtest.h>

#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

const Bytes& sample_quote()
{
    static const Bytes quote = test::make_sample_run(kNow).evidence().bytes;
    return quote;
}

void put(Bytes& out, std::size_t at, std::uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// The same quote in version 5 clothes: a body descriptor after the header, and `body_size` bytes of body.
Bytes as_version_5(std::uint16_t type, std::uint32_t size, std::size_t body_size)
{
    const Bytes& v4 = sample_quote();
    Bytes out(v4.begin(), v4.begin() + 48);
    put(out, 0, 5, 2);
    out.resize(54);
    put(out, 48, type, 2);
    put(out, 50, size, 4);
    out.insert(out.end(), v4.begin() + 48, v4.begin() + 48 + 584);
    out.resize(54 + body_size, 0x5a);
    out.insert(out.end(), v4.begin() + 632, v4.end());
    return out;
}

TEST(IntelQuote, ReadsTheFieldsWhereTheFormatPutsThem)
{
    const auto run = test::make_sample_run(kNow);
    const Evidence evidence = run.evidence();
    const auto quote = parse_intel_quote(evidence.bytes);
    ASSERT_TRUE(quote.has_value()) << quote.error().detail;
    EXPECT_EQ(quote->version, 4);
    EXPECT_EQ(quote->signed_bytes.size(), 632U);
    EXPECT_EQ(quote->td()->mr_td, run.parts.body.mr_td);
    EXPECT_EQ(quote->td()->rtmr[3], run.parts.body.rtmr[3]);
    EXPECT_EQ(quote->td()->report_data, run.parts.body.report_data);
    EXPECT_EQ(quote->td()->td_attributes, 1ULL << 28);
    EXPECT_EQ(quote->qe_report.mr_signer, run.parts.qe_report.mr_signer);
    EXPECT_EQ(quote->qe_report.isv_svn, 4);
    EXPECT_EQ(quote->qe_report.isv_prod_id, 2);
    EXPECT_EQ(quote->qe_auth.size(), 32U);
    EXPECT_EQ(quote->pck_chain_pem, run.authority.pck_chain());
    EXPECT_EQ(ByteView(quote->attestation_key).size(), 64U);
    EXPECT_FALSE(quote->td()->tee_tcb_svn2.has_value());
}

TEST(IntelQuote, ReadsBothBodiesOfVersion5)
{
    const Bytes td10_bytes = as_version_5(2, 584, 584), td15_bytes = as_version_5(3, 648, 648);
    const auto td10 = parse_intel_quote(td10_bytes);
    ASSERT_TRUE(td10.has_value()) << td10.error().detail;
    EXPECT_EQ(td10->signed_bytes.size(), 638U);

    const auto td15 = parse_intel_quote(td15_bytes);
    ASSERT_TRUE(td15.has_value()) << td15.error().detail;
    EXPECT_EQ(td15->signed_bytes.size(), 702U);
    EXPECT_EQ(td15->td()->mr_td, td10->td()->mr_td);
    EXPECT_EQ(td15->td()->tee_tcb_svn2->front(), 0x5a);
    EXPECT_FALSE(td15->td()->mr_service_td->is_zero());
}

struct BadVersion5 {
    std::uint16_t type;
    std::uint32_t size;
    std::size_t body_size;
};

TEST(IntelQuote, RefusesBodyDescriptorsThatDoNotFit)
{
    for (const auto [type, size, body] : {BadVersion5{1, 384, 384},
                                          {2, 0, 584},
                                          {2, 583, 583},
                                          {2, 648, 648},
                                          {3, 584, 584},
                                          {3, 649, 649},
                                          {3, 0xffffffff, 648},
                                          {4, 584, 584}}) {
        EXPECT_EQ(parse_intel_quote(ByteView(as_version_5(type, size, body))).error().reason, "attest.quote_format")
            << type << " " << size;
        test::count_negative("attest.quote_format");
    }
}

TEST(IntelQuote, RefusesEveryTruncation)
{
    const Bytes& quote = sample_quote();
    for (std::size_t size = 0; size < quote.size(); ++size) {
        ASSERT_EQ(parse_intel_quote(ByteView(quote).first(size)).error().reason, "attest.quote_format") << size;
        test::count_negative("attest.quote_format");
    }
}

struct Field {
    const char* name;
    std::size_t offset;
    unsigned size;
    std::uint64_t value;
};
void PrintTo(const Field& field, std::ostream* out) { *out << field.name << "=" << field.value; }

class MalformedQuote : public testing::TestWithParam<Field> {};

TEST_P(MalformedQuote, IsRefused)
{
    Bytes quote = sample_quote();
    put(quote, GetParam().offset, GetParam().value, GetParam().size);
    const auto parsed = parse_intel_quote(quote);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().reason, "attest.quote_format");
    test::count_negative(parsed.error().reason);
}

std::vector<Field> header_fields()
{
    return {{"version", 0, 2, 2},  {"version", 0, 2, 3},      {"version", 0, 2, 6},
            {"key_type", 2, 2, 3}, {"tee_type", 4, 4, 0},     {"tee_type", 4, 4, 0x82},
            {"vendor", 12, 2, 0},  {"outer_type", 764, 2, 5}, {"inner_type", 1252, 2, 4}};
}

/// Each length field with values that a careless sum would wrap, and the neighbours of the right one.
std::vector<Field> length_fields()
{
    const auto size = sample_quote().size();
    std::vector<Field> out;
    for (const Field right : {Field{"auth_size", 632, 4, size - 636}, Field{"outer_size", 766, 4, size - 770},
                              Field{"pem_size", 1254, 4, size - 1258}})
        for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, right.value - 1, right.value + 1,
                                          std::uint64_t{0x7fffffff}, std::uint64_t{0x80000000}, std::uint64_t{0xffffffff}})
            out.push_back({right.name, right.offset, right.size, value});
    for (const std::uint64_t value : {0, 1, 31, 33, 1024, 1025, 65535}) out.push_back({"qe_auth_size", 1218, 2, value});
    return out;
}

INSTANTIATE_TEST_SUITE_P(Header, MalformedQuote, testing::ValuesIn(header_fields()));
INSTANTIATE_TEST_SUITE_P(Length, MalformedQuote, testing::ValuesIn(length_fields()));

TEST(IntelQuote, PaddingDoesNotHideAWrongLength)
{
    Bytes quote = sample_quote();
    put(quote, 632, sample_quote().size() - 636 + 1, 4);
    quote.resize(quote.size() + 64);
    EXPECT_FALSE(parse_intel_quote(quote).has_value());
}

TEST(IntelQuote, TrimsZeroPaddingWithinTheCap)
{
    Bytes quote = sample_quote();
    quote.resize(kMaxQuoteSize);
    EXPECT_EQ(parse_intel_quote(quote)->quote_size, sample_quote().size());
    quote.resize(kMaxQuoteSize + 1);
    EXPECT_FALSE(parse_intel_quote(quote).has_value());
}

}  // namespace
}  // namespace iapp::attest
