#include "agent/internal/scratch.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <system_error>

#include "agent/agent.hpp"
#include "runtime/process.hpp"

namespace iapp::agent {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPrefix = "task-";
constexpr const char* kReachable = "/run/iapp";

std::unexpected<Error> broken(const std::string& doing)
{
    return fail(ErrorKind::internal, "agent.scratch", doing + ": " + std::system_category().message(errno));
}

bool mount_tmpfs(const std::string& at, std::uint64_t bytes, std::uint64_t inodes, const char* mode)
{
    const std::string options = "size=" + std::to_string(bytes) + ",nr_inodes=" + std::to_string(inodes) + ",mode=" + mode;
    return ::mount("iapp", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
}

/// "task-<pid>-<start>": the process that owns it.
std::string own_name()
{
    const auto self = runtime::identify(::getpid()).value_or(runtime::ProcessIdentity{::getpid(), 0});
    return std::string(kPrefix) + std::to_string(self.pid) + '-' + std::to_string(self.start_ticks);
}

bool is_of_dead_process(const std::string& name)
{
    if (!name.starts_with(kPrefix)) return false;
    runtime::ProcessIdentity owner{};
    const char* end = name.data() + name.size();
    const auto pid = std::from_chars(name.data() + kPrefix.size(), end, owner.pid);
    if (pid.ec != std::errc{} || pid.ptr == end || *pid.ptr != '-') return false;
    return std::from_chars(pid.ptr + 1, end, owner.start_ticks).ec == std::errc{} && !runtime::is_alive(owner);
}

/// Can somebody who is nobody here walk down to this folder? The container's root must, to reach its bundle.
bool is_reachable(fs::path folder)
{
    for (;; folder = folder.parent_path()) {
        struct stat info = {};
        if (::stat(folder.c_str(), &info) != 0 || (info.st_mode & S_IXOTH) == 0) return false;
        if (folder == folder.root_path()) return true;
    }
}

/// The worker's folder, or one of ours when it lies below somebody's private folder. Either way only a mount point.
Result<std::string> mount_parent(const std::string& work_dir)
{
    std::error_code error;
    fs::create_directories(work_dir, error);
    if (error) return fail(ErrorKind::internal, "agent.scratch", work_dir + ": " + error.message());
    if (is_reachable(work_dir)) return work_dir;
    if ((::mkdir(kReachable, 0711) != 0 && errno != EEXIST) || ::chmod(kReachable, 0711) != 0)
        return broken(std::string("cannot make ") + kReachable);
    return std::string(kReachable);
}

/// Folders of agents that were killed. Their mounts went with them, so only an empty folder is left to remove.
void remove_leftovers(const std::string& work_dir)
{
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(work_dir, error))
        if (is_of_dead_process(entry.path().filename())) fs::remove(entry.path(), error);
}

}  // namespace

Status isolate_mounts()
{
    if (::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) return {};
    return fail(
        ErrorKind::permission_denied, "agent.isolation",
        "cannot have mounts of our own: " + std::system_category().message(errno) + "; run the agent with CAP_SYS_ADMIN");
}

Result<Scratch> Scratch::create(const std::string& work_dir, const ScratchLimits& limits)
{
    TRY(const std::string parent, mount_parent(work_dir));
    remove_leftovers(parent);
    Scratch out;
    const std::string root = parent + '/' + own_name();
    if (::mkdir(root.c_str(), 0711) != 0) return broken("cannot make " + root);
    if (!mount_tmpfs(root, limits.work_bytes, 1'000'000, "0711")) {
        auto why = broken("cannot mount memory at " + root);
        ::rmdir(root.c_str());
        return why;
    }
    out.root_ = root;
    TRY_OK(out.lay_out(limits));
    return out;
}

/// The container's root, which is nobody here, must be able to walk down to its bundle; only the input may be listed.
Status Scratch::lay_out(const ScratchLimits& limits)
{
    const std::pair<std::string, mode_t> folders[] = {{input(), 0755}, {output(), 0700}, {bundle(), 0711}, {rootfs(), 0755}};
    for (const auto& [folder, mode] : folders)
        if (::mkdir(folder.c_str(), mode) != 0 || ::chmod(folder.c_str(), mode) != 0) return broken("cannot make " + folder);
    if (::chmod(root_.c_str(), 0711) != 0) return broken("cannot open up " + root_);
    if (!mount_tmpfs(output(), limits.output_bytes, limits.output_files, "0700")) return broken("cannot mount " + output());
    return {};
}

Scratch::Scratch(Scratch&& other) noexcept : root_(std::exchange(other.root_, {})) {}

Scratch::~Scratch()
{
    if (root_.empty()) return;
    std::error_code error;
    ::umount2(output().c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
    ::umount2(root_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
    fs::remove(root_, error);
}

}  // namespace iapp::agent
