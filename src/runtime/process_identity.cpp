// Which process a pid is: pid and start time together, read from /proc/PID/stat (proc(5)).
#include <signal.h>

#include <charconv>
#include <sstream>
#include <thread>

#include "base/file.hpp"
#include "runtime/process.hpp"

namespace iapp::runtime {
namespace {

struct Stat {
    char state;
    std::uint64_t start_ticks;
};

/// The second field is a name in parentheses that may hold anything, so fields are counted from the last ')'.
std::optional<Stat> parse_stat(std::string_view text)
{
    const auto close = text.rfind(')');
    if (close == std::string_view::npos) return std::nullopt;
    std::istringstream rest{std::string(text.substr(close + 1))};
    Stat out{};
    std::string skipped;
    rest >> out.state;  // field 3
    for (int field = 4; field < 22; ++field) rest >> skipped;
    rest >> out.start_ticks;  // field 22
    if (!rest) return std::nullopt;
    return out;
}

}  // namespace

std::optional<ProcessIdentity> identify(pid_t pid)
{
    const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
    const auto stat = text ? parse_stat(*text) : std::nullopt;
    if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
    return ProcessIdentity{pid, stat->start_ticks};
}

bool is_alive(const ProcessIdentity& identity) { return identify(identity.pid) == identity; }

Status terminate(const ProcessIdentity& identity, std::chrono::milliseconds grace)
{
    using Steady = std::chrono::steady_clock;
    const auto signal_and_wait = [&](int signal, std::chrono::milliseconds patience) {
        const auto until = Steady::now() + patience;
        if (is_alive(identity)) ::kill(-identity.pid, signal);
        while (is_alive(identity) && Steady::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return !is_alive(identity);
    };
    if (signal_and_wait(SIGTERM, grace) || signal_and_wait(SIGKILL, std::chrono::seconds(5))) return {};
    return fail(ErrorKind::deadline_exceeded, "process.unkillable",
                "process " + std::to_string(identity.pid) + " did not end after SIGKILL; look at its state in /proc");
}

}  // namespace iapp::runtime
