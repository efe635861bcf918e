#pragma once
// What the command line asks the order book: publish, withdraw, find. Every order found is checked again on chain before
// money moves.
#include <vector>

#include "poco/order.hpp"
#include "session.hpp"

namespace iapp::cli {

/// An order as the book holds it.
template <class Order>
struct Listed {
    Order order;
    Hash256 hash;
    std::uint64_t remaining;
    std::string status;  ///< "open" "filled" "canceled" "dead"
};

/// `kind` is "apporders", "datasetorders", "workerpoolorders" or "requestorders"; returns the order's hash.
Result<Hash256> publish(const Session& session, const std::string& kind, const std::string& order_json);
Status unpublish(const Session& session, const std::string& kind, const Hash256& order_hash);

/// `query` is the list's filters without chainId; open orders only, best price first, all pages.
Result<std::vector<Listed<poco::AppOrder>>> find_app_orders(const Session& session, const net::Query& query);
Result<std::vector<Listed<poco::DatasetOrder>>> find_dataset_orders(const Session& session, const net::Query& query);
Result<std::vector<Listed<poco::WorkerpoolOrder>>> find_workerpool_orders(const Session& session, const net::Query& query);

/// One order in any status. Errors: not_found "service.refused".
Result<Listed<poco::DatasetOrder>> get_dataset_order(const Session& session, const Hash256& hash);

}  // namespace iapp::cli
