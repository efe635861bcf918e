#pragma once
// Deals and categories as the hub announced them. An announcement is a row at once; what the log does not say (viewDeal, the
// block's time) is filled in by the tracker before anything is answered.
#include <map>

#include "base/clock.hpp"
#include "market/filters.hpp"
#include "poco/events.hpp"
#include "store/database.hpp"

namespace iapp::market {

extern const store::Migration kDealMigration;

// Announcements; errors of all: those of store.
Status announce_deal(store::Transaction& transaction, const poco::OrdersMatched& event, const eth::Log& log);
Status announce_category(store::Transaction& transaction, const poco::CreateCategory& event, const eth::Log& log);
/// Forgets what blocks from `first_bad` on announced.
Status forget_deals(store::Transaction& transaction, std::uint64_t first_bad);

/// Deals and blocks the tracker has to ask the node about, at most `limit` each.
struct Gaps {
    std::vector<poco::DealId> deals;
    std::vector<std::uint64_t> blocks;

    bool empty() const { return deals.empty() && blocks.empty(); }
};
Result<Gaps> find_gaps(store::Transaction& transaction, std::size_t limit);

/// What matches took of an order's volume, of all there ever were.
Result<std::uint64_t> matched_volume(store::Transaction& transaction, OrderKind kind, const Hash256& order);

/// The deal's start time is the time of its block.
Status fill_deal(store::Transaction& transaction, const poco::DealId& id, std::uint64_t chain_id, const poco::Deal& deal);
Status fill_block_time(store::Transaction& transaction, std::uint64_t block, UnixSeconds time);

/// Answers as JSON bodies; nothing for what is not known.
Result<std::optional<std::string>> find_deal(store::Transaction& transaction, const poco::DealId& id);
Result<std::string> list_deals(store::Transaction& transaction, const ListQuery& query);
Result<std::optional<std::string>> find_category(store::Transaction& transaction, std::uint64_t chain_id, std::uint64_t id);
Result<std::string> list_categories(store::Transaction& transaction, std::uint64_t chain_id, const ListQuery& query);
/// The newest hundred deals of a category: {"ok":true,"ohlc":[[time,workerpoolprice,volume],...]}
Result<std::string> list_prices(store::Transaction& transaction, std::uint64_t category);

}  // namespace iapp::market
