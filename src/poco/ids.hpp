#pragma once
// Identifiers the hub derives. Both are packed hashes of fixed-width words.
#include "base/fixed_bytes.hpp"
#include "eth/u256.hpp"

namespace iapp::poco {

using DealId = FixedBytes<32, struct DealTag>;
using TaskId = FixedBytes<32, struct TaskTag>;

/// keccak256(request order hash || consumed volume of that order before the match)
DealId deal_id(const Hash256& request_order_hash, const eth::U256& consumed_before);

/// keccak256(deal || index); the index is absolute: botFirst <= index < botFirst + botSize.
TaskId task_id(const DealId& deal, const eth::U256& index);

}  // namespace iapp::poco
