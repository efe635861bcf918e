#include "index/compass.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "net/client.hpp"
#include "support/fake_history.hpp"

namespace iapp::index {
namespace {

class CompassTest : public testing::Test {
protected:
    void SetUp() override
    {
        wire::Network network = support::FakeHistory{}.network("http://127.0.0.1:1");
        network.workerpool = eth::parse_address("0x5FC8d32690cc91D4c39d9d3abcBD16989F875707").value();
        network.services.core = "http://127.0.0.1:3051";
        compass_.emplace(network);
        compass_->add(eth::parse_address("0x00000000000000000000000000000000000000aa").value(), "https://pool.example");
        compass_->add_routes(server_);
        ASSERT_TRUE(server_.start());
    }
    void TearDown() override { server_.stop(); }

    net::Response get(const std::string& path)
    {
        auto response = http_.get(server_.origin() + path, net::deadline_in(std::chrono::seconds(10)));
        EXPECT_TRUE(response) << response.error().detail;
        EXPECT_EQ(response->headers.find("Content-Type"), "application/json");
        return *std::move(response);
    }
    static std::string member(const net::Response& response, const char* name)
    {
        return std::string(json::parse(response.body).value().at(name).as_string());
    }

    net::HttpClient http_;
    net::HttpServer server_;
    std::optional<Compass> compass_;
};

TEST_F(CompassTest, KnowsPoolsInAnyCase)
{
    for (const char* address : {"0x5FC8d32690cc91D4c39d9d3abcBD16989F875707", "0x5fc8d32690cc91d4c39d9d3abcbd16989f875707",
                                "0x5FC8D32690CC91D4C39D9D3ABCBD16989F875707"}) {
        const auto response = get("/421614/workerpools/" + std::string(address));
        EXPECT_EQ(response.status, 200) << address;
        EXPECT_EQ(member(response, "apiUrl"), "http://127.0.0.1:3051");
        EXPECT_EQ(member(response, "address"), "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707");
    }
    EXPECT_EQ(member(get("/421614/workerpools/0x00000000000000000000000000000000000000AA"), "apiUrl"),
              "https://pool.example");
}

TEST_F(CompassTest, RefusesWithWords)
{
    const auto unknown = get("/421614/workerpools/0x00000000000000000000000000000000000000bb");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(member(unknown, "error"), "workerpool not found");
    for (const char* path : {"/1/workerpools/0x5FC8d32690cc91D4c39d9d3abcBD16989F875707", "/421614/workerpools", "/",
                             "/x/workerpools/0x5FC8d32690cc91D4c39d9d3abcBD16989F875707"}) {
        const auto elsewhere = get(path);
        EXPECT_EQ(elsewhere.status, 404) << path;
        EXPECT_FALSE(json::parse(elsewhere.body).value().as_object().contains("apiUrl")) << path;
    }
    const auto malformed = get("/421614/workerpools/pool");
    EXPECT_EQ(malformed.status, 400);
    EXPECT_EQ(member(malformed, "error"), "address must be a valid ethereum address");
}

}  // namespace
}  // namespace iapp::index
