#pragma once
// Whether anvil has a block in its accounts that it does not show yet. It changes the accounts first, makes the block known
// later, and takes the block's transactions out of its pool last: so a transaction that is in the pool and whose nonce its
// sender has used is of such a block, or of one that was shown a moment ago.
#include <vector>

#include "chain/rpc.hpp"

namespace iapp::localchain::internal {

/// A sender with transactions that wait for a block.
struct Waiting {
    eth::Address sender;
    std::uint64_t nonce;  ///< of the first of them
    bool operator==(const Waiting&) const = default;
};

/// Reads an answer to txpool_inspect: {"pending": {"0x…": {"7": "…"}}, …}. Errors: corrupt "rpc.response".
Result<std::vector<Waiting>> read_waiting(std::string_view answer);

/// When this says no, and the newest block is the one from before a look at the accounts, that look saw no later block.
/// Errors: those of JsonRpcClient.
Result<bool> may_have_unpublished_block(const chain::JsonRpcClient& rpc, const net::CallContext& context);

}  // namespace iapp::localchain::internal
