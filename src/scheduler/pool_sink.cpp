#include "scheduler/pool_sink.hpp"

#include "eth/abi.hpp"
#include "poco/events.hpp"
#include "scheduler/task_book.hpp"

namespace iapp::scheduler {

const store::Migration kDealMigration{"announced deals", R"(
CREATE TABLE deal (id BLOB PRIMARY KEY, block INTEGER NOT NULL, booked INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX deal_new ON deal (booked) WHERE booked = 0;
)"};

const store::Migration kDealPlaceMigration{"the order of deals", R"(
ALTER TABLE deal ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
)"};

// A book that has been followed without its ends is followed again from the start; what it holds stays.
const store::Migration kEndMigration{"the ends of tasks", R"(
CREATE TABLE task_end (task BLOB PRIMARY KEY, block INTEGER NOT NULL) STRICT;
DELETE FROM chain_cursor;
)"};

chain::LogFilter PoolSink::deals() const
{
    std::vector<Hash256> pools;
    for (const eth::Address& pool : workerpools_) {
        std::array<std::uint8_t, 32> padded{};
        std::ranges::copy(pool.bytes(), padded.begin() + 12);
        pools.emplace_back(padded);
    }
    return {{hub_}, {{poco::topic<poco::SchedulerNotice>()}, std::move(pools)}};
}

chain::LogFilter PoolSink::ends() const
{
    return {{hub_}, {{poco::topic<poco::TaskFinalize>(), poco::topic<poco::TaskClaimed>()}}};
}

namespace {

/// Nothing for a log that is no end.
Result<std::optional<poco::TaskId>> ended_task(const eth::Log& log)
{
    if (poco::is<poco::TaskFinalize>(log)) {
        TRY(const auto finalized, poco::TaskFinalize::decode(log));
        return std::optional(finalized.task);
    }
    if (!poco::is<poco::TaskClaimed>(log)) return std::optional<poco::TaskId>{};
    TRY(const auto claimed, poco::TaskClaimed::decode(log));
    return std::optional(claimed.task);
}

Status add_end(store::Transaction& transaction, const poco::TaskId& task, std::uint64_t block)
{
    TRY_OK(transaction.run(
        "INSERT INTO task_end (task, block) VALUES (?, ?) ON CONFLICT (task) DO UPDATE SET block = excluded.block", task,
        block));
    return {};
}

Status add_deal(store::Transaction& transaction, const eth::Log& log)
{
    TRY(const auto notice, poco::SchedulerNotice::decode(log));
    TRY_OK(
        transaction.run("INSERT INTO deal (id, block, place) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET block = "
                        "excluded.block, place = excluded.place",
                        notice.deal, log.block_number, log.index));
    return {};
}

}  // namespace

Status PoolSink::apply(store::Transaction& transaction, const eth::Log& log)
{
    if (log.address != hub_) return {};
    TRY(const auto ended, ended_task(log));
    return ended ? add_end(transaction, *ended, log.block_number) : add_deal(transaction, log);
}

Status PoolSink::rollback(store::Transaction& transaction, std::uint64_t first_bad)
{
    TRY_OK(transaction.run("DELETE FROM deal WHERE block >= ?", first_bad));
    TRY_OK(transaction.run("DELETE FROM task_end WHERE block >= ?", first_bad));
    return reopen_settled(transaction, first_bad);
}

Result<std::vector<poco::DealId>> new_deals(store::Database& database)
{
    TRY(auto transaction, database.read());
    TRY(auto rows, transaction.query("SELECT id FROM deal WHERE booked = 0 ORDER BY block, place, id"));
    std::vector<poco::DealId> deals;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return deals;
        TRY(const auto id, rows.id<poco::DealId>(0));
        deals.push_back(id);
    }
}

Status mark_booked(store::Transaction& transaction, const poco::DealId& deal)
{
    TRY_OK(transaction.run("UPDATE deal SET booked = 1 WHERE id = ?", deal));
    return {};
}

Result<std::optional<std::uint64_t>> end_of(store::Database& database, const poco::TaskId& task)
{
    TRY(auto transaction, database.read());
    TRY(auto rows, transaction.query("SELECT block FROM task_end WHERE task = ?", task));
    TRY(const bool found, rows.next());
    return found ? std::optional(static_cast<std::uint64_t>(rows.integer(0))) : std::nullopt;
}

Status forget_old_ends(store::Database& database)
{
    TRY(auto transaction, database.begin());
    TRY_OK(
        transaction.run("DELETE FROM task_end WHERE NOT EXISTS (SELECT 1 FROM deal WHERE booked = 0) AND "
                        "task NOT IN (SELECT id FROM task WHERE settled = 0)"));
    return transaction.commit();
}

}  // namespace iapp::scheduler
