#include "codec/bech32.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace iapp::codec {
namespace {

constexpr std::string_view kRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

TEST(Bech32, ReadsAndWritesAnAgeRecipient)
{
    const auto key = parse_bech32(kRecipient, "age");
    ASSERT_TRUE(key) << key.error().reason;
    EXPECT_EQ(key->size(), 32u);
    EXPECT_EQ(encode_bech32("age", *key), kRecipient);
}

TEST(Bech32, Bip173Vector)
{
    EXPECT_EQ(encode_bech32("a", {}), "a12uel5l");
    EXPECT_EQ(parse_bech32("A12UEL5L", "a")->size(), 0u);
    const auto data = parse_bech32("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef");
    ASSERT_TRUE(data);
    EXPECT_EQ(hex(*data), "00443214c74254b635cf84653a56d7c675be77df");
}

TEST(Bech32, RoundTripsEveryLength)
{
    Bytes data;
    for (int i = 0; i < 70; ++i) {
        const auto back = parse_bech32(encode_bech32("x", data), "x");
        ASSERT_TRUE(back) << i;
        EXPECT_EQ(*back, data);
        data.push_back(static_cast<std::uint8_t>(i * 37 + 1));
    }
}

struct Case {
    const char* name;
    std::string text;
    std::string_view reason;
};
class Bech32Refuses : public testing::TestWithParam<Case> {};
TEST_P(Bech32Refuses, EachBrokenRule)
{
    const auto result = parse_bech32(GetParam().text, "age");
    EXPECT_EQ(result ? "" : result.error().reason, GetParam().reason);
}

std::string with(std::size_t at, char c)
{
    std::string text(kRecipient);
    text[at] = c;
    return text;
}

INSTANTIATE_TEST_SUITE_P(
    Codec, Bech32Refuses,
    testing::Values(
        Case{"good", std::string(kRecipient), ""}, Case{"mixed_case", with(10, 'A'), "bech32.case"},
        Case{"other_prefix", with(0, 'b'), "bech32.prefix"}, Case{"no_separator", with(3, '2'), "bech32.prefix"},
        Case{"outside_alphabet", with(10, 'b'), "bech32.character"}, Case{"mistyped", with(10, 'q'), "bech32.checksum"},
        Case{"shortened", std::string(kRecipient.substr(0, kRecipient.size() - 1)), "bech32.checksum"},
        Case{"too_short", "age1qqqqq", "bech32.length"}, Case{"too_long", "age1" + std::string(5000, 'q'), "bech32.length"},
        Case{"stray_bits", "age1qpu0j2ex", "bech32.padding"}, Case{"spare_character", "age1qqqyst3gn", "bech32.padding"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::codec
