#include "localchain/state_keeper.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "localchain/internal/unpublished.hpp"
#include "localchain/test_chain.hpp"

namespace iapp::localchain {
namespace {

using chain::BlockId;
using internal::read_waiting;

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

constexpr std::string_view kSender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

TEST(WaitingTransactions, AreReadBySenderWithTheFirstNonce)
{
    const auto sender = eth::parse_address(kSender).value();
    const std::string pool =
        R"({"pending":{")" + std::string(kSender) + R"(":{"10":"a","9":"b"}},"queued":{"0x1":{"1":"c"}}})";
    EXPECT_EQ(read_waiting(pool).value(), (std::vector<internal::Waiting>{{sender, 9}}));
    EXPECT_TRUE(read_waiting(R"({"pending":{},"queued":{}})")->empty());
}

TEST(WaitingTransactions, OfAnotherShapeAreRefused)
{
    const std::string sender(kSender);
    for (const std::string& pool :
         {std::string("[]"), std::string(R"({"queued":{}})"), std::string(R"({"pending":[]})"),
          R"({"pending":{")" + sender + R"(":[]}})", R"({"pending":{")" + sender + R"(":{}}})",
          R"({"pending":{")" + sender + R"(":{"0x1":"a"}}})", R"({"pending":{")" + sender + R"(":{"":"a"}}})"})
        EXPECT_EQ(reason(read_waiting(pool)), "rpc.response") << pool;
    EXPECT_EQ(reason(read_waiting(R"({"pending":{"0x1":{"1":"a"}}})")), "address.format");
}

/// A nonce that is set by hand leaves the node as it is while it makes a block: used in the accounts, waiting in the pool.
TEST(StateKeeper, KeepsNothingWhileABlockIsAboutToBeShown)
{
    const auto chain = TestChain::start();
    ASSERT_TRUE(chain) << chain.error().detail;
    const auto call = TestChain::call();
    const std::string quoted = '"' + std::string(kSender) + '"';
    const auto set_nonce = [&](std::uint64_t nonce) {
        ASSERT_TRUE((*chain)->node("anvil_setNonce", "[" + quoted + ",\"" + eth::U256(nonce).to_hex() + "\"]"));
    };
    const auto used =
        (*chain)->rpc().transaction_count(eth::parse_address(kSender).value(), BlockId::latest(), call).value();
    ASSERT_TRUE((*chain)->node("evm_setAutomine", "[false]"));
    ASSERT_TRUE((*chain)->node("eth_sendTransaction", R"([{"from":)" + quoted + R"(,"to":)" + quoted + "}]"));
    set_nonce(used + 1);

    const auto folder = std::filesystem::temp_directory_path() / ("iapp-keeper-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    {
        StateKeeper keeper((*chain)->rpc(), {.file = folder / "state.gz", .interval = std::chrono::hours(1)});
        EXPECT_EQ(reason(keeper.save(call)), "localchain.busy");
        EXPECT_TRUE(std::filesystem::is_empty(folder));
        set_nonce(used);  // now it only waits
        EXPECT_TRUE(keeper.save(call));
        EXPECT_TRUE(std::filesystem::exists(folder / "state.gz"));
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace iapp::localchain
