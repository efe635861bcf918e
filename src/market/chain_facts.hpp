#pragma once
// What the chain says about orders on their way into the book: one question to the node for many.
#include "chain/follower.hpp"
#include "chain/hub.hpp"
#include "market/internal/call_memory.hpp"
#include "market/publish.hpp"
#include "wire/network.hpp"

namespace iapp::market {

/// An order and whom it says it is from. The signer is known only with the owner; a rule of publishing makes it the
/// authenticated address, so signature and stake are asked for that one.
struct FactsQuestion {
    const Listing* listing;  ///< never null
    Hash256 hash;
    Address authenticated;
    bool is_signature_valid;  ///< else the hub is asked: a contract wallet's, or an order presigned on chain
};

struct ChainFacts {
    std::vector<Result<PublishFacts>> facts;  ///< of each question; the book's part is for the writing transaction
    chain::BlockRef head;                     ///< of the chain when the questions were asked
};

/// What the chain says about each question at `block`. Errors: those of the hub's reads; inside, of one question's.
Result<ChainFacts> read_chain_facts(const chain::Hub& hub, const wire::NetworkContracts& contracts,
                                    std::span<const FactsQuestion> questions, const Hash256& block,
                                    internal::CallMemory& memory, const net::CallContext& context);

}  // namespace iapp::market
