// A long history: indexed in bounded memory, and whatever happens on the way, the tables end as those of a fresh index.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "index/schema.hpp"
#include "index/tracker.hpp"
#include "support/fake_history.hpp"
#include "support/table_dump.hpp"

namespace iapp::index {
namespace {

using namespace std::chrono_literals;
using support::FakeHistory;

net::CallContext call() { return {.request_id = "test", .deadline = net::deadline_in(10min)}; }

/// Resident memory of this process, MiB.
std::uint64_t resident_mib()
{
    std::ifstream in("/proc/self/statm");
    std::uint64_t total = 0, resident = 0;
    in >> total >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) >> 20U;
}

std::uint64_t peak_mib()
{
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) >> 10U;
    return 0;
}

class History : public testing::Test {
protected:
    void TearDown() override { remove_files(); }

    std::string file() const
    {
        return std::filesystem::temp_directory_path() / ("iapp-index-" + std::to_string(::getpid()) + ".db");
    }
    void remove_files() const
    {
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file() + suffix);
    }

    /// Indexes up to the head; the name of the first table that failed to.
    Status sync(store::Database& database) { return sync(database, node_.client().url()); }
    Status sync(store::Database& database, const std::string& url)
    {
        const net::HttpClient http;
        const chain::JsonRpcClient rpc(http, {.url = url});
        const wire::Network network = history_.network(url);
        const chain::Hub hub(rpc, network.chain_id, network.contracts.hub);
        Tracker tracker(hub, database, network);
        TRY_OK(tracker.refresh(call()));
        return {};
    }

    static std::map<std::string, std::vector<std::string>> dump(store::Database& database)
    {
        std::map<std::string, std::vector<std::string>> out;
        auto transaction = database.read().value();
        const auto add = [&](std::string_view table) {
            out[std::string(table)] = support::dump_table(transaction, std::string(table));
        };
        for (const std::string_view table : growing_tables()) add(table);
        for (const ChangingTable& table : changing_tables()) add(table.name);
        return out;
    }

    /// The same as a fresh index of the same chain.
    void expect_as_fresh(store::Database& database)
    {
        auto fresh = store::Database::open_memory(migrations()).value();
        ASSERT_TRUE(sync(fresh));
        const auto expected = dump(fresh), actual = dump(database);
        for (const auto& [table, rows] : expected) EXPECT_TRUE(actual.at(table) == rows) << table << " differs";
        EXPECT_FALSE(expected.at("task").empty());
    }

    FakeHistory history_;
    support::FakeNode node_{
        [this](std::string_view method, std::string_view params) { return history_.answer(method, params); }};
};

TEST_F(History, AHundredThousandBlocksFitInBoundedMemory)
{
    history_.head = 100'000;
    auto database = store::Database::open(file(), migrations()).value();
    const std::uint64_t before = resident_mib();
    const auto start = std::chrono::steady_clock::now();

    const Status done = sync(database);

    ASSERT_TRUE(done) << done.error().detail;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("100000 blocks in %.1f s, %.0f blocks/s; memory %llu MiB before, %llu MiB at its peak\n", took.count(),
                100'000 / took.count(), static_cast<unsigned long long>(before),
                static_cast<unsigned long long>(peak_mib()));
    EXPECT_LT(peak_mib(), before + 256) << "the node of this test is part of it";
    auto transaction = database.read().value();
    EXPECT_EQ(support::text_column(transaction, "SELECT count(*) FROM task WHERE status = 'COMPLETED'"),
              std::vector<std::string>{"33333"});
    EXPECT_EQ(support::text_column(transaction, "SELECT count(*) FROM undo_task WHERE undo_block < 99000"),
              std::vector<std::string>{"0"});
}

TEST_F(History, KilledAnywhereItEndsTheSame)
{
    history_.head = 6'000;
    const std::string url = node_.client().url();
    for (int round = 0; round < 8; ++round) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto opened = store::Database::open(file(), migrations());
            if (opened) static_cast<void>(sync(*opened, url));
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(60 + 170 * round));
        ::kill(child, SIGKILL);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    }
    auto database = store::Database::open(file(), migrations()).value();
    ASSERT_TRUE(sync(database));
    expect_as_fresh(database);
}

TEST_F(History, AForkOfFiveBlocksEndsTheSame)
{
    auto database = store::Database::open_memory(migrations()).value();
    history_.head = 2'000;
    ASSERT_TRUE(sync(database));
    for (history_.head = 2'001; history_.head < 2'010; ++history_.head) ASSERT_TRUE(sync(database));
    history_.fork_at = 2'005;
    history_.fork_salt = 1;
    history_.head = 2'012;
    ASSERT_TRUE(sync(database));
    expect_as_fresh(database);
}

TEST_F(History, AForkDeeperThanAnyKeptVersionEndsTheSame)
{
    auto database = store::Database::open_memory(migrations()).value();
    history_.head = 2'000;
    ASSERT_TRUE(sync(database));
    history_.fork_at = 2'000 - kForkDepth - 100;
    history_.fork_salt = 2;
    history_.head = 2'001;
    ASSERT_TRUE(sync(database));
    expect_as_fresh(database);
}

}  // namespace
}  // namespace iapp::index
