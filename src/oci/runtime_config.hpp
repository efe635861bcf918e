#pragma once
// The OCI runtime bundle's config.json for one app, as a pure function of values (runtime-spec 1.0.2).
// Nothing here can be weakened by an option: namespaces, no capabilities, no new privileges, read-only root and the
// seccomp allow list are always there. Creating the bundle and starting runc is runtime/'s work.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci/user.hpp"

namespace iapp::oci {

/// Which sockets the app may create; everything else answers EAFNOSUPPORT or EPERM.
enum class Sockets : unsigned char {
    unix_only,  ///< AF_UNIX, which language runtimes need inside one process, and nothing else
    internet    ///< AF_UNIX, AF_INET and AF_INET6, streams and datagrams; for an app whose manifest opens endpoints
};

/// Container ids 0..count-1 are host ids first..first+count-1.
struct IdRange {
    std::uint32_t first = 100'000;  ///< at least 65536, where no account of the host is
    std::uint32_t count = 65'536;
};

struct BindMount {
    std::string source;       ///< absolute host path
    std::string destination;  ///< absolute path in the container
    bool read_only = true;
};

struct RuntimeLimits {
    std::uint64_t memory_bytes = 512ull << 20;  ///< swap is never added to it
    std::uint32_t pids = 256;
    std::uint32_t cpu_millis = 1000;        ///< 1000 = one core
    std::uint64_t tmp_bytes = 64ull << 20;  ///< size of /tmp
    std::uint64_t shm_bytes = 64ull << 20;  ///< size of /dev/shm
    std::uint64_t open_files = 1024;        ///< must not exceed the caller's own hard limit: raising needs CAP_SYS_RESOURCE
    std::optional<std::uint64_t> file_bytes = {};  ///< largest file the app may write (RLIMIT_FSIZE)
};

struct RuntimeSpec {
    std::string rootfs;             ///< absolute, or relative to the bundle
    std::vector<std::string> args;  ///< argv; args[0] is looked up in PATH of `env`
    std::vector<std::string> env;   ///< "NAME=value"
    std::string cwd = "/";
    User user{0, 0};
    std::string hostname = "iapp";
    IdRange ids;
    RuntimeLimits limits;
    std::optional<std::string> input_dir;          ///< host path bound read-only at /iexec_in
    std::optional<std::string> output_dir;         ///< host path bound read-write at /iexec_out
    std::vector<BindMount> binds;                  ///< more binds, for instance the socket of an egress proxy
    std::optional<std::string> network_namespace;  ///< path of a prepared namespace; absent = a new one with no interface up
    Sockets sockets = Sockets::unix_only;
    std::optional<std::string> cgroups_path;  ///< "/iapp/<id>"; absent = runc's own choice
    bool cgroup_limits = true;                ///< false where this process may not create cgroups; rlimits still hold
};

/// The host ids of the container's user: the owner that output_dir needs.
User host_user(const RuntimeSpec& spec);

/// Errors: invalid_input "oci.runtime_path", "oci.runtime_args", "oci.runtime_env", "oci.runtime_mount", "oci.runtime_user",
/// "oci.runtime_ids", "oci.runtime_limits".
Result<std::string> encode_runtime_config(const RuntimeSpec& spec);

}  // namespace iapp::oci
