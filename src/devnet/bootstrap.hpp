#pragma once
// Makes a development network out of an empty folder and a running node, once; refreshes what ages on every later start.
#include "base/clock.hpp"
#include "devnet/attach.hpp"
#include "devnet/settings.hpp"
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

/// What a new network is made from, besides its settings.
struct Origin {
    std::shared_ptr<const ForeignDeployment> foreign = {};  ///< what is on somebody else's chain
    std::optional<wire::Network> canonical = {};            ///< the network whose addresses the contracts get
};

struct Bootstrapped {
    wire::Network network;
    std::vector<std::string> notes;  ///< see Attachment
};

/// Contracts, accounts, workerpool, PKI, key service directory, wallets and configurations; then the network document, last,
/// so that a crash before it starts over. An existing document is kept, with node, services and the agent's measurement of
/// today. On somebody else's chain nothing is deployed, and the chain is asked every time. `from` is of interest only while
/// there is no network. The caller has compared `settings` with those the network was made with: check_same().
/// Errors: those of deploy_poco(), place_workerpool(), examine(), simtee, sms.
Result<Bootstrapped> bootstrap(const Layout& layout, const Settings& settings, const Origin& from, const Programs& programs,
                               const chain::JsonRpcClient& rpc, const Clock& clock, const net::CallContext& context);

eth::Wallet account_wallet(Account account);

/// Who pays for fund() on the network of this folder: the deployment's admin, or anvil's funder.
Result<eth::Wallet> funder_of(const Layout& layout);

/// Money for an address on a development network: 1000 ETH, and RLC deposited as stake. From the funder's account.
/// Errors: precondition_failed "devnet.no_funds" (the funder has not got that much), "devnet.not_a_devnet" (the node has no
/// anvil_setBalance).
Status fund(const chain::JsonRpcClient& rpc, const wire::Network& network, const eth::Wallet& funder,
            const eth::Address& account, const eth::U256& stake_nrlc, const net::CallContext& context);

}  // namespace iapp::devnet
