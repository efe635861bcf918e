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

/// A task stops being offered after this many failures that may pass; at once after one that cannot.
inline constexpr unsigned kMaxAttempts = 3;

/// How long a task is left alone after its `attempts`-th failure, so that an outage of moments does not use up all of them.
constexpr std::chrono::seconds rest_after(unsigned attempts)
{
    return std::chrono::seconds(1U << (attempts < 5U ? attempts : 5U));
}

struct TaskFacts {
    poco::Deal deal;
    poco::Task task;  ///< as the hub answers; `unset` before initialize
    std::chrono::seconds category_time;
    TaskState state;    ///< what we wrote down last
    bool leased;        ///< a worker holds an unexpired lease
    unsigned attempts;  ///< failed runs so far
    bool hopeless;      ///< a run failed for a reason that cannot pass
    bool resting;       ///< a run failed less than rest_after() ago
    UnixSeconds now;    ///< chain time
};

enum class Step : unsigned char {
    wait,        ///< nothing to do now
    forget,      ///< the deal is not on chain (any more)
    initialize,  ///< send initialize(deal, index)
    offer,       ///< any worker may lease it
    claim,       ///< final deadline passed: send claim, or initializeAndClaim when it was never initialised
    settle       ///< the chain is final: write down COMPLETED or FAILED
};

struct Decision {
    Step step;
    TaskState state;  ///< what to write down
};

Decision decide(const TaskFacts& facts);

/// Whether a failure of this reason may go away by itself: outages may, refusals and the app's own failures may not.
bool may_pass(std::string_view reason);

}  // namespace iapp::scheduler
