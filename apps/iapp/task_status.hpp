#pragma once
// A task as the chain and its scheduler see it, and waiting for its end.
#include "phases.hpp"
#include "poco/deal.hpp"
#include "session.hpp"

namespace iapp::cli {

/// What the scheduler adds to the chain's facts; empty when it does not know the task.
struct SchedulerView {
    std::string status;
    std::string failure_id;
    std::string failure_message;
    std::vector<std::string> history;  ///< "2026-11-22T10:00:00.000+00:00 RUNNING"
};
SchedulerView ask_scheduler(const Session& session, const poco::TaskId& task);

/// As above, but the scheduler may hold its answer back for half a second while the status is still `seen`.
SchedulerView await_scheduler(const Session& session, const poco::TaskId& task, const std::string& seen);

/// Returns when the task is COMPLETED. Errors: permission_denied, precondition_failed or deadline_exceeded with the id the
/// agent or the secret service gave, "task.timeout" when the final deadline passed; cancelled "run.interrupted" on Ctrl-C.
Status wait_for_task(const Session& session, const poco::DealId& deal, const poco::TaskId& task, Phases& phases);

}  // namespace iapp::cli
