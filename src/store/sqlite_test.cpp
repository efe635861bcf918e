// What only a database in a file promises: its mode, what a file that is no database is called, and its own integrity.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "store/database.hpp"

namespace iapp::store {
namespace {

constexpr Migration kFirst{"items", "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"};

std::string reason(const auto& result) { return result ? "" : std::string(result.error().reason); }

class Sqlite : public testing::Test {
protected:
    Sqlite()
    {
        std::string name = std::filesystem::temp_directory_path() / "iapp-sqlite-XXXXXX";
        directory = ::mkdtemp(name.data());
        file = directory / "test.db";
    }
    ~Sqlite() override { std::filesystem::remove_all(directory); }

    std::filesystem::path directory;
    std::filesystem::path file;
};

constexpr Migration kPages{"pages", "CREATE TABLE pages(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"};
constexpr std::uintmax_t kPage = 4096;

/// One commit that touches `count` pages and some.
void write_pages(Database& database, std::size_t count)
{
    const Bytes page(kPage, 1);
    auto transaction = database.begin().value();
    for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(transaction.run("INSERT INTO pages (bytes) VALUES (?)", page));
    ASSERT_TRUE(transaction.commit());
}

TEST_F(Sqlite, MovesALongLogIntoTheFileBesideTheCommits)
{
    auto database = Database::open(file, std::span(&kPages, 1)).value();
    write_pages(database, 1500);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::filesystem::file_size(file) < 1500 * kPage && std::chrono::steady_clock::now() < limit)
        std::this_thread::yield();
    EXPECT_GE(std::filesystem::file_size(file), 1500 * kPage) << "no commit came after";
    write_pages(database, 200);  // nothing is left of the log: it starts over
    EXPECT_LT(std::filesystem::file_size(file.string() + "-wal"), 2 * 1500 * kPage);
}

TEST_F(Sqlite, CommitsThatKeepComingDoNotLetTheLogGrowOn)
{
    auto database = Database::open(file, std::span(&kPages, 1)).value();
    for (int i = 0; i < 40; ++i) write_pages(database, 500);
    EXPECT_LT(std::filesystem::file_size(file.string() + "-wal"), 10'000 * (kPage + 24)) << "of 40,000 pages written";
    auto transaction = database.read().value();
    auto rows = transaction.query("SELECT count(*) FROM pages").value();
    ASSERT_TRUE(rows.next().value());
    EXPECT_EQ(rows.integer(0), 40 * 500);
}

TEST_F(Sqlite, NamesFilesItCannotOpen)
{
    EXPECT_EQ(reason(Database::open(directory / "missing" / "x.db", {})), "store.open");
    std::ofstream(file) << std::string(4096, 'x');
    EXPECT_EQ(reason(Database::open(file, {})), "store.corrupt");
}

TEST_F(Sqlite, IsForItsOwnerOnly)
{
    auto database = Database::open(file, std::span(&kFirst, 1));
    ASSERT_TRUE(database->run("INSERT INTO items(name) VALUES ('a')"));
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat info {};
        ASSERT_EQ(::stat((file.string() + suffix).c_str(), &info), 0) << suffix;
        EXPECT_EQ(info.st_mode & 077, 0U) << suffix;
    }
}

TEST_F(Sqlite, IsSoundAfterKill)
{
    const pid_t child = ::fork();
    if (child == 0) {
        auto database = Database::open(file, std::span(&kFirst, 1));
        for (std::int64_t i = 1; database->run("INSERT INTO items(name) VALUES (?)", std::to_string(i)); ++i) {
        }
        ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    auto database = Database::open(file, std::span(&kFirst, 1));
    auto read = database->read();
    auto check = read->query("PRAGMA integrity_check");
    ASSERT_TRUE(*check->next());
    EXPECT_EQ(check->text(0), "ok");
}

}  // namespace
}  // namespace iapp::store
