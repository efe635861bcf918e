// rooms: index
// Blocks of PoCo events into tables, from a node that makes them up, against the promise of 2,000 a second by the clock, and
// against as many bare rows through the same store by processor time.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "index/number.hpp"
#include "index/schema.hpp"
#include "index/tracker.hpp"
#include "ratio.hpp"
#include "support/fake_history.hpp"

namespace {

using namespace iapp;

constexpr std::uint64_t kBlocks = 6'000;
constexpr int kRowsPerTransaction = 20'000;

void check(bool ok)
{
    if (!ok) std::abort();
}

net::CallContext call() { return {.request_id = "bench", .deadline = net::deadline_in(std::chrono::minutes(5))}; }

/// A node that has made up its answers before: what is measured is reading them.
class ToldHistory {
public:
    std::string answer(std::string_view method, std::string_view params)
    {
        const std::lock_guard lock(mutex_);
        auto& told = told_[std::string(method) + ' ' + std::string(params)];
        if (told.empty()) told = history.answer(method, params);
        return told;
    }

    support::FakeHistory history;

private:
    std::mutex mutex_;
    std::map<std::string, std::string> told_;
};

struct Desk {
    std::string file = std::filesystem::temp_directory_path() / ("iapp-index-bench-" + std::to_string(::getpid()) + ".db");
    mutable ToldHistory told;
    support::FakeNode node{[this](std::string_view method, std::string_view params) { return told.answer(method, params); }};
    std::int64_t rows = 0;

    Desk()
    {
        told.history.head = kBlocks;
        index();
        rows = count_rows();
    }
    ~Desk() { remove_files(); }

    void remove_files() const
    {
        for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);
    }

    store::Database fresh() const
    {
        remove_files();
        return store::Database::open(file, index::migrations()).value();
    }

    void index() const
    {
        auto database = fresh();
        const net::HttpClient http;
        const chain::JsonRpcClient rpc(http, {.url = node.client().url()});
        const wire::Network network = told.history.network(rpc.url());
        const chain::Hub hub(rpc, network.chain_id, network.contracts.hub);
        index::Tracker tracker(hub, database, network);
        check(tracker.refresh(call()).has_value());
    }

    std::int64_t count_rows() const
    {
        auto database = store::Database::open(file, index::migrations()).value();
        auto transaction = database.read().value();
        std::int64_t total = 0;
        const auto count = [&](std::string_view table) {
            auto row = transaction.query("SELECT count(*) FROM " + std::string(table)).value();
            if (row.next().value()) total += row.integer(0);
        };
        for (const std::string_view table : index::growing_tables()) count(table);
        for (const index::ChangingTable& table : index::changing_tables()) count(table.name);
        return total;
    }

    /// As many rows as an index of these blocks has, all of the commonest kind and with its indexes.
    void write_rows() const
    {
        auto database = fresh();
        const Bytes value = index::encode_number(29U);
        for (std::int64_t at = 0; at < rows;) {
            auto transaction = database.begin().value();
            for (const std::int64_t end = std::min(rows, at + kRowsPerTransaction); at < end; ++at) {
                const std::string number = std::to_string(at), hash = crypto::keccak256(as_bytes(number)).hex();
                check(
                    transaction
                        .run("INSERT INTO transfer (id, \"transaction\", timestamp, block_number, \"from\", \"to\", value) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?)",
                             number + "-1", hash, at, at, hash.substr(0, 42), hash.substr(10, 42), value)
                        .has_value());
            }
            check(transaction.commit().has_value());
        }
    }
};

}  // namespace

int main()
{
    const Desk desk;
    constexpr double kPromised = 1'000;
    const std::vector<bench::Case> cases{
        {"index, by the clock", [&] { desk.index(); }, bench::Meter::wall, double(kBlocks)},
        {"2,000 blocks a second", [] { std::this_thread::sleep_for(std::chrono::milliseconds(500)); }, bench::Meter::wall,
         kPromised},
        {"index", [&] { desk.index(); }, bench::Meter::thread_cpu, double(kBlocks)},
        {"bare rows, as many", [&] { desk.write_rows(); }, bench::Meter::thread_cpu, double(kBlocks)}};
    std::printf("%llu blocks, %lld rows\n", static_cast<unsigned long long>(kBlocks), static_cast<long long>(desk.rows));
    return bench::report(cases, {{"index / 2,000 blocks a second", 0, 1, 1.0}, {"index / bare rows", 2, 3, 0.3}}, "blocks/s",
                         5);
}
