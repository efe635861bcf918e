// Questions made to cost much or to break a statement: each ends soon, with the same answer on both engines.
#include <gtest/gtest.h>

#include "support/store_engines.hpp"
#include "support/subgraph_rows.hpp"

namespace iapp::index {
namespace {

using namespace test;

class HostileQueries : public testing::TestWithParam<Engine> {
protected:
    void SetUp() override
    {
        const std::string location = fresh_location(GetParam());
        if (location.empty()) GTEST_SKIP() << kNoServer;
        rows_.emplace(location);
    }

    std::optional<SubgraphRows> rows_;
};

TEST_P(HostileQueries, NumbersHaveAtMostAThousandDigits)
{
    for (const char* power : {"-2147483648", "-2147483647", "-1001", "1001", "2147483647"})
        EXPECT_EQ(rows_->data_where("creationTimestamp:\"0e" + std::string(power) + '"'), "index.value") << power;
    for (const char* number : {"100", "1e2", "0100.0", "1000e-1", "0.1e3"})
        EXPECT_EQ(rows_->data_where("creationTimestamp:\"" + std::string(number) + '"'), "d1") << number;
    for (const char* number : {"0e-1000", "0.00", "-0", "00e1000"})
        EXPECT_EQ(rows_->data_where("creationTimestamp_gt:\"" + std::string(number) + '"'), "d1 d2 d3 d4") << number;
    EXPECT_EQ(rows_->data_where("creationTimestamp:\"105e-1\""), "index.value");
}

TEST_P(HostileQueries, ListsInFiltersAreNestedTwice)
{
    const auto accounts = [&](const std::string& where) {
        return rows_->ids(dataprotector_subgraph(), "accounts", "where:{" + where + "}");
    };
    EXPECT_EQ(accounts("collections_:{id_not:null}").size(), 5U);
    EXPECT_EQ(accounts("datasets_:{owner_:{datasets_:{id:\"" + address("d1") + "\"}}}"), "00");
    EXPECT_EQ(accounts("datasets_:{owner_:{datasets_:{owner_:{datasets_:{name:\"zz\"}}}}}"), "graphql.depth");
    EXPECT_EQ(accounts("and:[{datasets_:{owner_:{datasets_:{id:1}}}},{datasets_:{owner_:{datasets_:{id:1}}}}]"), "");
}

TEST_P(HostileQueries, TheTimeOfStatementsIsLimited)
{
    const auto answer = answer_graphql(rows_->database_, dataprotector_subgraph(), {}, R"({"query":"{accounts{id}}"})",
                                       std::chrono::milliseconds(0));
    ASSERT_TRUE(answer) << answer.error().reason;
    EXPECT_EQ(answer->status, 400);
    EXPECT_NE(answer->body.find("index.limit"), std::string::npos) << answer->body;
}

TEST_P(HostileQueries, EmptyConditionsCount)
{
    for (const char* empty : {"{}", "null", "{and:null}"}) {
        const auto some = [&](int count) {
            std::string items;
            for (int i = 0; i < count; ++i) items += std::string(empty) + ' ';
            return rows_->data_where("or:[" + items + "]");
        };
        EXPECT_EQ(some(200), "d1 d2 d3 d4") << empty;
        EXPECT_EQ(some(1'100), "index.limit") << empty;
    }
}

TEST_P(HostileQueries, AListMayBeAskedForManyIds)
{
    std::string ids;
    for (int i = 0; i < 1'200; ++i) ids += "\"a" + std::to_string(i) + ":string\" ";
    EXPECT_EQ(rows_->data_where("schema_contains:[" + ids + "]"), "");
    EXPECT_EQ(rows_->data_where("schema_not_contains:[" + ids + "]"), "d1 d2 d3 d4");
    EXPECT_EQ(rows_->data_where(R"(schema_contains:["age:f64" "email:string" "age:f64"])"), "d1");
    EXPECT_EQ(rows_->data_where(R"(schema_not_contains:["age:f64" "email:string"])"), "d2 d3 d4");
    EXPECT_EQ(rows_->data_where("schema_not_contains:[]"), "");
}

TEST_P(HostileQueries, TextWithNulIsNoValue)
{
    for (const char* condition :
         {R"(name:"\u0000")", R"(name_contains:"a\u0000")", R"(id_in:["\u0000"])", R"(schema_contains:["\u0000"])",
          R"(owner_:{id:"\u0000"})", R"(creationTimestamp:"1\u0000")", R"(multiaddr:"0x\u0000\u0000")"})
        EXPECT_EQ(rows_->data_where(condition), "index.value") << condition;
    EXPECT_NE(rows_->ask(dataprotector_subgraph(), R"({protectedData(id:"a\u0000"){id}})").find("index.value"),
              std::string::npos);
}

TEST_P(HostileQueries, WhatTheDatabaseRefusesIsTheQuerysFault)
{
    add(rows_->database_, "DROP TABLE rental");
    const auto answer = answer_graphql(rows_->database_, dataprotector_subgraph(), {}, R"({"query":"{rentals{id}}"})");
    ASSERT_TRUE(answer) << answer.error().reason;
    EXPECT_EQ(answer->status, 400);
    EXPECT_NE(answer->body.find("index.statement"), std::string::npos) << answer->body;
}

INSTANTIATE_TEST_SUITE_P(Engines, HostileQueries, kEngines, engine_name);

}  // namespace
}  // namespace iapp::index
