#include "worker/agent_runner.hpp"

#include "runtime/process.hpp"

namespace iapp::worker {
namespace {

runtime::Command command_of(const AgentProgram& program, const wire::AgentConfig& config)
{
    runtime::Command command;
    command.program = program.launcher;
    command.args = {"--pki", program.pki_dir, "--agent", program.agent};
    command.in = runtime::Input::of_text(wire::encode(config) + "\n");
    command.out = runtime::Output::piped();
    command.err = runtime::Output::to_file(program.log_file);
    command.die_with_spawner = true;  // a worker that is killed takes its agents with it
    return command;
}

/// Keeps the last answer and the first line that was no line of ours.
struct Listener {
    const std::function<void(const wire::AgentPhase&)>& on_phase;
    std::optional<std::variant<wire::AgentResult, wire::AgentFailure>> answer;
    std::optional<Error> bad_line;

    void hear(std::string_view line)
    {
        auto event = wire::parse_agent_event(line);
        if (!event) {
            if (!bad_line) bad_line = event.error();
            return;
        }
        if (const auto* phase = std::get_if<wire::AgentPhase>(&*event)) on_phase(*phase);
        if (auto* result = std::get_if<wire::AgentResult>(&*event)) answer = std::move(*result);
        if (auto* failure = std::get_if<wire::AgentFailure>(&*event)) answer = std::move(*failure);
    }
};

}  // namespace

Result<std::variant<wire::AgentResult, wire::AgentFailure>> run_agent(
    const AgentProgram& program, const wire::AgentConfig& config, std::chrono::milliseconds wall_clock,
    const std::stop_token& stop, const std::function<void(const wire::AgentPhase&)>& on_phase)
{
    Listener listener{on_phase, {}, {}};
    runtime::RunOptions options;
    options.timeout = wall_clock;
    options.stop = stop;
    options.on_line = [&](std::string_view line) { listener.hear(line); };
    auto finished = runtime::run(command_of(program, config), options);
    if (!finished && finished.error().reason == "process.timeout")
        return fail(ErrorKind::deadline_exceeded, "worker.agent_timeout",
                    "the agent did not end before the task's deadline");
    if (!finished) return std::unexpected(finished.error());
    if (listener.answer) return *std::move(listener.answer);
    if (listener.bad_line)
        return fail(ErrorKind::corrupt, "worker.agent_output",
                    "the agent wrote a line that is none: " + listener.bad_line->detail);
    return fail(ErrorKind::unavailable, "worker.agent_died",
                "the agent ended (" + finished->exit.describe() + ") without an answer");
}

}  // namespace iapp::worker
