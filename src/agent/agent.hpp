#pragma once
// The in-TEE agent: one process, one task, one result. Generates the keys, proves what it is, receives what the owners
// release, runs the app over it, and hands out nothing but sealed results and a signed receipt. Not a service: it is told
// one task on start and ends with it. Its dependency closure is the trusted computing base.
#include <functional>
#include <stop_token>

#include "net/client.hpp"
#include "tee/evidence_source.hpp"
#include "wire/agent_process.hpp"

namespace iapp::agent {

/// Everything outside the agent that it may touch.
struct World {
    tee::EvidenceSource& tee;
    const net::HttpClient& http;       ///< to the services that the worker's configuration names
    const net::HttpClient& elsewhere;  ///< to where requesters, owners and developers point: never into the worker's network
    const Clock& clock;
    /// Called as phases end, and with the result as soon as it is there: what follows is tidying up.
    std::function<void(const wire::AgentEvent&)> tell;
    std::stop_token stop = {};
};

/// Gives this process mounts of its own, so that what it mounts is seen by nobody else and ends with it, however it ends.
/// Call before any thread starts. Errors: permission_denied "agent.isolation".
Status isolate_mounts();

/// Runs the task named by one configuration line (wire::AgentConfig, without its newline; these bytes are measured).
/// Errors: "agent.*" as each step documents, the refusal's own id ("policy.revoked", "attest.debug", ...) when keys were
/// not released, and those of runtime, seal, blobs and net.
Result<wire::AgentResult> run_task(std::string_view config_line, const World& world);

}  // namespace iapp::agent
