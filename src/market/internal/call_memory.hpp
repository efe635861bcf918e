#pragma once
// What contracts answered at one block. A block's state never changes, so nothing is asked twice while it is the head: an
// owner's next order costs one call instead of four. Not safe to share between threads.
#include <map>

#include "chain/rpc.hpp"

namespace iapp::market::internal {

class CallMemory {
public:
    /// Answers in the order of the calls, at the block with that hash. Errors: those of JsonRpcClient::eth_call_many.
    Result<chain::OutcomesAndHead> ask(const chain::JsonRpcClient& rpc, std::span<const chain::ContractCall> calls,
                                       const Hash256& block, const net::CallContext& context);

private:
    using Key = std::pair<Bytes, Bytes>;  ///< address, calldata
    Hash256 block_ = Hash256::zero();
    std::map<Key, chain::CallOutcome> known_;
};

}  // namespace iapp::market::internal
