#pragma once
// The dataset order that a contract broadcast because it made the match itself: no calldata holds it. Believed only if its
// hash is the matched one.
#include <optional>

#include "eth/log.hpp"
#include "poco/order.hpp"

namespace iapp::sms::internal {

/// Looks for BroadcastDatasetOrder of the hub among the logs of a transaction.
std::optional<poco::DatasetOrder> find_broadcast_order(std::span<const eth::Log> logs, const eth::Address& hub,
                                                       const Hash256& separator, const Hash256& order_hash);

}  // namespace iapp::sms::internal
