// RLP: the examples of the Ethereum wiki, the canonical-form rules, and round trips of random trees.
#include "codec/rlp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"

namespace iapp::codec {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

TEST(Rlp, MatchesTheWikiExamples)
{
    EXPECT_EQ(rlp_bytes(as_bytes("dog")), (Bytes{0x83, 'd', 'o', 'g'}));
    EXPECT_EQ(RlpList{}.bytes(as_bytes("cat")).bytes(as_bytes("dog")).encode(),
              (Bytes{0xc8, 0x83, 'c', 'a', 't', 0x83, 'd', 'o', 'g'}));
    EXPECT_EQ(rlp_bytes({}), Bytes{0x80});
    EXPECT_EQ(RlpList{}.encode(), Bytes{0xc0});
    EXPECT_EQ(RlpList{}.uint(0).encode(), (Bytes{0xc1, 0x80}));
    EXPECT_EQ(RlpList{}.uint(15).uint(1024).encode(), (Bytes{0xc4, 0x0f, 0x82, 0x04, 0x00}));
    EXPECT_EQ(RlpList{}.uint_be(Bytes{0, 0, 4, 0}).encode(), (Bytes{0xc3, 0x82, 0x04, 0x00}));
    const RlpList empty;
    const RlpList nested = RlpList{}.list(empty);
    EXPECT_EQ(RlpList{}.list(empty).list(nested).list(RlpList{}.list(empty).list(nested)).encode(),
              (Bytes{0xc7, 0xc0, 0xc1, 0xc0, 0xc3, 0xc0, 0xc1, 0xc0}));
    const Bytes lorem = rlp_bytes(as_bytes("Lorem ipsum dolor sit amet, consectetur adipisicing elit"));
    EXPECT_EQ(hex(ByteView(lorem).first(4)), "b8384c6f");
}

struct Case {
    const char* name;
    Bytes bytes;
    std::string_view reason;
};

TEST(Rlp, RefusesEveryOtherSpelling)
{
    const Case cases[] = {
        {"nothing", {}, "rlp.truncated"},
        {"string cut", {0x83, 'd', 'o'}, "rlp.truncated"},
        {"length cut", {0xb9, 0x01}, "rlp.truncated"},
        {"length beyond memory", {0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "rlp.truncated"},
        {"small byte with header", {0x81, 0x7f}, "rlp.not_canonical"},
        {"long header, short string", {0xb8, 0x01, 0xff}, "rlp.not_canonical"},
        {"long header, short list", {0xf8, 0x01, 0x01}, "rlp.not_canonical"},
        {"length with leading zero", {0xb9, 0x00, 0x40}, "rlp.not_canonical"},
        {"bytes behind", {0x01, 0x01}, "rlp.trailing_bytes"},
    };
    for (const auto& test : cases) EXPECT_EQ(reason(parse_rlp(test.bytes)), test.reason) << test.name;
}

TEST(Rlp, ChecksKinds)
{
    const Bytes list = RlpList{}.uint(1).encode();
    const Bytes text = rlp_bytes(Bytes{0, 1});
    EXPECT_EQ(reason(rlp_items(*parse_rlp(text))), "rlp.kind");
    EXPECT_EQ(reason(rlp_string(*parse_rlp(list))), "rlp.kind");
    EXPECT_EQ(reason(rlp_uint(*parse_rlp(list))), "rlp.kind");
    EXPECT_EQ(reason(rlp_uint(*parse_rlp(text))), "rlp.number");
    EXPECT_EQ(reason(rlp_uint(*parse_rlp(rlp_bytes(Bytes(9, 1))))), "rlp.number");
    EXPECT_EQ(reason(rlp_items(RlpItem{true, Bytes{0x83, 1}})), "rlp.truncated");
}

TEST(Rlp, RoundTripsLists)
{
    EXPECT_TRUE(rc::check([](const std::vector<Bytes>& strings, std::uint64_t number) {
        RlpList inner;
        for (const Bytes& string : strings) inner.bytes(string);
        const Bytes encoded = RlpList{}.list(inner).uint(number).encode();

        const auto outer = rlp_items(*parse_rlp(encoded));
        RC_ASSERT(outer->size() == 2U);
        RC_ASSERT(*rlp_uint((*outer)[1]) == number);
        const auto items = rlp_items((*outer)[0]);
        RC_ASSERT(items->size() == strings.size());
        for (std::size_t i = 0; i < strings.size(); ++i) RC_ASSERT(std::ranges::equal(*rlp_string((*items)[i]), strings[i]));
    }));
}

}  // namespace
}  // namespace iapp::codec
