// Following a real anvil: restarts, reorganisations of several depths, a node that lost blocks, errors of the sink.
#include "chain/follower.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support/emitter_chain.hpp"

namespace iapp::chain {
namespace {

using namespace std::chrono_literals;
using support::test_call;

constexpr store::Migration kSinkMigration{"sink", "CREATE TABLE counted (number INTEGER NOT NULL, block INTEGER NOT NULL) STRICT;"};
const store::Migration kMigrations[] = {kFollowerMigration, kSinkMigration};

/// Writes each number it sees into a table; fails on one number when told.
class CountingSink final : public LogSink {
public:
    Status apply(store::Transaction& transaction, const eth::Log& log) override
    {
        TRY(const U256 number, U256::from_be_bytes(log.topics.at(1).bytes()));
        if (number.clamp_u64() == fail_on) return fail(ErrorKind::internal, "test.sink", "told to");
        TRY_OK(transaction.run("INSERT INTO counted (number, block) VALUES (?, ?)", number.clamp_u64(), log.block_number));
        return {};
    }
    Status rollback(store::Transaction& transaction, std::uint64_t first_bad) override
    {
        ++rollbacks;
        TRY_OK(transaction.run("DELETE FROM counted WHERE block >= ?", first_bad));
        return {};
    }

    std::uint64_t fail_on = 0;
    int rollbacks = 0;
};

class Follower : public testing::Test {
protected:
    static void SetUpTestSuite() { chain_ = std::make_unique<support::EmitterChain>(); }
    static void TearDownTestSuite() { chain_.reset(); }
    void SetUp() override { start_ = chain_->rpc().block_number(test_call()).value() + 1; }

    FollowerOptions options(std::string name = "test") const
    {
        return {.name = std::move(name), .filter = {{chain_->emitter()}, {{eth::event_topic("Counted(uint256,address)")}}}, .start_block = start_};
    }
    LogFollower follower(FollowerOptions options) { return LogFollower(chain_->rpc(), database_, sink_, std::move(options)); }
    LogFollower follower() { return follower(options()); }

    static void emit(std::uint64_t number)
    {
        const auto receipt = chain_->owner().send(chain_->count(number), test_call());
        ASSERT_TRUE(receipt) << receipt.error().detail;
    }
    static void mine(int blocks)
    {
        for (int i = 0; i < blocks; ++i) chain_->node("evm_mine");
    }
    /// Runs `fork` on a state that is then taken back.
    static std::string snapshot() { return chain_->node("evm_snapshot"); }
    static void revert(const std::string& snapshot) { ASSERT_EQ(chain_->node("evm_revert", "[" + snapshot + "]"), "true"); }

    std::vector<std::int64_t> seen()
    {
        std::vector<std::int64_t> out;
        auto transaction = database_.read().value();
        auto rows = transaction.query("SELECT number FROM counted ORDER BY rowid").value();
        while (rows.next().value()) out.push_back(rows.integer(0));
        return out;
    }
    std::int64_t remembered()
    {
        auto transaction = database_.read().value();
        auto rows = transaction.query("SELECT count(*) FROM chain_cursor").value();
        return rows.next().value() ? rows.integer(0) : -1;
    }

    using Numbers = std::vector<std::int64_t>;

    static inline std::unique_ptr<support::EmitterChain> chain_;
    store::Database database_ = store::Database::open_memory(kMigrations).value();
    CountingSink sink_;
    std::uint64_t start_ = 0;
};

TEST_F(Follower, AppliesEachLogOnceInOrder)
{
    auto one = follower();
    emit(1);
    emit(2);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    emit(3);
    const auto head = one.sync_to_head(test_call());
    ASSERT_TRUE(head);
    EXPECT_EQ(seen(), (Numbers{1, 2, 3}));
    EXPECT_EQ(one.position().value(), *head);
    EXPECT_EQ(chain_->rpc().block(BlockId::latest(), test_call()).value().hash, head->hash);
}

TEST_F(Follower, BeforeItsStartBlockItWaits)
{
    auto late = options();
    late.start_block = start_ + 100;
    auto one = follower(late);
    emit(1);
    EXPECT_TRUE(one.sync_to_head(test_call()));
    EXPECT_FALSE(one.position().value());
    EXPECT_EQ(seen(), Numbers{});
}

TEST_F(Follower, ARestartContinuesFromTheStoredPosition)
{
    emit(1);
    ASSERT_TRUE(follower().sync_to_head(test_call()));
    emit(2);
    ASSERT_TRUE(follower().sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2}));
}

TEST_F(Follower, SmallWindowsSeeTheSame)
{
    auto small = options();
    small.window = 2;
    auto one = follower(small);
    for (std::uint64_t i = 1; i <= 7; ++i) emit(i);
    mine(3);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(Follower, StaysBehindByItsConfirmations)
{
    auto careful = options();
    careful.confirmations = 2;
    auto one = follower(careful);
    emit(1);
    mine(1);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), Numbers{});
    mine(1);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), Numbers{1});
}

TEST_F(Follower, TakesBackWhatAReorganisationRemoved)
{
    auto one = follower();
    emit(1);
    const std::string before = snapshot();
    emit(2);
    emit(3);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    ASSERT_EQ(seen(), (Numbers{1, 2, 3}));
    revert(before);
    emit(4);
    mine(2);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 4}));
    EXPECT_EQ(sink_.rollbacks, 1);
}

TEST_F(Follower, TakesBackWhenTheChainGotShorter)
{
    auto one = follower();
    emit(1);
    const std::string before = snapshot();
    emit(2);
    mine(5);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    revert(before);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), Numbers{1});
}

TEST_F(Follower, AForkBelowEverythingRememberedStartsAgain)
{
    auto forgetful = options();
    forgetful.remembered_blocks = 2;
    auto one = follower(forgetful);
    emit(1);
    const std::string before = snapshot();
    for (std::uint64_t i = 2; i <= 6; ++i) {
        emit(i);
        ASSERT_TRUE(one.sync_to_head(test_call()));
    }
    EXPECT_EQ(remembered(), 2);
    revert(before);
    emit(9);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 9}));
}

TEST_F(Follower, AReorganisationWhileWeWereAwayIsNoticedAtTheNextStart)
{
    emit(1);
    const std::string before = snapshot();
    emit(2);
    ASSERT_TRUE(follower().sync_to_head(test_call()));
    revert(before);
    emit(3);
    emit(4);
    ASSERT_TRUE(follower().sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 3, 4}));
}

TEST_F(Follower, AnErrorOfTheSinkLeavesNothingHalfDone)
{
    auto one = follower();
    emit(1);
    emit(2);
    sink_.fail_on = 2;
    EXPECT_EQ(one.sync_to_head(test_call()).error().reason, "test.sink");
    EXPECT_EQ(seen(), Numbers{});
    EXPECT_FALSE(one.position().value());
    sink_.fail_on = 0;
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2}));
}

TEST_F(Follower, FollowersOfOneDatabaseKeepTheirOwnPlaces)
{
    auto a = follower(options("a"));
    auto b = follower(options("b"));
    emit(1);
    ASSERT_TRUE(a.sync_to_head(test_call()));
    EXPECT_FALSE(b.position().value());
    ASSERT_TRUE(b.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 1}));
}

TEST_F(Follower, StopsAtTheDeadlineAndWhenAsked)
{
    emit(1);
    auto one = follower();
    EXPECT_EQ(one.sync_to_head({.request_id = "late", .deadline = net::deadline_in(-1ms)}).error().reason, "net.deadline");
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(one.sync_to_head({.request_id = "stopped", .deadline = net::deadline_in(1s), .stop = source.get_token()}).error().reason,
              "net.cancelled");
}

TEST_F(Follower, RunsInTheBackgroundUntilStopped)
{
    auto one = follower();
    std::jthread thread([&](std::stop_token stop) { one.run(stop, 5ms); });
    emit(1);
    for (int i = 0; i < 400 && seen().empty(); ++i) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(seen(), Numbers{1});
}

}  // namespace
}  // namespace iapp::chain
