// Sending through a node that is late, loses answers, or has become dearer: still one transaction for one effect.
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "chain/sender.hpp"
#include "support/emitter_chain.hpp"
#include "support/fake_node.hpp"
#include "support/hang_up_node.hpp"

namespace iapp::chain {
namespace {

using namespace std::chrono_literals;
using support::test_call;
using SteadyClock = std::chrono::steady_clock;

constexpr std::uint64_t kDear_wei = 1'000'000'000'000;  ///< per gas: more than any block here asks for

class SenderFaults : public testing::Test {
protected:
    static void SetUpTestSuite() { chain_ = std::make_unique<support::EmitterChain>(); }
    static void TearDownTestSuite() { chain_.reset(); }
    void SetUp() override { start_ = sent(); }
    void TearDown() override
    {
        (void)chain_->node("anvil_dropAllTransactions");
        (void)chain_->node("evm_setAutomine", "[true]");
    }

    std::uint64_t sent() const
    {
        return chain_->rpc().transaction_count(wallet_.address(), BlockId::latest(), test_call()).value();
    }
    std::uint64_t mined() const { return sent() - start_; }

    /// What the real node answers, as the text a fake gives.
    static std::string real(std::string_view method, std::string_view params)
    {
        const auto answer = chain_->rpc().call({std::string(method), std::string(params)}, test_call());
        return answer ? *answer : R"(!{"code":-32000,"message":")" + answer.error().detail + "\"}";
    }

    TransactionRequest gift() const { return {.to = support::dev_wallet(9).address(), .data = {}, .value = U256{7}}; }

    OnceRequest once(std::string key = "gift")
    {
        return {std::move(key), gift(), [](const net::CallContext&) -> Result<bool> { return false; }};
    }

    /// Written down and sent, and then waiting: no block is made any more.
    void leave_waiting(const std::string& key)
    {
        chain_->node("evm_setAutomine", "[false]");
        auto request = once(key);
        request.patience = 0ms;
        TransactionSender sender(chain_->rpc(), wallet_, options_, nullptr, &journal_);
        EXPECT_EQ(sender.send_once(request, test_call()).error().reason, "sender.pending");
    }

    /// Written down under `key`, and never sent: seven wei at `nonce` of `signer`.
    void write_down(const std::string& key, const eth::Wallet& signer, std::uint64_t nonce, std::uint64_t max_fee)
    {
        const auto gift = eth::sign(
            {421614, nonce, U256{1}, U256{max_fee}, 21'000, support::dev_wallet(9).address(), U256{7}, {}}, signer);
        ASSERT_TRUE(journal_.record({key, signer.address(), nonce, gift.hash, gift.raw}));
    }

    /// What the effect that is written down as "gift" waits for stays away, and nothing is sent instead.
    void expect_left_waiting()
    {
        auto request = once();
        request.patience = 300ms;
        TransactionSender sender(chain_->rpc(), wallet_, options_, nullptr, &journal_);
        EXPECT_EQ(sender.send_once(request, test_call()).error().reason, "sender.pending");
        EXPECT_EQ(mined(), 0U);
    }

    U256 balance() const { return chain_->rpc().balance(support::dev_wallet(9).address(), test_call()).value(); }

    static inline std::unique_ptr<support::EmitterChain> chain_;
    eth::Wallet wallet_ = support::dev_wallet(1);
    SenderOptions options_{.chain_id = 421614};
    std::uint64_t start_ = 0;
    store::Database database_ = store::Database::open_memory({&kJournalMigration, 1}).value();
    StoredJournal journal_{database_};
};

TEST_F(SenderFaults, AReceiptThatComesLateIsWaitedFor)
{
    const auto begun = SteadyClock::now();
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        if (method == "eth_getTransactionReceipt" && SteadyClock::now() < begun + 300ms) return "null";
        return real(method, params);
    });
    const JsonRpcClient rpc = node.client();
    const auto receipt = TransactionSender(rpc, wallet_, options_).send(gift(), test_call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_EQ(mined(), 1U);
}

TEST_F(SenderFaults, NoReceiptInTimeIsNoReasonToSendAgain)
{
    options_.displaced_after = 50ms;
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        return method == "eth_getTransactionReceipt" ? "null" : real(method, params);
    });
    const JsonRpcClient rpc = node.client();
    const auto receipt = TransactionSender(rpc, wallet_, options_).send(gift(), test_call(3s));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().reason, "sender.pending");
    EXPECT_EQ(mined(), 1U);
}

TEST_F(SenderFaults, AnAnswerThatIsLostIsNoReasonToSendAgain)
{
    bool is_lost = false;
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        std::string answer = real(method, params);
        if (method != "eth_sendRawTransaction" || std::exchange(is_lost, true)) return answer;
        return R"(!{"code":-32005,"message":"request timed out, rate limit"})";
    });
    const JsonRpcClient rpc = node.client();
    const auto receipt = TransactionSender(rpc, wallet_, options_).send(gift(), test_call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_TRUE(is_lost);
    EXPECT_EQ(mined(), 1U);
}

TEST_F(SenderFaults, AConnectionThatBreaksAfterTheNodeTookItIsNoReasonToSendAgain)
{
    const support::HangUpNode node(chain_->rpc().url(), "eth_sendRawTransaction");
    const net::HttpClient http;
    const JsonRpcClient rpc(http, {.url = node.url()});
    const auto receipt = TransactionSender(rpc, wallet_, options_).send(gift(), test_call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_TRUE(node.has_hung_up());
    EXPECT_EQ(mined(), 1U);
}

TEST_F(SenderFaults, ANonceThatOthersUsedIsSeenInTheBlocks)
{
    options_.displaced_after = 1h;
    chain_->node("evm_setAutomine", "[false]");
    TransactionSender one(chain_->rpc(), wallet_, options_, nullptr, &journal_);
    auto request = once();
    request.patience = 0ms;
    EXPECT_EQ(one.send_once(request, test_call()).error().reason, "sender.pending");
    chain_->node("anvil_dropAllTransactions");
    chain_->node("evm_setAutomine", "[true]");
    ASSERT_TRUE(TransactionSender(chain_->rpc(), wallet_, options_).send(gift(), test_call()));
    EXPECT_TRUE(one.send_once(once(), test_call()));
    EXPECT_EQ(mined(), 2U);
}

TEST_F(SenderFaults, WhoHasPatienceForAMomentComesBackLater)
{
    chain_->node("evm_setAutomine", "[false]");
    TransactionSender one(chain_->rpc(), wallet_, options_, nullptr, &journal_);
    auto request = once();
    request.patience = 20ms;
    for (int times = 0; times < 3; ++times) EXPECT_EQ(one.send_once(request, test_call()).error().reason, "sender.pending");
    chain_->node("evm_mine");
    EXPECT_TRUE(one.send_once(request, test_call()));
    EXPECT_EQ(mined(), 1U);
}

TEST_F(SenderFaults, RaisesTheFeeOfATransactionThatWaits)
{
    options_.bump_after = 50ms;
    std::vector<eth::Transaction> versions;
    chain_->node("evm_setAutomine", "[false]");
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        std::string answer = real(method, params);
        if (method != "eth_sendRawTransaction") return answer;
        const Bytes raw = parse_hex0x(params.substr(2, params.size() - 4)).value();
        const auto version = eth::parse_transaction(raw).value().transaction;
        if (!versions.empty() && version.max_fee_per_gas == versions.back().max_fee_per_gas) return answer;
        versions.push_back(version);
        if (versions.size() == 3) chain_->node("evm_mine");
        return answer;
    });
    const JsonRpcClient rpc = node.client();
    const auto receipt = TransactionSender(rpc, wallet_, options_).send(gift(), test_call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_EQ(mined(), 1U);
    ASSERT_GE(versions.size(), 3U);
    for (std::size_t i = 1; i < versions.size(); ++i) {
        EXPECT_EQ(versions[i].nonce, versions[0].nonce);
        EXPECT_GE(versions[i].max_fee_per_gas, *versions[i - 1].max_fee_per_gas.mul(std::uint64_t{125})->div(U256{100}));
    }
}

TEST_F(SenderFaults, TheTimeOfAWaitingTransactionCountsAcrossCalls)
{
    options_.bump_after = 100ms;
    std::set<std::string> versions;
    chain_->node("evm_setAutomine", "[false]");
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        if (method == "eth_sendRawTransaction") versions.emplace(params);
        return real(method, params);
    });
    const JsonRpcClient rpc = node.client();
    TransactionSender one(rpc, wallet_, options_, nullptr, &journal_);
    auto request = once();
    request.patience = 20ms;
    const auto begun = SteadyClock::now();
    while (versions.size() < 2 && SteadyClock::now() < begun + 10s)
        EXPECT_EQ(one.send_once(request, test_call()).error().reason, "sender.pending");
    EXPECT_EQ(versions.size(), 2U) << "its fee was never raised";
    chain_->node("evm_mine");
    const auto receipt = one.send_once(request, test_call());
    ASSERT_TRUE(receipt && *receipt);
    EXPECT_EQ(mined(), 1U);
}

TEST_F(SenderFaults, WhatHasBecomeTooCheapIsSentWithMoreFee)
{
    chain_->node("evm_setAutomine", "[false]");
    auto request = once();
    request.patience = 0ms;
    EXPECT_FALSE(TransactionSender(chain_->rpc(), wallet_, options_, nullptr, &journal_).send_once(request, test_call()));
    chain_->node("anvil_dropAllTransactions");
    const auto written = journal_.find("gift").value();
    ASSERT_TRUE(written);
    chain_->node("anvil_setNextBlockBaseFeePerGas", "[\"0x174876e800\"]");  // 100 gwei
    chain_->node("evm_mine");
    chain_->node("evm_setAutomine", "[true]");
    TransactionSender next_life(chain_->rpc(), wallet_, options_, nullptr, &journal_);
    const auto receipt = next_life.send_once(once(), test_call());
    chain_->node("anvil_setNextBlockBaseFeePerGas", "[\"0x3b9aca00\"]");
    chain_->node("evm_mine");
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_EQ(mined(), 1U);
    EXPECT_NE((*receipt)->transaction_hash, written->hash);
}

TEST_F(SenderFaults, ATransactionAfterOneOfABlockThatWasTakenBackIsMinedOnce)
{
    options_.gap_after = 50ms;
    const std::string before = chain_->node("evm_snapshot");
    ASSERT_TRUE(TransactionSender(chain_->rpc(), wallet_, options_).send(gift(), test_call()));
    leave_waiting("gift");
    chain_->node("anvil_dropAllTransactions");
    chain_->node("evm_revert", "[" + before + "]");
    chain_->node("evm_setAutomine", "[true]");
    ASSERT_EQ(mined(), 0U);
    const U256 had = balance();
    TransactionSender next_life(chain_->rpc(), wallet_, options_, nullptr, &journal_);
    const auto receipt = next_life.send_once(once(), test_call(20s));
    ASSERT_TRUE(receipt && *receipt) << receipt.error().detail;
    EXPECT_EQ(mined(), 2U);
    EXPECT_EQ(balance(), *had.add(U256{7}));
}

TEST_F(SenderFaults, ANonceThatIsWrittenDownForAnotherEffectIsLeftToIt)
{
    options_.gap_after = 50ms;
    leave_waiting("first");
    leave_waiting("second");
    chain_->node("anvil_dropAllTransactions");
    chain_->node("evm_setAutomine", "[true]");
    const U256 had = balance();
    TransactionSender next_life(chain_->rpc(), wallet_, options_, nullptr, &journal_);
    const auto second = next_life.send_once(once("second"), test_call(20s));
    ASSERT_TRUE(second && *second) << second.error().detail;
    const auto written = journal_.find("first").value();
    const auto first = next_life.send_once(once("first"), test_call());
    ASSERT_TRUE(first && *first) << first.error().detail;
    EXPECT_EQ((*first)->transaction_hash, written->hash);
    EXPECT_EQ(mined(), 2U);
    EXPECT_EQ(balance(), *had.add(U256{14}));
}

/// Also when the node's count of what waits is behind.
TEST_F(SenderFaults, NoncesThatWaitInThePoolAreLeftAlone)
{
    options_.gap_after = 20ms;
    leave_waiting("first");
    leave_waiting("second");
    std::set<std::string> versions;
    std::atomic<bool> is_count_late = false;
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        if (method == "eth_sendRawTransaction") versions.emplace(params);
        if (is_count_late && method == "eth_getTransactionCount") return '"' + U256{sent()}.to_hex() + '"';
        return real(method, params);
    });
    const JsonRpcClient rpc = node.client();
    TransactionSender sender(rpc, wallet_, options_, nullptr, &journal_);
    auto second = once("second");
    second.patience = 300ms;
    EXPECT_EQ(sender.send_once(second, test_call()).error().reason, "sender.pending");
    EXPECT_LE(versions.size(), 1U) << "the second itself";
    is_count_late = true;
    second.patience = 600ms;
    EXPECT_EQ(sender.send_once(second, test_call()).error().reason, "sender.pending");
    EXPECT_LE(versions.size(), 2U) << "the first as it is written down";
    chain_->node("evm_mine");
    EXPECT_EQ(mined(), 2U);
}

TEST_F(SenderFaults, NoncesOfAFormerKeyAreNotOursToUse)
{
    options_.gap_after = 20ms;
    write_down("gift", support::dev_wallet(2), sent() + 3, kDear_wei);
    expect_left_waiting();
}

TEST_F(SenderFaults, AGapAsWideAsOfAnotherChainIsNotFilled)
{
    options_.gap_after = 20ms;
    write_down("gift", wallet_, sent() + 300, kDear_wei);
    expect_left_waiting();
}

/// The node says once that a transaction waits which it then knows nothing of.
TEST_F(SenderFaults, AStepOfAPipelineDoesNotReplaceThoseBeforeIt)
{
    options_.gap_after = 20ms;
    bool has_lied = false;
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        const bool is_asked = method == "eth_getTransactionCount" && params.contains("pending");
        if (is_asked && !std::exchange(has_lied, true)) return '"' + U256{sent() + 1}.to_hex() + '"';
        return real(method, params);
    });
    const JsonRpcClient rpc = node.client();
    TransactionSender sender(rpc, wallet_, options_, nullptr, &journal_);
    EXPECT_EQ(sender.send(gift(), test_call(300ms)).error().reason, "sender.pending");
    EXPECT_EQ(mined(), 0U);
}

/// What is written down for the nonce has become too cheap, and whoever asked for it does not ask any more.
TEST_F(SenderFaults, ANonceWhoseTransactionIsRefusedIsUsedByAnEmptyOne)
{
    options_.gap_after = 50ms;
    const std::uint64_t nonce = sent();
    write_down("cheap", wallet_, nonce, 1);
    write_down("gift", wallet_, nonce + 1, kDear_wei);
    const U256 had = balance();
    TransactionSender sender(chain_->rpc(), wallet_, options_, nullptr, &journal_);
    const auto receipt = sender.send_once(once(), test_call(20s));
    ASSERT_TRUE(receipt && *receipt) << receipt.error().detail;
    EXPECT_EQ(mined(), 2U);
    EXPECT_EQ(balance(), *had.add(U256{7}));
}

}  // namespace
}  // namespace iapp::chain
