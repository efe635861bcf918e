#include "localchain/automine_nudge.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "localchain/test_chain.hpp"

namespace iapp::localchain {
namespace {

TEST(AutomineNudge, MinesWhatIsStuckAndNothingElse)
{
    auto chain = TestChain::start();
    ASSERT_TRUE(chain) << chain.error().detail;
    const auto& rpc = (*chain)->rpc();
    const auto call = TestChain::call();
    const auto head = *rpc.block_number(call);
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    EXPECT_EQ(*rpc.block_number(call), head);  // an empty pool needs no block

    // Mining switched off and on again leaves the transaction where the race leaves it: in the pool, with nobody coming.
    ASSERT_TRUE(rpc.call({"evm_setAutomine", "[false]"}, call));
    const std::string sender = "\"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266\"";
    ASSERT_TRUE(rpc.call({"eth_sendTransaction", "[{\"from\":" + sender + ",\"to\":" + sender + "}]"}, call));
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    EXPECT_EQ(*rpc.block_number(call), head);
    ASSERT_TRUE(rpc.call({"evm_setAutomine", "[true]"}, call));
    for (int look = 0; look < 100 && *rpc.block_number(call) == head; ++look)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(*rpc.block_number(call), head + 1);
}

}  // namespace
}  // namespace iapp::localchain
