#include "scheduler/decide.hpp"

#include <algorithm>
#include <array>

namespace iapp::scheduler {
namespace {

constexpr std::array<std::string_view, 7> kNames{
    "RECEIVED", "INITIALIZED", "RUNNING", "CONTRIBUTION_TIMEOUT", "FINAL_DEADLINE_REACHED", "COMPLETED", "FAILED"};

Decision before_initialize(const TaskFacts& facts, const poco::Deadlines& deadlines)
{
    if (facts.now >= deadlines.final) return {Step::claim, TaskState::final_deadline_reached};
    if (facts.now >= deadlines.contribution) return {Step::wait, TaskState::contribution_timeout};
    return {Step::initialize, TaskState::received};
}

Decision while_active(const TaskFacts& facts)
{
    if (facts.now >= facts.task.final_deadline) return {Step::claim, TaskState::final_deadline_reached};
    if (facts.now >= facts.task.contribution_deadline) return {Step::wait, TaskState::contribution_timeout};
    if (facts.hopeless || facts.attempts >= kMaxAttempts) return {Step::wait, TaskState::failed};
    if (facts.leased) return {Step::wait, TaskState::running};
    if (facts.resting) return {Step::wait, TaskState::initialized};
    return {Step::offer, TaskState::initialized};
}

/// An end that no block we follow announces may be of a block that is about to be lost.
Decision once_announced(const TaskFacts& facts, TaskState end)
{
    if (facts.ended_in) return {Step::settle, end};
    return {Step::wait, facts.state};
}

}  // namespace

std::string_view name(TaskState status) { return kNames[static_cast<std::size_t>(status)]; }

std::optional<TaskState> parse_state(std::string_view text)
{
    const auto found = std::ranges::find(kNames, text);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<TaskState>(found - kNames.begin());
}

bool is_final(TaskState status) { return status == TaskState::completed || status == TaskState::failed; }

Decision decide(const TaskFacts& facts)
{
    if (!facts.deal.exists()) return {Step::forget, TaskState::failed};
    switch (facts.task.status) {
        case poco::TaskStatus::unset:
            return before_initialize(facts, poco::deadlines(facts.deal.start_time, facts.category_time));
        case poco::TaskStatus::completed:
            return once_announced(facts, TaskState::completed);
        case poco::TaskStatus::failed:
            return once_announced(facts, TaskState::failed);
        case poco::TaskStatus::active:
        case poco::TaskStatus::revealing:
            break;
    }
    return while_active(facts);
}

bool may_pass(std::string_view reason)
{
    // Refusals of keys, of code and of the app's own making are the same next time; everything else may be an outage.
    constexpr std::array<std::string_view, 8> kFinal{"policy.", "attest.", "app.",     "manifest.",
                                                     "oci.",    "image.",  "dataset.", "agent.bundle"};
    constexpr std::array<std::string_view, 2> kPassing{"policy.nonce", "policy.chain"};
    const auto starts = [&](std::string_view prefix) { return reason.starts_with(prefix); };
    return std::ranges::any_of(kPassing, starts) || std::ranges::none_of(kFinal, starts);
}

bool is_outage(std::string_view reason)
{
    // Exact ids: whether an answer that did come means an outage is for whoever gave it its name to say.
    constexpr std::array<std::string_view, 11> kOutages{
        "net.connect", "net.closed", "net.deadline",          "net.resolve",          "net.busy",     "rpc.busy",
        "rpc.status",  "rpc.state",  "sms.chain_unavailable", "sms.bulk_unavailable", "scheduler.sms"};
    return std::ranges::find(kOutages, reason) != kOutages.end();
}

}  // namespace iapp::scheduler
