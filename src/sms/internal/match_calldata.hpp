#pragma once
// The dataset order inside the calldata of the transaction that matched it. Believed only if its hash is the matched one.
#include <optional>

#include "poco/order.hpp"

namespace iapp::sms::internal {

/// Looks for matchOrders or sponsorMatchOrders anywhere in `input`, because wallets and approveAndCall wrap calls.
std::optional<poco::DatasetOrder> find_dataset_order(ByteView input, const Hash256& separator, const Hash256& order_hash);

}  // namespace iapp::sms::internal
