#pragma once
// The scheduler's memory: tasks with their history, leases, and request nonces it has seen. Every change is one durable
// transaction. Not the truth about a task: the chain is; this remembers what we saw and promised.
#include <map>
#include <span>
#include <vector>

#include "scheduler/decide.hpp"
#include "store/database.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::scheduler {

struct TaskRecord {
    poco::TaskId id;
    poco::DealId deal;
    std::uint64_t index;
    TaskState state;
    unsigned attempts;  ///< failed runs, outages aside
    unsigned outages;   ///< runs that found a service away
    bool hopeless;
    std::string reason;  ///< id of the last failure; empty when none
    std::string detail;
    std::string result_link;  ///< once completed
    UnixSeconds failed_at;    ///< the last failed run; the epoch when none
    std::int64_t place;       ///< among all tasks: the lowest is the oldest
};

struct StateChange {
    TaskState state;
    UnixSeconds time;
    std::string reason;
};

struct LeaseRecord {
    std::string id;
    poco::TaskId task;
    eth::Address worker;
    UnixSeconds expires_at;
};

/// How the chain ended a task.
struct TaskEnd {
    TaskState state;               ///< completed or failed
    std::string_view result_link;  ///< once completed
    std::span<const eth::Address> contributors;
    std::uint64_t block;
};

/// Whether the last run failed less than rest_after() ago.
bool is_resting(const TaskRecord& task, UnixSeconds now);

/// Opens again what was settled at `first_bad` or later: the chain took those blocks back.
Status reopen_settled(store::Transaction& transaction, std::uint64_t first_bad);

class TaskBook {
public:
    /// `location`: as store::Database::open takes it, which also names the errors.
    static Result<TaskBook> open(const std::string& location);

    store::Database& database() { return database_; }

    /// Adds a task once; a second time is no change.
    Status add(const poco::TaskId& id, const poco::DealId& deal, std::uint64_t index, UnixSeconds now);
    /// Adds tasks `first` to `first + count - 1` of an announced deal, once. One transaction: all of them, or none.
    Status add_deal(const poco::DealId& deal, std::uint64_t first, std::uint64_t count, UnixSeconds now);
    Status remove(const poco::TaskId& id);

    /// Tasks the chain has not ended yet, those we gave up included: their requester still gets a refund.
    Result<std::vector<TaskRecord>> open_tasks();
    /// Errors: not_found "scheduler.task".
    Result<TaskRecord> get(const poco::TaskId& id);
    Result<std::vector<StateChange>> history(const poco::TaskId& id);
    Result<std::map<std::string, std::int64_t>> counts();  ///< tasks by state name

    /// Writes a state when it differs from the last one, with the time and why. With `seen`, only when that is still the
    /// last one: a worker may have leased the task since.
    Status note(const poco::TaskId& id, TaskState status, UnixSeconds now, std::string_view reason = {},
                std::optional<TaskState> seen = {});
    /// The chain has ended the task. Those who contributed, whoever has the lease now, completed it.
    Status settle(const poco::TaskId& id, const TaskEnd& end, UnixSeconds now);
    /// Counts a failed run, as an outage or as an attempt, and ends its lease.
    Status note_failure(const LeaseRecord& lease, std::string_view reason, std::string_view detail, UnixSeconds now);

    /// Gives the task to the worker unless someone holds it, or it may not run now: what was offered a moment ago may have
    /// failed for good since. The same worker asking again gets its own lease back.
    Result<std::optional<LeaseRecord>> lease(const poco::TaskId& id, const eth::Address& worker, UnixSeconds now,
                                             std::chrono::seconds length);
    /// Ends a lease that its worker was never told of.
    Status give_back(const LeaseRecord& lease);
    /// The worker has a result and asks for its authorisation.
    Status note_computed(const LeaseRecord& lease, UnixSeconds now);
    /// A lease nobody else has taken since, expired or not.
    /// Errors: not_found "scheduler.lease"; permission_denied "scheduler.lease_owner".
    Result<LeaseRecord> find_lease(std::string_view lease_id, const eth::Address& worker);
    /// Errors: as find_lease(), conflict "scheduler.lease_expired".
    Result<LeaseRecord> check_lease(std::string_view lease_id, const eth::Address& worker, UnixSeconds now);
    Result<LeaseRecord> renew(std::string_view lease_id, const eth::Address& worker, UnixSeconds now,
                              std::chrono::seconds length);
    Result<std::optional<LeaseRecord>> holder(const poco::TaskId& id, UnixSeconds now);

    /// Remembers a request nonce until it expires. Errors: unauthenticated "worker_auth.replayed".
    Status spend_nonce(const wire::WorkerNonce& nonce, UnixSeconds expires_at, UnixSeconds now);

private:
    explicit TaskBook(store::Database database) : database_(std::move(database)) {}
    store::Database database_;
};

}  // namespace iapp::scheduler
