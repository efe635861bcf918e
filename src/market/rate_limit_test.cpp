// Whom a request counts for, and when it is one too many.
#include "market/rate_limit.hpp"

#include <gtest/gtest.h>

namespace iapp::market {
namespace {

struct AddressCase {
    const char* name;
    std::string peer;
    net::HeaderMap headers;
    bool is_behind_proxy;
    std::string_view counted;
};
class CountedAddress : public testing::TestWithParam<AddressCase> {};
TEST_P(CountedAddress, IsWhoAsked)
{
    net::Request request;
    request.peer = GetParam().peer;
    request.headers = GetParam().headers;
    EXPECT_EQ(counted_address(request, GetParam().is_behind_proxy), GetParam().counted);
}
INSTANTIATE_TEST_SUITE_P(
    Market, CountedAddress,
    testing::Values(
        AddressCase{"socket", "203.0.113.7:4711", {}, false, "203.0.113.7"},
        AddressCase{"loopback", "127.0.0.1:4711", {}, false, ""},
        AddressCase{"all_of_loopback", "127.9.9.9:1", {}, false, ""},
        AddressCase{"loopback_v6", "[::1]:4711", {}, false, ""},
        AddressCase{"mapped_loopback", "[::ffff:127.0.0.1]:4711", {}, false, ""},
        AddressCase{"mapped", "[::ffff:203.0.113.7]:4711", {}, false, "203.0.113.7"},
        AddressCase{"v6_by_network", "[2001:db8:1:2:3:4:5:6]:80", {}, false, "2001:db8:1:2::"},
        AddressCase{"headers_of_strangers_do_not_count",
                    "203.0.113.7:4711",
                    {{"X-Real-IP", "127.0.0.1"}, {"X-Forwarded-For", "127.0.0.1"}},
                    false,
                    "203.0.113.7"},
        AddressCase{"real_ip_of_our_proxy",
                    "127.0.0.1:1",
                    {{"X-Real-IP", "198.51.100.1"}, {"X-Forwarded-For", "198.51.100.2"}},
                    true,
                    "198.51.100.1"},
        AddressCase{
            "last_hop_of_our_proxy", "127.0.0.1:1", {{"X-Forwarded-For", "127.0.0.1, 198.51.100.2"}}, true, "198.51.100.2"},
        AddressCase{"not_an_address", "127.0.0.1:1", {{"X-Real-IP", "me"}}, true, "unknown"},
        AddressCase{"no_header_behind_proxy", "198.51.100.9:1", {}, true, "198.51.100.9"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RateLimit, CountsEachAddressForOneMinute)
{
    RateLimit limit(2);
    const UnixMillis start{std::chrono::hours(500'000)};
    EXPECT_TRUE(limit.admit("a", start));
    EXPECT_TRUE(limit.admit("a", start + std::chrono::seconds(59)));
    EXPECT_FALSE(limit.admit("a", start + std::chrono::seconds(59)));
    EXPECT_TRUE(limit.admit("b", start + std::chrono::seconds(59)));
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(limit.admit("", start)) << "loopback";
    EXPECT_TRUE(limit.admit("a", start + std::chrono::seconds(60)));
    EXPECT_TRUE(limit.admit("a", start)) << "a clock that was set back";
}

TEST(RateLimit, OfZeroIsNone)
{
    RateLimit limit(0);
    for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(limit.admit("a", UnixMillis{}));
}

}  // namespace
}  // namespace iapp::market
