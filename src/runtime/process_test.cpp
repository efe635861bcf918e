#include "runtime/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace iapp::runtime {
namespace {

using namespace std::chrono_literals;

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

/// The test's own child programs are one-line scripts; the product itself never starts a shell.
Command script(std::string text)
{
    return {.program = "/bin/sh", .args = {"-c", std::move(text)}, .out = Output::piped(), .err = Output::piped()};
}

TEST(Process, PassesExactArgumentsEnvironmentAndInput)
{
    Command command{.program = "/bin/sh", .args = {"-c", "echo \"$1|$2|$A\"; cat; env | wc -l", "name", "a b", "$(id)"}};
    command.env = {"A=x y"};
    command.in = Input::of_text("fed\n");
    command.out = Output::piped();
    const auto finished = run(command);
    ASSERT_TRUE(finished) << finished.error().detail;
    EXPECT_TRUE(finished->exit.ok());
    EXPECT_EQ(finished->out.substr(0, 19), "a b|$(id)|x y\nfed\n2");  // the shell adds PWD, nothing else is inherited
}

TEST(Process, GivesOnlyNamedDescriptors)
{
    const UniqueFd leaked(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC on purpose
    const UniqueFd named(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
    Command command{
        .program = "/bin/ls", .args = {"-l", "/proc/self/fd"}, .out = Output::piped(), .fds = {{named.get(), 7}}};
    const auto finished = run(command);
    ASSERT_TRUE(finished);
    EXPECT_NE(finished->out.find("7 -> /dev/zero"), std::string::npos) << finished->out;
    EXPECT_EQ(std::count(finished->out.begin(), finished->out.end(), '\n'), 6)
        << finished->out;  // header, 0, 1, 2, 3 (ls's own), 7
}

TEST(Process, ReportsHowTheChildEnded)
{
    EXPECT_EQ(run(script("exit 7"))->exit.code, 7);
    const auto killed = run(script("kill -9 $$"));
    EXPECT_EQ(killed->exit.signal, SIGKILL);
    EXPECT_EQ(killed->exit.describe(), "signal 9");
}

TEST(Process, NamesWhatCannotStart)
{
    EXPECT_EQ(reason(run({.program = "no-such-program-here"})), "process.program");
    EXPECT_EQ(reason(run({.program = "/no/such/program"})), "process.program");
    EXPECT_EQ(reason(run({.program = "/etc/passwd"})), "process.spawn");
    EXPECT_EQ(reason(run({.program = ""})), "process.command");
    EXPECT_EQ(reason(run({.program = "/bin/true", .args = {std::string("a\0b", 3)}})), "process.command");
    EXPECT_EQ(reason(run({.program = "/bin/true", .fds = {{0, 2}}})), "process.command");
    EXPECT_EQ(reason(run({.program = "/bin/true", .out = Output::to_file("/no/folder/file")})), "process.command");
    EXPECT_EQ(reason(run({.program = "/bin/true", .working_dir = "/no/folder"})), "process.command");
}

TEST(Process, BoundsWhatItKeepsButReadsAll)
{
    const auto finished = run(script("head -c 3000000 /dev/zero"), {.max_output_bytes = 1000});
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->out.size(), 1000U);
    EXPECT_EQ(finished->out_bytes, 3'000'000U);
}

TEST(Process, HandsOverWholeLines)
{
    std::vector<std::string> lines;
    RunOptions options;
    options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
    ASSERT_TRUE(run(script("printf 'one\\ntwo\\n\\nlast'"), options));
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "", "last"}));
}

TEST(Process, DeadlineEndsTheWholeGroup)
{
    const auto mark = std::filesystem::temp_directory_path() / ("iapp-process-test-" + std::to_string(::getpid()));
    std::filesystem::remove(mark);
    const auto before = std::chrono::steady_clock::now();
    const auto finished =
        run(script("trap '' TERM; (sleep 1.5; touch " + mark.string() + ") & sleep 30"), {.timeout = 200ms, .grace = 100ms});
    EXPECT_EQ(reason(finished), "process.timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
    std::this_thread::sleep_for(1700ms);
    EXPECT_FALSE(std::filesystem::exists(mark)) << "a grandchild survived";
}

TEST(Process, LeavesNoGrandchildBehindAfterANormalEnd)
{
    const auto finished = run(script("sleep 600 & echo $!"));
    ASSERT_TRUE(finished);
    const pid_t grandchild = std::stoi(finished->out);
    for (int tries = 0; tries < 1000 && identify(grandchild); ++tries) std::this_thread::sleep_for(10ms);
    EXPECT_FALSE(identify(grandchild));
}

TEST(Process, StopsWhenAsked)
{
    std::stop_source source;
    std::jthread later([&] {
        std::this_thread::sleep_for(100ms);
        source.request_stop();
    });
    EXPECT_EQ(reason(run(script("sleep 30"), {.grace = 100ms, .stop = source.get_token()})), "process.cancelled");
}

TEST(Process, WaitKeepsTheChildOnTimeoutAndTerminateEndsIt)
{
    auto child = Process::spawn({.program = "sleep", .args = {"30"}});
    ASSERT_TRUE(child);
    EXPECT_EQ(reason(child->wait(20ms)), "process.timeout");
    EXPECT_TRUE(child->is_running());
    EXPECT_EQ(child->terminate(1s).signal, SIGTERM);
    EXPECT_FALSE(child->is_running());
}

TEST(Process, TalksOverPipes)
{
    auto child = Process::spawn({.program = "cat", .in = Input::piped(), .out = Output::piped()});
    ASSERT_TRUE(child);
    ASSERT_EQ(::write(child->in().get(), "hi", 2), 2);
    child->in().reset();
    char buffer[8];
    EXPECT_EQ(::read(child->out().get(), buffer, sizeof buffer), 2);
    EXPECT_TRUE(child->wait(5s)->ok());
}

TEST(ProcessIdentity, OutlivesTheOwnerAndIsNotFooledByAPid)
{
    auto child = Process::spawn({.program = "sleep", .args = {"30"}, .new_session = true});
    ASSERT_TRUE(child);
    const ProcessIdentity identity = child->release();
    EXPECT_TRUE(is_alive(identity));
    EXPECT_FALSE(is_alive({identity.pid, identity.start_ticks + 1}));
    EXPECT_TRUE(terminate(ProcessIdentity{identity.pid, identity.start_ticks + 1}, 100ms))
        << "another process is not ours to kill";
    EXPECT_TRUE(is_alive(identity));
    EXPECT_TRUE(terminate(identity, 1s));
    EXPECT_FALSE(is_alive(identity));
}

/// What /proc says of a process that ends between the opening and the reading of its file cannot be read.
TEST(ProcessIdentity, IsAskedForWhileProcessesEnd)
{
    std::atomic<pid_t> newest = 0;
    std::jthread asker([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) (void)identify(newest);
    });
    for (int i = 0; i < 500; ++i) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(0);
        newest = child;
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    }
}

TEST(RunTool, AnswersWithTheLastLineOfItsComplaint)
{
    EXPECT_EQ(*run_tool(script("echo good")), "good\n");
    const auto failed = run_tool(script("echo first >&2; echo why >&2; exit 3"));
    EXPECT_EQ(reason(failed), "process.failed");
    EXPECT_EQ(failed.error().detail, "/bin/sh ended with exit 3: why");
}

}  // namespace
}  // namespace iapp::runtime
