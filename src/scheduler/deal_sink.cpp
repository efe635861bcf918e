#include "scheduler/deal_sink.hpp"

#include "crypto/hash.hpp"
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

chain::LogFilter DealSink::filter() const
{
    std::vector<Hash256> pools;
    for (const eth::Address& pool : workerpools_) {
        std::array<std::uint8_t, 32> padded{};
        std::ranges::copy(pool.bytes(), padded.begin() + 12);
        pools.emplace_back(padded);
    }
    return {{hub_}, {{crypto::keccak256(as_bytes(poco::SchedulerNotice::kSignature))}, std::move(pools)}};
}

Status DealSink::apply(store::Transaction& transaction, const eth::Log& log)
{
    if (log.address != hub_) return {};
    TRY(const auto notice, poco::SchedulerNotice::decode(log));
    TRY_OK(
        transaction.run("INSERT INTO deal (id, block, place) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET block = "
                        "excluded.block, place = excluded.place",
                        notice.deal, log.block_number, log.index));
    return {};
}

Status DealSink::rollback(store::Transaction& transaction, std::uint64_t first_bad)
{
    TRY_OK(transaction.run("DELETE FROM deal WHERE block >= ?", first_bad));
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

}  // namespace iapp::scheduler
