#include "oci/runtime_config.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <set>

#include "codec/utf8.hpp"
#include "oci/internal/seccomp.hpp"

namespace iapp::oci {
namespace {

namespace js = boost::json;

constexpr std::uint32_t kMinHostId = 65'536;
constexpr std::uint64_t kMinMemory = 8u << 20;
constexpr std::uint64_t kMaxMemory = std::uint64_t{1} << 50;
constexpr std::uint64_t kCpuPeriodMicros = 100'000;
constexpr std::uint64_t kMinCpuQuotaMicros = 1'000;  ///< the kernel's own floor
constexpr std::size_t kMaxTexts = 4096;
constexpr std::size_t kMaxTextBytes = 128 * 1024;  ///< Linux' limit for one argument or variable

std::unexpected<Error> invalid(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

bool plain_text(std::string_view text)
{
    return text.size() < kMaxTextBytes && text.find('\0') == std::string_view::npos && codec::is_utf8(text);
}

bool has_dots(std::string_view path)
{
    return ("/" + std::string(path) + "/").find("/../") != std::string::npos ||
           ("/" + std::string(path) + "/").find("/./") != std::string::npos;
}

bool plain_path(std::string_view path) { return !path.empty() && plain_text(path) && !has_dots(path); }

bool absolute_path(std::string_view path) { return path.starts_with('/') && plain_path(path); }

bool variable(std::string_view text)
{
    const std::size_t equals = text.find('=');
    return equals != 0 && equals != std::string_view::npos && plain_text(text);
}

Status check_paths(const RuntimeSpec& spec)
{
    const auto optional_good = [](const std::optional<std::string>& path) { return !path || absolute_path(*path); };
    if (!plain_path(spec.rootfs) || !absolute_path(spec.cwd) || !optional_good(spec.input_dir) ||
        !optional_good(spec.output_dir) || !optional_good(spec.network_namespace) || !optional_good(spec.cgroups_path))
        return invalid("oci.runtime_path",
                       "paths must be absolute, UTF-8 and without '.' or '..' (the rootfs may be relative to the bundle)");
    return {};
}

Status check_process(const RuntimeSpec& spec)
{
    if (spec.args.empty() || spec.args.front().empty() || spec.args.size() > kMaxTexts ||
        !std::ranges::all_of(spec.args, plain_text))
        return invalid("oci.runtime_args",
                       "the command needs a program and at most 4096 UTF-8 arguments of less than 128 KiB");
    if (spec.env.size() > kMaxTexts || !std::ranges::all_of(spec.env, variable))
        return invalid("oci.runtime_env", "each variable is NAME=value in UTF-8, less than 128 KiB; at most 4096 of them");
    if (!plain_text(spec.hostname) || spec.hostname.empty() || spec.hostname.size() > 63)
        return invalid("oci.runtime_args", "the host name has 1 to 63 characters");
    return {};
}

/// The container's own file systems must stay what they are.
bool reserved(std::string_view destination)
{
    for (const std::string_view top : {"/proc", "/dev", "/sys", "/iexec_in", "/iexec_out"})
        if (destination == top || (destination.starts_with(top) && destination[top.size()] == '/')) return true;
    return destination == "/" || destination == "/tmp";
}

Status check_binds(const RuntimeSpec& spec)
{
    std::set<std::string_view> seen;
    for (const BindMount& bind : spec.binds) {
        const bool good = absolute_path(bind.source) && absolute_path(bind.destination) && !bind.destination.ends_with('/');
        if (!good || reserved(bind.destination) || !seen.insert(bind.destination).second)
            return invalid("oci.runtime_mount",
                           "a bind needs absolute paths and its own place outside /proc, /dev, /sys, /tmp and /iexec_*");
    }
    return {};
}

Status check_ids(const RuntimeSpec& spec)
{
    const auto [first, count] = spec.ids;
    if (count == 0 || first < kMinHostId || count > std::numeric_limits<std::uint32_t>::max() - first)
        return invalid("oci.runtime_ids", "container ids map to host ids from 65536 up, where no account of the host is");
    if (spec.user.uid >= count || spec.user.gid >= count)
        return invalid("oci.runtime_user",
                       "the image's user is outside the mapped range of " + std::to_string(count) + " ids");
    return {};
}

Status check_limits(const RuntimeLimits& limits)
{
    const bool sizes = limits.memory_bytes >= kMinMemory && limits.memory_bytes <= kMaxMemory &&
                       limits.tmp_bytes <= kMaxMemory && limits.shm_bytes <= kMaxMemory &&
                       limits.file_bytes.value_or(0) <= kMaxMemory;
    if (!sizes || limits.pids == 0 || limits.cpu_millis * (kCpuPeriodMicros / 1000) < kMinCpuQuotaMicros ||
        limits.open_files < 16 || limits.open_files > 1u << 20)
        return invalid("oci.runtime_limits",
                       "memory is 8 MiB to 1 PiB, cpu_millis 10 or more, pids 1 or more, open_files 16 to 1048576");
    return {};
}

Status check(const RuntimeSpec& spec)
{
    TRY_OK(check_paths(spec));
    TRY_OK(check_process(spec));
    TRY_OK(check_binds(spec));
    TRY_OK(check_ids(spec));
    return check_limits(spec.limits);
}

js::array texts(const std::vector<std::string>& list)
{
    js::array out;
    for (const std::string& text : list) out.emplace_back(text);
    return out;
}

js::object rlimit(std::string_view type, std::uint64_t value) { return {{"type", type}, {"hard", value}, {"soft", value}}; }

js::object process(const RuntimeSpec& spec)
{
    js::object no_capabilities;
    for (const std::string_view set : {"bounding", "effective", "inheritable", "permitted", "ambient"})
        no_capabilities[set] = js::array{};
    js::array rlimits{rlimit("RLIMIT_CORE", 0), rlimit("RLIMIT_NOFILE", spec.limits.open_files)};
    if (spec.limits.file_bytes) rlimits.push_back(rlimit("RLIMIT_FSIZE", *spec.limits.file_bytes));
    return {{"terminal", false},
            {"user", {{"uid", spec.user.uid}, {"gid", spec.user.gid}}},
            {"args", texts(spec.args)},
            {"env", texts(spec.env)},
            {"cwd", spec.cwd},
            {"capabilities", std::move(no_capabilities)},
            {"rlimits", std::move(rlimits)},
            {"noNewPrivileges", true}};
}

js::object mount(std::string_view destination, std::string_view type, js::array options)
{
    return {{"destination", destination}, {"type", type}, {"source", type}, {"options", std::move(options)}};
}

js::object bind_mount(std::string_view source, std::string_view destination, bool read_only)
{
    js::array options{"bind", read_only ? "ro" : "rw", "nosuid", "nodev", "noexec"};
    return {{"destination", destination}, {"type", "bind"}, {"source", source}, {"options", std::move(options)}};
}

/// Scratch memory of the app's own user: runc gives a tmpfs the mode of the image's directory, which may be 0755.
js::object scratch(std::string_view destination, std::uint64_t bytes, const User& owner, js::array options)
{
    options.emplace_back("mode=1777");
    options.emplace_back("uid=" + std::to_string(owner.uid));
    options.emplace_back("gid=" + std::to_string(owner.gid));
    options.emplace_back("size=" + std::to_string(bytes));
    return mount(destination, "tmpfs", std::move(options));
}

js::array mounts(const RuntimeSpec& spec)
{
    js::array out{
        mount("/proc", "proc", {"nosuid", "noexec", "nodev"}),
        mount("/dev", "tmpfs", {"nosuid", "noexec", "strictatime", "mode=755", "size=65536k"}),
        mount("/dev/pts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}),
        scratch("/dev/shm", spec.limits.shm_bytes, spec.user, {"nosuid", "noexec", "nodev"}),
        scratch("/tmp", spec.limits.tmp_bytes, spec.user, {"nosuid", "nodev"}),
    };
    if (spec.input_dir) out.push_back(bind_mount(*spec.input_dir, "/iexec_in", true));
    if (spec.output_dir) out.push_back(bind_mount(*spec.output_dir, "/iexec_out", false));
    for (const BindMount& more : spec.binds) out.push_back(bind_mount(more.source, more.destination, more.read_only));
    return out;
}

js::array namespaces(const RuntimeSpec& spec)
{
    js::array out;
    for (const std::string_view type : {"pid", "ipc", "uts", "mount", "user", "cgroup"})
        out.push_back(js::object{{"type", type}});
    js::object network{{"type", "network"}};
    if (spec.network_namespace) network["path"] = *spec.network_namespace;
    out.push_back(std::move(network));
    return out;
}

js::object resources(const RuntimeLimits& limits)
{
    return {{"devices", js::array{js::object{{"allow", false}, {"access", "rwm"}}}},
            {"memory", {{"limit", limits.memory_bytes}, {"swap", limits.memory_bytes}}},
            {"pids", {{"limit", limits.pids}}},
            {"cpu", {{"quota", limits.cpu_millis * (kCpuPeriodMicros / 1000)}, {"period", kCpuPeriodMicros}}}};
}

js::object linux_section(const RuntimeSpec& spec)
{
    const js::array id_map{js::object{{"containerID", 0}, {"hostID", spec.ids.first}, {"size", spec.ids.count}}};
    js::object out{{"namespaces", namespaces(spec)},
                   {"uidMappings", id_map},
                   {"gidMappings", id_map},
                   {"rootfsPropagation", "private"},
                   {"seccomp", seccomp_profile(spec.sockets)},
                   {"maskedPaths",
                    {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
                     "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware"}},
                   {"readonlyPaths", {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}};
    if (spec.cgroup_limits) out["resources"] = resources(spec.limits);
    if (spec.cgroups_path) out["cgroupsPath"] = *spec.cgroups_path;
    return out;
}

}  // namespace

User host_user(const RuntimeSpec& spec) { return {spec.ids.first + spec.user.uid, spec.ids.first + spec.user.gid}; }

Result<std::string> encode_runtime_config(const RuntimeSpec& spec)
{
    TRY_OK(check(spec));
    const js::object config{
        {"ociVersion", "1.0.2"},     {"process", process(spec)}, {"root", {{"path", spec.rootfs}, {"readonly", true}}},
        {"hostname", spec.hostname}, {"mounts", mounts(spec)},   {"linux", linux_section(spec)}};
    return js::serialize(config);
}

}  // namespace iapp::oci
