// Spawning one process and ending it. Forks rather than posix_spawn: the death signal and "close all others" need our own
// child.
#include "runtime/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "runtime/internal/child.hpp"
#include "runtime/internal/plumbing.hpp"
#include "runtime/internal/syscall_error.hpp"

namespace iapp::runtime {
namespace {

using Steady = std::chrono::steady_clock;
constexpr auto kPollStep = std::chrono::milliseconds(50);  // how late a stop request may be noticed

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Status check(const Command& command)
{
    const auto bad = [](std::string detail) { return fail(ErrorKind::invalid_input, "process.command", std::move(detail)); };
    if (command.program.empty()) return bad("the program's name is empty");
    if (has_nul(command.program) || std::ranges::any_of(command.args, has_nul) || std::ranges::any_of(command.env, has_nul))
        return bad("a NUL byte in the program, an argument or the environment");
    if (!command.working_dir.empty() && !std::filesystem::is_directory(command.working_dir))
        return bad("the working folder " + command.working_dir + " does not exist");
    for (const auto& fd : command.fds)
        if (fd.theirs < 3 || fd.ours < 0) return bad("a passed descriptor must be open and become 3 or more");
    return {};
}

std::vector<char*> c_strings(const std::vector<std::string>& words, const std::string* first = nullptr)
{
    std::vector<char*> out;
    if (first != nullptr) out.push_back(const_cast<char*>(first->c_str()));
    for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
    out.push_back(nullptr);
    return out;
}

/// Copies of descriptors, all above the highest number the child wants, so that no dup2 overwrites a source.
class Moves {
public:
    static Result<Moves> plan(const Plumbing& plumbing, const std::vector<PassedFd>& passed)
    {
        std::vector<PassedFd> wanted = {
            {plumbing.child_in.get(), 0}, {plumbing.child_out.get(), 1}, {plumbing.child_err.get(), 2}};
        wanted.insert(wanted.end(), passed.begin(), passed.end());
        std::ranges::sort(wanted, {}, &PassedFd::theirs);
        Moves out;
        out.floor_ = wanted.back().theirs + 1;
        for (const auto& fd : wanted) {
            TRY(UniqueFd copy, out.lift(fd.ours));
            out.pairs_.emplace_back(copy.get(), fd.theirs);
            out.copies_.push_back(std::move(copy));
        }
        return out;
    }

    Result<UniqueFd> lift(int fd) const
    {
        UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, floor_));
        if (!copy) return fail(ErrorKind::internal, "process.spawn", system_error("descriptor " + std::to_string(fd)));
        return copy;
    }

    const std::vector<std::pair<int, int>>& pairs() const { return pairs_; }

private:
    int floor_ = 3;
    std::vector<std::pair<int, int>> pairs_;
    std::vector<UniqueFd> copies_;
};

/// Zero when the child became the program, else the errno of the step that failed.
int await_exec(int report_fd)
{
    int code = 0;
    ssize_t got;
    do got = ::read(report_fd, &code, sizeof code);
    while (got < 0 && errno == EINTR);
    return got == sizeof code ? code : 0;
}

Exit exit_of(int status)
{
    if (WIFSIGNALED(status)) return {.code = 128 + WTERMSIG(status), .signal = WTERMSIG(status)};
    return {.code = WEXITSTATUS(status)};
}

int poll_readable(int fd, std::chrono::milliseconds patience)
{
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, static_cast<int>(patience.count()));
}

}  // namespace

std::vector<std::string> Command::minimal_env()
{
    return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
}

Result<std::string> find_program(std::string_view name)
{
    for (const char* folder : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
        std::string path = folder + std::string(name);
        if (!name.empty() && ::access(path.c_str(), X_OK) == 0) return path;
    }
    return fail(ErrorKind::not_found, "process.program",
                "no program '" + std::string(name) + "' in the system folders; install the package that has it");
}

std::string Exit::describe() const
{
    return signal != 0 ? "signal " + std::to_string(signal) : "exit " + std::to_string(code);
}

Result<Process> Process::spawn(const Command& command)
{
    TRY_OK(check(command));
    std::string program = command.program;
    if (program.find('/') == std::string::npos) {
        TRY(program, find_program(program));
    }
    TRY(auto plumbing, lay_plumbing(command));
    TRY(const auto moves, Moves::plan(plumbing, command.fds));
    TRY(auto report, make_pipe());
    TRY(UniqueFd report_write, moves.lift(report.second.get()));
    report.second.reset();

    const auto argv = c_strings(command.args, &program);
    const auto envp = c_strings(command.env);
    const ChildPlan plan{.program = program.c_str(),
                         .argv = argv.data(),
                         .envp = envp.data(),
                         .working_dir = command.working_dir.empty() ? nullptr : command.working_dir.c_str(),
                         .moves = moves.pairs(),
                         .new_session = command.new_session,
                         .die_with_spawner = command.die_with_spawner,
                         .report_fd = report_write.get()};
    const pid_t pid = ::fork();
    if (pid < 0) return fail(ErrorKind::internal, "process.spawn", system_error("fork"));
    if (pid == 0) become(plan);

    Process out;
    out.pid_ = pid;
    out.pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    report_write.reset();
    if (const int code = await_exec(report.first.get()); code != 0) {
        out.reap();
        if (code == ENOENT) return fail(ErrorKind::not_found, "process.program", system_error(program, code));
        return fail(ErrorKind::internal, "process.spawn", system_error(program, code));
    }
    out.identity_ = identify(pid).value_or(ProcessIdentity{pid, 0});
    out.in_ = std::move(plumbing.our_in);
    out.out_ = std::move(plumbing.our_out);
    out.err_ = std::move(plumbing.our_err);
    return out;
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept
{
    if (this == &other) return *this;
    if (pid_ > 0) terminate(std::chrono::milliseconds(0));
    pid_ = std::exchange(other.pid_, -1);
    identity_ = other.identity_;
    pidfd_ = std::move(other.pidfd_);
    in_ = std::move(other.in_);
    out_ = std::move(other.out_);
    err_ = std::move(other.err_);
    exit_ = other.exit_;
    return *this;
}

Process::~Process()
{
    if (pid_ > 0) terminate(std::chrono::milliseconds(0));
}

bool Process::is_running() { return pid_ > 0 && !exit_ && poll_readable(pidfd_.get(), std::chrono::milliseconds(0)) == 0; }

/// The leader is a zombie until waitpid, so its group id cannot be reused while the rest of the group is killed.
Exit Process::reap()
{
    if (exit_) return *exit_;
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    signal_group(SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    exit_ = exit_of(status);
    return *exit_;
}

Result<Exit> Process::wait(std::chrono::milliseconds timeout, const std::stop_token& stop)
{
    const auto until = Steady::now() + timeout;
    while (!exit_) {
        const auto left =
            std::max(std::chrono::milliseconds(0), std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()));
        if (poll_readable(pidfd_.get(), std::min(left, stop.stop_possible() ? kPollStep : left)) > 0) return reap();
        if (stop.stop_requested())
            return fail(ErrorKind::cancelled, "process.cancelled", "asked to stop while the child ran");
        if (Steady::now() >= until)
            return fail(ErrorKind::deadline_exceeded, "process.timeout",
                        "the child still runs after " + std::to_string(timeout.count()) + " ms");
    }
    return *exit_;
}

Exit Process::terminate(std::chrono::milliseconds grace)
{
    if (exit_) return *exit_;
    if (grace.count() > 0) {
        signal_group(SIGTERM);
        if (const auto ended = wait(grace)) return *ended;
    }
    signal_group(SIGKILL);
    return reap();
}

void Process::signal_group(int signal) const
{
    if (pid_ > 0 && !exit_) ::kill(-pid_, signal);
}

ProcessIdentity Process::release()
{
    pid_ = -1;
    return identity_;
}

}  // namespace iapp::runtime
