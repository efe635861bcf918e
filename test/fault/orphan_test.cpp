// Whoever of agent, launcher and worker is killed: the app must not go on alone with its data.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "support/devnet_run.hpp"

namespace iapp {
namespace {

using namespace std::chrono_literals;

class OrphanTest : public testing::Test {
protected:
    std::optional<runtime::ProcessIdentity> wait_for(const std::string& name) const
    {
        for (int tries = 0; tries < 1000; ++tries) {
            for (const auto& process : net.processes())
                if (process.name == name) return process.identity;
            std::this_thread::sleep_for(20ms);
        }
        return std::nullopt;
    }

    static bool ends(const runtime::ProcessIdentity& process)
    {
        for (int tries = 0; tries < 500 && runtime::is_alive(process); ++tries) std::this_thread::sleep_for(20ms);
        return !runtime::is_alive(process);
    }

    test::DevnetRun net;
};

TEST_F(OrphanTest, AppEndsWithWhoeverRunsIt)
{
    for (const char* name : {"developer", "requester"}) net.make_wallet(name);
    const auto app = net.deploy("linger", IAPP_SANDBOX_PROBE, R"({"Entrypoint":["/app"]})", "developer");
    const auto start_task = [&] {
        net.must({"run", app, "--args", "linger 120000 report", "--wallet", "requester", "--detach"});
    };
    const auto kill_under_app = [&](const std::string& victim) {
        SCOPED_TRACE(victim);
        const auto running = wait_for("app");
        ASSERT_TRUE(running) << "the app was never started";
        const auto killed = wait_for(victim);
        ASSERT_TRUE(killed);
        ::kill(killed->pid, SIGKILL);
        EXPECT_TRUE(ends(*running)) << "the app goes on";
    };
    start_task();
    kill_under_app("tee-sim");
    kill_under_app("agent");
    kill_under_app("agent");  // the third failure: no further agent comes and tidies up
    start_task();
    kill_under_app("worker");

    const auto running = wait_for("app");
    ASSERT_TRUE(running);
    net.stop();
    EXPECT_TRUE(ends(*running)) << "the app survived its network";
}

}  // namespace
}  // namespace iapp
