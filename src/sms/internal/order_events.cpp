#include "sms/internal/order_events.hpp"

#include <array>

#include "poco/events.hpp"

namespace iapp::sms::internal {

std::span<const store::Migration> order_event_migrations()
{
    static const std::array<store::Migration, 2> migrations{chain::kFollowerMigration,
                                                            store::Migration{"matches and closed orders",
                                                                             R"(CREATE TABLE matches (
                                deal BLOB PRIMARY KEY, app BLOB NOT NULL, dataset BLOB NOT NULL, workerpool BLOB NOT NULL,
                                request BLOB NOT NULL, transaction_hash BLOB NOT NULL, block INTEGER NOT NULL) STRICT;
                            CREATE INDEX matches_by_block ON matches (block);
                            CREATE TABLE closed_orders (order_hash BLOB PRIMARY KEY, block INTEGER NOT NULL) STRICT;
                            CREATE INDEX closed_orders_by_block ON closed_orders (block);)"}};
    return migrations;
}

chain::LogFilter OrderEvents::filter() const
{
    return {.addresses = {hub_}, .topics = {{poco::topic<poco::OrdersMatched>(), poco::topic<poco::ClosedDatasetOrder>()}}};
}

Status OrderEvents::apply(store::Transaction& transaction, const eth::Log& log)
{
    if (log.address != hub_) return {};
    if (poco::is<poco::OrdersMatched>(log)) {
        TRY(const auto event, poco::OrdersMatched::decode(log));
        TRY_OK(transaction.run(
            "INSERT OR REPLACE INTO matches (deal, app, dataset, workerpool, request, transaction_hash, block) "
            "VALUES (?,?,?,?,?,?,?)",
            event.deal, event.app_hash, event.dataset_hash, event.workerpool_hash, event.request_hash, log.transaction_hash,
            log.block_number));
    }
    if (poco::is<poco::ClosedDatasetOrder>(log)) {
        TRY(const auto event, poco::ClosedDatasetOrder::decode(log));
        TRY_OK(transaction.run("INSERT OR IGNORE INTO closed_orders (order_hash, block) VALUES (?,?)", event.order_hash,
                               log.block_number));
    }
    return {};
}

Status OrderEvents::rollback(store::Transaction& transaction, std::uint64_t first_bad)
{
    TRY_OK(transaction.run("DELETE FROM matches WHERE block >= ?", first_bad));
    TRY_OK(transaction.run("DELETE FROM closed_orders WHERE block >= ?", first_bad));
    return {};
}

Result<std::optional<OrderEvents::Match>> OrderEvents::find_match(store::Transaction& transaction, const poco::DealId& deal)
{
    TRY(store::Rows rows,
        transaction.query("SELECT app, dataset, workerpool, request, transaction_hash FROM matches WHERE deal = ?", deal));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<Match>{};
    TRY(const auto app, rows.id<Hash256>(0));
    TRY(const auto dataset, rows.id<Hash256>(1));
    TRY(const auto workerpool, rows.id<Hash256>(2));
    TRY(const auto request, rows.id<Hash256>(3));
    TRY(const auto transaction_hash, rows.id<Hash256>(4));
    return std::optional(Match{{app, dataset, workerpool, request}, transaction_hash});
}

Result<bool> OrderEvents::is_closed(store::Transaction& transaction, const Hash256& order_hash)
{
    TRY(store::Rows rows, transaction.query("SELECT 1 FROM closed_orders WHERE order_hash = ?", order_hash));
    return rows.next();
}

}  // namespace iapp::sms::internal
