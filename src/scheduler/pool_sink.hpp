#pragma once
// What the chain announces about our workerpools: their deals, and the ends of their tasks. Kept with the block it came
// from, so that a reorganisation takes it back.
#include "chain/follower.hpp"
#include "poco/ids.hpp"

namespace iapp::scheduler {

/// The tables of announced deals and ends; go into the migrations of the task book.
extern const store::Migration kDealMigration;
extern const store::Migration kDealPlaceMigration;
extern const store::Migration kEndMigration;

class PoolSink final : public chain::LogSink {
public:
    PoolSink(const eth::Address& hub, std::vector<eth::Address> workerpools)
        : hub_(hub), workerpools_(std::move(workerpools))
    {
    }

    Status apply(store::Transaction& transaction, const eth::Log& log) override;
    Status rollback(store::Transaction& transaction, std::uint64_t first_bad) override;

    /// What to ask the node for: deals of our workerpools, and ends of all tasks, for an end does not name its workerpool.
    chain::LogFilter deals() const;
    chain::LogFilter ends() const;

private:
    eth::Address hub_;
    std::vector<eth::Address> workerpools_;
};

/// Deals whose tasks are not in the book yet.
Result<std::vector<poco::DealId>> new_deals(store::Database& database);
Status mark_booked(store::Transaction& transaction, const poco::DealId& deal);

/// The block in which the chain said that the task is over; nothing as long as it did not. The state of a block is no proof
/// of an end: a node may answer for a block from the state of one that comes after it (anvil does), and lose that one.
/// Only asked for tasks that are not settled: settle_end() forgets the rest.
Result<std::optional<std::uint64_t>> end_of(store::Database& database, const poco::TaskId& task);

/// Forgets the ends of tasks that are settled, and of those that are not ours. Nothing while a deal waits to be booked.
Status forget_old_ends(store::Database& database);

}  // namespace iapp::scheduler
