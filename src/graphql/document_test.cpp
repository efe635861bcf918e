// Documents that are read, and for each rule one that is not. The reference implementation is asked in test/conformance.
#include "graphql/document.hpp"

#include <gtest/gtest.h>

#include "graphql/internal/lexer.hpp"

namespace iapp::graphql {
namespace {

std::string repeat(std::string_view text, std::size_t times)
{
    std::string repeated;
    for (std::size_t i = 0; i < times; ++i) repeated += text;
    return repeated;
}

std::string nested(std::size_t depth) { return repeat("{a", depth) + repeat("}", depth); }

/// Fragments that double at each step: 2^steps selections from a few hundred bytes.
std::string doubling(int steps)
{
    std::string document = "{...f0}";
    for (int i = 0; i < steps; ++i) {
        const std::string next = "...f" + std::to_string(i + 1);
        document += " fragment f" + std::to_string(i) + " on T{a{" + next + "} b{" + next + "}}";
    }
    return document + " fragment f" + std::to_string(steps) + " on T{a}";
}

Document read(std::string_view text)
{
    auto document = parse(text);
    EXPECT_TRUE(document) << text;
    return std::move(document).value_or(Document{});
}

const Field& only_field(const std::vector<Selection>& selections)
{
    EXPECT_EQ(selections.size(), 1U);
    return std::get<Field>(selections.at(0).node);
}

TEST(Document, KeepsEverythingThatIsWritten)
{
    const auto document = parse(R"(
        query Name($a: [Int!]! = [1, -2], $b: F) {
            x: field(one: $a, two: {k: "v", e: [DESC, null, true, 1.5e3]}) @skip(if: $c) { id }
            ... on T @include(if: true) { id }
            ...F
        }
        fragment F on T { id })");
    ASSERT_FALSE(document);  // $c is not defined
    EXPECT_EQ(document.error().reason, "graphql.variable");

    const auto good = parse(
        "query Name($a: [Int!]! = [1, -2]) { x: f(one: $a, two: {k: \"v\", e: [DESC, null]}) { id } ...F }"
        "fragment F on T { id }");
    ASSERT_TRUE(good) << good.error().message;
    const Operation& operation = good->operations.at(0);
    EXPECT_EQ(operation.name, "Name");
    EXPECT_TRUE(operation.variables.at(0).type.non_null);
    EXPECT_TRUE(operation.variables.at(0).type.of.at(0).non_null);
    EXPECT_EQ(operation.variables.at(0).default_value.at(0).items.at(1).text, "-2");
    const Field& field = std::get<Field>(operation.selections.at(0).node);
    EXPECT_EQ(field.response_key(), "x");
    EXPECT_EQ(field.name, "f");
    EXPECT_EQ(field.arguments.at(0).value.kind, ValueKind::variable);
    EXPECT_EQ(field.arguments.at(1).value.members.at(1).value.items.at(0).kind, ValueKind::enumeration);
    EXPECT_EQ(field.arguments.at(1).value.members.at(1).value.items.at(1).kind, ValueKind::null);
    EXPECT_EQ(std::get<FragmentSpread>(operation.selections.at(1).node).name, "F");
    ASSERT_NE(good->find_fragment("F"), nullptr);
    EXPECT_EQ(good->find_fragment("F")->type_condition, "T");
}

TEST(Document, IgnoresCommasCommentsAndByteOrderMarks)
{
    const auto document = parse("\xef\xbb\xbf{,,, a(where:{,,x:1,,,} # ) }\r\n,first:2,),,}");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(only_field(document->operations.at(0).selections).arguments.size(), 2U);
}

TEST(Document, SaysWhere)
{
    const auto refused = parse("{\n  caf\xc3\xa9 }");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "graphql.syntax");
    EXPECT_EQ(refused.error().locations.at(0).line, 2U);
    EXPECT_EQ(refused.error().locations.at(0).column, 6U);
    const auto later = parse("{ a(b: \"\xc3\xa9\xc3\xa9\") ! }");
    EXPECT_EQ(later.error().locations.at(0).column, 14U);
    EXPECT_EQ(later.error().message, "expected a field, got '!'");
}

TEST(Document, ReadsStrings)
{
    const auto content = [](std::string_view literal) {
        const auto document = parse("{a(b:" + std::string(literal) + ")}");
        return document ? only_field(document->operations.at(0).selections).arguments.at(0).value.text
                        : document.error().message;
    };
    EXPECT_EQ(content(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(content(R"("\u00e9\uD83D\uDE00\u{1F600}\u{41}")"), "\xc3\xa9\xf0\x9f\x98\x80\xf0\x9f\x98\x80\x41");
    EXPECT_EQ(content("\"\""), "");
    EXPECT_EQ(content("\"\"\"\n    one\r\n      two\n\n    three \\\"\"\" \n  \n\"\"\""), "one\n  two\n\nthree \"\"\" ");
    EXPECT_EQ(content("\"\"\"\"\"\""), "");
    EXPECT_EQ(content("\"\"\"  first\n  second\"\"\""), "  first\nsecond");
}

struct Case {
    const char* name;
    std::string document;
    std::string_view reason;  ///< "" means it must pass
};
class Documents : public testing::TestWithParam<Case> {};

TEST_P(Documents, AreReadOrRefusedByTheirRule)
{
    const auto document = parse(GetParam().document);
    EXPECT_EQ(document ? "" : document.error().reason, GetParam().reason) << (document ? "" : document.error().message);
    EXPECT_TRUE(document || !document.error().message.empty());
}

const auto name_of = [](const auto& test) { return std::string(test.param.name); };

INSTANTIATE_TEST_SUITE_P(
    Grammar, Documents,
    testing::Values(
        Case{"short_form", "{a}", ""}, Case{"query_without_name", "query{a}", ""},
        Case{"keywords_are_names", "query query{query fragment on:mutation type}", ""}, Case{"empty", "", "graphql.syntax"},
        Case{"only_comment", "# nothing", "graphql.syntax"}, Case{"empty_selection", "{}", "graphql.syntax"},
        Case{"empty_arguments", "{a()}", "graphql.syntax"}, Case{"empty_variables", "query(){a}", "graphql.syntax"},
        Case{"empty_list", "{a(b:[])}", ""}, Case{"empty_object", "{a(b:{})}", ""}, Case{"unclosed", "{a", "graphql.syntax"},
        Case{"closed_twice", "{a}}", "graphql.syntax"}, Case{"two_dots", "{..a}", "graphql.syntax"},
        Case{"leading_zero", "{a(b:01)}", "graphql.syntax"}, Case{"minus_zero", "{a(b:-0)}", ""},
        Case{"lone_minus", "{a(b:-)}", "graphql.syntax"}, Case{"plus", "{a(b:+1)}", "graphql.syntax"},
        Case{"no_fraction", "{a(b:1.)}", "graphql.syntax"}, Case{"no_whole", "{a(b:.5)}", "graphql.syntax"},
        Case{"no_exponent", "{a(b:1e)}", "graphql.syntax"}, Case{"number_then_name", "{a(b:1x)}", "graphql.syntax"},
        Case{"number_then_dot", "{a(b:1.2.3)}", "graphql.syntax"}, Case{"hex", "{a(b:0x1F)}", "graphql.syntax"},
        Case{"single_quote", "{a(b:'c')}", "graphql.syntax"}, Case{"open_string", "{a(b:\"c)}", "graphql.syntax"},
        Case{"string_over_lines", "{a(b:\"c\nd\")}", "graphql.syntax"},
        Case{"bad_escape", R"({a(b:"\x41")})", "graphql.syntax"},
        Case{"short_escape", R"({a(b:"\u00g1")})", "graphql.syntax"},
        Case{"half_pair", R"({a(b:"\uD83D")})", "graphql.syntax"},
        Case{"wrong_pair", R"({a(b:"\uD83D\u0041")})", "graphql.syntax"},
        Case{"second_half", R"({a(b:"\uDE00")})", "graphql.syntax"}, Case{"no_point", R"({a(b:"\u{}")})", "graphql.syntax"},
        Case{"point_too_high", R"({a(b:"\u{110000}")})", "graphql.syntax"},
        Case{"point_too_long", R"({a(b:"\u{000000041}")})", "graphql.syntax"},
        Case{"point_is_surrogate", R"({a(b:"\u{D83D}\u{DE00}")})", "graphql.syntax"},
        Case{"open_block", "{a(b:\"\"\"c)}", "graphql.syntax"}, Case{"control_character", "{a\x01}", "graphql.syntax"},
        Case{"nul", std::string("{a\0}", 4), "graphql.syntax"}, Case{"not_utf8", "{a(b:\"\xff\")}", "graphql.utf8"},
        Case{"fragment_named_on", "{...on}fragment on on T{a}", "graphql.syntax"},
        Case{"variable_in_default", "query($a:Int=$b){a}", "graphql.syntax"},
        Case{"variable_in_list_default", "query($a:[Int]=[$a]){a}", "graphql.syntax"},
        Case{"description", "\"text\" query{a}", "graphql.syntax"}, Case{"question_mark", "{a?}", "graphql.syntax"},
        Case{"mutation", "mutation{a}", "graphql.operation"}, Case{"subscription", "subscription S{a}", "graphql.operation"},
        Case{"schema", "type T{a:Int}", "graphql.executable"},
        Case{"extension", "{a} extend type T{a:Int}", "graphql.executable"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Rules, Documents,
    testing::Values(Case{"unused_is_fine", "query($a:Int){a}fragment f on T{a}", ""},
                    Case{"two_operations", "query a{a}query b{a}", ""},
                    Case{"same_operation", "query a{a}query a{a}", "graphql.duplicate"},
                    Case{"nameless_in_company", "{a}query b{a}", "graphql.operation"},
                    Case{"same_fragment", "{...f}fragment f on T{a}fragment f on T{b}", "graphql.duplicate"},
                    Case{"same_variable", "query($a:Int,$a:Int){a}", "graphql.duplicate"},
                    Case{"same_argument", "{a(b:1,b:2)}", "graphql.duplicate"},
                    Case{"same_member", "{a(b:[{c:1,c:1}])}", "graphql.duplicate"},
                    Case{"same_member_of_default", "query($a:F={c:1,c:1}){a}", "graphql.duplicate"},
                    Case{"same_directive", "{a @skip(if:true) @skip(if:true)}", "graphql.duplicate"},
                    Case{"both_directives", "{a @skip(if:true) @include(if:true)}", ""},
                    Case{"unknown_directive", "{a @live}", "graphql.directive"},
                    Case{"directive_without_if", "{a @skip}", "graphql.directive"},
                    Case{"directive_with_text", "{a @skip(if:\"true\")}", "graphql.directive"},
                    Case{"directive_with_more", "{a @skip(if:true,unless:false)}", "graphql.directive"},
                    Case{"directive_on_query", "query @skip(if:true){a}", "graphql.directive"},
                    Case{"directive_on_variable", "query($a:Int @skip(if:true)){a}", "graphql.directive"},
                    Case{"directive_on_fragment", "{...f}fragment f on T @skip(if:true){a}", "graphql.directive"},
                    Case{"unknown_fragment", "{...f}", "graphql.fragment"},
                    Case{"undefined_variable", "{a(b:{c:[$d]})}", "graphql.variable"},
                    Case{"undefined_in_directive", "{a @skip(if:$d)}", "graphql.variable"},
                    Case{"undefined_in_fragment", "query a($d:Int){...f}query b{...f}fragment f on T{a(b:$d)}",
                         "graphql.variable"},
                    Case{"cycle", "{...f}fragment f on T{a{...f}}", "graphql.fragment"},
                    Case{"cycle_of_two", "{...f}fragment f on T{...g}fragment g on T{...f}", "graphql.fragment"},
                    Case{"cycle_unused", "{a}fragment f on T{...f}", "graphql.fragment"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Bombs, Documents,
                         testing::Values(Case{"deepest", nested(16), ""}, Case{"too_deep", nested(17), "graphql.depth"},
                                         Case{"far_too_deep", repeat("{a", 30'000), "graphql.depth"},
                                         Case{"open_lists", "{a(b:" + repeat("[", 60'000), "graphql.depth"},
                                         Case{"open_objects", "{a(b:" + repeat("{c:", 20'000), "graphql.depth"},
                                         Case{"list_type", "query($a:" + repeat("[", 60'000), "graphql.depth"},
                                         Case{"inline_fragments", repeat("{...", 9'000), "graphql.depth"},
                                         Case{"doubling", doubling(14), "graphql.depth"},
                                         Case{"doubling_wide",
                                              "{...f}fragment f on T{" + repeat("...g ", 100) + "}fragment g on T{" +
                                                  repeat("a ", 100) + "}",
                                              "graphql.selections"},
                                         Case{"aliases", "{" + repeat("x:a ", 2'001) + "}", "graphql.selections"},
                                         Case{"most_aliases", "{" + repeat("x:a ", 2'000) + "}", ""},
                                         Case{"tokens", "{" + repeat("a ", 10'000), "graphql.tokens"},
                                         Case{"directives", "{a" + repeat("@skip", 10'000), "graphql.tokens"},
                                         Case{"largest", "{a}" + repeat(" ", (64U << 10U) - 3), ""},
                                         Case{"too_large", "{a}" + repeat(" ", 64U << 10U), "graphql.size"}),
                         name_of);

TEST(Document, FindsTheOperationThatIsMeant)
{
    const Document two = read("query a{a}query b{b}");
    EXPECT_EQ(find_operation(two, "b").value()->name, "b");
    EXPECT_EQ(find_operation(two, "").error().reason, "graphql.operation");
    EXPECT_EQ(find_operation(two, "c").error().reason, "graphql.operation");
    const Document one = read("{a}");
    EXPECT_TRUE(find_operation(one, ""));
    EXPECT_FALSE(find_operation(one, "a"));
    const Document none = read("fragment f on T{a}");
    EXPECT_FALSE(find_operation(none, ""));
}

TEST(Problems, ArePrintedAsAnAnswer)
{
    const Problem problem{"graphql.syntax", "no \"such\" thing", {{.line = 3, .column = 7}}};
    EXPECT_EQ(print_errors(std::array{problem}),
              R"({"errors":[{"message":"no \"such\" thing","locations":[{"line":3,"column":7}],)"
              R"("extensions":{"code":"graphql.syntax"}}]})");
}

}  // namespace
}  // namespace iapp::graphql
