#include "market/internal/call_memory.hpp"

#include <gtest/gtest.h>

#include "support/fake_node.hpp"

namespace iapp::market::internal {
namespace {

/// Answers each call with how many it has answered, as one word.
struct CountingNode {
    std::uint64_t asked = 0;
    support::FakeNode node{[this](std::string_view method, std::string_view) {
        if (method == "eth_getBlockByNumber") return support::fake_block(++heads, 'a');
        return '"' + hex0x(word(++asked)) + '"';
    }};
    std::uint64_t heads = 0;
    CallMemory memory;

    static Bytes word(std::uint64_t number)
    {
        Bytes out(32);
        out.back() = static_cast<std::uint8_t>(number);
        return out;
    }

    /// What it says of calls with these bytes of calldata.
    std::vector<int> ask(std::initializer_list<std::uint8_t> calls, const Hash256& block)
    {
        std::vector<chain::ContractCall> all;
        for (const std::uint8_t data : calls) all.push_back({eth::Address::zero(), Bytes{data}});
        const auto told = memory.ask(node.client(), all, block, {"test", net::deadline_in(std::chrono::seconds(10)), {}});
        EXPECT_EQ(told.value().head.number, heads) << "the head is not remembered";
        std::vector<int> out;
        for (const chain::CallOutcome& outcome : told->outcomes) out.push_back(outcome.data.back());
        return out;
    }
};

Hash256 block(std::uint8_t number) { return *Hash256::from_bytes(CountingNode::word(number)); }

using Answers = std::vector<int>;

TEST(CallMemory, AsksOnceWhileTheBlockIsTheSame)
{
    CountingNode chain;
    EXPECT_EQ(chain.ask({7, 8}, block(1)), (Answers{1, 2}));
    EXPECT_EQ(chain.ask({8, 9, 7}, block(1)), (Answers{2, 3, 1}));
    EXPECT_EQ(chain.asked, 3U);
}

TEST(CallMemory, ForgetsWhenTheBlockIsAnother)
{
    CountingNode chain;
    EXPECT_EQ(chain.ask({7}, block(1)), (Answers{1}));
    EXPECT_EQ(chain.ask({7}, block(2)), (Answers{2}));
    EXPECT_EQ(chain.ask({7}, block(1)), (Answers{3})) << "a block that came back may be another's past";
}

}  // namespace
}  // namespace iapp::market::internal
