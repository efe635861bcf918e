#pragma once
// Child processes: exact argv, exact environment, exact descriptors, a deadline, and an end for the whole group.
// Never a shell. Not a sandbox: the child runs with our rights (sandbox.hpp is for code that is not ours).
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "runtime/fd.hpp"

namespace iapp::runtime {

/// What the child reads on descriptor 0.
struct Input {
    enum class Kind : unsigned char { null, inherit, text, pipe };
    Kind kind = Kind::null;
    std::string text = {};  ///< for `text`: kept in anonymous memory, never in a file

    static Input none() { return {}; }
    static Input inherited() { return {Kind::inherit}; }
    static Input of_text(std::string text) { return {Kind::text, std::move(text)}; }
    static Input piped() { return {Kind::pipe}; }
};

/// Where the child's descriptor 1 or 2 goes.
struct Output {
    enum class Kind : unsigned char { null, inherit, pipe, file };
    Kind kind = Kind::null;
    std::string path = {};  ///< for `file`: appended to, created 0600

    static Output none() { return {}; }
    static Output inherited() { return {Kind::inherit}; }
    static Output piped() { return {Kind::pipe}; }  ///< also what run() needs to capture
    static Output to_file(std::string path) { return {Kind::file, std::move(path)}; }
};

/// A descriptor the child gets besides 0, 1 and 2. All others are closed in the child.
struct PassedFd {
    int ours;
    int theirs;  ///< 3 or more
};

/// Everything a child starts with. Nothing is inherited that is not named here.
struct Command {
    std::string program;                           ///< path with a '/', or a bare name for find_program()
    std::vector<std::string> args = {};            ///< without argv[0]
    std::vector<std::string> env = minimal_env();  ///< "NAME=value"; the whole environment
    std::string working_dir = {};                  ///< empty: ours
    Input in = {};
    Output out = Output::inherited();
    Output err = Output::inherited();
    std::vector<PassedFd> fds = {};
    bool new_session = false;       ///< setsid instead of only a new process group
    bool die_with_spawner = false;  ///< SIGKILL when the *thread* that spawned it ends

    /// PATH of the system folders and LANG=C.UTF-8.
    static std::vector<std::string> minimal_env();
};

/// Absolute path of a program in the system folders (/usr/local/{s,}bin, /usr/{s,}bin, /{s,}bin).
/// Errors: not_found "process.program".
Result<std::string> find_program(std::string_view name);

/// How a process ended: by exit(code) or by a signal.
struct Exit {
    int code = 0;
    int signal = 0;

    bool ok() const { return code == 0 && signal == 0; }
    std::string describe() const;  ///< "exit 3" or "signal 9"
};

/// A process named so that a reused pid is not mistaken for it. Survives our own restart when stored.
struct ProcessIdentity {
    pid_t pid;
    std::uint64_t start_ticks;  ///< field 22 of /proc/PID/stat

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// The identity of a running process, or nothing when there is none (a zombie counts as none).
std::optional<ProcessIdentity> identify(pid_t pid);

/// True while exactly this process runs.
bool is_alive(const ProcessIdentity& identity);

/// SIGTERM to the process group the process leads, SIGKILL after `grace`. For processes that are not our children any more.
/// A process that is already gone is success. Errors: deadline_exceeded "process.unkillable".
Status terminate(const ProcessIdentity& identity, std::chrono::milliseconds grace);

/// A running child. Unless released, the destructor kills its whole process group and reaps it.
class Process {
public:
    /// Errors: not_found "process.program"; invalid_input "process.command" (empty name, NUL byte, bad descriptor);
    /// internal "process.spawn" (with the system's words).
    static Result<Process> spawn(const Command& command);

    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    pid_t pid() const { return pid_; }
    ProcessIdentity identity() const { return identity_; }

    UniqueFd& in() { return in_; }    ///< our end, for Input::piped(); reset it to send end-of-file
    UniqueFd& out() { return out_; }  ///< our end, for Output::piped()
    UniqueFd& err() { return err_; }

    bool is_running();

    /// Waits; when the child ends, what is left of its process group is killed. Errors: deadline_exceeded "process.timeout"
    /// (the child still runs), cancelled "process.cancelled".
    Result<Exit> wait(std::chrono::milliseconds timeout, const std::stop_token& stop = {});

    /// SIGTERM to the group, SIGKILL after `grace`, reaps. Returns how the leader ended.
    Exit terminate(std::chrono::milliseconds grace);

    /// Sends one signal to the whole group; a group that is gone is no error.
    void signal_group(int signal) const;

    /// Gives the child up: it outlives this object and us. Keep identity() to find it again.
    ProcessIdentity release();

private:
    Process() = default;
    Exit reap();

    pid_t pid_ = -1;
    ProcessIdentity identity_{-1, 0};
    UniqueFd pidfd_, in_, out_, err_;
    std::optional<Exit> exit_;
};

/// Bounds of run().
struct RunOptions {
    std::chrono::milliseconds timeout = std::chrono::minutes(1);
    std::chrono::milliseconds grace = std::chrono::seconds(2);  ///< between SIGTERM and SIGKILL
    std::size_t max_output_bytes = 1 << 20;                     ///< kept per stream; the rest is read, counted and dropped
    std::function<void(std::string_view)> on_line = {};         ///< called with each whole line of descriptor 1, as it comes
    std::stop_token stop = {};
};

/// A child that has ended.
struct Finished {
    Exit exit;
    std::string out = {}, err = {};              ///< what was kept of piped streams
    std::uint64_t out_bytes = 0, err_bytes = 0;  ///< what the child wrote
};

/// Spawns, feeds, captures what is Output::piped(), waits, and leaves nothing running. A child that fails is not an error
/// here: look at `exit`. Errors: as spawn(); deadline_exceeded "process.timeout"; cancelled "process.cancelled".
Result<Finished> run(const Command& command, const RunOptions& options = {});

/// The second half of run(), for a child that runs already: follows it to its end. `name` is for the errors.
Result<Finished> follow(Process child, const std::string& name, const RunOptions& options);

/// run() for a tool whose failure is ours: both streams captured, a non-zero end is unavailable "process.failed"
/// with the last line the tool wrote to descriptor 2. Returns descriptor 1.
Result<std::string> run_tool(Command command, const RunOptions& options = {});

}  // namespace iapp::runtime
