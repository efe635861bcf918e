#pragma once
// What logs do not say and rows need: transactions, deals, tasks, contributions, registry entries, times of blocks. Asked
// for a whole window of logs at once. All of it never changes once it is on the chain, except a task's results, which come
// with its end.
#include <map>
#include <set>
#include <span>

#include "chain/follower.hpp"
#include "chain/hub.hpp"
#include "chain/transactions.hpp"
#include "poco/views.hpp"
#include "wire/network.hpp"

namespace iapp::index {

using eth::Address;
using poco::DealId;
using poco::TaskId;

using ContributionKey = std::pair<TaskId, Address>;

/// A deal or task is absent when its numbers are beyond all use (more than 2^64 tasks): anyone can make such a deal from
/// orders without a price, and none of its tasks can matter.
struct Facts {
    std::map<DealId, poco::Deal> deals{};
    std::map<TaskId, poco::Task> tasks{};
    std::map<ContributionKey, poco::Contribution> contributions{};
    std::map<Address, poco::AppEntry> apps{};
    std::map<Address, poco::DatasetEntry> datasets{};
    std::map<Address, poco::WorkerpoolEntry> workerpools{};
    std::map<Hash256, chain::Transaction> transactions{};  ///< of every log; `input` only of a match
    Hash256 separator = Hash256::zero();                   ///< of the hub: orders have their hashes under it
    std::map<std::uint64_t, UnixSeconds> times{};          ///< by block number
};

/// Asks the node. Errors: those of chain::JsonRpcClient; unavailable "index.facts" (the node does not know what its logs
/// say: it is behind, or the chain changed meanwhile).
Result<Facts> gather_facts(const chain::Hub& hub, const wire::NetworkContracts& contracts, const chain::LogWindow& window,
                           const net::CallContext& context);

}  // namespace iapp::index
