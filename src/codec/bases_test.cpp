// Base64, base32, base58, varint and UTF-8: known answers, one case per broken rule, and round trips.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"
#include "codec/base32.hpp"
#include "codec/base58.hpp"
#include "codec/base64.hpp"
#include "codec/utf8.hpp"
#include "codec/varint.hpp"

namespace iapp::codec {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

TEST(Base64, MatchesRfc4648Section10)
{
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        EXPECT_EQ(base64(as_bytes(plain)), text);
        EXPECT_EQ(to_text(*parse_base64(text)), plain);
    }
    EXPECT_EQ(base64(Bytes{0xfb, 0xff, 0xfe}), "+//+");
}

struct BadText {
    const char* text;
    std::string_view reason;
};

TEST(Base64, TakesOneSpelling)
{
    for (const auto& [text, expected] :
         {BadText{"Zg=", "base64.length"}, BadText{"Zg", "base64.length"}, BadText{"Z_==", "base64.digit"},
          BadText{"Z===", "base64.digit"}, BadText{"====", "base64.digit"}, BadText{"Zg==Zg==", "base64.digit"},
          BadText{" Zg=", "base64.digit"}, BadText{"Zh==", "base64.trailing_bits"}, BadText{"Zm9=", "base64.trailing_bits"}})
        EXPECT_EQ(reason(parse_base64(text)), expected) << text;
}

TEST(Base64Url, IsBase64WithItsOwnAlphabetAndNoPadding)
{
    const std::pair<const char*, const char*> vectors[] = {{"", ""},        {"f", "Zg"},        {"fo", "Zm8"},
                                                           {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        EXPECT_EQ(base64url(as_bytes(plain)), text);
        EXPECT_EQ(to_text(*parse_base64url(text)), plain);
    }
    EXPECT_EQ(base64url(Bytes{0xfb, 0xff, 0xfe}), "-__-");
    EXPECT_EQ(*parse_base64url("-__-"), (Bytes{0xfb, 0xff, 0xfe}));
}

TEST(Base64Url, TakesOneSpelling)
{
    for (const auto& [text, expected] :
         {BadText{"Z", "base64url.length"}, BadText{"Zm9vZ", "base64url.length"}, BadText{"Zg==", "base64url.digit"},
          BadText{"Zg=", "base64url.digit"}, BadText{"+//+", "base64url.digit"}, BadText{"Zm9v\n", "base64url.length"},
          BadText{"Zm 9", "base64url.digit"}, BadText{"Zg+=Zm9v", "base64url.digit"},
          BadText{"Zh", "base64url.trailing_bits"}, BadText{"Zm9", "base64url.trailing_bits"}})
        EXPECT_EQ(reason(parse_base64url(text)), expected) << text;
}

TEST(Base32, MatchesRfc4648WithoutPadding)
{
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "my"},
                                                           {"fo", "mzxq"},
                                                           {"foo", "mzxw6"},
                                                           {"foob", "mzxw6yq"},
                                                           {"fooba", "mzxw6ytb"},
                                                           {"foobar", "mzxw6ytboi"}};
    for (const auto& [plain, text] : vectors) {
        EXPECT_EQ(base32(as_bytes(plain)), text);
        EXPECT_EQ(to_text(*parse_base32(text)), plain);
    }
    for (const auto& [text, expected] : {BadText{"MY", "base32.digit"}, BadText{"m1", "base32.digit"},
                                         BadText{"m", "base32.length"}, BadText{"mz", "base32.trailing_bits"}})
        EXPECT_EQ(reason(parse_base32(text)), expected) << text;
}

TEST(Base58, MatchesKnownAnswers)
{
    EXPECT_EQ(base58(as_bytes("Hello World!")), "2NEpo7TZRRrLZSi2U");
    EXPECT_EQ(base58(Bytes{0, 0, 0x28, 0x7f, 0xb4, 0xcd}), "11233QC4");
    EXPECT_EQ(*parse_base58("11233QC4"), (Bytes{0, 0, 0x28, 0x7f, 0xb4, 0xcd}));
    EXPECT_EQ(base58({}), "");
    EXPECT_EQ(*parse_base58("1"), Bytes{0});
    EXPECT_EQ(reason(parse_base58("0OIl")), "base58.digit");
    EXPECT_EQ(reason(parse_base58(std::string(kMaxBase58Digits + 1, '2'))), "base58.length");
}

TEST(Varint, TakesTheShortestForm)
{
    const std::pair<std::uint64_t, Bytes> vectors[] = {
        {0, {0}}, {1, {1}}, {127, {0x7f}}, {128, {0x80, 1}}, {300, {0xac, 2}}, {421, {0xa5, 3}}, {16384, {0x80, 0x80, 1}}};
    for (const auto& [value, bytes] : vectors) {
        Bytes out;
        append_varint(out, value);
        EXPECT_EQ(out, bytes);
        ByteView in = bytes;
        EXPECT_EQ(*read_varint(in), value);
        EXPECT_TRUE(in.empty());
    }
    const auto read = [](const Bytes& bytes) {
        ByteView in = bytes;
        return read_varint(in);
    };
    EXPECT_EQ(reason(read({})), "varint.truncated");
    EXPECT_EQ(reason(read({0x80})), "varint.truncated");
    EXPECT_EQ(reason(read({0x80, 0})), "varint.not_shortest");
    EXPECT_EQ(reason(read(Bytes(10, 0x80))), "varint.too_long");
}

TEST(Utf8, FollowsTheTableOfTheStandard)
{
    for (const char* good : {"", "plain", "v\xc3\xa0lue", "\xe2\x82\xac", "\xf0\x9f\x94\x92", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xf4\x8f\xbf\xbf"})
        EXPECT_TRUE(is_utf8(good)) << good;
    for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc3(", "\xe2\x82("})
        EXPECT_FALSE(is_utf8(bad)) << hex(as_bytes(bad));
}

TEST(Bases, RoundTripAnyBytes)
{
    EXPECT_TRUE(rc::check("base64, base32 and base58 invert their encoders", [](const Bytes& bytes) {
        RC_ASSERT(*parse_base64(base64(bytes)) == bytes);
        RC_ASSERT(*parse_base64url(base64url(bytes)) == bytes);
        RC_ASSERT(*parse_base32(base32(bytes)) == bytes);
        if (base58(bytes).size() <= kMaxBase58Digits) RC_ASSERT(*parse_base58(base58(bytes)) == bytes);
    }));
    EXPECT_TRUE(rc::check("varint inverts its encoder", [](std::uint64_t value) {
        value >>= 1U;
        Bytes bytes;
        append_varint(bytes, value);
        ByteView in = bytes;
        RC_ASSERT(*read_varint(in) == value);
        RC_ASSERT(in.empty());
    }));
}

}  // namespace
}  // namespace iapp::codec
