#pragma once
// The orders inside the transaction that matched them: a deal repeats little of them, and the hub keeps only their hashes.
// Not the deal, and not a parser of one call: wallets and approveAndCall wrap calls, so the bytes are searched.
#include "eth/abi.hpp"
#include "poco/events.hpp"
#include "poco/order.hpp"

namespace iapp::poco {

/// The orders of matchOrders or sponsorMatchOrders anywhere in `input` that have the hashes of `match`; nothing when the
/// matching contract made them up on chain. At most the first 256 candidates are looked at.
std::optional<OrderSet> find_match_call(ByteView input, const Hash256& separator, const OrdersMatched& match);

/// The dataset order alone, by its hash, as above.
std::optional<DatasetOrder> find_matched_dataset_order(ByteView input, const Hash256& separator, const Hash256& order_hash);

/// The order that comes next in `in`, as calldata and logs have it. Errors: corrupt "abi.*".
Result<DatasetOrder> read_dataset_order(eth::AbiReader& in);

}  // namespace iapp::poco
