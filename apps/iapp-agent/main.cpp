// iapp-agent: one task inside a TEE. Configuration line on standard input, events on standard output, log on standard error.
// Wiring only: everything it does is in src/agent.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <iostream>
#include <thread>

#include "agent/agent.hpp"
#include "base/log.hpp"
#include "tee/source_choice.hpp"

namespace {

using namespace iapp;

constexpr std::string_view kUnused = "agent.unused";  ///< an agent is started ahead of its task, which may never come

/// The first line, without its newline; empty when it is too long. Nothing when the input ended.
std::optional<std::string> read_config_line()
{
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (line.size() > wire::kMaxAgentLineBytes) line.clear();
    return line;
}

void tell(const wire::AgentEvent& event) { std::cout << encode(event) << std::endl; }

std::stop_source& stopping()
{
    static std::stop_source source;
    return source;
}

/// SIGTERM and SIGINT are waited for on a thread of their own, so that stopping needs no signal handler.
void watch_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([signals] {
        int caught = 0;
        ::sigwait(&signals, &caught);
        stopping().request_stop();
    }).detach();
}

/// The source that the configuration names. The line is read again, and measured, by run_task().
Result<std::unique_ptr<tee::EvidenceSource>> open_evidence(std::string_view config_line)
{
    TRY(const auto config, wire::parse_agent_config(config_line));
    TRY(const auto kind, tee::parse_source_kind(config.evidence));
    return tee::open_source(kind);
}

Result<wire::AgentResult> run()
{
    ::prctl(PR_SET_DUMPABLE, 0);  // a crash must not write keys to a disk
    TRY_OK(agent::isolate_mounts());
    ::umask(022);  // the app's user must reach what it is given
    ::signal(SIGPIPE, SIG_IGN);
    watch_signals();
    const auto config_line = read_config_line();
    if (!config_line) return fail(ErrorKind::cancelled, kUnused, "the worker ended before it had a task");
    TRY(const auto tee, open_evidence(*config_line));
    // A service may be restarting. One that stays away costs the task a release, and no more than this in time.
    constexpr std::chrono::seconds kPatience{60};
    const net::HttpClient http({.connect_patience = kPatience});
    // A development network lives on loopback, and so do its registry and its test files.
    const net::HttpClient elsewhere(
        {.reach = tee->simulated() ? net::Reach::anywhere : net::Reach::public_internet, .connect_patience = kPatience});
    return agent::run_task(*config_line, {.tee = *tee,
                                          .http = http,
                                          .elsewhere = elsewhere,
                                          .clock = system_clock(),
                                          .tell = tell,
                                          .stop = stopping().get_token()});
}

}  // namespace

int main()
{
    log::configure(log::Level::info, "iapp-agent");
    const auto result = run();
    if (result) return 0;
    if (result.error().reason == kUnused) {
        log::info("ends unused", {{"detail", result.error().detail}});
        return 0;
    }
    log::error("the task failed", {{"reason", result.error().reason}, {"detail", result.error().detail}});
    tell(wire::AgentFailure{std::string(result.error().reason), result.error().detail});
    return 1;
}
