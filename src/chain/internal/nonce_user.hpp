#pragma once
// Whose transaction used a nonce: what the newest blocks say, which nodes tell before they tell receipts.
#include <span>

#include "chain/rpc.hpp"
#include "eth/transaction.hpp"

namespace iapp::chain::internal {

enum class NonceUser : unsigned char {
    ours,
    other,
    unknown  ///< none of the newest blocks has it, or the node does not say
};

/// Looks for the transaction of `from` with `nonce` in the last few blocks, and for its hash in `ours`.
NonceUser find_nonce_user(const JsonRpcClient& rpc, const Address& from, std::uint64_t nonce,
                          std::span<const eth::SignedTransaction> ours, const net::CallContext& context);

}  // namespace iapp::chain::internal
