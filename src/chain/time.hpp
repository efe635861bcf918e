#pragma once
// Chain time: the later of our wall clock and the latest block. Deadlines of tasks are judged by it.
// The wall clock alone is wrong on a chain that runs ahead (test chains); the block alone is wrong on one that is idle.
#include "chain/rpc.hpp"

namespace iapp::chain {

/// Errors: those of JsonRpcClient.
Result<UnixSeconds> chain_time(const JsonRpcClient& rpc, const Clock& clock, const net::CallContext& context);

}  // namespace iapp::chain
