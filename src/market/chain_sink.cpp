#include "market/chain_sink.hpp"

#include "market/book.hpp"
#include "market/deals.hpp"

namespace iapp::market {

const store::Migration kSinkMigration{"closed orders", R"sql(
    CREATE TABLE closed_order (
        hash  BLOB PRIMARY KEY,
        block INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
)sql"};

namespace {

constexpr std::array kClosed{poco::order_event_signature(OrderKind::app, poco::OrderChange::is_closed),
                             poco::order_event_signature(OrderKind::dataset, poco::OrderChange::is_closed),
                             poco::order_event_signature(OrderKind::workerpool, poco::OrderChange::is_closed),
                             poco::order_event_signature(OrderKind::request, poco::OrderChange::is_closed)};

Status apply_match(store::Transaction& transaction, const eth::Log& log)
{
    TRY(const auto event, poco::OrdersMatched::decode(log));
    TRY_OK(announce_deal(transaction, event, log));
    TRY_OK(transaction.run("UPDATE listing SET is_stale = 1 WHERE hash IN (?, ?, ?, ?)", event.app_hash, event.dataset_hash,
                           event.workerpool_hash, event.request_hash));
    return {};
}

template <class Closed>
Status apply_closed(store::Transaction& transaction, const eth::Log& log)
{
    TRY(const auto event, Closed::decode(log));
    TRY_OK(transaction.run("INSERT INTO closed_order (hash, block) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
                           event.order_hash, log.block_number));
    TRY_OK(transaction.run("UPDATE listing SET is_stale = 1 WHERE hash = ?", event.order_hash));
    return {};
}

/// Free stake of `from` went down: what it covers must be counted again.
Status apply_stake(store::Transaction& transaction, const eth::Log& log)
{
    TRY(const auto event, poco::TokenTransfer::decode(log));
    if (event.from.is_zero() || event.value.is_zero()) return {};
    TRY_OK(
        transaction.run("UPDATE listing SET is_stale = 1 WHERE status = 0 AND signer = ? AND kind IN (2, 3)", event.from));
    return {};
}

}  // namespace

chain::LogFilter ChainSink::filter() const
{
    std::vector<Hash256> topics{poco::topic<poco::OrdersMatched>(), poco::topic<poco::TokenTransfer>(),
                                poco::topic<poco::CreateCategory>()};
    for (const std::string_view signature : kClosed) topics.push_back(eth::event_topic(signature));
    return {{contracts_.hub, contracts_.app_registry, contracts_.dataset_registry, contracts_.workerpool_registry},
            {topics}};
}

Status ChainSink::apply_hub(store::Transaction& transaction, const eth::Log& log) const
{
    using namespace poco;
    if (is<OrdersMatched>(log)) return apply_match(transaction, log);
    if (is<TokenTransfer>(log)) return apply_stake(transaction, log);
    if (is<ClosedAppOrder>(log)) return apply_closed<ClosedAppOrder>(transaction, log);
    if (is<ClosedDatasetOrder>(log)) return apply_closed<ClosedDatasetOrder>(transaction, log);
    if (is<ClosedWorkerpoolOrder>(log)) return apply_closed<ClosedWorkerpoolOrder>(transaction, log);
    if (is<ClosedRequestOrder>(log)) return apply_closed<ClosedRequestOrder>(transaction, log);
    if (is<CreateCategory>(log)) {
        TRY(const auto event, CreateCategory::decode(log));
        return announce_category(transaction, event, log);
    }
    return {};
}

Status ChainSink::apply_registry(store::Transaction& transaction, const eth::Log& log) const
{
    if (!poco::is<poco::EntryTransfer>(log)) return {};
    TRY(const auto event, poco::EntryTransfer::decode(log));
    if (event.from.is_zero()) return {};
    const OrderKind kind = log.address == contracts_.app_registry       ? OrderKind::app
                           : log.address == contracts_.dataset_registry ? OrderKind::dataset
                                                                        : OrderKind::workerpool;
    const std::string column(kind_info(kind).resource);
    TRY_OK(transaction.run(
        "UPDATE listing SET is_stale = 1 WHERE status = 0 AND kind = ? AND " + column + " = ? AND signer = ?",
        static_cast<int>(kind), event.entry, event.from));
    return {};
}

Status ChainSink::apply(store::Transaction& transaction, const eth::Log& log)
{
    TRY_OK(log.address == contracts_.hub ? apply_hub(transaction, log) : apply_registry(transaction, log));
    return bump_chain_revision(transaction);
}

Status ChainSink::rollback(store::Transaction& transaction, std::uint64_t first_bad)
{
    TRY_OK(forget_deals(transaction, first_bad));
    TRY_OK(transaction.run("DELETE FROM closed_order WHERE block >= ?", first_bad));
    // What those blocks did to an order's status is undone; what is then true the tracker asks again.
    TRY_OK(
        transaction.run("UPDATE listing SET is_stale = 1, status = CASE WHEN changed_block >= ?1 THEN 0 ELSE status END "
                        "WHERE checked_block >= ?1 OR changed_block >= ?1",
                        first_bad));
    return bump_chain_revision(transaction);
}

Result<bool> is_closed(store::Transaction& transaction, const Hash256& order_hash)
{
    TRY(auto rows, transaction.query("SELECT 1 FROM closed_order WHERE hash = ?", order_hash));
    return rows.next();
}

}  // namespace iapp::market
