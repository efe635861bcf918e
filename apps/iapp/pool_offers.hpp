#pragma once
// What a development network's workerpool offers, so that there is something to match.
#include "session.hpp"

namespace iapp::cli {

/// What became of a workerpool's offers.
struct PoolOffers {
    std::size_t published = 0;
    std::optional<Error> refused;  ///< why the book took no more: an owner may hold so many open orders
};

/// One order per category that has none, free, so that every client's defaults match them.
/// Errors: those of the order book, but for its limit.
Result<PoolOffers> publish_pool_orders(Session& session, const eth::Address& workerpool);

}  // namespace iapp::cli
