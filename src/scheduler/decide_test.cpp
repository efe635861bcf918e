#include "scheduler/decide.hpp"

#include <gtest/gtest.h>

namespace iapp::scheduler {
namespace {

constexpr UnixSeconds kStart{std::chrono::seconds(1'000'000)};
constexpr std::chrono::seconds kTime{10};  // deadlines at +70 and +100

TaskFacts active_task()
{
    TaskFacts facts{};
    facts.deal.app.pointer = eth::Address{std::array<std::uint8_t, 20>{1}};
    facts.deal.start_time = kStart;
    facts.deal.bot_size = 1;
    facts.category_time = kTime;
    facts.task.status = poco::TaskStatus::active;
    facts.task.contribution_deadline = kStart + 7 * kTime;
    facts.task.final_deadline = kStart + 10 * kTime;
    facts.state = TaskState::initialized;
    facts.now = kStart + kTime;
    return facts;
}

struct Case {
    const char* name;
    void (*bend)(TaskFacts&);
    Step step;
    TaskState state;
};
class Decide : public testing::TestWithParam<Case> {};

TEST_P(Decide, TakesOneStep)
{
    TaskFacts facts = active_task();
    GetParam().bend(facts);
    const Decision decision = decide(facts);
    EXPECT_EQ(decision.step, GetParam().step);
    EXPECT_EQ(decision.state, GetParam().state);
}

using poco::TaskStatus;
INSTANTIATE_TEST_SUITE_P(
    Task, Decide,
    testing::Values(
        Case{"active_is_offered", [](TaskFacts&) {}, Step::offer, TaskState::initialized},
        Case{"leased_waits", [](TaskFacts& f) { f.leased = true; }, Step::wait, TaskState::running},
        Case{"unknown_deal", [](TaskFacts& f) { f.deal.app.pointer = eth::Address::zero(); }, Step::forget,
             TaskState::failed},
        Case{"unset_is_initialised", [](TaskFacts& f) { f.task.status = TaskStatus::unset; }, Step::initialize,
             TaskState::received},
        Case{"unset_just_before_its_deadline",
             [](TaskFacts& f) {
                 f.task.status = TaskStatus::unset;
                 f.now = kStart + 7 * kTime - std::chrono::seconds(1);
             },
             Step::initialize, TaskState::received},
        Case{"unset_too_late",
             [](TaskFacts& f) {
                 f.task.status = TaskStatus::unset;
                 f.now = kStart + 7 * kTime;
             },
             Step::wait, TaskState::contribution_timeout},
        Case{"unset_claimable",
             [](TaskFacts& f) {
                 f.task.status = TaskStatus::unset;
                 f.now = kStart + 10 * kTime;
             },
             Step::claim, TaskState::final_deadline_reached},
        Case{"contribution_deadline", [](TaskFacts& f) { f.now = kStart + 7 * kTime; }, Step::wait,
             TaskState::contribution_timeout},
        Case{"final_deadline",
             [](TaskFacts& f) {
                 f.now = kStart + 10 * kTime;
                 f.leased = true;
             },
             Step::claim, TaskState::final_deadline_reached},
        Case{"resting_is_not_offered", [](TaskFacts& f) { f.resting = true; }, Step::wait, TaskState::initialized},
        Case{"hopeless_is_not_offered", [](TaskFacts& f) { f.hopeless = true; }, Step::wait, TaskState::failed},
        Case{"too_many_attempts", [](TaskFacts& f) { f.attempts = kMaxAttempts; }, Step::wait, TaskState::failed},
        Case{"last_attempt_is_offered", [](TaskFacts& f) { f.attempts = kMaxAttempts - 1; }, Step::offer,
             TaskState::initialized},
        Case{"completed",
             [](TaskFacts& f) {
                 f.task.status = TaskStatus::completed;
                 f.now = kStart + 20 * kTime;
                 f.ended_in = 7;
             },
             Step::settle, TaskState::completed},
        Case{"completed_in_no_block_yet", [](TaskFacts& f) { f.task.status = TaskStatus::completed; }, Step::wait,
             TaskState::initialized},
        Case{"failed",
             [](TaskFacts& f) {
                 f.task.status = TaskStatus::failed;
                 f.ended_in = 7;
             },
             Step::settle, TaskState::failed},
        Case{"failed_in_no_block_yet", [](TaskFacts& f) { f.task.status = TaskStatus::failed; }, Step::wait,
             TaskState::initialized},
        Case{"ended_in_a_block_that_is_gone", [](TaskFacts& f) { f.ended_in = 7; }, Step::offer, TaskState::initialized}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(MayPass, RefusalsAreFinalAndOutagesAreNot)
{
    EXPECT_FALSE(may_pass("policy.revoked"));
    EXPECT_FALSE(may_pass("attest.debug"));
    EXPECT_FALSE(may_pass("app.exit"));
    EXPECT_TRUE(may_pass("policy.nonce"));
    EXPECT_TRUE(may_pass("net.connect"));
    EXPECT_TRUE(may_pass("worker.agent_died"));
}

TEST(IsOutage, OnlyWhatSaysNothingAboutTheTask)
{
    for (const char* away :
         {"net.connect", "net.closed", "rpc.busy", "rpc.state", "sms.chain_unavailable", "sms.bulk_unavailable"}) {
        EXPECT_TRUE(is_outage(away)) << away;
        EXPECT_TRUE(may_pass(away)) << away;
    }
    for (const char* other : {"worker.agent_died", "policy.nonce", "agent.input_file", "net.private_address", ""})
        EXPECT_FALSE(is_outage(other)) << other;
}

TEST(RestAfter, DoublesUpToTwoMinutes)
{
    EXPECT_EQ(rest_after(1), std::chrono::seconds(2));
    EXPECT_EQ(rest_after(3), std::chrono::seconds(8));
    EXPECT_EQ(rest_after(100), std::chrono::seconds(128));
}

TEST(TaskState, NamesRoundTrip)
{
    for (const TaskState status :
         {TaskState::received, TaskState::initialized, TaskState::running, TaskState::contribution_timeout,
          TaskState::final_deadline_reached, TaskState::completed, TaskState::failed})
        EXPECT_EQ(parse_state(name(status)), status);
    EXPECT_EQ(parse_state("REOPENED"), std::nullopt);
}

}  // namespace
}  // namespace iapp::scheduler
