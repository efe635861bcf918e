#include "runtime/sandbox.hpp"

#include <fcntl.h>
#include <signal.h>

#include <atomic>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "base/log.hpp"
#include "runtime/internal/run_until.hpp"
#include "runtime/internal/syscall_error.hpp"

namespace iapp::runtime {
namespace {

namespace fs = std::filesystem;
constexpr auto kRuntimePatience = std::chrono::seconds(20);  // for runc's own short commands

/// "iapp-<pid>-<start>-<n>": says whose container it is, so that another process can tell when the owner is gone.
std::string make_name()
{
    static std::atomic<unsigned> count = 0;
    const auto self = identify(::getpid()).value_or(ProcessIdentity{::getpid(), 0});
    return "iapp-" + std::to_string(self.pid) + '-' + std::to_string(self.start_ticks) + '-' + std::to_string(++count);
}

std::optional<ProcessIdentity> owner_of(std::string_view name)
{
    if (!name.starts_with("iapp-")) return std::nullopt;
    const char* end = name.data() + name.size();
    ProcessIdentity owner{};
    const auto pid = std::from_chars(name.data() + 5, end, owner.pid);
    if (pid.ec != std::errc{} || pid.ptr == end || *pid.ptr != '-') return std::nullopt;
    const auto ticks = std::from_chars(pid.ptr + 1, end, owner.start_ticks);
    if (ticks.ec != std::errc{} || ticks.ptr == end || *ticks.ptr != '-') return std::nullopt;
    return owner;
}

Status write_private(const std::string& path, std::string_view text)
{
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    while (fd && !text.empty()) {
        const ssize_t wrote = ::write(fd.get(), text.data(), text.size());
        if (wrote < 0) break;
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (fd && text.empty()) return {};
    return fail(ErrorKind::internal, "sandbox.state", system_error("cannot write " + path));
}

/// "oom_kill N" of cgroup v1's memory.oom_control or v2's memory.events.
bool was_killed_for_memory(const std::string& cgroup)
{
    for (const auto* file : {"/sys/fs/cgroup/memory%/memory.oom_control", "/sys/fs/cgroup%/memory.events"}) {
        std::string path = file;
        path.replace(path.find('%'), 1, cgroup);
        std::ifstream lines(path);
        std::string key;
        for (std::uint64_t value = 0; lines >> key >> value;)
            if (key == "oom_kill" && value > 0) return true;
    }
    return false;
}

/// runc's last complaint, out of its JSON log: the text of "msg", unescaped enough to read.
std::string complaint(const std::string& log)
{
    const auto start = log.rfind("\"msg\":\"");
    if (start == std::string::npos) return "it said nothing";
    const auto text = log.substr(start + 7);
    return text.substr(0, std::min<std::size_t>(text.find("\",\"time\""), 500));
}

/// One container of this process: its name, its files, and its end.
class Container {
public:
    Container(const SandboxOptions& options, const std::string& runc, const SandboxRun& run)
        : options_(options), runc_(runc), run_(run), name_(make_name()), cgroup_("/iapp/" + name_)
    {
    }
    Container(const Container&) = delete;

    /// The last word about this container, said whatever became of it.
    std::optional<ContainerRemoval> remove() const
    {
        auto started = Process::spawn(runc_command({"delete", "--force", name_}));
        if (!started) log::warning("runc did not answer", {{"reason", started.error().reason}});
        return started ? std::optional<ContainerRemoval>(std::in_place, *std::move(started)) : std::nullopt;
    }

    Result<SandboxOutcome> run(const std::stop_token& stop)
    {
        oci::RuntimeSpec spec = run_.spec;
        if (spec.cgroup_limits && !spec.cgroups_path) spec.cgroups_path = cgroup_;
        TRY(const std::string config, oci::encode_runtime_config(spec));
        TRY_OK(write_private(run_.bundle_dir + "/config.json", config));
        fs::remove(pid_file());

        const auto started = std::chrono::steady_clock::now();
        TRY(Ended ended, run_until(start_command(), run_options(stop), [&](Process&) { command({"kill", name_, "KILL"}); }));
        if (ended.stopped) return fail(ErrorKind::cancelled, "process.cancelled", "asked to stop while the app ran");
        if (!fs::exists(pid_file()))
            return fail(ErrorKind::unavailable, "sandbox.runtime",
                        "runc did not start the app: " + complaint(read_file(log_file()).value_or("")));
        return outcome(std::move(ended), std::chrono::steady_clock::now() - started, spec.cgroups_path.value_or(cgroup_));
    }

private:
    std::string pid_file() const { return run_.bundle_dir + "/pid"; }
    std::string log_file() const { return run_.bundle_dir + "/runc.log"; }

    Command start_command() const
    {
        return {.program = runc_,
                .args = {"--root", options_.state_dir, "--log", log_file(), "--log-format", "json", "run", "--keep",
                         "--pid-file", pid_file(), "--bundle", run_.bundle_dir, name_},
                .out = Output::piped(),
                .err = Output::piped(),
                .die_with_spawner = true};
    }

    RunOptions run_options(const std::stop_token& stop) const
    {
        return {.timeout = run_.wall_clock, .grace = options_.grace, .max_output_bytes = run_.log_bytes, .stop = stop};
    }

    Command runc_command(std::vector<std::string> words) const
    {
        words.insert(words.begin(), {"--root", options_.state_dir});
        return {.program = runc_, .args = std::move(words), .out = Output::none(), .err = Output::none()};
    }

    void command(std::vector<std::string> words) const
    {
        const auto done = runtime::run(runc_command(std::move(words)), {.timeout = kRuntimePatience});
        if (!done) log::warning("runc did not answer", {{"reason", done.error().reason}});
    }

    static SandboxOutcome outcome(Ended ended, std::chrono::steady_clock::duration took, const std::string& cgroup)
    {
        return {.exit = ended.finished.exit,
                .timed_out = ended.timed_out,
                .out_of_memory = was_killed_for_memory(cgroup),
                .duration = std::chrono::duration_cast<std::chrono::milliseconds>(took),
                .out_bytes = ended.finished.out_bytes,
                .err_bytes = ended.finished.err_bytes,
                .out = std::move(ended.finished.out),
                .err = std::move(ended.finished.err)};
    }

    const SandboxOptions& options_;
    const std::string& runc_;
    const SandboxRun& run_;
    std::string name_;
    std::string cgroup_;
};

}  // namespace

Result<Sandbox> Sandbox::open(SandboxOptions options)
{
    TRY(std::string runc, find_program("runc"));
    std::error_code error;
    fs::create_directories(options.state_dir, error);
    if (error) return fail(ErrorKind::internal, "sandbox.state", system_error(options.state_dir, error.value()));
    Sandbox out(std::move(options), std::move(runc));
    if (const auto removed = out.remove_leftovers(); removed > 0)
        log::warning("removed leftover containers", {{"count", removed}});
    return out;
}

Result<SandboxOutcome> Sandbox::run(const SandboxRun& run, const std::stop_token& stop,
                                    std::optional<ContainerRemoval>* removal) const
{
    Container container(options_, runc_, run);
    auto outcome = container.run(stop);
    auto removing = container.remove();
    if (removal != nullptr && removing) removal->emplace(*std::move(removing));
    return outcome;
}

ContainerRemoval::~ContainerRemoval()
{
    if (runc_.pid() < 0) return;  // moved from
    if (const auto ended = runc_.wait(kRuntimePatience); !ended)
        log::warning("runc did not answer", {{"reason", ended.error().reason}});
}

std::size_t Sandbox::remove_leftovers() const
{
    std::size_t removed = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(options_.state_dir, error)) {
        const auto name = entry.path().filename().string();
        const auto owner = owner_of(name);
        if (!owner || is_alive(*owner)) continue;
        const auto done = runtime::run({.program = runc_,
                                        .args = {"--root", options_.state_dir, "delete", "--force", name},
                                        .out = Output::none(),
                                        .err = Output::none()},
                                       {.timeout = kRuntimePatience});
        if (done && done->exit.ok()) ++removed;
        else fs::remove_all(entry.path(), error);  // a half-written state names no container
    }
    return removed;
}

}  // namespace iapp::runtime
