#pragma once
// anvil mines a block for each transaction, but one that arrives while a block is being made can stay in its pool until the
// next comes. This looks at the pool a few times a second and asks for the block that is missing. Quiet while mining is
// switched off.
#include <thread>

#include "chain/rpc.hpp"

namespace iapp::localchain {

class AutomineNudge {
public:
    /// Works from construction to destruction. `rpc` must outlive it.
    explicit AutomineNudge(const chain::JsonRpcClient& rpc);

private:
    std::jthread thread_;
};

}  // namespace iapp::localchain
