#include "poco/ids.hpp"

#include "poco/internal/pack.hpp"

namespace iapp::poco {
namespace {

using Word = FixedBytes<32, struct WordTag>;

}  // namespace

DealId deal_id(const Hash256& request_order_hash, const eth::U256& consumed_before)
{
    return DealId{internal::packed_hash(request_order_hash, Word{consumed_before.be()}).array()};
}

TaskId task_id(const DealId& deal, const eth::U256& index)
{
    return TaskId{internal::packed_hash(deal, Word{index.be()}).array()};
}

}  // namespace iapp::poco
