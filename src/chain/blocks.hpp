#pragma once
// Many blocks at once.
#include <span>
#include <vector>

#include "chain/rpc.hpp"

namespace iapp::chain {

/// One block per number, in order, in as few requests as possible. Errors: those of JsonRpcClient; not_found "rpc.block".
Result<std::vector<Block>> read_blocks(const JsonRpcClient& rpc, std::span<const std::uint64_t> numbers,
                                       const net::CallContext& context);

}  // namespace iapp::chain
