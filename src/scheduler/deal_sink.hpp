#pragma once
// Deals of our workerpools as the chain announces them, kept with the block they came from so that a reorganisation takes
// them back.
#include "chain/follower.hpp"
#include "poco/ids.hpp"

namespace iapp::scheduler {

/// The table of announced deals; goes into the migrations of the task book.
extern const store::Migration kDealMigration;
extern const store::Migration kDealPlaceMigration;

class DealSink final : public chain::LogSink {
public:
    DealSink(const eth::Address& hub, std::vector<eth::Address> workerpools)
        : hub_(hub), workerpools_(std::move(workerpools))
    {
    }

    Status apply(store::Transaction& transaction, const eth::Log& log) override;
    Status rollback(store::Transaction& transaction, std::uint64_t first_bad) override;

    /// What to ask the node for.
    chain::LogFilter filter() const;

private:
    eth::Address hub_;
    std::vector<eth::Address> workerpools_;
};

/// Deals whose tasks are not in the book yet.
Result<std::vector<poco::DealId>> new_deals(store::Database& database);
Status mark_booked(store::Transaction& transaction, const poco::DealId& deal);

}  // namespace iapp::scheduler
