#include "oci/runtime_config.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace iapp::oci {
namespace {

namespace js = boost::json;

RuntimeSpec good_spec()
{
    RuntimeSpec spec;
    spec.rootfs = "rootfs";
    spec.args = {"/app", "--fast"};
    spec.env = {"PATH=/bin"};
    spec.user = {1000, 1000};
    spec.input_dir = "/run/iapp/1/in";
    spec.output_dir = "/run/iapp/1/out";
    return spec;
}

js::value config_of(const RuntimeSpec& spec)
{
    const auto text = encode_runtime_config(spec);
    EXPECT_TRUE(text) << text.error().detail;
    return js::parse(*text);
}

std::string at(const js::value& config, std::string_view pointer) { return js::serialize(config.at_pointer(pointer)); }

TEST(RuntimeConfig, LocksTheProcessDown)
{
    const js::value config = config_of(good_spec());
    EXPECT_EQ(at(config, "/process/noNewPrivileges"), "true");
    EXPECT_EQ(at(config, "/process/capabilities"),
              R"({"bounding":[],"effective":[],"inheritable":[],"permitted":[],"ambient":[]})");
    EXPECT_EQ(at(config, "/process/terminal"), "false");
    EXPECT_EQ(at(config, "/process/user"), R"({"uid":1000,"gid":1000})");
    EXPECT_EQ(at(config, "/root"), R"({"path":"rootfs","readonly":true})");
    EXPECT_EQ(at(config, "/process/rlimits"),
              R"([{"type":"RLIMIT_CORE","hard":0,"soft":0},{"type":"RLIMIT_NOFILE","hard":1024,"soft":1024}])");
    EXPECT_EQ(at(config, "/linux/uidMappings"), R"([{"containerID":0,"hostID":100000,"size":65536}])");
    EXPECT_EQ(at(config, "/linux/gidMappings"), at(config, "/linux/uidMappings"));
}

TEST(RuntimeConfig, HasEveryNamespace)
{
    std::vector<std::string> types;
    const js::value config = config_of(good_spec());
    for (const js::value& space : config.at_pointer("/linux/namespaces").as_array()) {
        EXPECT_FALSE(space.as_object().contains("path"));
        types.emplace_back(space.at("type").as_string());
    }
    EXPECT_THAT(types, testing::UnorderedElementsAre("pid", "ipc", "uts", "mount", "user", "cgroup", "network"));
    RuntimeSpec joined = good_spec();
    joined.network_namespace = "/run/netns/x";
    EXPECT_EQ(at(config_of(joined), "/linux/namespaces/6"), R"({"type":"network","path":"/run/netns/x"})");
}

TEST(RuntimeConfig, WritesLimits)
{
    RuntimeSpec spec = good_spec();
    spec.limits.memory_bytes = 1 << 28;
    spec.limits.cpu_millis = 1500;
    spec.limits.file_bytes = 1 << 20;
    const js::value config = config_of(spec);
    EXPECT_EQ(at(config, "/linux/resources/memory"), R"({"limit":268435456,"swap":268435456})");
    EXPECT_EQ(at(config, "/linux/resources/cpu"), R"({"quota":150000,"period":100000})");
    EXPECT_EQ(at(config, "/linux/resources/devices"), R"([{"allow":false,"access":"rwm"}])");
    EXPECT_EQ(at(config, "/process/rlimits/2"), R"({"type":"RLIMIT_FSIZE","hard":1048576,"soft":1048576})");
    spec.cgroup_limits = false;
    EXPECT_FALSE(config_of(spec).at("linux").as_object().contains("resources"));
}

TEST(RuntimeConfig, MountsInputReadOnlyAndOutputWritable)
{
    RuntimeSpec spec = good_spec();
    spec.binds = {{"/run/iapp/1/proxy.sock", "/run/proxy.sock", false}};
    std::vector<std::string> mounts;
    const js::value config = config_of(spec);
    for (const js::value& mount : config.at("mounts").as_array())
        mounts.push_back(js::serialize(mount.at("destination")) + js::serialize(mount.at("options")));
    EXPECT_THAT(mounts, testing::Contains(R"("/iexec_in"["bind","ro","nosuid","nodev","noexec"])"));
    EXPECT_THAT(mounts, testing::Contains(R"("/iexec_out"["bind","rw","nosuid","nodev","noexec"])"));
    EXPECT_THAT(mounts, testing::Contains(R"("/run/proxy.sock"["bind","rw","nosuid","nodev","noexec"])"));
    EXPECT_THAT(mounts, testing::Contains(R"("/tmp"["nosuid","nodev","mode=1777","uid=1000","gid=1000","size=67108864"])"));
    EXPECT_THAT(mounts, testing::Not(testing::Contains(testing::HasSubstr("/sys"))));
    EXPECT_EQ(host_user(spec).uid, 101'000u);
}

/// Every rule of the filter that names this call.
std::vector<std::string> rules_for(std::string_view call, Sockets sockets)
{
    RuntimeSpec spec = good_spec();
    spec.sockets = sockets;
    const js::value config = config_of(spec);
    std::vector<std::string> out;
    for (const js::value& rule : config.at_pointer("/linux/seccomp/syscalls").as_array()) {
        const js::array& names = rule.at("names").as_array();
        if (std::ranges::find(names, js::value(call)) == names.end()) continue;
        const js::value* error = rule.as_object().if_contains("errnoRet");
        const js::value* args = rule.as_object().if_contains("args");
        out.push_back((error ? js::serialize(*error) : "allow") + (args ? js::serialize(*args) : ""));
    }
    return out;
}

TEST(Seccomp, DeniesByDefault)
{
    const js::value config = config_of(good_spec());
    EXPECT_EQ(at(config, "/linux/seccomp/defaultAction"), R"("SCMP_ACT_ERRNO")");
    EXPECT_EQ(at(config, "/linux/seccomp/defaultErrnoRet"), "38");
    EXPECT_EQ(at(config, "/linux/seccomp/architectures"), R"(["SCMP_ARCH_X86_64"])");
}

class SeccompForbids : public testing::TestWithParam<const char*> {};
TEST_P(SeccompForbids, ByName) { EXPECT_THAT(rules_for(GetParam(), Sockets::internet), testing::ElementsAre("1")); }
INSTANTIATE_TEST_SUITE_P(Oci, SeccompForbids,
                         testing::Values("unshare", "setns", "mount", "umount2", "move_mount", "open_tree", "fsopen",
                                         "mount_setattr", "pivot_root", "chroot", "ptrace", "process_vm_readv",
                                         "process_vm_writev", "pidfd_getfd", "kcmp", "bpf", "perf_event_open", "keyctl",
                                         "add_key", "request_key", "userfaultfd", "init_module", "finit_module",
                                         "kexec_load", "open_by_handle_at", "settimeofday", "reboot", "syslog"));

class SeccompUnknown : public testing::TestWithParam<const char*> {};
TEST_P(SeccompUnknown, AnswersAsIfItDidNotExist) { EXPECT_TRUE(rules_for(GetParam(), Sockets::internet).empty()); }
INSTANTIATE_TEST_SUITE_P(Oci, SeccompUnknown,
                         testing::Values("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "seccomp",
                                         "io_setup", "modify_ldt", "uselib", "memfd_secret"));

TEST(Seccomp, CloneMayNotMakeNamespaces)
{
    EXPECT_THAT(rules_for("clone", Sockets::unix_only),
                testing::ElementsAre(R"(allow[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}])"));
}

TEST(Seccomp, SocketFamilies)
{
    const std::string is_unix = R"(allow[{"index":0,"value":1,"valueTwo":0,"op":"SCMP_CMP_EQ"}])";
    EXPECT_THAT(rules_for("socket", Sockets::unix_only),
                testing::ElementsAre(is_unix, R"(97[{"index":0,"value":1,"valueTwo":0,"op":"SCMP_CMP_NE"}])"));
    EXPECT_THAT(rules_for("socket", Sockets::internet),
                testing::ElementsAre(is_unix, R"(allow[{"index":0,"value":2,"valueTwo":0,"op":"SCMP_CMP_EQ"}])",
                                     R"(allow[{"index":0,"value":10,"valueTwo":0,"op":"SCMP_CMP_EQ"}])"));
}

TEST(Seccomp, TypingIntoATerminalIsNotAllowed)
{
    for (const std::string& rule : rules_for("ioctl", Sockets::internet))
        EXPECT_EQ(rule.find("\"valueTwo\":21522,"), std::string::npos) << rule;  // TIOCSTI
}

struct Case {
    const char* name;
    void (*bend)(RuntimeSpec&);
    std::string_view reason;
};
class RuntimeSpecRefuses : public testing::TestWithParam<Case> {};
TEST_P(RuntimeSpecRefuses, EachBrokenRule)
{
    RuntimeSpec spec = good_spec();
    GetParam().bend(spec);
    const auto result = encode_runtime_config(spec);
    EXPECT_EQ(result ? "" : result.error().reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Oci, RuntimeSpecRefuses,
    testing::Values(Case{"good", [](RuntimeSpec&) {}, ""},
                    Case{"no_rootfs", [](RuntimeSpec& s) { s.rootfs.clear(); }, "oci.runtime_path"},
                    Case{"rootfs_climbs", [](RuntimeSpec& s) { s.rootfs = "../x"; }, "oci.runtime_path"},
                    Case{"relative_cwd", [](RuntimeSpec& s) { s.cwd = "srv"; }, "oci.runtime_path"},
                    Case{"relative_input", [](RuntimeSpec& s) { s.input_dir = "in"; }, "oci.runtime_path"},
                    Case{"output_climbs", [](RuntimeSpec& s) { s.output_dir = "/a/../b"; }, "oci.runtime_path"},
                    Case{"nul_in_namespace", [](RuntimeSpec& s) { s.network_namespace = std::string("/a\0", 3); },
                         "oci.runtime_path"},
                    Case{"relative_cgroup", [](RuntimeSpec& s) { s.cgroups_path = "x"; }, "oci.runtime_path"},
                    Case{"no_command", [](RuntimeSpec& s) { s.args.clear(); }, "oci.runtime_args"},
                    Case{"empty_program", [](RuntimeSpec& s) { s.args[0].clear(); }, "oci.runtime_args"},
                    Case{"nul_in_argument", [](RuntimeSpec& s) { s.args[1] = std::string("\0", 1); }, "oci.runtime_args"},
                    Case{"argument_not_utf8", [](RuntimeSpec& s) { s.args[1] = "\xff"; }, "oci.runtime_args"},
                    Case{"huge_argument", [](RuntimeSpec& s) { s.args[1].assign(128 * 1024, 'x'); }, "oci.runtime_args"},
                    Case{"no_host_name", [](RuntimeSpec& s) { s.hostname.clear(); }, "oci.runtime_args"},
                    Case{"variable_without_name", [](RuntimeSpec& s) { s.env = {"=x"}; }, "oci.runtime_env"},
                    Case{"variable_without_value", [](RuntimeSpec& s) { s.env = {"x"}; }, "oci.runtime_env"},
                    Case{"bind_over_proc",
                         [](RuntimeSpec& s) {
                             s.binds = {{"/a", "/proc/x"}};
                         },
                         "oci.runtime_mount"},
                    Case{"bind_over_dev",
                         [](RuntimeSpec& s) {
                             s.binds = {{"/a", "/dev"}};
                         },
                         "oci.runtime_mount"},
                    Case{"bind_over_root",
                         [](RuntimeSpec& s) {
                             s.binds = {{"/a", "/"}};
                         },
                         "oci.runtime_mount"},
                    Case{"bind_over_input",
                         [](RuntimeSpec& s) {
                             s.binds = {{"/a", "/iexec_in"}};
                         },
                         "oci.runtime_mount"},
                    Case{"bind_twice",
                         [](RuntimeSpec& s) {
                             s.binds = {{"/a", "/b"}, {"/c", "/b"}};
                         },
                         "oci.runtime_mount"},
                    Case{"bind_from_relative",
                         [](RuntimeSpec& s) {
                             s.binds = {{"a", "/b"}};
                         },
                         "oci.runtime_mount"},
                    Case{"user_outside_range", [](RuntimeSpec& s) { s.user.uid = 65'536; }, "oci.runtime_user"},
                    Case{"group_outside_range", [](RuntimeSpec& s) { s.user.gid = 65'536; }, "oci.runtime_user"},
                    Case{"host_root_mapped", [](RuntimeSpec& s) { s.ids.first = 0; }, "oci.runtime_ids"},
                    Case{"range_overflows", [](RuntimeSpec& s) { s.ids.first = 4'294'967'290; }, "oci.runtime_ids"},
                    Case{"no_memory", [](RuntimeSpec& s) { s.limits.memory_bytes = 0; }, "oci.runtime_limits"},
                    Case{"no_pids", [](RuntimeSpec& s) { s.limits.pids = 0; }, "oci.runtime_limits"},
                    Case{"no_cpu", [](RuntimeSpec& s) { s.limits.cpu_millis = 9; }, "oci.runtime_limits"},
                    Case{"no_files", [](RuntimeSpec& s) { s.limits.open_files = 15; }, "oci.runtime_limits"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::oci
