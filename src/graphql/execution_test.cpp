// Bodies, variables and the fields of a response.
#include "graphql/execution.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "base/result.hpp"
#include "graphql/request.hpp"

namespace iapp::graphql {
namespace {

InputKind kind_of(std::string_view name)
{
    if (name == "Thing_filter") return InputKind::object;
    if (name == "OrderDirection") return InputKind::enumeration;
    return name == "BigInt" ? InputKind::scalar : InputKind::unknown;
}

Outcome<Variables> variables_of(std::string_view definitions, std::string_view json)
{
    const std::string body =
        R"({"query":"query()" + std::string(definitions) + R"(){a}","variables":)" + std::string(json) + "}";
    TRY(const Request request, parse_request(body));
    return coerce_variables(request.document.operations.at(0), request.variables, kind_of);
}

TEST(Request, IsAJsonObjectWithAQuery)
{
    const auto reason = [](std::string_view body) {
        const auto request = parse_request(body);
        return std::string(request ? "" : request.error().reason);
    };
    EXPECT_EQ(reason(R"({"query":"{a}"})"), "");
    EXPECT_EQ(reason(R"({"query":"{a}","variables":null,"operationName":null,"extensions":{}})"), "");
    EXPECT_EQ(reason(R"({"query":"{a}","variables":[]})"), "graphql.request");
    EXPECT_EQ(reason(R"({"query":"{a}","variables":"{}"})"), "graphql.request");
    EXPECT_EQ(reason(R"({"query":"{a}","operationName":1})"), "graphql.request");
    EXPECT_EQ(reason(R"({"query":"{a"})"), "graphql.syntax");
    for (const char* body : {"", "null", "[]", "{}", "{a}", R"({"query":null})", R"({"query":1})", R"([{"query":"{a}"}])"})
        EXPECT_EQ(reason(body), "graphql.request") << body;
    EXPECT_EQ(reason(R"({"query":"{a}","variables":{"a":)" + std::string(1000, '[') + std::string(1000, ']') + "}}"),
              "graphql.request");
    EXPECT_EQ(reason(R"({"query":"{a}","variables":{"a":")" + std::string(256U << 10U, 'x') + "\"}}"), "graphql.request");
}

TEST(Variables, TakeTheirTypesAndDefaults)
{
    const auto variables = variables_of("$a:Int=3,$b:[BigInt],$c:Thing_filter,$d:OrderDirection,$e:String,$f:ID!",
                                        R"({"b":7,"c":{"x":[null,1.5,true]},"d":"desc","f":12,"other":1})");
    ASSERT_TRUE(variables) << variables.error().message;
    EXPECT_EQ(variables->at("a").text, "3");
    EXPECT_EQ(variables->at("b").items.at(0).text, "7");
    EXPECT_EQ(variables->at("c").members.at(0).value.items.at(1).kind, ValueKind::floating);
    EXPECT_EQ(variables->at("d").kind, ValueKind::enumeration);
    EXPECT_FALSE(variables->contains("e"));
    EXPECT_FALSE(variables->contains("other"));
    EXPECT_EQ(variables->at("f").text, "12");
}

TEST(Variables, OfAnotherTypeAreRefused)
{
    const auto refused = [](std::string_view definitions, std::string_view json) {
        const auto variables = variables_of(definitions, json);
        return !variables && variables.error().reason == "graphql.variable";
    };
    EXPECT_TRUE(refused("$a:Int!", "{}"));
    EXPECT_TRUE(refused("$a:Int!", R"({"a":null})"));
    EXPECT_FALSE(refused("$a:Int", R"({"a":null})"));
    EXPECT_FALSE(refused("$a:Int!=1", "{}"));
    EXPECT_TRUE(refused("$a:Int!=1", R"({"a":null})"));
    EXPECT_TRUE(refused("$a:Int", R"({"a":"1"})"));
    EXPECT_TRUE(refused("$a:Int", R"({"a":1.0})"));
    EXPECT_TRUE(refused("$a:Int", R"({"a":2147483648})"));
    EXPECT_FALSE(refused("$a:Int", R"({"a":-2147483648})"));
    EXPECT_TRUE(refused("$a:Int=true", "{}"));
    EXPECT_TRUE(refused("$a:Boolean", R"({"a":"true"})"));
    EXPECT_TRUE(refused("$a:String", R"({"a":1})"));
    EXPECT_FALSE(refused("$a:Float", R"({"a":1})"));
    EXPECT_TRUE(refused("$a:[Int!]", R"({"a":[1,null]})"));
    EXPECT_TRUE(refused("$a:Thing_filter", R"({"a":1})"));
    EXPECT_TRUE(refused("$a:BigInt", R"({"a":{}})"));
    EXPECT_TRUE(refused("$a:OrderDirection", R"({"a":1})"));
    EXPECT_TRUE(refused("$a:Nothing", R"({"a":1})"));
    EXPECT_TRUE(refused("$a:[Nothing]", "{}"));
}

Document read(std::string_view text)
{
    auto document = parse(text);
    EXPECT_TRUE(document) << text;
    return std::move(document).value_or(Document{});
}

std::string collect(std::string_view text, const Variables& variables = {})
{
    const Document document = read(text);
    const std::array sets{std::span<const Selection>(document.operations.at(0).selections)};
    const auto fields = collect_fields(document, sets, {"Query"}, variables);
    if (!fields) return std::string(fields.error().reason);
    std::string keys;
    for (const CollectedField& field : *fields)
        keys += std::string(field.response_key) + "=" + field.first().name + "*" + std::to_string(field.fields.size()) + " ";
    return keys;
}

Value boolean(bool flag)
{
    Value value;
    value.kind = ValueKind::boolean;
    value.text = flag ? "true" : "false";
    return value;
}

TEST(Fields, AreMergedInOrderOfAppearance)
{
    EXPECT_EQ(collect("{b a x:b ...f ...on Query{c a}}fragment f on Query{a d}"), "b=b*1 a=a*3 x=b*1 d=d*1 c=c*1 ");
    EXPECT_EQ(collect("{a(p:1,q:{r:[2]}){x} a(q:{r:[2]},p:1){y}}"), "a=a*2 ");
    EXPECT_EQ(collect("{a:b a}"), "graphql.conflict");
    EXPECT_EQ(collect("{a(p:1) a}"), "graphql.conflict");
    EXPECT_EQ(collect("{a(p:1) a(p:\"1\")}"), "graphql.conflict");
    EXPECT_EQ(collect("{a(p:[1,2]) a(p:[2,1])}"), "graphql.conflict");
    EXPECT_EQ(collect("{a(q:{r:1,s:{t:2,u:3}}) a(q:{s:{u:3,t:2},r:1})}"), "a=a*2 ");
    EXPECT_EQ(collect("{a(q:{r:1,s:2}) a(q:{s:1,r:2})}"), "graphql.conflict");
    EXPECT_EQ(collect("{a(q:{r:1}) a(q:{r:1,s:2})}"), "graphql.conflict");
    EXPECT_EQ(collect("{a(q:{r:1}) a(q:{s:1})}"), "graphql.conflict");
    EXPECT_EQ(collect("{...on Other{a}}"), "graphql.fragment");
    EXPECT_EQ(collect("{...f}fragment f on Other{a}"), "graphql.fragment");
}

TEST(Fields, OfAFragmentThatIsSpreadAgainCountOnce)
{
    EXPECT_EQ(collect("{...f ...f b{...g} ...f}fragment f on Query{a b{x}}fragment g on B{x}"), "a=a*1 b=b*2 ");
}

TEST(Fields, WithManyArgumentsAreComparedInAMoment)
{
    std::string forwards, backwards, spreads;
    for (int i = 0; i < 1400; ++i) {
        const std::string member = "m" + std::to_string(i) + ":0 ";
        forwards += member;
        backwards.insert(0, member);
    }
    for (int i = 0; i < 640; ++i) spreads += "...f ";
    const std::string text = "{a(w:{" + forwards + "}) " + spreads + "}fragment f on Query{a(w:{" + backwards + "})}";
    const std::clock_t begun = std::clock();
    EXPECT_EQ(collect(text), "a=a*2 ");
    EXPECT_LT(std::clock() - begun, CLOCKS_PER_SEC);
}

TEST(Fields, OfAnInterfaceDependOnTheObject)
{
    const Document document = read("{a ...on Thing{b} ...on One{c} ...on Two{d ...on Thing{e}} ...f} fragment f on Two{g}");
    const std::array sets{std::span<const Selection>(document.operations.at(0).selections)};
    constexpr std::array<std::string_view, 1> kInterfaces{"Thing"};
    constexpr std::array<std::string_view, 2> kSiblings{"One", "Two"};
    const auto keys = [&](const ObjectType& type) {
        const auto fields = collect_fields(document, sets, type, {});
        if (!fields) return std::string(fields.error().reason);
        std::string out;
        for (const CollectedField& field : *fields) out += field.response_key;
        return out;
    };
    EXPECT_EQ(keys({"One", kInterfaces, kSiblings}), "abc");
    EXPECT_EQ(keys({"Two", kInterfaces, kSiblings}), "abdeg");
    EXPECT_EQ(keys({"Two", kInterfaces}), "graphql.fragment");
    EXPECT_EQ(keys({"Two", {}, kSiblings}), "graphql.fragment");
}

TEST(Fields, AreSkippedOrIncluded)
{
    EXPECT_EQ(collect("{a@skip(if:true) b@include(if:false) c@skip(if:false)@include(if:true)}"), "c=c*1 ");
    EXPECT_EQ(collect("{a@skip(if:false)@include(if:false) ...@skip(if:true){b} c}"), "c=c*1 ");
    constexpr std::string_view kVariable = "query($v:Boolean){a@include(if:$v) b@skip(if:$v)}";
    EXPECT_EQ(collect(kVariable, {{"v", boolean(true)}}), "a=a*1 ");
    EXPECT_EQ(collect(kVariable, {{"v", boolean(false)}}), "b=b*1 ");
    EXPECT_EQ(collect(kVariable), "graphql.variable");
    EXPECT_EQ(collect(kVariable, {{"v", Value{}}}), "graphql.variable");
}

TEST(Fields, KeepTheSelectionsThatMustBeMerged)
{
    const Document document = read("{a{x} a{y}}");
    const std::array sets{std::span<const Selection>(document.operations.at(0).selections)};
    const auto fields = collect_fields(document, sets, {"Query"}, {}).value();
    const auto inner = collect_fields(document, fields.at(0).selections(), {"A"}, {}).value();
    EXPECT_EQ(inner.size(), 2U);
}

}  // namespace
}  // namespace iapp::graphql
