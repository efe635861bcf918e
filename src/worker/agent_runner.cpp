#include "worker/agent_runner.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace iapp::worker {
namespace {

constexpr std::chrono::seconds kTidyingPatience{30};  ///< for an agent that has answered

runtime::Command command_of(const AgentProgram& program)
{
    runtime::Command command;
    command.program = program.launcher;
    command.args = {"--pki", program.pki_dir, "--agent", program.agent};
    command.in = runtime::Input::piped();
    command.out = runtime::Output::piped();
    command.err = runtime::Output::to_file(program.log_file);
    command.die_with_spawner = true;  // a worker that is killed takes its agents with it
    return command;
}

/// An agent that is gone reads nothing; that it is gone is noticed when it is waited for, and no reason for us to end. The
/// thread is the agent's own and keeps the signal blocked.
void hand_over(runtime::UniqueFd pipe, std::string_view line)
{
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    while (!line.empty()) {
        const ssize_t wrote = ::write(pipe.get(), line.data(), line.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return;
        line.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

}  // namespace

Result<ReadyAgent> ReadyAgent::start(const AgentProgram& program)
{
    TRY(auto process, runtime::Process::spawn(command_of(program)));
    return ReadyAgent(std::move(process));
}

AgentRun::AgentRun(ReadyAgent agent, const wire::AgentConfig& config, std::chrono::milliseconds wall_clock,
                   std::stop_token stop, std::function<void(const wire::AgentEvent&)> on_event)
    : on_event_(std::move(on_event)),
      on_stop_(std::move(stop), [this] { ending_.request_stop(); }),
      attending_([this, process = std::move(agent.process_), line = wire::encode(config) + "\n", wall_clock]() mutable {
          attend(std::move(process), line, wall_clock);
      })
{
}

AgentRun::~AgentRun()
{
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kTidyingPatience, [this] { return is_over_; })) ending_.request_stop();
}

Result<AgentAnswer> AgentRun::answer()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return answer_.has_value(); });
    return *answer_;
}

void AgentRun::attend(runtime::Process process, const std::string& line, std::chrono::milliseconds wall_clock)
{
    hand_over(std::move(process.in()), line);
    runtime::RunOptions options;
    options.timeout = wall_clock;
    options.stop = ending_.get_token();
    options.on_line = [this](std::string_view said) { hear(said); };
    const auto finished = runtime::follow(std::move(process), "the agent", options);
    settle(std::unexpected(no_answer(finished)));
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
}

void AgentRun::hear(std::string_view line)
{
    auto event = wire::parse_agent_event(line);
    if (!event) {
        if (!bad_line_) bad_line_ = event.error();
        return;
    }
    if (auto* result = std::get_if<wire::AgentResult>(&*event)) settle(std::move(*result));
    else if (auto* failure = std::get_if<wire::AgentFailure>(&*event)) settle(std::move(*failure));
    else on_event_(*event);
}

/// The first answer counts.
void AgentRun::settle(Result<AgentAnswer> answer)
{
    const std::lock_guard lock(mutex_);
    if (!answer_) answer_.emplace(std::move(answer));
    changed_.notify_all();
}

Error AgentRun::no_answer(const Result<runtime::Finished>& finished) const
{
    if (!finished && finished.error().reason == "process.timeout")
        return {ErrorKind::deadline_exceeded, "worker.agent_timeout", "the agent did not end before the task's deadline"};
    if (!finished) return finished.error();
    if (bad_line_)
        return {ErrorKind::corrupt, "worker.agent_output", "the agent wrote a line that is none: " + bad_line_->detail};
    return {ErrorKind::unavailable, "worker.agent_died",
            "the agent ended (" + finished->exit.describe() + ") without an answer"};
}

}  // namespace iapp::worker
