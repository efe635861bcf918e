#pragma once
// Typed reads of a PoCo hub and its registries, and the facts poco::explain() needs, in as few requests as possible.
// Only reads: what changes the chain is encoded by poco/calls.hpp and sent by a TransactionSender.
#include <mutex>

#include "chain/rpc.hpp"
#include "eth/eip712.hpp"
#include "poco/compatibility.hpp"
#include "poco/deal.hpp"
#include "poco/ids.hpp"
#include "poco/match.hpp"
#include "poco/registry.hpp"

namespace iapp::chain {

/// Addresses the hub names. They do not change without an administrator's act.
struct HubContracts {
    Address token;
    Address app_registry;
    Address dataset_registry;
    Address workerpool_registry;
};

struct WorkerpoolPolicy {
    std::uint64_t worker_stake_ratio;      ///< per cent of the price; not bounded by 100
    std::uint64_t scheduler_reward_ratio;  ///< per cent
};

/// Errors of all: those of JsonRpcClient, corrupt "abi.*".
class Hub {
public:
    /// `rpc` must outlive the object.
    Hub(const JsonRpcClient& rpc, std::uint64_t chain_id, const Address& hub);

    // As the hub answers: an unknown id is all zero; ask exists().
    Result<poco::Deal> view_deal(const poco::DealId& id, const net::CallContext& context,
                                 const BlockId& at = BlockId::latest()) const;
    Result<poco::Task> view_task(const poco::TaskId& id, const net::CallContext& context,
                                 const BlockId& at = BlockId::latest()) const;
    Result<poco::Contribution> view_contribution(const poco::TaskId& id, const Address& worker,
                                                 const net::CallContext& context,
                                                 const BlockId& at = BlockId::latest()) const;
    Result<poco::Account> view_account(const Address& owner, const net::CallContext& context,
                                       const BlockId& at = BlockId::latest()) const;
    Result<U256> view_consumed(const Hash256& order_hash, const net::CallContext& context,
                               const BlockId& at = BlockId::latest()) const;
    Result<poco::Category> view_category(std::uint64_t index, const net::CallContext& context) const;
    Result<std::uint64_t> category_count(const net::CallContext& context) const;
    Result<std::uint64_t> callback_gas(const net::CallContext& context) const;
    /// Zero when none is set: then the pool owner authorizes workers.
    Result<Address> tee_broker(const net::CallContext& context) const;

    /// The separator the hub itself uses. Compare with poco::hub_domain_separator() once at start.
    Result<Hash256> domain_separator(const net::CallContext& context) const;
    Result<eth::Eip712Domain> domain(const net::CallContext& context) const;

    /// Read once, then kept.
    Result<HubContracts> contracts(const net::CallContext& context) const;
    /// Told from the loupe: 6.2 folded the ERC-20 functions into the escrow facet. Read once, then kept.
    Result<poco::HubVersion> version(const net::CallContext& context) const;

    /// owner() of a registry entry. Errors: also not_found "hub.resource" (no contract there).
    Result<Address> owner_of(const Address& resource, const net::CallContext& context,
                             const BlockId& at = BlockId::latest()) const;
    Result<bool> is_registered(const Address& registry, const Address& resource, const net::CallContext& context,
                               const BlockId& at = BlockId::latest()) const;
    /// Errors: also not_found "hub.resource".
    Result<poco::AppEntry> view_app(const Address& app, const net::CallContext& context,
                                    const BlockId& at = BlockId::latest()) const;
    Result<poco::DatasetEntry> view_dataset(const Address& dataset, const net::CallContext& context,
                                            const BlockId& at = BlockId::latest()) const;
    Result<WorkerpoolPolicy> workerpool_policy(const Address& workerpool, const net::CallContext& context) const;

    /// Everything matchOrders would read, at one block. `payer` is the requester unless somebody sponsors.
    Result<poco::MatchFacts> match_facts(const poco::OrderSet& orders, const net::CallContext& context,
                                         std::optional<Address> sponsor = {}, const BlockId& at = BlockId::latest()) const;

    /// What check_compatibility() needs about a dataset order of a bulk deal.
    Result<poco::CompatibilityFacts> compatibility_facts(const poco::DatasetOrder& order, const poco::Deal& deal,
                                                         const net::CallContext& context,
                                                         const BlockId& at = BlockId::latest()) const;

    /// Asks the hub itself. Success means compatible. Errors: precondition_failed "hub.incompatible" with the hub's reason.
    Status assert_compatible(const poco::DatasetOrder& order, const poco::DealId& deal, const net::CallContext& context,
                             const BlockId& at = BlockId::latest()) const;

    const Address& address() const { return hub_; }
    std::uint64_t chain_id() const { return chain_id_; }
    /// poco::hub_domain_separator() of this hub.
    const Hash256& separator() const { return separator_; }
    const JsonRpcClient& rpc() const { return *rpc_; }

private:
    const JsonRpcClient* rpc_;
    std::uint64_t chain_id_;
    Address hub_;
    Hash256 separator_;
    mutable std::mutex mutex_;  ///< guards what is read once
    mutable std::optional<HubContracts> contracts_;
    mutable std::optional<poco::HubVersion> version_;
};

}  // namespace iapp::chain
