// Transactions of nodes that answer in every way nodes do.
#include "chain/transactions.hpp"

#include <gtest/gtest.h>

#include "support/fake_node.hpp"

namespace iapp::chain {
namespace {

Hash256 hash(std::uint8_t n) { return Hash256{std::array<std::uint8_t, 32>{n}}; }

std::string transaction(std::uint8_t n, const std::string& block)
{
    return R"({"hash":")" + hash(n).hex() + R"(","blockHash":)" + block +
           R"(,"from":"0x00000000000000000000000000000000000000aa","to":null,"value":"0x1","gas":"0x5208","gasPrice":"0x7","input":"0x0102"})";
}
std::string in_block(std::uint8_t n) { return '"' + hash(n).hex() + '"'; }

/// `by_hash`: what the node says of transaction 1; its block is 9.
Result<std::vector<Transaction>> ask(const std::string& by_hash, const std::string& block, std::size_t count = 1)
{
    const support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        if (method == "eth_getTransactionByHash") return by_hash;
        EXPECT_EQ(method, "eth_getBlockByHash");
        EXPECT_EQ(params, "[\"" + hash(9).hex() + "\",true]");
        return block;
    });
    const std::vector<TransactionRef> refs(count, {hash(1), hash(9)});
    return read_transactions(node.client(), refs,
                             {.request_id = "test", .deadline = net::deadline_in(std::chrono::seconds(30))});
}

TEST(Transactions, AreReadAsTheyWereSent)
{
    const auto read = ask(transaction(1, in_block(9)), "null", 2);
    ASSERT_TRUE(read) << read.error().detail;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[1].hash, hash(1));
    EXPECT_EQ((*read)[1].from.hex(), "0x00000000000000000000000000000000000000aa");
    EXPECT_FALSE((*read)[1].to);
    EXPECT_EQ((*read)[1].value, U256{1});
    EXPECT_EQ((*read)[1].gas_limit, 21'000U);
    EXPECT_EQ((*read)[1].gas_price, U256{7});
    EXPECT_EQ((*read)[1].input, (Bytes{1, 2}));
}

TEST(Transactions, ThatANodeForgotOrHoldsForPendingAreInTheirBlock)
{
    const std::string block =
        R"({"transactions":[)" + transaction(2, in_block(9)) + ',' + transaction(1, in_block(9)) + "]}";
    for (const std::string& by_hash :
         {std::string("null"), transaction(1, "null"), transaction(1, in_block(8)), transaction(2, in_block(9))}) {
        const auto read = ask(by_hash, block);
        ASSERT_TRUE(read) << by_hash << read.error().detail;
        EXPECT_EQ(read->front().hash, hash(1)) << by_hash;
        EXPECT_EQ(read->front().block_hash, hash(9)) << by_hash;
    }
}

struct Case {
    const char* name;
    std::string by_hash;
    std::string block;
    std::string_view reason;
};
class NoTransaction : public testing::TestWithParam<Case> {};
TEST_P(NoTransaction, IsAnError) { EXPECT_EQ(ask(GetParam().by_hash, GetParam().block).error().reason, GetParam().reason); }
INSTANTIATE_TEST_SUITE_P(
    Answers, NoTransaction,
    testing::Values(Case{"no_block", "null", "null", "rpc.transaction"},
                    Case{"empty_block", "null", R"({"transactions":[]})", "rpc.transaction"},
                    Case{"hashes_only", "null", R"({"transactions":["0x01"]})", "rpc.response"},
                    Case{"no_list", "null", R"({"transactions":{}})", "rpc.transaction"},
                    Case{"another", "null", R"({"transactions":[)" + transaction(2, in_block(9)) + "]}", "rpc.transaction"},
                    Case{"another_block", "null", R"({"transactions":[)" + transaction(1, in_block(8)) + "]}",
                         "rpc.transaction"},
                    Case{"no_sender", R"({"hash":")" + hash(1).hex() + "\"}", "null", "rpc.response"},
                    Case{"no_object", "7", "null", "rpc.response"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Transactions, InOneQuestionAreBounded)
{
    EXPECT_EQ(ask("null", "null", kMostTransactions + 1).error().reason, "rpc.transactions");
}

}  // namespace
}  // namespace iapp::chain
