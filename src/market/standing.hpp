#pragma once
// Whether an order still stands, as a pure function of what the chain says about it.
// Not its history: an order that died stays dead until its signer publishes it again.
#include "market/listing.hpp"

namespace iapp::market {

enum class OrderStatus : unsigned char { open = 0, filled = 1, canceled = 2, dead = 3 };
std::string_view name(OrderStatus status);  ///< "open" "filled" "canceled" "dead"

struct Standing {
    OrderStatus status = OrderStatus::open;
    std::uint64_t remaining = 0;

    friend bool operator==(const Standing&, const Standing&) = default;
};

/// What the chain says about one order, at one block.
struct OrderFacts {
    U256 consumed;
    bool is_closed = false;           ///< its signer revoked it on chain
    Address owner = Address::zero();  ///< of the resource; for requests the requester
    U256 stake;                       ///< the signer's, free
};

Standing judge(const Listing& listing, const Address& signer, OrderStatus before, const OrderFacts& facts);

/// volume - consumed, or zero.
std::uint64_t remaining_of(const Listing& listing, const U256& consumed);

}  // namespace iapp::market
