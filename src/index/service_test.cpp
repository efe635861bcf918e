// The index over HTTP, on a chain that is a function of block numbers: what clients ask is answered from the head.
#include "index/service.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "codec/json.hpp"
#include "support/fake_history.hpp"

namespace iapp::index {
namespace {

class IndexService : public testing::Test {
protected:
    void SetUp() override
    {
        history_.head = 10;
        service_ = Service::open(file(), history_.network(node_.client().url()), http_, system_clock()).value();
        service_->add_routes(server_);
        ASSERT_TRUE(server_.start());
    }
    void TearDown() override
    {
        server_.stop();
        service_.reset();
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file() + suffix);
    }
    static std::string file()
    {
        return std::filesystem::temp_directory_path() / ("iapp-index-service-" + std::to_string(::getpid()) + ".db");
    }

    json::Value ask(const std::string& subgraph, const std::string& query, int status = 200)
    {
        const std::string body = json::print(json::Object{{"query", query}});
        const auto response =
            http_.post_json(server_.origin() + "/subgraphs/" + subgraph, body, net::deadline_in(std::chrono::seconds(60)));
        EXPECT_TRUE(response) << response.error().detail;
        EXPECT_EQ(response->status, status) << response->body;
        EXPECT_TRUE(response->headers.find("Content-Type").value_or("").starts_with("application/json"));
        return json::parse(response->body).value();
    }

    support::FakeHistory history_;
    support::FakeNode node_{
        [this](std::string_view method, std::string_view params) { return history_.answer(method, params); }};
    net::HttpClient http_;
    std::unique_ptr<Service> service_;
    net::HttpServer server_{{.cors = true, .threads = 4}};
};

TEST_F(IndexService, AnswersWhatTheHeadHolds)
{
    const auto first = ask("poco", "{ deals { id tasks { id status } } }");
    EXPECT_EQ(first.at_pointer("/data/deals").as_array().size(), 3U);
    history_.head = 13;
    const auto second =
        ask("poco", "{ deals(first: 10) { id tasks { id status } } tasks(where: {status: COMPLETED}) { id } }");
    EXPECT_EQ(second.at_pointer("/data/deals").as_array().size(), 4U);
    EXPECT_EQ(second.at_pointer("/data/tasks").as_array().size(), 4U);
}

TEST_F(IndexService, ServesBothSubgraphs)
{
    EXPECT_EQ(ask("dataprotector", "{ protectedDatas { id } }").at_pointer("/data/protectedDatas").as_array().size(), 0U);
    EXPECT_TRUE(ask("dataprotector", "{ deals { id } }", 400).as_object().contains("errors"));
    EXPECT_EQ(ask("poco", "{ apps { id name owner { id } } }").at_pointer("/data/apps").as_array().size(), 1U);
}

struct Asked {
    const char* name;
    std::string body;
    int status;
    std::string_view holds;  ///< part of the answer
};
class IndexAnswers : public IndexService, public testing::WithParamInterface<Asked> {};
TEST_P(IndexAnswers, AreJsonWithTheStatusThatFits)
{
    for (const std::string path : {"/subgraphs/poco", "/subgraphs/dataprotector"}) {
        const auto answer =
            http_.post_json(server_.origin() + path, GetParam().body, net::deadline_in(std::chrono::seconds(60)));
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->status, GetParam().status) << answer->body;
        EXPECT_EQ(answer->headers.find("Content-Type").value_or(""), "application/json");
        EXPECT_NE(answer->body.find(GetParam().holds), std::string::npos) << answer->body;
        const auto body = json::parse(answer->body).value();
        EXPECT_EQ(body.as_object().contains("errors"), answer->status == 400) << answer->body;
        EXPECT_EQ(body.as_object().contains("data"), answer->status == 200) << answer->body;
    }
}
const std::string kMeta = R"("query":"{_meta{block{number}}}")";
INSTANTIATE_TEST_SUITE_P(
    Bodies, IndexAnswers,
    testing::Values(
        Asked{"query_alone", "{" + kMeta + "}", 200, R"("number":10)"},
        Asked{"no_variables", "{" + kMeta + R"(,"variables":null})", 200, "number"},
        Asked{"variables_nobody_uses", "{" + kMeta + R"(,"variables":{"where":{}}})", 200, "number"},
        Asked{"empty", "", 400, "graphql.request"}, Asked{"cut", "{" + kMeta, 400, "graphql.request"},
        Asked{"list", "[]", 400, "graphql.request"}, Asked{"no_query", "{}", 400, "graphql.request"},
        Asked{"query_of_null", R"({"query":null})", 400, "graphql.request"},
        Asked{"query_twice", "{" + kMeta + "," + kMeta + "}", 400, "graphql.request"},
        Asked{"list_of_variables", "{" + kMeta + R"(,"variables":[]})", 400, "graphql.request"},
        Asked{"not_utf8", "{\"query\":\"{\xff}\"}", 400, "graphql.request"},
        Asked{"deep", "{" + kMeta + R"(,"variables":)" + std::string(100'000, '[') + "}", 400, "graphql.request"},
        Asked{"empty_query", R"({"query":""})", 400, "graphql."}, Asked{"open_query", R"({"query":"{"})", 400, "graphql."},
        Asked{"absent_variable", R"({"query":"query($n:Int!){_meta(block:{number:$n}){block{number}}}"})", 400,
              "graphql.variable"},
        Asked{"much_too_large", "{" + kMeta + R"(,"x":")" + std::string(300'000, 'x') + "\"}", 413, "http.body"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(IndexService, AnswersPostsToItsTwoPathsOnly)
{
    const auto ask_for = [&](const char* method, const std::string& path) {
        const auto answer =
            http_.send({.method = method, .target = server_.origin() + path}, net::deadline_in(std::chrono::seconds(60)));
        EXPECT_TRUE(answer);
        return answer->status;
    };
    EXPECT_EQ(ask_for("GET", "/subgraphs/poco"), 405);
    EXPECT_EQ(ask_for("PUT", "/subgraphs/dataprotector"), 405);
    EXPECT_EQ(ask_for("POST", "/subgraphs/others"), 404);
    EXPECT_EQ(ask_for("POST", "/subgraphs/poco/"), 404);
}

TEST_F(IndexService, AnswersUnderTheNamesOfAGraphNode)
{
    EXPECT_EQ(ask("name/arbitrum-sepolia/poco-v5", "{ deals { id } }").at_pointer("/data/deals").as_array().size(), 3U);
    const auto data = ask("name/arbitrum-sepolia/dataprotector-v2", "{ protectedDatas { id } }");
    EXPECT_EQ(data.at_pointer("/data/protectedDatas").as_array().size(), 0U);
}

TEST_F(IndexService, SaysWhereItIs)
{
    const auto response = http_.get(server_.origin() + "/status", net::deadline_in(std::chrono::seconds(60)));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(json::parse(response->body)->at_pointer("/block/number").to_number<int>(), 10);
}

TEST_F(IndexService, AChainThatCannotBeReadIsAnOutage)
{
    const net::HttpClient http;
    auto network = history_.network("http://127.0.0.1:1");
    const std::string other = file() + ".other";
    {
        const auto service = Service::open(other, network, http, system_clock()).value();
        net::HttpServer server{{.handler_timeout = std::chrono::milliseconds(2'000)}};
        service->add_routes(server);
        ASSERT_TRUE(server.start());
        const auto response = http_.post_json(server.origin() + "/subgraphs/poco", R"({"query":"{ deals { id } }"})",
                                              net::deadline_in(std::chrono::seconds(60)));
        ASSERT_TRUE(response);
        EXPECT_GE(response->status, 503);
        server.stop();
    }
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(other + suffix);
}

}  // namespace
}  // namespace iapp::index
