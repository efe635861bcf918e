// Sending on a real anvil: nonces under concurrency, refusals with their reasons, and what a crash may not do twice.
#include "chain/sender.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "support/emitter_chain.hpp"
#include "support/fake_node.hpp"

namespace iapp::chain {
namespace {

using namespace std::chrono_literals;
using support::test_call;

class Sender : public testing::Test {
protected:
    static void SetUpTestSuite() { chain_ = std::make_unique<support::EmitterChain>(); }
    static void TearDownTestSuite() { chain_.reset(); }
    void SetUp() override { start_ = nonce(BlockId::latest()); }
    void TearDown() override
    {
        (void)chain_->node("anvil_dropAllTransactions");
        (void)chain_->node("evm_setAutomine", "[true]");
    }

    static const JsonRpcClient& rpc() { return chain_->rpc(); }
    TransactionSender sender(std::shared_ptr<NonceQueue> nonces = nullptr, TransactionJournal* journal = nullptr) const
    {
        return TransactionSender(rpc(), wallet_, options_, std::move(nonces), journal);
    }
    std::uint64_t nonce(const BlockId& at) const
    {
        return rpc().transaction_count(wallet_.address(), at, test_call()).value();
    }

    static inline std::unique_ptr<support::EmitterChain> chain_;
    eth::Wallet wallet_ = support::dev_wallet(1);
    SenderOptions options_{.chain_id = 421614};
    std::uint64_t start_ = 0;
};

/// Sends `count` transactions from each of `threads` threads and returns the nonces' number of distinct transactions.
template <class MakeSender>
std::set<Hash256> send_from_threads(support::EmitterChain& chain, int threads, int count, MakeSender make_sender)
{
    std::mutex mutex;
    std::set<Hash256> hashes;
    std::vector<std::jthread> workers;
    workers.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) {
        workers.emplace_back([&, i] {
            auto& sender = make_sender(i);
            for (int k = 0; k < count; ++k) {
                auto request = chain.count(1);
                request.gas_limit = 100'000;
                const auto receipt = sender.send(request, test_call());
                const std::lock_guard lock(mutex);
                if (receipt) hashes.insert(receipt->transaction_hash);
                else ADD_FAILURE() << receipt.error().reason << ": " << receipt.error().detail;
            }
        });
    }
    workers.clear();
    return hashes;
}

TEST_F(Sender, FourThreadsShareOneSenderWithoutAGap)
{
    TransactionSender shared = sender();
    const auto hashes = send_from_threads(*chain_, 4, 25, [&](int) -> TransactionSender& { return shared; });
    EXPECT_EQ(hashes.size(), 100U);
    EXPECT_EQ(nonce(BlockId::latest()), start_ + 100);
    EXPECT_EQ(nonce(BlockId::pending()), start_ + 100);
}

TEST_F(Sender, SendersOfOneProcessShareAQueue)
{
    const auto queue = std::make_shared<NonceQueue>();
    TransactionSender senders[] = {sender(queue), sender(queue)};
    EXPECT_EQ(send_from_threads(*chain_, 2, 25, [&](int i) -> TransactionSender& { return senders[i]; }).size(), 50U);
    EXPECT_EQ(nonce(BlockId::pending()), start_ + 50);
}

TEST_F(Sender, OtherProcessesMayUseTheSameKey)
{
    TransactionSender senders[] = {sender(), sender(), sender()};  // queues of their own, as in three processes
    EXPECT_EQ(send_from_threads(*chain_, 3, 15, [&](int i) -> TransactionSender& { return senders[i]; }).size(), 45U);
    EXPECT_EQ(nonce(BlockId::pending()), start_ + 45);
}

TEST_F(Sender, PipelinesInOrder)
{
    TransactionSender one = sender();
    std::vector<TransactionRequest> requests(30, chain_->count(1));
    for (auto& request : requests) request.gas_limit = 100'000;
    const auto receipts = one.send_all(requests, test_call());
    ASSERT_TRUE(receipts) << receipts.error().detail;
    ASSERT_EQ(receipts->size(), 30U);
    for (std::size_t i = 1; i < receipts->size(); ++i)
        EXPECT_LE((*receipts)[i - 1].block_number, (*receipts)[i].block_number);
    EXPECT_EQ(nonce(BlockId::pending()), start_ + 30);
}

TEST_F(Sender, APipelineNeedsGasLimits)
{
    const std::vector<TransactionRequest> requests{chain_->count(1)};
    EXPECT_EQ(sender().send_all(requests, test_call()).error().reason, "sender.gas_limit");
}

TEST_F(Sender, EstimatesWithAMargin)
{
    const auto estimate = rpc().estimate_gas({chain_->emitter(), chain_->count(1).data, wallet_.address()}, test_call());
    const auto receipt = sender().send(chain_->count(1), test_call());
    ASSERT_TRUE(estimate && receipt);
    const std::string raw = chain_->node("eth_getTransactionByHash", "[\"" + receipt->transaction_hash.hex() + "\"]");
    const U256 limit{*estimate + *estimate * 20 / 100};
    EXPECT_NE(raw.find("\"gas\":\"" + limit.to_hex() + "\""), std::string::npos) << raw;
}

struct Refusal {
    const char* name;
    const char* function;
    const char* detail;
};
class SenderRefusal : public Sender, public testing::WithParamInterface<Refusal> {};

TEST_P(SenderRefusal, CarriesTheContractsReasonAndCostsNoNonce)
{
    const auto receipt = sender().send(chain_->call(GetParam().function), test_call());
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().reason, "rpc.revert");
    EXPECT_NE(receipt.error().detail.find(GetParam().detail), std::string::npos) << receipt.error().detail;
    EXPECT_EQ(nonce(BlockId::pending()), start_);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SenderRefusal,
                         testing::Values(Refusal{"text", "failWithText()", "because of a text"},
                                         Refusal{"panic", "failWithPanic()", "panic 0x1"},
                                         Refusal{"silent", "failSilently()", "revert"},
                                         Refusal{"custom", "failWithError()", "0x"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(Sender, ATransactionThatFailsInItsBlockSaysWhy)
{
    TransactionRequest request = chain_->call("failWithText()");
    request.gas_limit = 100'000;  // no estimate, so it is sent
    const auto receipt = sender().send(request, test_call());
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().reason, "sender.reverted");
    EXPECT_NE(receipt.error().detail.find("because of a text"), std::string::npos);
    EXPECT_EQ(nonce(BlockId::latest()), start_ + 1);
}

TEST_F(Sender, AnAccountWithoutFundsIsToldSo)
{
    const eth::Wallet poor = eth::Wallet::generate();
    TransactionSender one(rpc(), poor, options_);
    TransactionRequest request = chain_->count(1);
    request.gas_limit = 100'000;
    EXPECT_EQ(one.send(request, test_call()).error().reason, "rpc.funds");
}

TEST_F(Sender, NeverPaysMoreThanTheCap)
{
    options_.max_fee_cap = 1;
    EXPECT_EQ(sender().send(chain_->count(1), test_call()).error().reason, "sender.fee_cap");
}

TEST_F(Sender, WaitsUntilTheDeadlineAndSaysThatItWasSent)
{
    chain_->node("evm_setAutomine", "[false]");
    const auto receipt = sender().send(chain_->count(1), test_call(300ms));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().reason, "sender.pending");
}

TEST_F(Sender, SendsAgainWhatTheNodeLost)
{
    options_.rebroadcast = 50ms;
    chain_->node("evm_setAutomine", "[false]");
    std::jthread node([&] {
        std::this_thread::sleep_for(100ms);
        chain_->node("anvil_dropAllTransactions");
        std::this_thread::sleep_for(200ms);
        chain_->node("evm_mine");
    });
    EXPECT_TRUE(sender().send(chain_->count(1), test_call()));
}

TEST_F(Sender, TakesANewNonceWhenAnotherTransactionUsedOurs)
{
    options_.rebroadcast = 10s;
    options_.displaced_after = 50ms;
    chain_->node("evm_setAutomine", "[false]");
    std::jthread other([&] {
        std::this_thread::sleep_for(100ms);
        chain_->node("anvil_dropAllTransactions");
        SenderOptions fast = options_;
        TransactionSender thief(rpc(), wallet_, fast);
        std::jthread mine([&] {
            std::this_thread::sleep_for(50ms);
            chain_->node("evm_setAutomine", "[true]");
            chain_->node("evm_mine");
        });
        EXPECT_TRUE(thief.send(chain_->count(1), test_call()));
    });
    EXPECT_TRUE(sender().send(chain_->count(1), test_call()));
    other.join();
    EXPECT_EQ(nonce(BlockId::latest()), start_ + 2);
}

/// A node on which another process is always faster.
std::string thieves_node(std::string_view method, std::string_view)
{
    if (method == "eth_getBlockByNumber") return support::fake_block(1, 'a');
    if (method == "eth_sendRawTransaction") return R"(!{"code":-32000,"message":"nonce too low"})";
    return "\"0x1\"";
}

TEST(SenderWithoutLuck, GivesUpWhenEveryNonceIsTaken)
{
    support::FakeNode node(thieves_node);
    const JsonRpcClient rpc = node.client();
    const eth::Wallet wallet = support::dev_wallet(1);
    TransactionSender sender(rpc, wallet, {.chain_id = 1, .poll_first = 1ms});
    const auto receipt = sender.send({.to = Address::zero(), .data = {}}, test_call());
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().reason, "sender.nonce");
}

class SendOnce : public Sender {
protected:
    OnceRequest once(std::uint64_t number)
    {
        return {"count " + std::to_string(number), chain_->count_once(number),
                [this, number](const net::CallContext&) -> Result<bool> {
                    ++asked_;
                    return chain_->total() >= number;
                }};
    }
    std::uint64_t fresh() const { return chain_->total() + 1; }

    store::Database database_ = store::Database::open_memory({&kJournalMigration, 1}).value();
    StoredJournal journal_{database_};
    int asked_ = 0;
};

TEST_F(SendOnce, SendsAndSettles)
{
    const auto request = once(fresh());
    const auto receipt = sender(nullptr, &journal_).send_once(request, test_call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_TRUE(*receipt);
    EXPECT_FALSE(journal_.find(request.key).value());
}

TEST_F(SendOnce, TellsOfTheEffectBeforeTheJournalForgetsIt)
{
    auto request = once(fresh());
    bool in_journal = false;
    request.on_success = [&](const eth::Receipt& told) {
        EXPECT_TRUE(told.succeeded);
        in_journal = journal_.find(request.key).value().has_value();
    };
    ASSERT_TRUE(sender(nullptr, &journal_).send_once(request, test_call()));
    EXPECT_TRUE(in_journal);
    EXPECT_FALSE(journal_.find(request.key).value());
}

TEST_F(SendOnce, SendsNothingWhenTheEffectIsThere)
{
    const auto receipt = sender(nullptr, &journal_).send_once(once(chain_->total()), test_call());
    ASSERT_TRUE(receipt);
    EXPECT_FALSE(*receipt);
    EXPECT_EQ(nonce(BlockId::pending()), start_);
}

TEST_F(SendOnce, NeedsAJournal) { EXPECT_EQ(sender().send_once(once(1), test_call()).error().reason, "sender.journal"); }

TEST_F(SendOnce, AfterACrashBeforeTheReceiptItSendsNothingNew)
{
    const auto request = once(fresh());
    chain_->node("evm_setAutomine", "[false]");
    EXPECT_EQ(sender(nullptr, &journal_).send_once(request, test_call(200ms)).error().reason, "sender.pending");
    const auto entry = journal_.find(request.key).value();
    ASSERT_TRUE(entry);
    chain_->node("evm_setAutomine", "[true]");
    chain_->node("evm_mine");

    const auto receipt = sender(nullptr, &journal_).send_once(request, test_call());  // the next life of the process
    ASSERT_TRUE(receipt) << receipt.error().detail;
    ASSERT_TRUE(*receipt);
    EXPECT_EQ((*receipt)->transaction_hash, entry->hash);
    EXPECT_EQ(nonce(BlockId::pending()), start_ + 1);
}

TEST_F(SendOnce, AfterACrashBeforeSendingItSendsTheSameTransaction)
{
    const auto request = once(fresh());
    chain_->node("evm_setAutomine", "[false]");
    EXPECT_FALSE(sender(nullptr, &journal_).send_once(request, test_call(200ms)));
    chain_->node("anvil_dropAllTransactions");
    chain_->node("evm_setAutomine", "[true]");
    const auto entry = journal_.find(request.key).value();
    ASSERT_TRUE(entry);

    const auto receipt = sender(nullptr, &journal_).send_once(request, test_call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    ASSERT_TRUE(*receipt);
    EXPECT_EQ((*receipt)->transaction_hash, entry->hash);
}

TEST_F(SendOnce, WhenItsNonceWasUsedByOthersItAsksBeforeItSendsAgain)
{
    const auto request = once(fresh());
    chain_->node("evm_setAutomine", "[false]");
    EXPECT_FALSE(sender(nullptr, &journal_).send_once(request, test_call(200ms)));
    chain_->node("anvil_dropAllTransactions");
    chain_->node("evm_setAutomine", "[true]");
    TransactionSender other = sender();
    ASSERT_TRUE(other.send(chain_->call("total()"), test_call()));

    asked_ = 0;
    const auto receipt = sender(nullptr, &journal_).send_once(request, test_call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_TRUE(*receipt);
    EXPECT_EQ(asked_, 1);
    EXPECT_EQ(nonce(BlockId::latest()), start_ + 2);
}

}  // namespace
}  // namespace iapp::chain
