// The promises of the store: typed values, one writer at a time, migrations, and durability across kill -9.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "store/database.hpp"
#include "store/group_committer.hpp"
#include "support/store_engines.hpp"

namespace iapp::store {
namespace {

using Id = FixedBytes<4, struct TestTag>;

constexpr Migration kFirst{"items",
                           "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, data BLOB, "
                           "price REAL) STRICT;"};
constexpr Migration kSecond{"index",
                            "CREATE INDEX items_by_price ON items(price); INSERT INTO items(name) VALUES ('second');"};
constexpr Migration kBroken{"broken", "INSERT INTO items(name) VALUES ('half'); CREATE TABLE items(x INTEGER) STRICT;"};

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

/// Every promise is kept by both engines.
class Store : public testing::TestWithParam<test::Engine> {
protected:
    Store()
    {
        std::string name = std::filesystem::temp_directory_path() / "iapp-store-XXXXXX";
        directory = ::mkdtemp(name.data());
        location = directory / "test.db";
    }
    void SetUp() override
    {
        if (GetParam() == test::Engine::postgres) location = test::fresh_location(GetParam());
        if (location.empty()) GTEST_SKIP() << test::kNoServer;
    }
    ~Store() override { std::filesystem::remove_all(directory); }

    std::filesystem::path directory;
    std::string location;
};
INSTANTIATE_TEST_SUITE_P(Engines, Store, test::kEngines, test::engine_name);

std::int64_t count(Database& database)
{
    auto transaction = database.read();
    auto rows = transaction->query("SELECT count(*) FROM items");
    EXPECT_TRUE(*rows->next());
    return rows->integer(0);
}

/// Counts to `end` the slow way.
Result<bool> count_to(Transaction& transaction, std::int64_t end)
{
    TRY(auto rows,
        transaction.query("WITH RECURSIVE c(x) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT x + 1 FROM c WHERE x "
                          "< CAST(? AS BIGINT)) SELECT count(*) FROM c",
                          end));
    return rows.next();
}

TEST_P(Store, EndsTheStatementsOfAReadWithALimit)
{
    constexpr std::chrono::milliseconds kLimit{100};
    auto database = Database::open(location, std::span(&kFirst, 1)).value();
    const auto begun = std::chrono::steady_clock::now();
    {
        auto read = database.read(kLimit).value();
        EXPECT_TRUE(count_to(read, 10));
        EXPECT_EQ(reason(count_to(read, 1'000'000'000)), "store.timeout");
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
    {
        auto late = database.read(kLimit).value();
        std::this_thread::sleep_for(kLimit * 2);
        EXPECT_EQ(reason(late.query("SELECT 1")), "store.timeout");
    }
    auto write = database.begin().value();  // the limit was that transaction's
    std::this_thread::sleep_for(kLimit * 2);
    EXPECT_TRUE(count_to(write, 100'000));
    EXPECT_TRUE(write.run("INSERT INTO items(name) VALUES ('x')"));
    EXPECT_TRUE(write.commit());
}

TEST_P(Store, KeepsEveryTypeOfValue)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    ASSERT_TRUE(database) << database.error().detail;
    const Id id(std::array<std::uint8_t, 4>{1, 2, 3, 4});
    auto write = database->begin();
    ASSERT_TRUE(write->run("INSERT INTO items VALUES (?, ?, ?, ?)", 7, "seven", id, 1.5));
    ASSERT_TRUE(write->run("INSERT INTO items VALUES (?, ?, ?, ?)", std::int64_t{1} << 62, std::string(), Bytes{},
                           std::optional<double>()));
    ASSERT_TRUE(write->commit());

    auto read = database->read();
    auto rows = read->query("SELECT id, name, data, price FROM items ORDER BY id");
    ASSERT_TRUE(*rows->next());
    EXPECT_EQ(rows->integer(0), 7);
    EXPECT_EQ(rows->text(1), "seven");
    EXPECT_EQ(*rows->id<Id>(2), id);
    EXPECT_EQ(rows->real(3), 1.5);
    ASSERT_TRUE(*rows->next());
    EXPECT_EQ(rows->integer(0), std::int64_t{1} << 62);
    EXPECT_EQ(rows->text(1), "");
    EXPECT_FALSE(rows->is_null(2));
    EXPECT_TRUE(rows->blob(2).empty());
    EXPECT_EQ(reason(rows->id<Id>(2)), "store.column");
    EXPECT_TRUE(rows->is_null(3));
    EXPECT_FALSE(*rows->next());
}

TEST_P(Store, RollsBackUnlessCommitted)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    {
        ASSERT_TRUE(database->begin()->run("INSERT INTO items(name) VALUES ('a')"));
    }
    EXPECT_EQ(count(*database), 0);
    ASSERT_TRUE(database->run("INSERT INTO items(name) VALUES (?)", "a"));
    EXPECT_EQ(count(*database), 1);
}

TEST_P(Store, CountsChangedRows)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    ASSERT_TRUE(database->run("INSERT INTO items(name) VALUES ('a'), ('b')"));
    EXPECT_EQ(*database->run("UPDATE items SET price = 1"), 2);
    EXPECT_EQ(*database->run("UPDATE items SET price = 1 WHERE name = 'c'"), 0);
}

TEST_P(Store, NamesWrongStatements)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    ASSERT_TRUE(database->run("INSERT INTO items(name) VALUES ('a')"));
    const std::pair<std::string_view, std::string_view> wrong[] = {
        {"INSERT INTO items(name) VALUES ('a')", "store.constraint"},
        {"INSERT INTO items(name, data) VALUES ('b', 5)", "store.constraint"},
        {"INSERT", "store.sql"},
        {"", "store.sql"},
        {"INSERT INTO items(name) VALUES (\"b\")", "store.sql"},
        {"DELETE FROM items; DELETE FROM items", "store.sql"},
        {"INSERT INTO items(name) VALUES (?)", "store.sql"}};
    for (const auto& [sql, expected] : wrong) {
        EXPECT_EQ(reason(database->run(sql)), expected) << sql;
        EXPECT_EQ(count(*database), 1);
    }
}

TEST_P(Store, UndoesOnlyWhatFollowsASavepoint)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    auto write = database->begin();
    ASSERT_TRUE(write->run("INSERT INTO items(name) VALUES ('a')"));
    ASSERT_TRUE(write->run("SAVEPOINT here"));
    EXPECT_EQ(reason(write->run("INSERT INTO items(name) VALUES ('a')")), "store.constraint");
    ASSERT_TRUE(write->run("ROLLBACK TO here"));
    ASSERT_TRUE(write->run("INSERT OR IGNORE INTO items(name) VALUES (?)", "a"));
    ASSERT_TRUE(
        write->run("INSERT INTO items(name, price) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET price = ?2", "a", 2.5));
    ASSERT_TRUE(write->commit());
    auto read = database->read();
    auto rows = read->query("SELECT CAST(price * 2 AS INTEGER) FROM items");
    ASSERT_TRUE(*rows->next());
    EXPECT_EQ(rows->integer(0), 5);
}

TEST_P(Store, SortsTextByItsBytes)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    for (const char* name : {"b", "A", "a", "B", "\u00e9", "_"})
        ASSERT_TRUE(database->run("INSERT INTO items(name) VALUES (?)", name));
    auto read = database->read();
    auto rows = read->query("SELECT name FROM items ORDER BY name");
    std::string order;
    while (*rows->next()) order += rows->text(0);
    EXPECT_EQ(order, "AB_ab\u00e9");
}

TEST_P(Store, MigratesInOrderAndOnce)
{
    const std::array steps{kFirst, kSecond};
    {
        ASSERT_TRUE(Database::open(location, std::span(steps).first(1)));
    }
    {
        auto database = Database::open(location, steps);
        ASSERT_TRUE(database);
        EXPECT_EQ(count(*database), 1);
    }
    auto again = Database::open(location, steps);
    ASSERT_TRUE(again);
    EXPECT_EQ(count(*again), 1);
    EXPECT_EQ(reason(Database::open(location, std::span(steps).first(1))), "store.newer_schema");
}

TEST_P(Store, UndoesABrokenMigrationWhole)
{
    const std::array steps{kFirst, kBroken};
    EXPECT_EQ(reason(Database::open(location, steps)), "store.migration");
    auto database = Database::open(location, std::span(steps).first(1));
    ASSERT_TRUE(database) << database.error().detail;
    EXPECT_EQ(count(*database), 0);
}

TEST_P(Store, SaysBusyWhenAnotherProcessHoldsTheLock)
{
    auto first = Database::open(location, std::span(&kFirst, 1));
    auto second = Database::open(location, std::span(&kFirst, 1), {.busy_timeout = std::chrono::milliseconds(20)});
    auto held = first->begin();
    EXPECT_EQ(reason(second->begin()), "store.busy");
    ASSERT_TRUE(second->read());  // readers go on
}

TEST_P(Store, TransactionsOfThreadsTakeTurns)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 25; ++i)
                    EXPECT_TRUE(
                        database->run("INSERT INTO items(name) VALUES (?)", std::to_string(t) + "/" + std::to_string(i)));
            });
    }
    EXPECT_EQ(count(*database), 100);
}

TEST_P(Store, ASecondQueryOfTheSameTextWorksInsideTheFirst)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    ASSERT_TRUE(database->run("INSERT INTO items(name) VALUES ('a'), ('b')"));
    auto read = database->read();
    auto outer = read->query("SELECT name FROM items ORDER BY name");
    ASSERT_TRUE(*outer->next());
    auto inner = read->query("SELECT name FROM items ORDER BY name");
    ASSERT_TRUE(*inner->next());
    ASSERT_TRUE(*inner->next());
    EXPECT_EQ(outer->text(0), "a");
    EXPECT_EQ(inner->text(0), "b");
}

// ---- durability ----------------------------------------------------------------------------------------------

/// Runs `writer` in a child, reads the numbers it reports, kills it with SIGKILL after `enough` of them.
std::int64_t kill_after(int enough, const std::function<void(int pipe)>& writer)
{
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        writer(ends[1]);
        ::_exit(0);
    }
    ::close(ends[1]);
    std::int64_t last = 0;
    for (int i = 0; i < enough; ++i) EXPECT_EQ(::read(ends[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
    ::kill(child, SIGKILL);
    std::int64_t more = 0;
    while (::read(ends[0], &more, sizeof more) == static_cast<ssize_t>(sizeof more)) last = std::max(last, more);
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return last;
}

TEST_P(Store, KeepsWhatWasCommittedBeforeKill)
{
    const std::int64_t reported = kill_after(50, [&](int pipe) {
        auto database = Database::open(location, std::span(&kFirst, 1));
        for (std::int64_t i = 1;; ++i) {
            if (!database->run("INSERT INTO items(id, name) VALUES (?, ?)", i, std::to_string(i))) ::_exit(1);
            if (::write(pipe, &i, sizeof i) != sizeof i) ::_exit(1);
        }
    });
    auto database = Database::open(location, std::span(&kFirst, 1));
    ASSERT_TRUE(database) << database.error().detail;
    const std::int64_t kept = count(*database);
    EXPECT_GE(kept, reported);
    EXPECT_LE(kept, reported + 1);
}

TEST_P(Store, GroupsKeepWhatTheyAnsweredBeforeKill)
{
    const std::int64_t reported = kill_after(200, [&](int pipe) {
        auto database = Database::open(location, std::span(&kFirst, 1));
        GroupCommitter committer(*database);
        std::atomic<std::int64_t> done = 0;
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; true; ++i) {
                    const Status committed = committer.commit([&](Transaction& transaction) -> Status {
                        TRY_OK(transaction.run("INSERT INTO items(name) VALUES (?)",
                                               std::to_string(t) + "/" + std::to_string(i)));
                        return {};
                    });
                    if (!committed) ::_exit(1);
                    const std::int64_t total = ++done;
                    if (::write(pipe, &total, sizeof total) != sizeof total) ::_exit(1);
                }
            });
    });
    auto database = Database::open(location, std::span(&kFirst, 1));
    ASSERT_TRUE(database) << database.error().detail;
    EXPECT_GE(count(*database), reported);
}

// ---- group commit --------------------------------------------------------------------------------------------

TEST_P(Store, GroupAnswersEachCallerAndUndoesOnlyTheFailed)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    GroupCommitter committer(*database, 16);
    std::atomic<int> failed = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(8);
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 20; ++i) {
                    const Status committed = committer.commit([&](Transaction& transaction) -> Status {
                        TRY_OK(transaction.run("INSERT INTO items(name) VALUES (?)", std::to_string(t * 100 + i)));
                        if (i % 4 == 3) return fail(ErrorKind::conflict, "test.refused", "every fourth");
                        return {};
                    });
                    if (i % 4 == 3) failed += reason(committed) == "test.refused" ? 1 : 0;
                    else EXPECT_TRUE(committed);
                }
            });
    }
    EXPECT_EQ(failed, 8 * 5);
    EXPECT_EQ(count(*database), 8 * 15);
}

TEST_P(Store, TogetherTellsEachInOrderWhenItIsDurable)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    std::vector<std::string> told;
    const auto job = [&](const std::string& name) {
        return Job{[name](Transaction& transaction) -> Status {
                       TRY_OK(transaction.run("INSERT INTO items(name) VALUES (?)", name));
                       return {};
                   },
                   [&told, &database, name](const Status& status) {
                       told.push_back(name + (status ? " of " + std::to_string(count(*database)) : " refused"));
                   }};
    };
    std::vector<Job> jobs;
    for (const char* name : {"a", "b", "a", "c"}) jobs.push_back(job(name));
    commit_together(*database, jobs);
    EXPECT_EQ(told, (std::vector<std::string>{"a of 3", "b of 3", "a refused", "c of 3"}));
}

TEST_P(Store, GroupPostsWithoutWaiting)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    std::atomic<int> done = 0;
    {
        GroupCommitter committer(*database);
        for (int i = 0; i < 50; ++i)
            committer.post({[i](Transaction& transaction) -> Status {
                                TRY_OK(transaction.run("INSERT INTO items(name) VALUES (?)", std::to_string(i)));
                                return {};
                            },
                            [&](const Status& status) { done += status ? 1 : 0; }});
    }
    EXPECT_EQ(done, 50);
    EXPECT_EQ(count(*database), 50);
}

TEST_P(Store, GroupRefusesAfterClose)
{
    auto database = Database::open(location, std::span(&kFirst, 1));
    GroupCommitter committer(*database);
    committer.close();
    EXPECT_EQ(reason(committer.commit([](Transaction&) { return Status{}; })), "store.closed");
}

}  // namespace
}  // namespace iapp::store
