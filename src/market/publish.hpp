#pragma once
// Publishing an order: the rules in the order the npm clients know them, first failure wins.
// Gather (the chain at one block, then the book inside the writing transaction), decide (pure), act.
#include "market/standing.hpp"

namespace iapp::market {

/// Everything the rules look at besides the order itself.
struct PublishFacts {
    Address authenticated = Address::zero();  ///< who signed the challenge

    // The chain.
    bool is_registered = false;       ///< the resource is in its registry; true for requests
    Address owner = Address::zero();  ///< of the resource; for requests the requester
    bool is_signature_valid = false;  ///< of `authenticated`
    U256 stake;                       ///< free, of `authenticated`

    // The book.
    std::uint64_t consumed = 0;        ///< volume that matches and closing took from the order
    std::optional<OrderStatus> known;  ///< status under the same hash
    std::uint64_t open_orders = 0;     ///< of `authenticated`, of this kind
    std::uint64_t max_open_orders = 50;
    std::optional<std::uint64_t> best_app_nrlc;  ///< cheapest open order that would match; for requests only
    std::optional<std::uint64_t> best_dataset_nrlc;
};

/// The remaining volume to publish with. Errors: permission_denied, detail is the message the client sees:
/// "market.published", "market.not_deployed", "market.not_signer", "market.signature", "market.too_many", "market.consumed",
/// "market.pool_stake", "market.requester_stake", "market.no_app_order", "market.app_price", "market.no_dataset_order",
/// "market.dataset_price".
Result<std::uint64_t> decide(const Listing& listing, const PublishFacts& facts);

}  // namespace iapp::market
