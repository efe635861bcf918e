// Strict JSON: what is refused, what the readers say about it, and RFC 8785 output.
#include "codec/json.hpp"

#include <gtest/gtest.h>

namespace iapp::json {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

struct Case {
    const char* text;
    std::string_view reason;
};

TEST(Json, RefusesWhatTwoReadersCouldReadDifferently)
{
    const Case cases[] = {
        {R"({"a":1,"b":{"a":1}})", ""},
        {R"([{"a":1},{"a":1}])", ""},
        {R"({"a":1,"a":1})", "json.duplicate_member"},
        {R"({"a":1,"\u0061":2})", "json.duplicate_member"},
        {R"([{"x":{"k":1,"l":2,"k":3}}])", "json.duplicate_member"},
        {R"({"a":1} x)", "json.syntax"},
        {R"({"a":1,})", "json.syntax"},
        {R"({"a":1)", "json.syntax"},
        {"/* no */ 1", "json.syntax"},
        {"", "json.syntax"},
        {"NaN", "json.syntax"},
        {"\"\xff\"", "json.syntax"},
        {"\"\xed\xa0\x80\"", "json.syntax"},
        {R"("\ud800")", "json.syntax"},
        {"01", "json.syntax"},
    };
    for (const auto& test : cases) EXPECT_EQ(reason(parse(test.text)), test.reason) << test.text;
}

TEST(Json, BoundsDepthAndSize)
{
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse(nested(32)));
    EXPECT_EQ(reason(parse(nested(33))), "json.depth");
    EXPECT_EQ(reason(parse("[1]", Limits{.max_bytes = 2})), "json.size");
}

TEST(Json, NamesTheRepeatedMember)
{
    EXPECT_NE(parse(R"({"a":{"key":1,"key":2}})").error().detail.find("\"key\""), std::string::npos);
}

class Reader : public testing::Test {
protected:
    const Value document = *parse(R"({
        "text":"t","flag":true,"number":7,"negative":-1,"fraction":1.5,"huge":18446744073709551616,"none":null,
        "object":{"inner":3},"array":["x",5,{"y":1},"0x0102"],"id":"0x0102","bytes":"0x00ff","base64":"AP8="})");
    const ObjectReader reader = *ObjectReader::of(document);
    using Id = FixedBytes<2, struct IdTag>;
};

TEST_F(Reader, AnswersTypedMembers)
{
    EXPECT_EQ(*reader.text("text"), "t");
    EXPECT_TRUE(*reader.boolean("flag"));
    EXPECT_EQ(*reader.u64("number"), 7U);
    EXPECT_EQ(*reader.object("object")->u64("inner"), 3U);
    EXPECT_EQ(*reader.array("array")->text(0), "x");
    EXPECT_EQ(*reader.array("array")->u64(1), 5U);
    EXPECT_EQ(*reader.array("array")->object(2)->u64("y"), 1U);
    EXPECT_EQ(reader.array("array")->id<Id>(3)->hex(), "0x0102");
    EXPECT_EQ(reader.id<Id>("id")->hex(), "0x0102");
    EXPECT_EQ(*reader.bytes_hex("bytes"), (Bytes{0, 0xff}));
    EXPECT_EQ(*reader.bytes_base64("base64"), (Bytes{0, 0xff}));
    EXPECT_TRUE(reader.has("none"));
}

TEST_F(Reader, NamesPathAndRule)
{
    EXPECT_EQ(reason(reader.text("absent")), "json.missing");
    EXPECT_EQ(reader.text("absent").error().detail, "$.absent is missing");
    EXPECT_EQ(reason(reader.text("flag")), "json.type");
    EXPECT_EQ(reason(reader.boolean("text")), "json.type");
    EXPECT_EQ(reason(reader.u64("text")), "json.type");
    EXPECT_EQ(reason(reader.u64("fraction")), "json.type");
    EXPECT_EQ(reason(reader.u64("huge")), "json.type");
    EXPECT_EQ(reason(reader.u64("negative")), "json.range");
    EXPECT_EQ(reason(reader.u64("number", 6)), "json.range");
    EXPECT_EQ(reason(reader.object("array")), "json.type");
    EXPECT_EQ(reason(reader.array("object")), "json.type");
    EXPECT_EQ(reason(reader.id<Id>("text")), "json.text");
    EXPECT_EQ(reason(reader.id<Id>("bytes")), "");
    EXPECT_EQ(reason(reader.bytes_hex("text")), "json.text");
    EXPECT_EQ(reason(reader.bytes_base64("text")), "json.text");
    EXPECT_EQ(reader.array("array")->text(1).error().detail, "$.array[1] must be text, got an integer");
    EXPECT_EQ(reason(reader.array("array")->text(9)), "json.missing");
    EXPECT_EQ(reason(ObjectReader::of(Value(1))), "json.type");
    EXPECT_EQ(reader.object("object")->text("inner").error().detail, "$.object.inner must be text, got an integer");
}

TEST_F(Reader, TreatsNullAsAbsentForOptionalMembers)
{
    EXPECT_EQ(*reader.find_text("none"), std::nullopt);
    EXPECT_EQ(*reader.find_text("absent"), std::nullopt);
    EXPECT_EQ(*reader.find_text("text"), "t");
    EXPECT_EQ(*reader.find_u64("number"), 7U);
    EXPECT_EQ(*reader.find_boolean("flag"), true);
    EXPECT_TRUE(reader.find_object("object")->has_value());
    EXPECT_TRUE(reader.find_array("array")->has_value());
    EXPECT_EQ(reason(reader.find_text("flag")), "json.type");
}

TEST_F(Reader, RefusesUnknownMembers)
{
    EXPECT_TRUE(reader.object("object")->only({"inner", "other"}));
    const auto refused = reader.object("object")->only({"other"});
    EXPECT_EQ(reason(refused), "json.unknown_member");
    EXPECT_NE(refused.error().detail.find("$.object.inner"), std::string::npos);
}

TEST(Canonical, FollowsRfc8785)
{
    const auto canon = [](std::string_view text) { return canonical(*parse(text)); };
    EXPECT_EQ(*canon(R"( { "b" : 2 , "a" : [ true , null , "x" ] , "A" : {} } )"), R"({"A":{},"a":[true,null,"x"],"b":2})");
    EXPECT_EQ(*canon(R"({"t":"\u20ac$\u000f\nA'B\"\\\\\"/"})"), "{\"t\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    // Section 3.2.3: UTF-16 order puts the emoji (surrogates d83d...) before U+FB33.
    EXPECT_EQ(*canon(R"({"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"1":4})"),
              "{\"1\":4,\"\xe2\x82\xac\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
    EXPECT_EQ(*canon("9007199254740991"), "9007199254740991");
    EXPECT_EQ(*canon("-9007199254740991"), "-9007199254740991");
    for (const char* bad : {"1.5", "1e3", "1.0", "9007199254740992", "-9007199254740992", "18446744073709551615"})
        EXPECT_EQ(reason(canon(bad)), "json.number") << bad;
    Value broken = "\xff";
    EXPECT_EQ(reason(canonical(broken)), "json.utf8");
}

}  // namespace
}  // namespace iapp::json
