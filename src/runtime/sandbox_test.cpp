// The sandbox against a hostile program (test/support/sandbox_probe.cpp). Needs root, runc and cgroups; skipped without.
#include "runtime/sandbox.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <thread>

#include "net/server.hpp"
#include "runtime/unpack.hpp"
#include "support/oci_builder.hpp"

namespace iapp::runtime {
namespace {

using namespace std::chrono_literals;
using test::TempFolder;

class SandboxTest : public testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0 || !find_program("runc")) GTEST_SKIP() << "needs root and runc";
        for (const auto* name : {"in", "out", "bundle", "bundle/rootfs"}) test::fs::create_directory(folder_.path(name));
        test::fs::permissions(folder_.path("bundle"), test::fs::perms(0711));
        std::ofstream(folder_.path("in/data.txt")) << "input";
        test::build_program_image(folder_.path("layout"), IAPP_SANDBOX_PROBE, R"({"Entrypoint":["/app"]})");
        const auto layout = OciLayout::open(folder_.path("layout"));
        ASSERT_TRUE(layout) << layout.error().detail;
        const auto image = layout->image();
        ASSERT_TRUE(image) << image.error().detail;
        auto rootfs = Rootfs::create(folder_.path("bundle/rootfs"), {});
        ASSERT_TRUE(rootfs);
        const auto unpacked = unpack(*image, layout->blobs(), *rootfs);
        ASSERT_TRUE(unpacked) << unpacked.error().detail;
        constexpr std::string_view kFolders[] = {"proc", "dev", "sys", "tmp", "iexec_in", "iexec_out"};
        ASSERT_TRUE(rootfs->add_folders(kFolders));
        const auto owner = oci::host_user(spec_);
        ASSERT_EQ(::chown(folder_.path("out").c_str(), owner.uid, owner.gid), 0);
        spec_.rootfs = folder_.path("bundle/rootfs");
        spec_.env = {"PATH=/"};
        spec_.limits.memory_bytes = 64ull << 20;
        spec_.limits.pids = 32;
        spec_.limits.tmp_bytes = 4ull << 20;
        spec_.input_dir = folder_.path("in");
        spec_.output_dir = folder_.path("out");
    }

    SandboxOutcome run(std::vector<std::string> words, std::chrono::milliseconds wall_clock = 20s)
    {
        words.insert(words.begin(), "/app");
        spec_.args = std::move(words);
        const auto sandbox = Sandbox::open({.state_dir = folder_.path("state")});
        EXPECT_TRUE(sandbox);
        auto outcome = sandbox->run({.bundle_dir = folder_.path("bundle"), .spec = spec_, .wall_clock = wall_clock});
        EXPECT_TRUE(outcome) << outcome.error().reason << ": " << outcome.error().detail;
        EXPECT_TRUE(test::fs::is_empty(folder_.path("state"))) << "a container was left behind";
        return outcome ? *outcome : SandboxOutcome{.exit = {.code = -1}};
    }

    TempFolder folder_;
    oci::RuntimeSpec spec_;
};

TEST_F(SandboxTest, RunsAnHonestAppAndKeepsItsWords)
{
    spec_.env.push_back("SECRET=from the bundle");
    const auto outcome = run({"tell", "one two", "$HOME"});
    EXPECT_TRUE(outcome.exit.ok());
    EXPECT_NE(outcome.out.find("SECRET=from the bundle\n"), std::string::npos);
    EXPECT_NE(outcome.out.find("arg:one two\narg:$HOME\n"), std::string::npos);
    EXPECT_EQ(outcome.out_bytes, outcome.out.size());
    EXPECT_FALSE(outcome.timed_out || outcome.out_of_memory);
    EXPECT_EQ(run({"read", "/iexec_in/data.txt"}).out, "input");
    EXPECT_EQ(run({"exit", "7"}).exit.code, 7);
    EXPECT_EQ(run({"crash"}).exit.code, 128 + SIGSEGV);
}

TEST_F(SandboxTest, MayRemoveTheRecordWhileTheCallerGoesOn)
{
    spec_.args = {"/app", "write", "/iexec_out/result"};
    const auto sandbox = Sandbox::open({.state_dir = folder_.path("state")});
    std::optional<ContainerRemoval> removal;
    const auto outcome =
        sandbox->run({.bundle_dir = folder_.path("bundle"), .spec = spec_, .wall_clock = 20s}, {}, &removal);
    ASSERT_TRUE(outcome && outcome->exit.ok());
    EXPECT_EQ(test::read_file(folder_.path("out/result")), "x");
    ASSERT_TRUE(removal);
    removal.reset();
    EXPECT_TRUE(test::fs::is_empty(folder_.path("state"))) << "a container was left behind";
}

TEST_F(SandboxTest, WritesOnlyWhereItMay)
{
    EXPECT_EQ(run({"write", "/iexec_out/result"}).exit.code, 0);
    EXPECT_EQ(run({"write", "/tmp/scratch"}).exit.code, 0);
    for (const auto* path :
         {"/result", "/app", "/iexec_in/data.txt", "/iexec_in/new", "/sys/x", "/proc/sys/kernel/core_pattern"})
        EXPECT_NE(run({"write", path}).exit.code, 0) << path;
    EXPECT_EQ(test::read_file(folder_.path("out/result")), "x");
}

TEST_F(SandboxTest, ReachesNoNetwork)
{
    net::HttpServer server;
    ASSERT_TRUE(server.start());
    const std::string port = std::to_string(server.port());
    EXPECT_NE(run({"connect", "127.0.0.1", port}).exit.code, 0);
    for (const int domain : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK})
        EXPECT_NE(run({"socket", std::to_string(domain), std::to_string(SOCK_STREAM)}).exit.code, 0) << domain;
    EXPECT_EQ(run({"socket", std::to_string(AF_UNIX), std::to_string(SOCK_STREAM)}).exit.code, 0);

    spec_.sockets = oci::Sockets::internet;  // even where the filter allows sockets, the namespace has no way out
    EXPECT_NE(run({"connect", "127.0.0.1", port}).exit.code, 0);
}

/// The control: outside the sandbox the same program does all of it, so its failures inside mean something.
TEST_F(SandboxTest, TheProbeSucceedsOutside)
{
    net::HttpServer server;
    ASSERT_TRUE(server.start());
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"connect", "127.0.0.1", std::to_string(server.port())},
                                               {"socket", std::to_string(AF_NETLINK), std::to_string(SOCK_RAW)},
                                               {"see-others"},
                                               {"namespace"},
                                               {"trace"},
                                               {"write", folder_.path("anything")}})
        EXPECT_EQ(runtime::run({.program = IAPP_SANDBOX_PROBE, .args = words})->exit.code, 0) << words.front();
}

TEST_F(SandboxTest, SeesNobodyElse) { EXPECT_NE(run({"see-others"}).exit.code, 0); }

TEST_F(SandboxTest, CannotChangeItsWorld)
{
    for (const auto& words : std::vector<std::vector<std::string>>{{"namespace"},
                                                                   {"trace"},
                                                                   {"mount"},
                                                                   {"mknod", "/tmp/disk"},
                                                                   {"syscall", std::to_string(SYS_bpf)},
                                                                   {"syscall", std::to_string(SYS_keyctl)},
                                                                   {"syscall", std::to_string(SYS_io_uring_setup)},
                                                                   {"syscall", std::to_string(SYS_userfaultfd)},
                                                                   {"syscall", std::to_string(SYS_perf_event_open)},
                                                                   {"syscall", std::to_string(SYS_init_module)},
                                                                   {"syscall", std::to_string(SYS_reboot)},
                                                                   {"syscall", "9999"}})
        EXPECT_NE(run(words).exit.code, 0) << words.front() << ' ' << words.back();
}

TEST_F(SandboxTest, EndsAtItsTimeLimitWhateverItIgnores)
{
    const auto outcome = run({"sleep"}, 500ms);
    EXPECT_TRUE(outcome.timed_out);
    EXPECT_EQ(outcome.out, "awake\n");
    EXPECT_EQ(outcome.exit.code, 128 + SIGKILL);
    EXPECT_LT(outcome.duration, 5s);
}

TEST_F(SandboxTest, LeavesNoOrphan)
{
    const auto outcome = run({"orphan"}, 10s);
    EXPECT_FALSE(outcome.timed_out);
    EXPECT_LT(outcome.duration, 5s);
}

TEST_F(SandboxTest, BoundsMemory)
{
    EXPECT_EQ(run({"memory", "20"}).exit.code, 0);
    const auto outcome = run({"memory", "500"});
    EXPECT_TRUE(outcome.out_of_memory);
    EXPECT_EQ(outcome.exit.code, 128 + SIGKILL);
}

TEST_F(SandboxTest, BoundsProcesses)
{
    const auto outcome = run({"fork-bomb"});
    EXPECT_EQ(outcome.exit.code, 0);
    EXPECT_LT(std::stoi(outcome.out), 32);
}

TEST_F(SandboxTest, BoundsScratchSpaceAndLogs)
{
    EXPECT_LE(std::stoi(run({"fill", "/tmp/big"}).out), 4);
    const auto outcome = run({"flood", "3000000"});
    EXPECT_GE(outcome.out_bytes, 3'000'000U);
    EXPECT_EQ(outcome.out.size(), 1U << 20);
}

TEST_F(SandboxTest, NamesARuntimeThatCannotStart)
{
    spec_.args = {"/no-such-program"};
    const auto sandbox = Sandbox::open({.state_dir = folder_.path("state")});
    const auto outcome = sandbox->run({.bundle_dir = folder_.path("bundle"), .spec = spec_, .wall_clock = 5s});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "sandbox.runtime");
    EXPECT_NE(outcome.error().detail.find("no-such-program"), std::string::npos) << outcome.error().detail;
}

TEST_F(SandboxTest, StopsWhenAsked)
{
    std::stop_source source;
    std::jthread later([&] {
        std::this_thread::sleep_for(700ms);
        source.request_stop();
    });
    spec_.args = {"/app", "sleep"};
    const auto sandbox = Sandbox::open({.state_dir = folder_.path("state")});
    const auto outcome =
        sandbox->run({.bundle_dir = folder_.path("bundle"), .spec = spec_, .wall_clock = 20s}, source.get_token());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().reason, "process.cancelled");
    EXPECT_TRUE(test::fs::is_empty(folder_.path("state")));
}

/// A container whose owner was killed is found by its name and removed by the next one to start.
TEST_F(SandboxTest, RemovesWhatADeadOwnerLeft)
{
    spec_.args = {"/app", "sleep"};
    spec_.cgroups_path = "/iapp/left-behind";
    std::ofstream(folder_.path("bundle/config.json")) << *oci::encode_runtime_config(spec_);
    const std::string name = "iapp-999999-1-1";
    auto runc = Process::spawn(
        {.program = "runc",
         .args = {"--root", folder_.path("state"), "run", "--detach", "--bundle", folder_.path("bundle"), name},
         .out = Output::none(),
         .err = Output::none()});
    ASSERT_TRUE(runc);
    ASSERT_TRUE(runc->wait(10s)->ok());
    ASSERT_TRUE(test::fs::exists(folder_.path("state/" + name)));
    const auto sandbox = Sandbox::open({.state_dir = folder_.path("state")});
    ASSERT_TRUE(sandbox);
    EXPECT_TRUE(test::fs::is_empty(folder_.path("state")));
    EXPECT_FALSE(test::fs::exists("/sys/fs/cgroup/memory/iapp/left-behind"));
}

}  // namespace
}  // namespace iapp::runtime
