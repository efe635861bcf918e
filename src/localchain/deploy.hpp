#pragma once
// Puts PoCo 6.1.0 (token mode), DataProtector and its sharing contract on an empty chain, and gives accounts what they need
// to use it. For development networks only: the deployer stays the owner of everything.
#include "chain/sender.hpp"
#include "localchain/artifacts.hpp"
#include "poco/deal.hpp"

namespace iapp::localchain {

using eth::Address;
using eth::U256;

struct Deployment {
    std::uint64_t chain_id;
    Address hub;
    Address rlc;
    Address app_registry;
    Address dataset_registry;
    Address workerpool_registry;
    Address dataprotector;
    Address app_whitelist_registry;
    Address sharing;
    std::uint64_t start_block;  ///< the first block with any of them
};

/// XS, S, M, L and XL as on the public networks, then kFastCategory: tasks whose deadlines pass while a test waits.
std::vector<poco::Category> categories();
inline constexpr std::uint64_t kFastCategory = 5;
inline constexpr std::chrono::seconds kFastCategoryTime{3};

/// Where contracts shall be, for clients that have the addresses built in; absent: where the deployer's nonce says. A placed
/// RLC is our own token, whose balances lie where those of the token on Arbitrum do.
struct Places {
    std::optional<Address> hub = {};
    std::optional<Address> rlc = {};
    std::optional<Address> app_registry = {};
    std::optional<Address> dataset_registry = {};
    std::optional<Address> workerpool_registry = {};
    std::optional<Address> dataprotector = {};
    std::optional<Address> app_whitelist_registry = {};
    std::optional<Address> sharing = {};
};

/// Deploys, configures and checks everything: the hub's domain separator against our own, its categories, and that the loupe
/// lists exactly the selectors of the artifacts. The sender's account needs about 0.1 ETH of gas and owns all RLC
/// afterwards. A fresh first account of anvil gets the hub at 0x5FC8d32690cc91D4c39d9d3abcBD16989F875707. Errors: those of
/// TransactionSender; internal "localchain.check" (the result is not what it must be).
Result<Deployment> deploy_poco(const chain::JsonRpcClient& rpc, chain::TransactionSender& deployer,
                               const Artifacts& artifacts, const net::CallContext& context, const Places& places = {});

/// Deploys one contract: creation code, then encoded constructor arguments. Errors: those of TransactionSender.
Result<Address> deploy_contract(chain::TransactionSender& sender, const ContractCode& code, ByteView arguments,
                                const net::CallContext& context);

struct Funding {
    Address account;
    U256 ether_wei;     ///< the balance after this, by anvil_setBalance; zero: left alone
    U256 rlc_nrlc;      ///< RLC transferred to the account
    U256 deposit_nrlc;  ///< RLC deposited in the hub for the account
};

/// Funds accounts from the deployer's RLC, all in one pipeline.
Status fund_accounts(const chain::JsonRpcClient& rpc, chain::TransactionSender& deployer, const Deployment& deployment,
                     std::span<const Funding> fundings, const net::CallContext& context);
inline Status fund_account(const chain::JsonRpcClient& rpc, chain::TransactionSender& deployer, const Deployment& deployment,
                           const Funding& funding, const net::CallContext& context)
{
    return fund_accounts(rpc, deployer, deployment, {&funding, 1}, context);
}

/// Deposits RLC of the sender's own account.
Status deposit_stake(chain::TransactionSender& account, const Deployment& deployment, const U256& amount_nrlc,
                     const net::CallContext& context);

struct WorkerpoolRatios {
    std::uint64_t worker_stake;      ///< per cent
    std::uint64_t scheduler_reward;  ///< per cent
};

/// Creates a workerpool that the sender's account owns. Errors: also internal "localchain.check" (no such event in the
/// receipt).
Result<Address> create_workerpool(chain::TransactionSender& owner, const Deployment& deployment,
                                  std::string_view description, std::optional<WorkerpoolRatios> ratios,
                                  const net::CallContext& context);

}  // namespace iapp::localchain
