#pragma once
// Starts one agent in its TEE and listens to it until it ends. Sees what the agent says in public, never what it works on.
#include <functional>
#include <stop_token>

#include "base/result.hpp"
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

/// The agent's answer. Errors: unavailable "worker.agent_died" (no answer), deadline_exceeded "worker.agent_timeout",
/// corrupt "worker.agent_output", cancelled "process.cancelled"; what the agent itself reports as failed is an AgentFailure.
Result<std::variant<wire::AgentResult, wire::AgentFailure>> run_agent(
    const AgentProgram& program, const wire::AgentConfig& config, std::chrono::milliseconds wall_clock,
    const std::stop_token& stop, const std::function<void(const wire::AgentPhase&)>& on_phase);

}  // namespace iapp::worker
