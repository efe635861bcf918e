#include "worker/task_log.hpp"

#include <gtest/gtest.h>

namespace iapp::worker {
namespace {

wire::AgentResult result()
{
    return {Hash256::zero(), eth::Address::zero(), crypto::Signature65::zero(), "{}", {}, "QmReceipt"};
}

TEST(TaskLog, KeepsItsOwnLinesApartFromTheApps)
{
    TaskLog log;
    log.hear(wire::AgentPhase{"run", std::chrono::milliseconds(7)});
    log.hear(wire::AgentLog{wire::AppStream::out, "hello "});
    log.hear(wire::AgentLog{wire::AppStream::out, "world"});
    log.hear(wire::AgentLog{wire::AppStream::err, "warned"});
    auto done = result();
    done.exit_code = 3;
    log.set_result(done);
    const auto read = log.read();
    EXPECT_EQ(read.out, "hello world");
    EXPECT_EQ(read.err, "[iapp] phase run 7 ms\nwarned\n[iapp] result " + Hash256::zero().hex() +
                            ", receipt /ipfs/QmReceipt\n[iapp] app exit code 3\n");
    EXPECT_EQ(read.exit_code, std::optional<std::uint8_t>(3));
}

TEST(TaskLog, SaysWhereSealedLogsAre)
{
    TaskLog log;
    log.set_result(result());
    EXPECT_TRUE(log.read().err.ends_with("[iapp] stdout and stderr of the app are sealed with its result\n"));
    EXPECT_FALSE(log.read().exit_code);
}

TEST(TaskLog, KeepsTheLastWords)
{
    TaskLog log;
    for (int i = 0; i < 200; ++i) log.hear(wire::AgentLog{wire::AppStream::out, std::string(wire::kMaxAgentLogBytes, 'x')});
    log.hear(wire::AgentLog{wire::AppStream::out, "end"});
    EXPECT_EQ(log.read().out, std::string(wire::kMaxLogCharacters - 3, 'x') + "end");
}

}  // namespace
}  // namespace iapp::worker
