#pragma once
// Starts agents in their TEE and listens to them until they end. Sees what an agent says in public, never what it works on.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/result.hpp"
#include "runtime/process.hpp"
#include "wire/agent_process.hpp"

namespace iapp::worker {

/// How an agent is started. On hardware the launcher is a virtual machine; here it is the simulated TEE.
struct AgentProgram {
    std::string launcher;  ///< path of iapp-tee-sim
    std::string pki_dir;
    std::string agent;     ///< path of iapp-agent: what gets measured
    std::string log_file;  ///< where the agent's log lines go; they hold no data
    std::string evidence;  ///< the agent's evidence source by name; what the launcher offers: "simulated" for iapp-tee-sim
};

/// An agent in its TEE that waits for its assignment. A TEE takes longer to start than most of a task takes in it, so a
/// worker keeps one ready. It has no task and no keys yet, and serves once.
class ReadyAgent {
public:
    /// The agent dies with the thread that calls this. Errors: those of runtime::Process::spawn.
    static Result<ReadyAgent> start(const AgentProgram& program);

    bool is_alive() { return process_.is_running(); }

private:
    friend class AgentRun;
    explicit ReadyAgent(runtime::Process process) : process_(std::move(process)) {}
    runtime::Process process_;
};

using AgentAnswer = std::variant<wire::AgentResult, wire::AgentFailure>;

/// One agent at work on its task. Its answer is there before the agent has tidied up and ended.
class AgentRun {
public:
    /// Hands the assignment over. `on_event` is called on another thread for what the agent says before its answer, and
    /// may be called as long as this object lives.
    AgentRun(ReadyAgent agent, const wire::AgentConfig& config, std::chrono::milliseconds wall_clock, std::stop_token stop,
             std::function<void(const wire::AgentEvent&)> on_event);
    /// Waits for the agent's end, and brings it about when an agent that has answered takes too long.
    ~AgentRun();
    AgentRun(const AgentRun&) = delete;

    /// Waits for the answer. Errors: unavailable "worker.agent_died" (no answer), deadline_exceeded "worker.agent_timeout",
    /// corrupt "worker.agent_output", cancelled "process.cancelled"; what the agent itself reports as failed is an
    /// AgentFailure.
    Result<AgentAnswer> answer();

private:
    void attend(runtime::Process process, const std::string& line, std::chrono::milliseconds wall_clock);
    void hear(std::string_view line);
    void settle(Result<AgentAnswer> answer);
    Error no_answer(const Result<runtime::Finished>& finished) const;

    std::function<void(const wire::AgentEvent&)> on_event_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Result<AgentAnswer>> answer_;
    bool is_over_ = false;
    std::optional<Error> bad_line_;  ///< of the attending thread: the first line that was none of ours
    std::stop_source ending_;
    std::stop_callback<std::function<void()>> on_stop_;
    std::jthread attending_;
};

}  // namespace iapp::worker
