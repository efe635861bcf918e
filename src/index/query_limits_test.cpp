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

INSTANTIATE_TEST_SUITE_P(Engines, HostileQueries, kEngines, engine_name);

}  // namespace
}  // namespace iapp::index
