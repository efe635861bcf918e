#pragma once
// Makes a development network out of an empty folder and a running node, once; refreshes what ages on every later start.
#include "base/clock.hpp"
#include "devnet/layout.hpp"
#include "eth/wallet.hpp"
#include "localchain/deploy.hpp"
#include "wire/network.hpp"

namespace iapp::devnet {

/// The programs a network is made of.
struct Programs {
    std::filesystem::path iappd;
    std::filesystem::path agent;
    std::filesystem::path tee_sim;
};

/// Sister programs of the running one. Errors: not_found "devnet.program" (build all targets first).
Result<Programs> find_programs(const std::filesystem::path& folder);

/// The network of this folder, if one was ever made there. Errors: those of parse_network().
Result<std::optional<wire::Network>> find_network(const Layout& layout);

/// Errors: conflict "devnet.ports" (the network was made with other ports or another chain id).
Status check_same(const wire::Network& network, const Ports& ports, std::uint64_t chain_id);

/// Contracts, accounts, workerpool, PKI, key service directory, wallets and configurations; then the network document, last,
/// so that a crash before it starts over. An existing document is kept, with the agent's measurement of today. Errors: those
/// of deploy_poco(), simtee, sms, check_same().
Result<wire::Network> bootstrap(const Layout& layout, const Ports& ports, std::uint64_t chain_id, const Programs& programs,
                                const chain::JsonRpcClient& rpc, const Clock& clock, const net::CallContext& context);

eth::Wallet account_wallet(Account account);

/// Money for an address on a development network: 1000 ETH, and RLC deposited as stake. From the funder's account.
/// Errors: precondition_failed "devnet.not_a_devnet" (the node has no anvil_setBalance).
Status fund(const chain::JsonRpcClient& rpc, const wire::Network& network, const eth::Address& account,
            const eth::U256& stake_nrlc, const net::CallContext& context);

}  // namespace iapp::devnet
