#pragma once
// Many transactions at once, as they were sent. What they did is in receipts and logs.
#include <span>
#include <vector>

#include "chain/rpc.hpp"

namespace iapp::chain {

struct Transaction {
    Hash256 hash;
    std::optional<Hash256> block_hash;  ///< absent while it waits for a block
    Address from;
    std::optional<Address> to;  ///< absent: it made a contract
    U256 value;                 ///< wei
    std::uint64_t gas_limit;
    U256 gas_price;  ///< wei; what was paid once it is in a block
    Bytes input;
};

/// A transaction in a block, as its logs name it.
struct TransactionRef {
    Hash256 hash;
    Hash256 block_hash;
};

/// In one call: what a node answers about more may be larger than what we read.
inline constexpr std::size_t kMostTransactions = 50;

/// One transaction per reference, in order, as it is in that block. A node that forgot which block a hash is in, or still
/// holds it for pending, is asked for the block. Errors: those of JsonRpcClient; unavailable "rpc.transaction" (the node
/// knows no such block, or it lacks the transaction); resource_exhausted "rpc.transactions" above kMostTransactions.
Result<std::vector<Transaction>> read_transactions(const JsonRpcClient& rpc, std::span<const TransactionRef> refs,
                                                   const net::CallContext& context);

}  // namespace iapp::chain
