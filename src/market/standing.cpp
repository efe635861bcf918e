#include "market/standing.hpp"

namespace iapp::market {

std::string_view name(OrderStatus status)
{
    constexpr std::array<std::string_view, 4> kNames{"open", "filled", "canceled", "dead"};
    return kNames.at(static_cast<std::size_t>(status));
}

std::uint64_t remaining_of(const Listing& listing, const U256& consumed)
{
    return saturating_sub(U256{listing.volume}, consumed).clamp_u64();
}

Standing judge(const Listing& listing, const Address& signer, OrderStatus before, const OrderFacts& facts)
{
    const std::uint64_t remaining = remaining_of(listing, facts.consumed);
    if (facts.is_closed) return {OrderStatus::canceled, 0};
    if (remaining == 0) return {OrderStatus::filled, 0};
    const bool is_alive =
        before != OrderStatus::dead && facts.owner == signer && facts.stake >= required_stake(listing, remaining);
    return {is_alive ? OrderStatus::open : OrderStatus::dead, remaining};
}

}  // namespace iapp::market
