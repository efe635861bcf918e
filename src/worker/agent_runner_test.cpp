// Agents that are shell scripts: what they say and how they end is all a worker sees of one.
#include "worker/agent_runner.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace iapp::worker {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

wire::AgentConfig config()
{
    return {.chain_id = 1,
            .hub = eth::Address::zero(),
            .deal = poco::DealId::zero(),
            .task = poco::TaskId::zero(),
            .index = 0,
            .worker = eth::Address::zero(),
            .image = "127.0.0.1:1/app:1",
            .image_digest = "sha256:" + std::string(64, 'a'),
            .sms_url = "http://127.0.0.1:2",
            .ipfs_gateway_url = "http://127.0.0.1:3",
            .ipfs_api_url = "http://127.0.0.1:4",
            .work_dir = "/tmp",
            .deadline = UnixSeconds{100s},
            .ledger_signer = eth::Address::zero(),
            .evidence = "simulated"};
}

std::string result_line()
{
    return wire::encode(
        wire::AgentEvent{wire::AgentResult{Hash256{std::array<std::uint8_t, 32>{7}},
                                           eth::Address{std::array<std::uint8_t, 20>{8}},
                                           *crypto::Signature65::from_hex("0x" + std::string(126, '1') + "221b"),
                                           "{ \"storage\": \"ipfs\" }",
                                           {},
                                           "Qm"}});
}

class AgentRunnerTest : public testing::Test {
protected:
    AgentRunnerTest() : folder_(std::filesystem::temp_directory_path() / ("agent-runner-" + std::to_string(::getpid())))
    {
        std::filesystem::create_directories(folder_);
    }
    ~AgentRunnerTest() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return folder_ / name; }

    /// A launcher whose agent is this script; `$RESULT` is a good result line.
    ReadyAgent start(const std::string& script)
    {
        std::ofstream(path("launcher")) << "#!/bin/sh\nRESULT='" + result_line() + "'\ncd " + folder_.string() + "\n" +
                                               script;
        ::chmod(path("launcher").c_str(), 0700);
        auto agent = ReadyAgent::start({path("launcher"), "", "", path("log"), "simulated"});
        EXPECT_TRUE(agent) << agent.error().detail;
        return std::move(*agent);
    }

    std::string reason(AgentRun& run)
    {
        const auto answer = run.answer();
        return answer ? "" : std::string(answer.error().reason);
    }

    std::filesystem::path folder_;
};

TEST_F(AgentRunnerTest, WaitsForItsLineAndAnswersBeforeItEnds)
{
    ReadyAgent agent = start(
        "read -r line; echo \"$line\" > got; echo '{\"event\":\"phase\",\"name\":\"run\",\"ms\":5}'\n"
        "echo \"$RESULT\"; while [ ! -e enough ]; do sleep 0.02; done; : > tidied\n");
    EXPECT_TRUE(agent.is_alive());
    std::vector<std::string> phases;
    {
        AgentRun run(std::move(agent), config(), 60s, {},
                     [&](const wire::AgentEvent& event) { phases.push_back(std::get<wire::AgentPhase>(event).name); });
        const auto answer = run.answer();
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(wire::encode(std::visit([](const auto& event) { return wire::AgentEvent{event}; }, *answer)),
                  result_line());
        EXPECT_FALSE(std::filesystem::exists(path("tidied"))) << "the answer came only with the end";
        std::ofstream(path("enough")) << "x";
    }
    EXPECT_TRUE(std::filesystem::exists(path("tidied"))) << "the agent was not waited for";
    EXPECT_EQ(phases, std::vector<std::string>{"run"});
    std::string line;
    std::getline(std::ifstream(path("got")) >> std::ws, line);
    EXPECT_EQ(line, wire::encode(config()));
}

TEST_F(AgentRunnerTest, TellsWhatAnAgentReports)
{
    ReadyAgent agent = start(
        "read -r line\necho '{\"event\":\"result\",\"status\":\"failed\",\"id\":\"policy.revoked\","
        "\"message\":\"no\"}'; exit 1\n");
    AgentRun run(std::move(agent), config(), 60s, {}, [](const wire::AgentEvent&) {});
    const auto answer = run.answer();
    ASSERT_TRUE(answer);
    ASSERT_TRUE(std::holds_alternative<wire::AgentFailure>(*answer));
    EXPECT_EQ(std::get<wire::AgentFailure>(*answer).id, "policy.revoked");
}

TEST_F(AgentRunnerTest, NamesHowAnAgentEndedWithoutAnAnswer)
{
    const auto ends = [&](const std::string& script, std::chrono::milliseconds wall_clock = 60s) {
        AgentRun run(start(script), config(), wall_clock, {}, [](const wire::AgentEvent&) {});
        return reason(run);
    };
    EXPECT_EQ(ends("read -r line; exit 3\n"), "worker.agent_died");
    EXPECT_EQ(ends("read -r line; kill -9 $$\n"), "worker.agent_died");
    EXPECT_EQ(ends("read -r line; echo hello\n"), "worker.agent_output");
    EXPECT_EQ(ends("read -r line; exec sleep 60\n", 100ms), "worker.agent_timeout");
    EXPECT_EQ(ends("exit 0\n"), "worker.agent_died");  // it may be gone before it is given anything
}

TEST_F(AgentRunnerTest, StopsWhenAsked)
{
    std::stop_source stop;
    AgentRun run(start("read -r line; exec sleep 60\n"), config(), 60s, stop.get_token(), [](const wire::AgentEvent&) {});
    stop.request_stop();
    EXPECT_EQ(reason(run), "process.cancelled");
}

TEST_F(AgentRunnerTest, AReadyAgentThatWasKilledIsNoticed)
{
    ReadyAgent agent = start("kill -9 $$\n");
    const auto deadline = Clock::now() + 20s;
    while (agent.is_alive() && Clock::now() < deadline) std::this_thread::sleep_for(5ms);
    EXPECT_FALSE(agent.is_alive());
}

}  // namespace
}  // namespace iapp::worker
