// Deterministic CBOR: known answers of RFC 8949 appendix A, one case per broken rule, and round trips.
#include "codec/cbor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"

namespace iapp::cbor {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

Result<Value> parse_digits(std::string_view digits, const Limits& limits = {}) { return parse(*parse_hex(digits), limits); }

// Items of RFC 8949 appendix A whose spelling is deterministic.
TEST(Cbor, KeepsTheExamplesOfTheStandard)
{
    for (const char* item : {"00",
                             "01",
                             "0a",
                             "17",
                             "1818",
                             "1819",
                             "1864",
                             "1903e8",
                             "1a000f4240",
                             "1b000000e8d4a51000",
                             "1bffffffffffffffff",
                             "3bffffffffffffffff",
                             "20",
                             "29",
                             "3863",
                             "3903e7",
                             "f4",
                             "f5",
                             "f6",
                             "c11a514b67b0",
                             "d74401020304",
                             "d818456449455446",
                             "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
                             "40",
                             "4401020304",
                             "60",
                             "6161",
                             "6449455446",
                             "62225c",
                             "62c3bc",
                             "63e6b0b4",
                             "64f0908591",
                             "80",
                             "83010203",
                             "8301820203820405",
                             "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                             "a0",
                             "a201020304",
                             "a26161016162820203",
                             "826161a161626163",
                             "a56161614161626142616361436164614461656145"}) {
        const auto value = parse_digits(item);
        ASSERT_TRUE(value.has_value()) << item << " " << value.error().reason;
        EXPECT_EQ(hex(*encode(*value)), item);
    }
}

TEST(Cbor, ReadsValues)
{
    EXPECT_EQ(parse_digits("1bffffffffffffffff")->if_u64(), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(parse_digits("1bffffffffffffffff")->if_i64(), std::nullopt);
    EXPECT_EQ(parse_digits("3903e7")->if_i64(), -1000);
    EXPECT_EQ(parse_digits("3b7fffffffffffffff")->if_i64(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(parse_digits("3b8000000000000000")->if_i64(), std::nullopt);
    EXPECT_EQ(parse_digits("3b8000000000000000")->if_negative(), 0x8000000000000000U);
    EXPECT_EQ(parse_digits("20")->if_u64(), std::nullopt);
    EXPECT_EQ(parse_digits("00")->if_negative(), std::nullopt);
    EXPECT_TRUE(*parse_digits("f5")->if_boolean());
    EXPECT_TRUE(parse_digits("f6")->is_null());
    EXPECT_EQ(*parse_digits("d74401020304")->if_tagged(23)->if_bytes(), (Bytes{1, 2, 3, 4}));
    EXPECT_EQ(parse_digits("d74401020304")->if_tagged(22), nullptr);
    EXPECT_EQ(parse_digits("a26161016162820203")->if_map()->find("b")->if_array()->size(), 2U);
    EXPECT_EQ(parse_digits("a201020304")->if_map()->find(std::int64_t{2}), nullptr);
}

struct Bad {
    const char* digits;
    std::string_view reason;
};

constexpr Bad kBad[] = {
    // the bytes end too early, wherever
    {"", "cbor.truncated"},
    {"18", "cbor.truncated"},
    {"1900", "cbor.truncated"},
    {"1b00000001000000", "cbor.truncated"},
    {"4201", "cbor.truncated"},
    {"6261", "cbor.truncated"},
    {"8201", "cbor.truncated"},
    {"a101", "cbor.truncated"},
    {"c1", "cbor.truncated"},
    {"5bffffffffffffffff00", "cbor.truncated"},
    {"7bffffffffffffffff00", "cbor.truncated"},
    {"9bffffffffffffffff00", "cbor.truncated"},
    {"bbffffffffffffffff0000", "cbor.truncated"},
    {"9b000000010000000000", "cbor.truncated"},
    {"bb800000000000000000", "cbor.truncated"},
    // something follows
    {"0000", "cbor.trailing_bytes"},
    {"8000", "cbor.trailing_bytes"},
    {"a0f6", "cbor.trailing_bytes"},
    {"4000", "cbor.trailing_bytes"},
    // a shorter head exists
    {"1800", "cbor.not_shortest"},
    {"1817", "cbor.not_shortest"},
    {"1900ff", "cbor.not_shortest"},
    {"1a0000ffff", "cbor.not_shortest"},
    {"1b00000000ffffffff", "cbor.not_shortest"},
    {"3817", "cbor.not_shortest"},
    {"580100", "cbor.not_shortest"},
    {"780161", "cbor.not_shortest"},
    {"980100", "cbor.not_shortest"},
    {"b8010000", "cbor.not_shortest"},
    {"d81200", "cbor.not_shortest"},
    {"a1180100", "cbor.not_shortest"},
    // indefinite lengths
    {"5f4100ff", "cbor.indefinite"},
    {"7f6161ff", "cbor.indefinite"},
    {"9f00ff", "cbor.indefinite"},
    {"bf0000ff", "cbor.indefinite"},
    {"1f", "cbor.indefinite"},
    {"ff", "cbor.indefinite"},
    {"81ff", "cbor.indefinite"},
    // reserved heads
    {"1c", "cbor.reserved"},
    {"3d", "cbor.reserved"},
    {"5e", "cbor.reserved"},
    {"dc", "cbor.reserved"},
    // what this dialect leaves out
    {"f90000", "cbor.float"},
    {"fa00000000", "cbor.float"},
    {"fb0000000000000000", "cbor.float"},
    {"f7", "cbor.simple"},
    {"f0", "cbor.simple"},
    {"f8ff", "cbor.simple"},
    {"f818", "cbor.simple"},
    {"fc", "cbor.simple"},
    // text
    {"61ff", "cbor.utf8"},
    {"62c080", "cbor.utf8"},
    {"63eda080", "cbor.utf8"},
    {"a161ff00", "cbor.utf8"},
    // map keys
    {"a1410000", "cbor.key"},
    {"a1f400", "cbor.key"},
    {"a18000", "cbor.key"},
    {"a1c10000", "cbor.key"},
    {"a11bffffffffffffffff00", "cbor.key"},
    {"a13bffffffffffffffff00", "cbor.key"},
    {"a201000000", "cbor.key_order"},
    {"a220000000", "cbor.key_order"},
    {"a221002000", "cbor.key_order"},
    {"a261610000f6", "cbor.key_order"},
    {"a26162006161f6", "cbor.key_order"},
    {"a262616100616200", "cbor.key_order"},
    {"a201000100", "cbor.duplicate_key"},
    {"a220002000", "cbor.duplicate_key"},
    {"a2616100616100", "cbor.duplicate_key"},
    {"a2600060f6", "cbor.duplicate_key"},
};

TEST(Cbor, NamesTheRuleThatIsBroken)
{
    for (const auto& [digits, expected] : kBad) EXPECT_EQ(reason(parse_digits(digits)), expected) << digits;
}

TEST(Cbor, IsBoundedInSizeAndDepth)
{
    EXPECT_EQ(reason(parse_digits("820000", {.max_bytes = 2})), "cbor.size");
    EXPECT_TRUE(parse_digits("820000", {.max_bytes = 3}).has_value());
    EXPECT_TRUE(parse_digits("818180", {.max_depth = 3}).has_value());
    EXPECT_EQ(reason(parse_digits("81818180", {.max_depth = 3})), "cbor.depth");
    EXPECT_EQ(reason(parse_digits("c1c1c1c100", {.max_depth = 3})), "cbor.depth");
    EXPECT_EQ(reason(parse_digits("a100a100a100a0", {.max_depth = 3})), "cbor.depth");
    EXPECT_TRUE(parse_digits("84818080c1808180", {.max_depth = 3}).has_value()) << "siblings do not add up";
    EXPECT_EQ(reason(parse(Bytes(100'000, 0x81))), "cbor.depth");
}

TEST(Cbor, TakesTimeInProportionToItsInput)
{
    Array array;
    Map map;
    for (int i = 0; i < 100'000; ++i) {
        array.push_back(Value::integer(i));
        map.set(std::int64_t{i}, Value());
    }
    for (const Value& value : {Value(array), Value(map)}) {
        const auto bytes = encode(value);
        ASSERT_TRUE(bytes.has_value());
        EXPECT_TRUE(parse(*bytes).has_value());
    }
}

TEST(Cbor, RefusesToEncodeWhatItWouldNotRead)
{
    EXPECT_EQ(reason(encode(Value("\xff"))), "cbor.utf8");
    EXPECT_EQ(reason(encode(Value(Map().set("\xc0\x80", Value())))), "cbor.utf8");
    EXPECT_EQ(reason(encode(Value(Tag{1, {}}))), "cbor.tag");
    EXPECT_EQ(reason(encode(Value::tagged(1, Value::tagged(2, Value())), {.max_depth = 1})), "cbor.depth");
}

TEST(CborMap, KeepsItsMembersInBytewiseOrderHoweverTheyCome)
{
    Map map;
    for (const Key& key : {Key{"aa"}, Key{-1}, Key{"b"}, Key{24}, Key{10}, Key{-2}, Key{"a"}, Key{"b"}})
        map.set(key, Value::integer(static_cast<std::int64_t>(map.members().size())));
    EXPECT_EQ(hex(*encode(Value(map))), "a70a041818032001210561610661620762616100");
    EXPECT_EQ(map.find("b")->if_i64(), 7) << "the last one counts";
}

/// A value out of a stream of random numbers.
Value build(const std::vector<std::uint64_t>& seeds, std::size_t& at, int depth)
{
    const auto next = [&] { return at < seeds.size() ? seeds[at++] : 0; };
    const std::uint64_t kind = next() % (depth > 0 ? 9 : 6);
    if (kind == 0) return Value();
    if (kind == 1) return Value(next() % 2 == 0);
    if (kind == 2) return Value::unsigned_integer(next() >> next() % 64);
    if (kind == 3) return Value::negative(next() >> next() % 64);
    if (kind == 4) return Value(Bytes(next() % 300, 0x5a));
    if (kind == 5) return Value(std::string(next() % 30, 'x'));
    if (kind == 6) return Value::tagged(next(), build(seeds, at, depth - 1));
    Array array;
    Map map;
    for (std::uint64_t i = next() % 5; i > 0; --i) {
        array.push_back(build(seeds, at, depth - 1));
        map.set(static_cast<std::int64_t>(next()), array.back());
    }
    return kind == 7 ? Value(array) : Value(map);
}

TEST(Cbor, RoundTrips)
{
    EXPECT_TRUE(rc::check("what is encoded parses to the same bytes", [](const std::vector<std::uint64_t>& seeds) {
        std::size_t at = 0;
        const Bytes bytes = *encode(build(seeds, at, 5));
        const auto again = parse(bytes);
        RC_ASSERT(again.has_value());
        RC_ASSERT(*encode(*again) == bytes);
    }));
    EXPECT_TRUE(rc::check("any bytes: what parses has one spelling", [](const Bytes& bytes) {
        if (const auto value = parse(bytes)) RC_ASSERT(*encode(*value) == bytes);
    }));
}

}  // namespace
}  // namespace iapp::cbor
