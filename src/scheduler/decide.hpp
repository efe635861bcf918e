#pragma once
// What the scheduler does next about one task, as a pure function of what the chain says, who holds the task, and the time.
// Not the doing: service.cpp sends transactions and hands out leases.
#include <optional>
#include <string_view>

#include "poco/deal.hpp"
#include "poco/task.hpp"

namespace iapp::scheduler {

/// The names iExec's clients know (TaskStatus of the scheduler's public API), as far as a TEE pool uses them.
enum class TaskState : unsigned char {
    received,
    initialized,
    running,
    contribution_timeout,
    final_deadline_reached,
    completed,
    failed
};

std::string_view name(TaskState status);                      ///< "RECEIVED", "FINAL_DEADLINE_REACHED", ...
std::optional<TaskState> parse_state(std::string_view text);  ///< nothing for a name this scheduler never writes
bool is_final(TaskState status);

/// A task stops being offered after this many failures that may pass; at once after one that cannot. A run that only found a
/// service away is none of them: such a task is tried again until its contribution deadline.
inline constexpr unsigned kMaxAttempts = 3;

/// How long a task is left alone after its `runs`-th run that failed. It doubles, so that even an outage of half an hour
/// costs the owners of its data a score of releases and not hundreds.
constexpr std::chrono::seconds rest_after(unsigned runs) { return std::chrono::seconds(1U << (runs < 7U ? runs : 7U)); }

struct TaskFacts {
    poco::Deal deal;
    poco::Task task;  ///< as the hub answers; `unset` before initialize
    std::chrono::seconds category_time;
    TaskState state;                        ///< what we wrote down last
    bool leased;                            ///< a worker holds an unexpired lease
    unsigned attempts;                      ///< failed runs so far, outages aside
    bool hopeless;                          ///< a run failed for a reason that cannot pass
    bool resting;                           ///< a run failed less than rest_after() ago
    UnixSeconds now;                        ///< chain time
    std::optional<std::uint64_t> ended_in;  ///< the block in which the hub said that the task is over
};

enum class Step : unsigned char {
    wait,        ///< nothing to do now
    forget,      ///< the deal is not on chain (any more)
    initialize,  ///< send initialize(deal, index)
    offer,       ///< any worker may lease it
    claim,       ///< final deadline passed: send claim, or initializeAndClaim when it was never initialised
    settle       ///< the task is over, and a block says so: write down COMPLETED or FAILED
};

struct Decision {
    Step step;
    TaskState state;  ///< what to write down
};

Decision decide(const TaskFacts& facts);

/// Whether a failure of this reason may go away by itself: outages may, refusals and the app's own failures may not.
bool may_pass(std::string_view reason);

/// Whether the reason says only that a service could not be reached, and nothing about the task.
bool is_outage(std::string_view reason);

}  // namespace iapp::scheduler
