#include "net/url.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "net/http.hpp"

namespace iapp::net {
namespace {

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

TEST(Url, TakesTheParts)
{
    const auto url = parse_url("HTTPS://Example.Org/a%20b?c=d&e");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->origin(), "https://example.org:443");
    EXPECT_EQ(url->authority(), "example.org");
    EXPECT_EQ(url->target, "/a%20b?c=d&e");
    EXPECT_TRUE(url->is_tls());
}

TEST(Url, KnowsIpv6)
{
    const auto url = parse_url("http://[::1]:8080");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->authority(), "[::1]:8080");
    EXPECT_EQ(url->target, "/");
}

struct Bad {
    const char* name;
    std::string_view text;
    std::string_view reason;
};
class BadUrls : public testing::TestWithParam<Bad> {};
TEST_P(BadUrls, AreNamed) { EXPECT_EQ(reason(parse_url(GetParam().text)), GetParam().reason); }
INSTANTIATE_TEST_SUITE_P(
    Url, BadUrls,
    testing::Values(Bad{"empty", "", "url.syntax"}, Bad{"relative", "/a", "url.syntax"},
                    Bad{"ipv6_path", "http://[::1]:80x", "url.syntax"}, Bad{"space", "http://h/a b", "url.syntax"},
                    Bad{"line_end", "http://h/\r\n", "url.syntax"}, Bad{"scheme", "ftp://h/", "url.scheme"},
                    Bad{"no_host", "http:///a", "url.host"}, Bad{"escaped_host", "http://a%0ab/", "url.host"},
                    Bad{"future_address", "http://[v1.a:b]/", "url.host"}, Bad{"port_zero", "http://h:0/", "url.port"},
                    Bad{"port_large", "http://h:65536/", "url.port"}, Bad{"user", "http://u:p@h/", "url.user"},
                    Bad{"fragment", "http://h/#a", "url.fragment"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Query, ReadsAndWrites)
{
    const auto query = Query::parse("a=1&b=two+words&a=%41%2b&flag&&x=%20");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->find("a"), "1");
    EXPECT_EQ(query->find_all("a"), (std::vector<std::string_view>{"1", "A+"}));
    EXPECT_EQ(query->find("b"), "two words");
    EXPECT_EQ(query->find("flag"), "");
    EXPECT_EQ(query->find("none"), std::nullopt);
    EXPECT_EQ(query->encode(), "a=1&b=two%20words&a=A%2B&flag=&x=%20");
}

TEST(Query, RefusesBrokenEscapes)
{
    for (const char* text : {"a=%", "a=%1", "a=%zz", "%=1"}) EXPECT_EQ(reason(Query::parse(text)), "url.escape") << text;
    EXPECT_EQ(reason(percent_decode("%4")), "url.escape");
    EXPECT_EQ(*percent_decode(percent_encode("a/b c%\xff")), "a/b c%\xff");
}

struct Range {
    const char* name;
    std::optional<std::string_view> header;
    std::vector<ByteRange> expected;
    std::string_view reason;
};
class Ranges : public testing::TestWithParam<Range> {};
TEST_P(Ranges, FollowRfc9110)
{
    const auto ranges = parse_ranges(GetParam().header, 100);
    ASSERT_EQ(reason(ranges), GetParam().reason);
    EXPECT_EQ(ranges.value_or(std::vector<ByteRange>{}), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Http, Ranges,
    testing::Values(Range{"none", std::nullopt, {}, ""}, Range{"first", "bytes=0-0", {{0, 1}}, ""},
                    Range{"open", "bytes=10-", {{10, 90}}, ""}, Range{"beyond_end", "bytes=90-1000", {{90, 10}}, ""},
                    Range{"last", "bytes=-5", {{95, 5}}, ""}, Range{"last_of_all", "bytes=-1000", {{0, 100}}, ""},
                    Range{"unit_case", "Bytes=1-2", {{1, 2}}, ""}, Range{"other_unit", "lines=1-2", {}, ""},
                    Range{"several", "bytes=5-6, 0-1,-1", {{5, 2}, {0, 2}, {99, 1}}, ""},
                    Range{"one_outside", "bytes=0-1,100-", {{0, 2}}, ""},
                    Range{"all_outside", "bytes=100-,200-", {}, "http.range"},
                    Range{"together_too_large", "bytes=0-60,40-99", {}, ""},
                    Range{"too_many", "bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0", {}, ""},
                    Range{"empty_between", "bytes=0-1,,2-3", {}, ""}, Range{"backwards", "bytes=5-4", {}, ""},
                    Range{"not_a_number", "bytes=a-b", {}, ""}, Range{"nothing", "bytes=-", {}, ""},
                    Range{"outside", "bytes=100-", {}, "http.range"}, Range{"last_zero", "bytes=-0", {}, "http.range"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ErrorResponse, SplitsTheDetailAndHidesInternals)
{
    const Response wrong = error_response({ErrorKind::invalid_input, "a.b", "it was \"x\"\n; send y"});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(wrong.body, R"({"error":{"id":"a.b","message":"it was \"x\"\u000a","fix":"send y"}})");
    EXPECT_EQ(wrong.headers.find("content-type"), "application/json");

    const Response internal = error_response({ErrorKind::internal, "a.c", "/secret/path"});
    EXPECT_EQ(internal.status, 500);
    EXPECT_EQ(internal.body.find("secret"), std::string::npos);

    const Response no_fix = error_response({ErrorKind::unavailable, "a.d", "it is down \xff"});
    EXPECT_EQ(no_fix.body,
              "{\"error\":{\"id\":\"a.d\",\"message\":\"it is down \xEF\xBF\xBD\",\"fix\":\"try again later\"}}");
}

TEST(HeaderMap, ComparesNamesWithoutCase)
{
    HeaderMap headers{{"A", "1"}};
    headers.add("b", "2");
    headers.add("B", "3");
    EXPECT_EQ(headers.find("a"), "1");
    EXPECT_EQ(headers.find("B"), "2");
    headers.set("b", "4");
    EXPECT_EQ(headers.size(), 2U);
    headers.erase("a");
    EXPECT_FALSE(headers.has("A"));
}

}  // namespace
}  // namespace iapp::net
