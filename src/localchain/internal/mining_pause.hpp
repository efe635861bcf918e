#pragma once
// Keeps anvil from making blocks for a moment, so that its state can be read in one piece however many transactions come.
#include "chain/rpc.hpp"

namespace iapp::localchain::internal {

/// Whether transactions are in the pool that a block could take. Errors: those of JsonRpcClient.
Result<bool> has_executable(const chain::JsonRpcClient& rpc, const net::CallContext& context);

/// Errors: those of JsonRpcClient.
Result<bool> is_automining(const chain::JsonRpcClient& rpc, const net::CallContext& context);

/// From construction to destruction no transaction makes a block; anvil takes those that came meanwhile when mining is
/// switched on again. Does nothing when it is switched off already, or the node does not answer.
class MiningPause {
public:
    /// `rpc` must outlive it. Who switches mining off meanwhile finds it on again.
    explicit MiningPause(const chain::JsonRpcClient& rpc);
    ~MiningPause();
    MiningPause(MiningPause&&) = delete;

private:
    const chain::JsonRpcClient* rpc_;
    bool is_ours_;
};

}  // namespace iapp::localchain::internal
