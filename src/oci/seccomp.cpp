// The app's system call filter: an allow list for x86-64. What it does not name answers ENOSYS, so that libraries fall back
// (clone3, io_uring, new calls); what an attacker would try by name answers EPERM. No call makes a namespace, mounts,
// traces, loads code into the kernel, or opens a socket outside the given families.
#include "oci/internal/seccomp.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <string_view>

namespace iapp::oci {
namespace {

namespace js = boost::json;

constexpr unsigned kEperm = 1, kEnosys = 38, kEafnosupport = 97;

/// CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET. clone3 hides its flags in memory and is not
/// allowed.
constexpr std::uint64_t kCloneNamespaces = 0x7E020000;

constexpr std::string_view kAllowed = R"(
# files
access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
fallocate fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr
fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init
inotify_init1 inotify_rm_watch lchown lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat
memfd_create mkdir mkdirat mknod mknodat newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64
pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile
setxattr splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat
utime utimensat utimes vmsplice write writev
# memory
brk get_mempolicy madvise membarrier mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall
munmap pkey_alloc pkey_free pkey_mprotect
# processes and threads
arch_prctl capget capset execve execveat exit exit_group fork futex futex_waitv get_robust_list get_thread_area getcpu
getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage
getsid gettid getuid ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq sched_get_priority_max sched_get_priority_min
sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity
sched_setattr sched_setparam sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address setfsgid
setfsuid setgid setgroups setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sysinfo
tgkill times tkill uname vfork wait4 waitid
# signals, time, events
alarm clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2
epoll_wait eventfd eventfd2 getitimer getrandom gettimeofday nanosleep pause poll ppoll pselect6 rt_sigaction
rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo select
setitimer sigaltstack signalfd signalfd4 time timer_create timer_delete timer_getoverrun timer_gettime timer_settime
timerfd_create timerfd_gettime timerfd_settime
# System V and POSIX IPC, inside the app's own namespace
mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop
semtimedop shmat shmctl shmdt shmget
# sockets that exist; which ones can be made is filtered below
accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg
sendto setsockopt shutdown
)";

constexpr std::string_view kForbidden = R"(
acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module fsconfig fsmount
fsopen fspick init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mount mount_setattr
move_mount name_to_handle_at open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_vm_readv
process_vm_writev ptrace quotactl reboot request_key setdomainname sethostname setns settimeofday swapoff swapon
syslog umount2 unshare userfaultfd vhangup
)";

/// Terminal, pipe and pty requests of ordinary programs. TIOCSTI (typing into a terminal) is not among them.
constexpr std::uint32_t kIoctls[] = {
    0x5401,     0x5402,     0x5403, 0x5404,          // TCGETS TCSETS TCSETSW TCSETSF
    0x5409,     0x540B,     0x540E, 0x540F, 0x5410,  // TCSBRK TCFLSH TIOCSCTTY TIOCGPGRP TIOCSPGRP
    0x5413,     0x5414,     0x541B, 0x5421, 0x5422,  // TIOCGWINSZ TIOCSWINSZ FIONREAD FIONBIO TIOCNOTTY
    0x5429,     0x5450,     0x5451, 0x5452,          // TIOCGSID FIONCLEX FIOCLEX FIOASYNC
    0x80045430, 0x40045431,                          // TIOCGPTN TIOCSPTLCK
};

/// Linux and 32-bit-on-64 personalities, address randomisation off, and the query.
constexpr std::uint64_t kPersonalities[] = {0x0, 0x8, 0x20000, 0x20008, 0xffffffff};

constexpr std::uint64_t kAfUnix = 1, kAfInet = 2, kAfInet6 = 10;

/// Names separated by white space; a line that begins with '#' is a heading.
js::array names_of(std::string_view list)
{
    js::array out;
    while (!list.empty()) {
        const std::string_view line = list.substr(0, list.find('\n'));
        list.remove_prefix(std::min(list.size(), line.size() + 1));
        if (line.starts_with('#')) continue;
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t end = std::min(line.find(' ', at), line.size());
            out.emplace_back(line.substr(at, end - at));
            at = end + 1;
        }
    }
    return out;
}

js::object compare(unsigned index, std::uint64_t value, std::string_view op, std::uint64_t value_two = 0)
{
    return {{"index", index}, {"value", value}, {"valueTwo", value_two}, {"op", op}};
}

js::object allow(js::array names) { return {{"names", std::move(names)}, {"action", "SCMP_ACT_ALLOW"}}; }

js::object allow_when(std::string_view name, js::object condition)
{
    js::object rule = allow({name});
    rule["args"] = js::array{std::move(condition)};
    return rule;
}

js::object answer(js::array names, unsigned error_number)
{
    return {{"names", std::move(names)}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", error_number}};
}

void add_socket_rules(js::array& rules, Sockets sockets)
{
    for (const std::string_view call : {"socket", "socketpair"}) {
        rules.push_back(allow_when(call, compare(0, kAfUnix, "SCMP_CMP_EQ")));
        if (sockets == Sockets::internet) {
            rules.push_back(allow_when(call, compare(0, kAfInet, "SCMP_CMP_EQ")));
            rules.push_back(allow_when(call, compare(0, kAfInet6, "SCMP_CMP_EQ")));
        } else {
            js::object rule = answer({call}, kEafnosupport);
            rule["args"] = js::array{compare(0, kAfUnix, "SCMP_CMP_NE")};
            rules.push_back(std::move(rule));
        }
    }
}

}  // namespace

js::object seccomp_profile(Sockets sockets)
{
    js::array rules{allow(names_of(kAllowed)), answer(names_of(kForbidden), kEperm)};
    rules.push_back(allow_when("clone", compare(0, kCloneNamespaces, "SCMP_CMP_MASKED_EQ", 0)));
    for (const std::uint64_t persona : kPersonalities)
        rules.push_back(allow_when("personality", compare(0, persona, "SCMP_CMP_EQ")));
    for (const std::uint32_t request : kIoctls)  // the kernel looks at 32 bits; C libraries differ in the upper ones
        rules.push_back(allow_when("ioctl", compare(1, 0xffffffff, "SCMP_CMP_MASKED_EQ", request)));
    add_socket_rules(rules, sockets);
    return {{"defaultAction", "SCMP_ACT_ERRNO"},
            {"defaultErrnoRet", kEnosys},
            {"architectures", js::array{"SCMP_ARCH_X86_64"}},
            {"syscalls", std::move(rules)}};
}

}  // namespace iapp::oci
