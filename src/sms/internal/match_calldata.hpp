#pragma once
// The dataset order inside the transaction that matched it: in its calldata, or broadcast by a contract that matched orders
// it made itself. Believed only if its hash is the matched one.
#include <optional>

#include "eth/log.hpp"
#include "poco/order.hpp"

namespace iapp::sms::internal {

/// Looks for matchOrders or sponsorMatchOrders anywhere in `input`, because wallets and approveAndCall wrap calls.
std::optional<poco::DatasetOrder> find_dataset_order(ByteView input, const Hash256& separator, const Hash256& order_hash);

/// Looks for BroadcastDatasetOrder of the hub among the logs of a transaction.
std::optional<poco::DatasetOrder> find_broadcast_order(std::span<const eth::Log> logs, const eth::Address& hub,
                                                       const Hash256& separator, const Hash256& order_hash);

}  // namespace iapp::sms::internal
