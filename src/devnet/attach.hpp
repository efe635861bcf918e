#pragma once
// A network on a chain somebody else runs, with contracts somebody else deployed: what the file says, held against the
// chain.
#include "chain/rpc.hpp"
#include "devnet/deployment_file.hpp"
#include "wire/network.hpp"

namespace iapp::devnet {

struct Attachment {
    wire::NetworkContracts contracts;  ///< the registries are the hub's own
    std::vector<std::string> notes;    ///< what the user should know and need not act on
};

/// Asks the chain for everything the file claims.
/// Errors: those of JsonRpcClient; precondition_failed "attach.chain_id" (the node is on another chain), "attach.hub" (no
///         PoCo hub there, or one that signs for another chain or address), "attach.rlc" (the hub's token is another),
///         "attach.code" (no contract where dataprotector or sharing should be), "attach.workerpool" (not registered, or not
///         the scheduler's), "attach.categories" (there are none), "attach.start_block" (the chain is not that long).
Result<Attachment> examine(const chain::JsonRpcClient& rpc, const ForeignDeployment& deployment,
                           const net::CallContext& context);

/// Whether a file given again describes the network that was made. Errors: conflict "attach.other" (what differs).
Status check_unchanged(const wire::Network& network, const ForeignDeployment& deployment);

}  // namespace iapp::devnet
