#pragma once
// A workerpool at an address of our choice. A registry decides the address of an entry itself (CREATE2), so this one is
// made on a branch of the chain's state, read back, and written where it shall be. For a node that lets us write state.
#include "localchain/deploy.hpp"

namespace iapp::localchain {

/// The workerpool `at` belongs to `owner` as if the registry had created it there: code, storage, token, event.
/// The registry must have no other entry of this owner and description.
/// Errors: those of create_workerpool() and JsonRpcClient; corrupt "json.*" (the node's trace); internal "localchain.check"
/// (the registry does not answer for the entry afterwards).
Status place_workerpool(const chain::JsonRpcClient& rpc, chain::TransactionSender& owner, const Deployment& deployment,
                        std::string_view description, const Address& at, const net::CallContext& context);

}  // namespace iapp::localchain
