#pragma once
// Leases that ran out and whose task was leased anew. Their workers may not work any more, but one of them may have
// contributed before it heard of that: the chain says so, and then its report is worth having.
#include "scheduler/task_book.hpp"

namespace iapp::scheduler {

/// Goes into the migrations of the task book.
extern const store::Migration kLostLeaseMigration;

/// Lost leases are forgotten after this: a worker reports within the minute, or never.
inline constexpr std::chrono::hours kLostLeaseLife{72};

Status remember_lost(store::Transaction& transaction, const LeaseRecord& lease, UnixSeconds now);
Status forget_lost_of(store::Transaction& transaction, const poco::TaskId& task);

/// What `worker` once held; it expired when it was lost.
/// Errors: not_found "scheduler.lease", also when it was another's.
Result<LeaseRecord> find_lost(store::Database& database, std::string_view lease_id, const eth::Address& worker);

/// Forgets those older than kLostLeaseLife.
Status forget_old_lost(store::Database& database, UnixSeconds now);

}  // namespace iapp::scheduler
