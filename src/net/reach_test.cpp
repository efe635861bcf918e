// Clients that must not leave the public internet: the table of addresses, and the ways around it.
#include <gtest/gtest.h>

#include "net/client.hpp"
#include "net/internal/address_scope.hpp"
#include "net/server.hpp"

namespace iapp::net {
namespace {

bool is_public(const char* text) { return internal::is_public(boost::asio::ip::make_address(text)); }

TEST(AddressScope, KnowsWhatIsNobodysBusiness)
{
    for (const char* address : {"0.0.0.0",
                                "10.0.0.1",
                                "10.255.255.255",
                                "100.64.0.1",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.8.8.8",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.0.0.1",
                                "192.0.2.1",
                                "192.88.99.1",
                                "192.168.1.1",
                                "198.18.0.1",
                                "198.19.255.255",
                                "198.51.100.1",
                                "203.0.113.9",
                                "224.0.0.1",
                                "239.1.1.1",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "::ffff:8.8.8.8",
                                "::ffff:127.0.0.1",
                                "::8.8.8.8",
                                "64:ff9b::7f00:1",
                                "100::1",
                                "2001::1",
                                "2001:1ff::1",
                                "2001:db8::1",
                                "2002:7f00:1::1",
                                "3fff:fff::1",
                                "fc00::1",
                                "fd12::1",
                                "fe80::1",
                                "fec0::1",
                                "ff02::1"})
        EXPECT_FALSE(is_public(address)) << address;
    for (const char* address :
         {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.1.1.1", "128.0.0.1",
          "169.253.1.1", "172.15.255.255", "172.32.0.0", "192.167.1.1", "192.169.0.1", "198.17.255.255", "198.20.0.1",
          "223.255.255.255", "2001:200::1", "2606:4700::1111", "2a00:1450::1"})
        EXPECT_TRUE(is_public(address)) << address;
}

std::string_view reason(const Result<Response>& result) { return result ? std::string_view{} : result.error().reason; }

TEST(Reach, RefusesThisMachineUnderAnyName)
{
    HttpServer server;
    int served = 0;
    server.route("GET", "/", [&](const Request&, const CallContext&) {
        ++served;
        return text_response(200, "secret");
    });
    ASSERT_TRUE(server.start());
    const std::string port = ":" + std::to_string(server.port()) + "/";
    const HttpClient outside({.reach = Reach::public_internet});
    for (const std::string host :
         {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"})
        EXPECT_EQ(reason(outside.get("http://" + host + port, deadline_in(std::chrono::seconds(5)))), "net.private_address")
            << host;
    EXPECT_EQ(served, 0);
    EXPECT_EQ(reason(HttpClient().get("http://127.0.0.1" + port, deadline_in(std::chrono::seconds(5)))), "");
}

}  // namespace
}  // namespace iapp::net
