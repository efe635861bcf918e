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

/// One transaction per hash, in order, in as few requests as possible. Errors: those of JsonRpcClient; not_found
/// "rpc.transaction".
Result<std::vector<Transaction>> read_transactions(const JsonRpcClient& rpc, std::span<const Hash256> hashes,
                                                   const net::CallContext& context);

}  // namespace iapp::chain
