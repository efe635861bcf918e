#pragma once
// Runs one sealed agent and answers it until it ends. The agent never outlives the simulator, nor the other way round.
#include <vector>

#include "sealed_program.hpp"
#include "simtee/server.hpp"

namespace iapp::tee_sim {

/// Starts the agent with descriptors 0, 1, 2 and the simulator's socket as 3, and a small fixed environment; forwards
/// termination signals. Returns its exit code, or 128 + n when signal n ended it. Errors: internal "tee_sim.start";
/// "simtee.io".
Result<int> run_agent(const SealedProgram& program, std::vector<std::string> args, simtee::Session& session);

}  // namespace iapp::tee_sim
