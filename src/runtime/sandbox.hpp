#pragma once
// Running code that is not ours: one runc container from a generated bundle, with a wall clock that is ours.
// The bundle's rules (namespaces, seccomp, no capabilities, read-only root, limits) are oci/runtime_config.hpp's.
// What the app writes to descriptors 1 and 2 is kept in memory for the caller and never logged.
#include <chrono>
#include <optional>
#include <stop_token>

#include "oci/runtime_config.hpp"
#include "runtime/process.hpp"

namespace iapp::runtime {

struct SandboxOptions {
    std::string state_dir;  ///< runc's own state; survives us, so that the next start finds what we left behind
    std::chrono::milliseconds grace{
        2000};  ///< after the wall clock has run out: how long the kernel may take to end the app
};

struct SandboxRun {
    std::string bundle_dir;  ///< gets config.json, which holds the app's environment: a tmpfs
    oci::RuntimeSpec spec = {};
    std::chrono::milliseconds wall_clock;
    std::size_t log_bytes = 1 << 20;  ///< kept of each stream
};

struct SandboxOutcome {
    Exit exit;
    bool timed_out = false;
    bool out_of_memory = false;  ///< the kernel killed something in the app's memory cgroup
    std::chrono::milliseconds duration{0};
    std::uint64_t out_bytes = 0, err_bytes = 0;
    std::string out = {}, err = {};  ///< the first log_bytes of each
};

/// What is left of a container whose app has ended, its record and its cgroup, on its way out. The destructor waits for
/// that.
class ContainerRemoval {
public:
    explicit ContainerRemoval(Process runc) : runc_(std::move(runc)) {}
    ContainerRemoval(ContainerRemoval&&) noexcept = default;
    ContainerRemoval& operator=(ContainerRemoval&&) = delete;
    ~ContainerRemoval();

private:
    Process runc_;
};

class Sandbox {
public:
    /// Finds runc and removes containers whose agent is gone. Errors: not_found "process.program"; internal "sandbox.state".
    static Result<Sandbox> open(SandboxOptions options);

    /// Runs to the end and leaves nothing behind. How the app failed is in the outcome; an error means it never ran
    /// properly: those of oci::encode_runtime_config(); unavailable "sandbox.runtime" (with runc's words); cancelled
    /// "process.cancelled".
    /// With `removal` the caller goes on as soon as the app has ended; no process of it is left then.
    Result<SandboxOutcome> run(const SandboxRun& run, const std::stop_token& stop = {},
                               std::optional<ContainerRemoval>* removal = nullptr) const;

    /// Kills and deletes containers started by processes that no longer run; returns how many.
    std::size_t remove_leftovers() const;

private:
    Sandbox(SandboxOptions options, std::string runc) : options_(std::move(options)), runc_(std::move(runc)) {}

    SandboxOptions options_;
    std::string runc_;
};

}  // namespace iapp::runtime
