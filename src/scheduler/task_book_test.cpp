#include "scheduler/task_book.hpp"

#include <gtest/gtest.h>

#include "support/store_engines.hpp"

namespace iapp::scheduler {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'000'000)};
constexpr std::chrono::seconds kLength{30};

poco::TaskId task(std::uint8_t n) { return poco::TaskId{std::array<std::uint8_t, 32>{n}}; }
poco::DealId deal() { return poco::DealId{std::array<std::uint8_t, 32>{9}}; }
eth::Address worker(std::uint8_t n) { return eth::Address{std::array<std::uint8_t, 20>{n}}; }

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

struct TaskBookTest : testing::TestWithParam<test::Engine> {
    void SetUp() override
    {
        const std::string location = test::fresh_location(GetParam());
        if (location.empty()) GTEST_SKIP() << test::kNoServer;
        book.emplace(TaskBook::open(location).value());
        ASSERT_TRUE(book->add(task(1), deal(), 7, kNow));
    }

    std::optional<TaskBook> book;
};

TEST_P(TaskBookTest, AddsATaskOnce)
{
    ASSERT_TRUE(book->add(task(1), deal(), 7, kNow));
    ASSERT_EQ(book->open_tasks()->size(), 1U);
    EXPECT_EQ(book->get(task(1))->index, 7U);
    EXPECT_EQ(book->get(task(1))->state, TaskState::received);
    EXPECT_EQ(reason(book->get(task(2))), "scheduler.task");
    EXPECT_EQ(book->history(task(1))->size(), 1U);
}

TEST_P(TaskBookTest, GivesATaskToOneWorkerAtATime)
{
    const auto first = *book->lease(task(1), worker(1), kNow, kLength);
    ASSERT_TRUE(first);
    EXPECT_FALSE(*book->lease(task(1), worker(2), kNow + std::chrono::seconds(29), kLength));
    EXPECT_EQ((*book->lease(task(1), worker(1), kNow, kLength))->id, first->id);  // asking again is the same lease
    const auto second = *book->lease(task(1), worker(2), kNow + kLength, kLength);
    ASSERT_TRUE(second);
    EXPECT_NE(second->id, first->id);
    EXPECT_EQ(reason(book->check_lease(first->id, worker(1), kNow)), "scheduler.lease");
}

TEST_P(TaskBookTest, ALeaseNobodyHeardOfIsGivenBack)
{
    ASSERT_TRUE(book->give_back(**book->lease(task(1), worker(1), kNow, kLength)));
    EXPECT_FALSE(*book->holder(task(1), kNow));
    EXPECT_TRUE(*book->lease(task(1), worker(2), kNow, kLength));
}

TEST_P(TaskBookTest, ChecksALease)
{
    const auto lease = **book->lease(task(1), worker(1), kNow, kLength);
    EXPECT_TRUE(book->check_lease(lease.id, worker(1), kNow));
    EXPECT_EQ(reason(book->check_lease(lease.id, worker(2), kNow)), "scheduler.lease_owner");
    EXPECT_EQ(reason(book->check_lease(lease.id, worker(1), kNow + kLength)), "scheduler.lease_expired");
    EXPECT_EQ(reason(book->check_lease("none", worker(1), kNow)), "scheduler.lease");
    EXPECT_EQ(book->renew(lease.id, worker(1), kNow + std::chrono::seconds(20), kLength)->expires_at,
              kNow + std::chrono::seconds(50));
    EXPECT_TRUE(*book->holder(task(1), kNow + std::chrono::seconds(40)));
    EXPECT_FALSE(*book->holder(task(1), kNow + std::chrono::seconds(50)));
}

TEST_P(TaskBookTest, CountsFailuresAndEndsTheLease)
{
    const auto lease = **book->lease(task(1), worker(1), kNow, kLength);
    ASSERT_TRUE(book->note_failure(lease, "worker.agent_died", "killed", kNow));
    EXPECT_EQ(book->get(task(1))->attempts, 1U);
    EXPECT_EQ(book->get(task(1))->outages, 0U);
    EXPECT_EQ(book->get(task(1))->failed_at, kNow);
    EXPECT_FALSE(book->get(task(1))->hopeless);
    EXPECT_FALSE(*book->holder(task(1), kNow));
    EXPECT_FALSE(*book->lease(task(1), worker(1), kNow + std::chrono::seconds(1), kLength)) << "it rests";
    const auto rested = kNow + rest_after(1);
    const auto again = **book->lease(task(1), worker(1), rested, kLength);
    ASSERT_TRUE(book->note_failure(again, "policy.revoked", "", rested));
    EXPECT_FALSE(*book->lease(task(1), worker(1), rested + std::chrono::hours(1), kLength)) << "it failed for good";
    EXPECT_TRUE(book->get(task(1))->hopeless);
    EXPECT_EQ(book->get(task(1))->reason, "policy.revoked");
}

TEST_P(TaskBookTest, AddsTheTasksOfADealOnce)
{
    for (int times = 0; times < 2; ++times) ASSERT_TRUE(book->add_deal(deal(), 3, 4, kNow));
    EXPECT_EQ(book->open_tasks()->size(), 5U);
    for (std::uint64_t index = 3; index < 7; ++index) {
        EXPECT_EQ(book->get(poco::task_id(deal(), index))->index, index);
        EXPECT_EQ(book->history(poco::task_id(deal(), index))->size(), 1U);
    }
}

TEST_P(TaskBookTest, CountsOutagesApart)
{
    for (unsigned i = 1; i <= 2 * kMaxAttempts; ++i) {
        const auto now = kNow + i * std::chrono::hours(1);
        ASSERT_TRUE(book->note_failure(**book->lease(task(1), worker(1), now, kLength), "net.connect", "refused", now));
        EXPECT_EQ(book->get(task(1))->outages, i);
        EXPECT_EQ(book->get(task(1))->failed_at, now);
    }
    EXPECT_EQ(book->get(task(1))->attempts, 0U);
    EXPECT_EQ(book->get(task(1))->reason, "net.connect");
}

TEST_P(TaskBookTest, GivesUpLeasingAfterSoManyAttempts)
{
    for (unsigned i = 1; i <= kMaxAttempts; ++i) {
        const auto now = kNow + i * std::chrono::hours(1);
        ASSERT_TRUE(book->note_failure(**book->lease(task(1), worker(1), now, kLength), "worker.agent_died", "killed", now));
    }
    EXPECT_FALSE(*book->lease(task(1), worker(1), kNow + std::chrono::hours(9), kLength));
    EXPECT_FALSE(*book->lease(task(2), worker(1), kNow, kLength)) << "a task nobody knows";
}

TEST_P(TaskBookTest, WhatWasSeenBeforeALeaseChangesNothing)
{
    ASSERT_TRUE(book->lease(task(1), worker(1), kNow, kLength));
    ASSERT_TRUE(book->note(task(1), TaskState::initialized, kNow, {}, TaskState::received));
    EXPECT_EQ(book->get(task(1))->state, TaskState::running);
    ASSERT_TRUE(book->note(task(1), TaskState::initialized, kNow, {}, TaskState::running));
    EXPECT_EQ(book->get(task(1))->state, TaskState::initialized);
}

TEST_P(TaskBookTest, SettlesForGood)
{
    ASSERT_TRUE(book->lease(task(1), worker(1), kNow, kLength));
    ASSERT_TRUE(book->settle(task(1), {TaskState::completed, "link", {}, 12}, kNow));
    EXPECT_TRUE(book->open_tasks()->empty());
    EXPECT_FALSE(*book->holder(task(1), kNow));
    EXPECT_EQ(book->get(task(1))->result_link, "link");
    EXPECT_FALSE(*book->lease(task(1), worker(1), kNow, kLength)) << "it is over";
    EXPECT_EQ(book->counts()->at("COMPLETED"), 1);
}

TEST_P(TaskBookTest, OpensAgainWhatWasSettledOnBlocksTheChainTookBack)
{
    const auto reorganise = [&](std::uint64_t first_bad) {
        auto transaction = *book->database().begin();
        ASSERT_TRUE(reopen_settled(transaction, first_bad));
        ASSERT_TRUE(transaction.commit());
    };
    ASSERT_TRUE(book->settle(task(1), {TaskState::completed, "link", {}, 12}, kNow));
    reorganise(13);
    EXPECT_TRUE(book->open_tasks()->empty());
    reorganise(12);
    ASSERT_EQ(book->open_tasks()->size(), 1U);
    EXPECT_EQ(book->get(task(1))->result_link, "");
}

TEST_P(TaskBookTest, AGivenUpTaskStaysOpenUntilTheChainEndsIt)
{
    ASSERT_TRUE(book->note(task(1), TaskState::failed, kNow, "policy.revoked"));
    EXPECT_EQ(book->open_tasks()->size(), 1U);
    ASSERT_TRUE(book->settle(task(1), {TaskState::failed, "", {}, 12}, kNow));
    EXPECT_TRUE(book->open_tasks()->empty());
}

TEST_P(TaskBookTest, RemovesWhatAReorganisationTookBack)
{
    ASSERT_TRUE(book->remove(task(1)));
    EXPECT_TRUE(book->open_tasks()->empty());
    EXPECT_TRUE(book->history(task(1))->empty());
}

TEST_P(TaskBookTest, KeepsTasksAndTheirChangesInOrder)
{
    ASSERT_TRUE(book->add(task(9), deal(), 3, kNow));
    ASSERT_TRUE(book->add(task(3), deal(), 4, kNow));
    const auto open = *book->open_tasks();
    ASSERT_EQ(open.size(), 3U);
    EXPECT_EQ(open[0].id, task(1));
    EXPECT_EQ(open[1].id, task(9));
    EXPECT_EQ(open[2].id, task(3));

    ASSERT_TRUE(book->note(task(9), TaskState::initialized, kNow, "z"));
    ASSERT_TRUE(book->note(task(9), TaskState::running, kNow, "a"));
    std::vector<std::string> reasons;
    for (const StateChange& change : *book->history(task(9))) reasons.push_back(change.reason);
    EXPECT_EQ(reasons, (std::vector<std::string>{"", "z", "a"}));
}

TEST_P(TaskBookTest, TakesWordsThatNoTextHolds)
{
    using namespace std::string_literals;
    const auto lease = **book->lease(task(1), worker(1), kNow, kLength);
    ASSERT_TRUE(book->note_failure(lease, "app.exit", "a\0b\xff"s, kNow));
    EXPECT_EQ(book->get(task(1))->detail,
              "a\xef\xbf\xbd"
              "b\xef\xbf\xbd");
    EXPECT_EQ(book->history(task(1))->back().reason, "app.exit");
}

TEST_P(TaskBookTest, SpendsANonceOnce)
{
    const wire::WorkerNonce nonce{std::array<std::uint8_t, 32>{1}};
    ASSERT_TRUE(book->spend_nonce(nonce, kNow + kLength, kNow));
    EXPECT_EQ(reason(book->spend_nonce(nonce, kNow + kLength, kNow)), "worker_auth.replayed");
    EXPECT_TRUE(
        book->spend_nonce(nonce, kNow + 3 * kLength, kNow + 2 * kLength));  // forgotten once it could not be used any more
}

INSTANTIATE_TEST_SUITE_P(Engines, TaskBookTest, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::scheduler
