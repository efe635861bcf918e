#include "runtime/internal/child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace iapp::runtime {
namespace {

[[noreturn]] void give_up(int report_fd)
{
    const int code = errno;
    [[maybe_unused]] const auto written = ::write(report_fd, &code, sizeof code);
    ::_exit(127);
}

/// Signal state survives exec; a program expects the defaults.
void reset_signals()
{
    struct sigaction plain = {};
    plain.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &plain, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Closes everything but the targets and, until exec, the report descriptor.
bool close_others(const ChildPlan& plan)
{
    unsigned next = 0;
    const auto close_until = [&next](unsigned kept) {
        const bool ok = kept <= next || ::syscall(SYS_close_range, next, kept - 1, 0) == 0;
        next = kept + 1;
        return ok;
    };
    for (const auto& [ours, theirs] : plan.moves)
        if (!close_until(static_cast<unsigned>(theirs))) return false;
    return close_until(static_cast<unsigned>(plan.report_fd)) && ::syscall(SYS_close_range, next, ~0U, 0) == 0;
}

}  // namespace

void become(const ChildPlan& plan)
{
    reset_signals();
    if (plan.die_with_spawner && ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(plan.report_fd);
    const bool led = plan.new_session ? ::setsid() >= 0 : ::setpgid(0, 0) == 0;
    if (!led) give_up(plan.report_fd);
    for (const auto& [ours, theirs] : plan.moves)
        if (::dup2(ours, theirs) < 0) give_up(plan.report_fd);
    if (!close_others(plan)) give_up(plan.report_fd);
    if (plan.working_dir != nullptr && ::chdir(plan.working_dir) != 0) give_up(plan.report_fd);
    ::execve(plan.program, plan.argv, plan.envp);
    give_up(plan.report_fd);
}

}  // namespace iapp::runtime
