#include "poco/ids.hpp"

#include "crypto/hash.hpp"

namespace iapp::poco {
namespace {

Hash256 hash_of_two(std::span<const std::uint8_t, 32> first, std::span<const std::uint8_t, 32> second)
{
    std::array<std::uint8_t, 64> packed;
    std::ranges::copy(second, std::ranges::copy(first, packed.begin()).out);
    return crypto::keccak256(packed);
}

}  // namespace

DealId deal_id(const Hash256& request_order_hash, const eth::U256& consumed_before)
{
    return DealId{hash_of_two(request_order_hash.bytes(), consumed_before.be()).array()};
}

TaskId task_id(const DealId& deal, const eth::U256& index) { return TaskId{hash_of_two(deal.bytes(), index.be()).array()}; }

}  // namespace iapp::poco
