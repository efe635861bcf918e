#include "supervisor.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <optional>
#include <system_error>

namespace iapp::tee_sim {
namespace {

using runtime::UniqueFd;

constexpr int kAgentFd = 3;
constexpr int kFirstFreeFd = 10;
constexpr int kCannotStart = 126;
constexpr std::initializer_list<int> kForwarded{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

std::unexpected<Error> bad(std::string_view what)
{
    return fail(ErrorKind::internal, "tee_sim.start", std::string(what) + ": " + std::generic_category().message(errno));
}

/// Blocks the signals we read from a descriptor and keeps the mask the agent must get back.
struct Signals {
    sigset_t before{};
    UniqueFd fd;
};

Result<Signals> take_signals()
{
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGCHLD);
    for (const int signal : kForwarded) sigaddset(&ours, signal);
    Signals out;
    if (::sigprocmask(SIG_BLOCK, &ours, &out.before) != 0) return bad("sigprocmask");
    out.fd.reset(::signalfd(-1, &ours, SFD_CLOEXEC));
    if (!out.fd) return bad("signalfd");
    return out;
}

struct SocketPair {
    UniqueFd ours;
    UniqueFd agents;
};

Result<SocketPair> make_sockets()
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return bad("socketpair");
    UniqueFd ours(ends[0]);
    const UniqueFd low(ends[1]);
    UniqueFd agents(::fcntl(low.get(), F_DUPFD_CLOEXEC, kFirstFreeFd));  // clear of 3, so that dup2 to 3 drops close-on-exec
    if (!agents) return bad("fcntl");
    return SocketPair{std::move(ours), std::move(agents)};
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// Nothing in the environment is measured, so the agent gets as little of it as works: no loader or allocator knobs.
std::vector<std::string> agent_environment()
{
    std::vector<std::string> out{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        for (const std::string_view name : {"HOME=", "TMPDIR=", "XDG_RUNTIME_DIR="})
            if (text.starts_with(name)) out.emplace_back(text);
    }
    return out;
}

/// In the child, between fork and exec: system calls only.
[[noreturn]] void become_agent(const SealedProgram& program, const SocketPair& sockets, const Signals& signals,
                               pid_t simulator, char* const argv[], char* const envp[])
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != simulator) ::_exit(kCannotStart);  // it died before we asked to die with it
    if (::dup2(sockets.agents.get(), kAgentFd) == kAgentFd &&
        ::close_range(kAgentFd + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0 &&  // whatever our caller left open
        ::sigprocmask(SIG_SETMASK, &signals.before, nullptr) == 0)
        ::fexecve(program.fd.get(), argv, envp);
    constexpr std::string_view kWords = "iapp-tee-sim: cannot execute the agent\n";
    [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, kWords.data(), kWords.size());
    ::_exit(kCannotStart);
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/// The child, killed and reaped should we leave early.
class Agent {
public:
    explicit Agent(pid_t pid) : pid_(pid) {}
    ~Agent()
    {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    void signal(int number) const { ::kill(pid_, number); }

    /// The exit code once it has ended.
    std::optional<int> ended()
    {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
        pid_ = -1;
        return code_of(status);
    }

private:
    pid_t pid_;
};

/// One pending signal: the agent's end, or one to pass on.
std::optional<int> handle_signal(int fd, Agent& agent)
{
    signalfd_siginfo info{};
    if (::read(fd, &info, sizeof info) != sizeof info) return std::nullopt;
    if (info.ssi_signo == SIGCHLD) return agent.ended();
    agent.signal(static_cast<int>(info.ssi_signo));
    return std::nullopt;
}

Result<int> supervise(Agent& agent, UniqueFd socket, const UniqueFd& signals, simtee::Session& session)
{
    while (true) {
        std::array<pollfd, 2> ready{pollfd{signals.get(), POLLIN, 0}, pollfd{socket.get(), POLLIN, 0}};  // -1 is skipped
        if (::poll(ready.data(), ready.size(), -1) < 0) {
            if (errno == EINTR) continue;
            return bad("poll");
        }
        if (ready[1].revents != 0) {
            TRY(const bool more, simtee::serve_one(socket.get(), session));
            if (!more) socket.reset();
        }
        if (ready[0].revents == 0) continue;
        if (const auto code = handle_signal(signals.get(), agent)) return *code;
    }
}

}  // namespace

Result<int> run_agent(const SealedProgram& program, std::vector<std::string> args, simtee::Session& session)
{
    TRY(const Signals signals, take_signals());
    TRY(SocketPair sockets, make_sockets());
    args.insert(args.begin(), "iapp-agent");
    std::vector<std::string> environment = agent_environment();
    const std::vector<char*> argv = pointers(args);
    const std::vector<char*> envp = pointers(environment);

    const pid_t simulator = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) return bad("fork");
    if (child == 0) become_agent(program, sockets, signals, simulator, argv.data(), envp.data());

    Agent agent(child);
    sockets.agents.reset();
    return supervise(agent, std::move(sockets.ours), signals.fd, session);
}

}  // namespace iapp::tee_sim
