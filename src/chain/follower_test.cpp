// Following a real anvil: restarts, reorganisations of several depths, a node that lost blocks, errors of the sink.
#include "chain/follower.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "support/emitter_chain.hpp"
#include "support/fake_node.hpp"
#include "support/store_engines.hpp"

namespace iapp::chain {
namespace {

using namespace std::chrono_literals;
using support::test_call;

constexpr store::Migration kSinkMigration{"sink",
                                          "CREATE TABLE counted (position INTEGER PRIMARY KEY, number INTEGER NOT NULL, "
                                          "block INTEGER NOT NULL) STRICT;"};
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

class Follower : public testing::TestWithParam<test::Engine> {
protected:
    static void SetUpTestSuite() { chain_ = std::make_unique<support::EmitterChain>(); }
    static void TearDownTestSuite() { chain_.reset(); }
    void SetUp() override
    {
        start_ = chain_->rpc().block_number(test_call()).value() + 1;
        location_ = test::fresh_location(GetParam());
        if (location_.empty()) GTEST_SKIP() << test::kNoServer;
        database_ = store::Database::open(location_, kMigrations).value();
    }

    FollowerOptions options(std::string name = "test") const
    {
        return {.name = std::move(name),
                .filter = {{chain_->emitter()}, {{eth::event_topic("Counted(uint256,address)")}}},
                .start_block = start_,
                .behind_grace = 0ms};
    }
    LogFollower follower(FollowerOptions options)
    {
        return LogFollower(chain_->rpc(), *database_, sink_, std::move(options));
    }
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
        auto transaction = database_->read().value();
        auto rows = transaction.query("SELECT number FROM counted ORDER BY position").value();
        while (rows.next().value()) out.push_back(rows.integer(0));
        return out;
    }
    std::int64_t remembered()
    {
        auto transaction = database_->read().value();
        auto rows = transaction.query("SELECT count(*) FROM chain_cursor").value();
        return rows.next().value() ? rows.integer(0) : -1;
    }

    using Numbers = std::vector<std::int64_t>;

    static inline std::unique_ptr<support::EmitterChain> chain_;
    std::string location_;
    std::optional<store::Database> database_;
    CountingSink sink_;
    std::uint64_t start_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Engines, Follower, test::kEngines, test::engine_name);

TEST_P(Follower, AppliesEachLogOnceInOrder)
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

TEST_P(Follower, SeesThatTheDatabaseIsNotWhereItLeftIt)
{
    auto one = follower(), other = follower();
    emit(1);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    emit(2);
    ASSERT_TRUE(other.sync_to_head(test_call()));
    emit(3);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2, 3})) << "another process applied 2";
    ASSERT_TRUE(other.forget());
    emit(4);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2, 3, 4})) << "a server came back without its last commits";
}

TEST_P(Follower, BeforeItsStartBlockItWaits)
{
    auto late = options();
    late.start_block = start_ + 100;
    auto one = follower(late);
    emit(1);
    EXPECT_TRUE(one.sync_to_head(test_call()));
    EXPECT_FALSE(one.position().value());
    EXPECT_EQ(seen(), Numbers{});
}

TEST_P(Follower, ARestartContinuesFromTheStoredPosition)
{
    emit(1);
    ASSERT_TRUE(follower().sync_to_head(test_call()));
    emit(2);
    ASSERT_TRUE(follower().sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2}));
}

TEST_P(Follower, SmallWindowsSeeTheSame)
{
    auto small = options();
    small.window = 2;
    auto one = follower(small);
    for (std::uint64_t i = 1; i <= 7; ++i) emit(i);
    mine(3);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2, 3, 4, 5, 6, 7}));
}

TEST_P(Follower, StaysBehindByItsConfirmations)
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

TEST_P(Follower, TakesBackWhatAReorganisationRemoved)
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

TEST_P(Follower, TakesBackWhenTheChainGotShorter)
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

TEST_P(Follower, ANodeThatIsBehindForAMomentIsWaitedFor)
{
    auto patient = options();
    patient.behind_grace = 20s;
    auto one = follower(patient);
    emit(1);
    const std::string before = snapshot();
    mine(1);
    ASSERT_TRUE(one.sync_to_head(test_call()));
    revert(before);
    std::jthread later([] {
        std::this_thread::sleep_for(200ms);
        mine(2);
    });
    ASSERT_TRUE(one.sync_to_head(test_call()));
    EXPECT_EQ(seen(), Numbers{1});
    EXPECT_EQ(sink_.rollbacks, 1);  // the block that came is another one; only it was taken back
}

/// A process of its own that dies in the middle of applying a window.
void follow_and_die(const std::string& url, const std::string& file, const FollowerOptions& options, std::uint64_t deadly)
{
    class DeadlySink final : public LogSink {
    public:
        explicit DeadlySink(std::uint64_t deadly_number) : deadly_(deadly_number) {}
        Status apply(store::Transaction& transaction, const eth::Log& log) override
        {
            const auto number = U256::from_be_bytes(log.topics.at(1).bytes())->clamp_u64();
            if (number == deadly_) ::raise(SIGKILL);
            TRY_OK(transaction.run("INSERT INTO counted (number, block) VALUES (?, ?)", number, log.block_number));
            return {};
        }
        Status rollback(store::Transaction&, std::uint64_t) override { return {}; }

    private:
        std::uint64_t deadly_;
    };
    const net::HttpClient http;
    const JsonRpcClient rpc(http, {url});
    auto database = store::Database::open(file, kMigrations);
    DeadlySink sink(deadly);
    if (database) (void)LogFollower(rpc, *database, sink, options).sync_to_head(test_call());
}

TEST_P(Follower, KilledInTheMiddleItGoesOnWhereItsTransactionEnded)
{
    const std::string file =
        std::filesystem::temp_directory_path() / ("iapp-follower-" + std::to_string(::getpid()) + ".db");
    const std::string place = GetParam() == test::Engine::sqlite ? file : location_;
    auto small = options();
    small.window = 2;
    for (std::uint64_t i = 1; i <= 6; ++i) emit(i);
    for (const std::uint64_t deadly : {2U, 4U, 5U}) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            follow_and_die(chain_->rpc().url(), place, small, deadly);
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status)) << "it was to die at " << deadly;
    }
    database_ = store::Database::open(place, kMigrations).value();
    ASSERT_TRUE(follower(small).sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 2, 3, 4, 5, 6}));
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);
}

TEST_P(Follower, AForkBelowEverythingRememberedStartsAgain)
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

TEST_P(Follower, AReorganisationWhileWeWereAwayIsNoticedAtTheNextStart)
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

TEST_P(Follower, AnErrorOfTheSinkLeavesNothingHalfDone)
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

TEST_P(Follower, FollowersOfOneDatabaseKeepTheirOwnPlaces)
{
    auto a = follower(options("a"));
    auto b = follower(options("b"));
    emit(1);
    ASSERT_TRUE(a.sync_to_head(test_call()));
    EXPECT_FALSE(b.position().value());
    ASSERT_TRUE(b.sync_to_head(test_call()));
    EXPECT_EQ(seen(), (Numbers{1, 1}));
}

TEST_P(Follower, StopsAtTheDeadlineAndWhenAsked)
{
    emit(1);
    auto one = follower();
    EXPECT_EQ(one.sync_to_head({.request_id = "late", .deadline = net::deadline_in(-1ms)}).error().reason, "net.deadline");
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(one.sync_to_head({.request_id = "stopped", .deadline = net::deadline_in(1s), .stop = source.get_token()})
                  .error()
                  .reason,
              "net.cancelled");
}

TEST(FollowerWithoutLuck, GivesUpOnAChainThatChangesUnderEveryRead)
{
    char digit = 'a';
    support::FakeNode node([&](std::string_view method, std::string_view) {
        if (method == "eth_getLogs") return std::string("[]");
        digit = digit == 'a' ? 'b' : 'a';
        return support::fake_block(5, digit);
    });
    const JsonRpcClient rpc = node.client();
    auto database = store::Database::open_memory(kMigrations).value();
    CountingSink sink;
    EXPECT_EQ(LogFollower(rpc, database, sink, {.name = "x", .filter = {}}).sync_to_head(test_call()).error().reason,
              "follower.unstable");
}

TEST(FollowerWithoutLuck, AsksForLessWhenTheNodeFindsItTooMuch)
{
    std::vector<std::string> asked;
    support::FakeNode node([&](std::string_view method, std::string_view params) -> std::string {
        if (method == "eth_getLogs") {
            asked.emplace_back(params);
            return asked.size() < 3 ? R"(!{"code":-32000,"message":"query returned more than 10000 results"})" : "[]";
        }
        const auto number =
            params.find("latest") != params.npos ? 15U : std::stoul(std::string(params.substr(4)), nullptr, 16);
        return support::fake_block(number, 'a');
    });
    const JsonRpcClient rpc = node.client();
    auto database = store::Database::open_memory(kMigrations).value();
    CountingSink sink;
    const auto head = LogFollower(rpc, database, sink, {.name = "x", .filter = {}, .window = 16}).sync_to_head(test_call());
    ASSERT_TRUE(head) << head.error().detail;
    EXPECT_EQ(head->number, 15U);
    EXPECT_NE(asked.at(1).find("\"toBlock\":\"0x7\""), std::string::npos) << asked[1];
}

TEST_P(Follower, RunsInTheBackgroundUntilStopped)
{
    auto one = follower();
    std::jthread thread([&](const std::stop_token& stop) { one.run(stop, 5ms); });
    emit(1);
    for (int i = 0; i < 400 && seen().empty(); ++i) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(seen(), Numbers{1});
}

}  // namespace
}  // namespace iapp::chain
