// What only a server can do to its clients: go away, come back, freeze, and belong to others as well.
#include <gmock/gmock.h>

#include <future>

#include "support/cutting_proxy.hpp"
#include "support/store_engines.hpp"

namespace iapp::store {
namespace {

using namespace std::chrono_literals;
using test::PostgresServer;

constexpr Migration kItems{"items", "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"};
constexpr Migration kOther{"other", "CREATE TABLE other(id INTEGER PRIMARY KEY) STRICT;"};

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

class Postgres : public testing::Test {
protected:
    void SetUp() override
    {
        server = PostgresServer::shared();
        if (!server) GTEST_SKIP() << test::kNoServer;
        url = server->fresh_url();
    }
    Result<Database> open(OpenOptions options = {}) const { return Database::open(url, std::span(&kItems, 1), options); }

    PostgresServer* server = nullptr;
    std::string url;
};

std::int64_t number(Database& database, std::string_view sql)
{
    auto read = database.read();
    auto rows = read->query(sql);
    EXPECT_TRUE(rows && *rows->next());
    return rows->integer(0);
}
std::int64_t count(Database& database) { return number(database, "SELECT count(*) FROM items"); }

TEST_F(Postgres, ConnectsAgainAfterTheServerRestarted)
{
    for (const int signal : {SIGINT, SIGQUIT}) {
        auto database = open();
        ASSERT_TRUE(database) << database.error().detail;
        ASSERT_TRUE(database->run("INSERT INTO items(name) VALUES (?)", signal));
        auto open_one = database->begin();
        ASSERT_TRUE(open_one->run("INSERT INTO items(name) VALUES ('lost')"));
        server->stop(signal);
        EXPECT_EQ(reason(open_one->run("INSERT INTO items(name) VALUES ('late')")), "store.lost");
        EXPECT_EQ(reason(open_one->commit()), "store.lost");
        {
            auto gone = std::move(open_one);
        }
        EXPECT_EQ(reason(database->begin()), "store.open");
        server->start();
        EXPECT_TRUE(database->run("INSERT INTO items(name) VALUES (?)", signal + 100));
        EXPECT_EQ(number(*database, "SELECT count(*) FROM items WHERE name = 'lost'"), 0);
    }
    auto database = open();
    EXPECT_EQ(count(*database), 4);
}

TEST_F(Postgres, LearnsWhatBecameOfACommitWhoseAnswerWasLost)
{
    for (const bool reaches_server : {true, false}) {
        test::CuttingProxy proxy(server->socket(), "COMMIT", reaches_server);
        std::string through = url;
        const std::string direct = "host=" + server->socket().parent_path().string();
        through.replace(through.find(direct), direct.size(), "host=" + proxy.folder().string());
        auto database = Database::open(through, std::span(&kItems, 1));
        ASSERT_TRUE(database) << database.error().detail;
        auto write = database->begin();
        ASSERT_TRUE(write->run("INSERT INTO items(name) VALUES (?)", reaches_server ? "kept" : "undone"));
        proxy.arm();
        EXPECT_EQ(reason(write->commit()), reaches_server ? "" : "store.lost");
    }
    auto database = open();
    EXPECT_EQ(number(*database, "SELECT count(*) FROM items WHERE name = 'kept'"), 1);
    EXPECT_EQ(count(*database), 1);
}

TEST_F(Postgres, DoesNotWaitForAFrozenServer)
{
    auto database = open({.busy_timeout = 500ms, .statement_timeout = 200ms});
    const auto backend = static_cast<pid_t>(number(*database, "SELECT pg_backend_pid()"));
    ASSERT_EQ(::kill(backend, SIGSTOP), 0);
    const auto begun = std::chrono::steady_clock::now();
    auto transaction = database->begin();  // a new connection, once the old one did not answer
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
    ::kill(backend, SIGCONT);
    EXPECT_TRUE(transaction) << transaction.error().detail;
}

TEST_F(Postgres, EndsStatementsThatTakeTooLong)
{
    auto database = open({.busy_timeout = 500ms, .statement_timeout = 200ms});
    auto read = database->read();
    EXPECT_EQ(reason(read->query("SELECT pg_sleep(30)")), "store.timeout");
}

TEST_F(Postgres, TriesAStatementAgainWhenAStrangerWroteBetween)
{
    auto database = open();
    ASSERT_TRUE(database->run("INSERT INTO items(id, name) VALUES (1, 'a')"));
    auto stranger = open();
    auto theirs = stranger->read();  // no lock of ours
    ASSERT_TRUE(theirs->run("COMMIT"));
    ASSERT_TRUE(theirs->run("BEGIN"));
    ASSERT_TRUE(theirs->run("UPDATE items SET name = 'b'"));
    auto ours =
        std::async(std::launch::async, [&] { return database->run("UPDATE items SET name = 'c' WHERE name = 'b'"); });
    std::this_thread::sleep_for(300ms);
    ASSERT_TRUE(theirs->run("COMMIT"));
    const auto changed = ours.get();
    ASSERT_TRUE(changed) << changed.error().reason << changed.error().detail;
    EXPECT_LE(*changed, 1);

    auto write = database->begin();
    ASSERT_TRUE(write->query("SELECT name FROM items"));
    ASSERT_TRUE(theirs->run("UPDATE items SET name = 'd'"));
    EXPECT_EQ(reason(write->run("UPDATE items SET name = 'e'")), "store.serialization");
    EXPECT_EQ(reason(write->commit()), "store.sql");  // never a commit of half a transaction
}

TEST_F(Postgres, MigratesOnceHoweverManyStartTogether)
{
    const std::array steps{kItems, Migration{"first", "INSERT INTO items(name) VALUES ('a');"}};
    std::vector<std::future<std::string>> openings;
    for (int i = 0; i < 6; ++i)
        openings.push_back(std::async(std::launch::async, [&] { return reason(Database::open(url, steps)); }));
    for (auto& opening : openings) EXPECT_EQ(opening.get(), "");
    auto database = Database::open(url, steps);
    EXPECT_EQ(count(*database), 1);
}

TEST_F(Postgres, RefusesTheDatabaseOfAnotherService)
{
    ASSERT_TRUE(open());
    EXPECT_EQ(reason(Database::open(url, std::span(&kOther, 1))), "store.other_schema");
}

TEST_F(Postgres, RefusesTextThatTheServerCannotHold)
{
    auto database = open();
    for (const std::string& text : {std::string("a\0b", 3), std::string("\xff")})
        EXPECT_EQ(reason(database->run("INSERT INTO items(name) VALUES (?)", text)), "store.constraint");
}

TEST_F(Postgres, KeepsManyStatementsPrepared)
{
    auto database = open();
    for (int i = 0; i < 600; ++i) EXPECT_EQ(number(*database, "SELECT " + std::to_string(i)), i);
}

TEST_F(Postgres, CarriesLargeValues)
{
    auto database = Database::open(url, std::array{Migration{"blobs", "CREATE TABLE blobs(data BLOB) STRICT;"}});
    Bytes large(20 << 20);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7 + (i >> 9));
    ASSERT_TRUE(database->run("INSERT INTO blobs VALUES (?)", large));
    auto read = database->read();
    auto rows = read->query("SELECT data FROM blobs");
    ASSERT_TRUE(*rows->next());
    EXPECT_TRUE(rows->blob(0) == large);
}

TEST(PostgresUrl, NamesServersItCannotReachWithoutTheirPassword)
{
    for (const char* url : {"postgresql://u:hunter2@127.0.0.1:1/db", "postgres://u:hunter2@/db?host=/nonexistent",
                            "postgresql://u:hunter2@[", "postgresql://u:hunter2@127.0.0.1:1/db?nonsense=1"}) {
        const auto database = Database::open(url, {});
        EXPECT_EQ(reason(database), "store.open");
        EXPECT_THAT(database.error().detail, testing::Not(testing::HasSubstr("hunter2"))) << url;
    }
}

}  // namespace
}  // namespace iapp::store
