#include "scheduler/replicate_book.hpp"

#include <gtest/gtest.h>

#include "scheduler/task_book.hpp"
#include "support/store_engines.hpp"

namespace iapp::scheduler {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'000'000)};
constexpr std::chrono::seconds kLength{30};

poco::TaskId task() { return poco::TaskId{std::array<std::uint8_t, 32>{1}}; }
eth::Address worker(std::uint8_t n) { return eth::Address{std::array<std::uint8_t, 20>{n}}; }

struct ReplicateBookTest : testing::TestWithParam<test::Engine> {
    void SetUp() override
    {
        const std::string location = test::fresh_location(GetParam());
        if (location.empty()) GTEST_SKIP() << test::kNoServer;
        book.emplace(TaskBook::open(location).value());
        ASSERT_TRUE(book->add(task(), poco::DealId{std::array<std::uint8_t, 32>{9}}, 7, kNow));
    }

    std::optional<TaskBook> book;

    LeaseRecord lease(std::uint8_t n, UnixSeconds now = kNow) { return **book->lease(task(), worker(n), now, kLength); }

    Status completed_by(std::uint8_t n)
    {
        const std::array<eth::Address, 1> contributors{worker(n)};
        return book->settle(task(), {TaskState::completed, "link", contributors, 5}, kNow);
    }

    std::vector<std::string> statuses(std::uint8_t n)
    {
        std::vector<std::string> out;
        const auto replicates = *replicates_of(book->database(), task());
        for (const Replicate& replicate : replicates)
            if (replicate.worker == worker(n))
                for (const auto& change : replicate.changes) out.push_back(change.status);
        return out;
    }
};

using Statuses = std::vector<std::string>;

TEST_P(ReplicateBookTest, TellsAGoodRun)
{
    const auto held = lease(1);
    ASSERT_TRUE(book->note_computed(held, kNow));
    ASSERT_TRUE(book->note_computed(held, kNow));
    ASSERT_TRUE(store_log(book->database(), task(), worker(1), wire::RunLog{"out", "err", 0}, kNow));
    ASSERT_TRUE(completed_by(1));
    EXPECT_EQ(statuses(1), (Statuses{"CREATED", "COMPUTED", "CONTRIBUTE_AND_FINALIZE_ONGOING",
                                     "CONTRIBUTE_AND_FINALIZE_DONE", "COMPLETED"}));
    const auto replicates = *replicates_of(book->database(), task());
    ASSERT_EQ(replicates.size(), 1U);
    EXPECT_EQ(replicates[0].exit_code, std::optional<std::uint8_t>(0));
    EXPECT_TRUE(replicates[0].has_log);
}

TEST_P(ReplicateBookTest, HearsAReportAfterTheChainsNews)
{
    const auto held = lease(1);
    ASSERT_TRUE(book->note_computed(held, kNow));
    ASSERT_TRUE(completed_by(1));
    EXPECT_FALSE(*book->holder(task(), kNow));
    EXPECT_TRUE(book->find_lease(held.id, worker(1)));
    EXPECT_EQ(statuses(1).back(), "COMPLETED");
}

TEST_P(ReplicateBookTest, CreditsWhoContributedAndNotWhoHasTheLease)
{
    ASSERT_TRUE(book->note_computed(lease(1), kNow));
    lease(2, kNow + kLength);
    for (int times = 0; times < 2; ++times) ASSERT_TRUE(completed_by(1));
    EXPECT_EQ(statuses(1), (Statuses{"CREATED", "COMPUTED", "CONTRIBUTE_AND_FINALIZE_ONGOING", "WORKER_LOST",
                                     "CONTRIBUTE_AND_FINALIZE_DONE", "COMPLETED"}));
    EXPECT_EQ(statuses(2), (Statuses{"CREATED", "WORKER_LOST"}));
}

TEST_P(ReplicateBookTest, TellsWhoLostTheTaskAndWhy)
{
    lease(1);
    const auto second = lease(2, kNow + kLength);
    ASSERT_TRUE(book->note_failure(second, "policy.revoked", "why", kNow));
    EXPECT_EQ(statuses(1), (Statuses{"CREATED", "WORKER_LOST"}));
    EXPECT_EQ(statuses(2), (Statuses{"CREATED", "START_FAILED"}));
    EXPECT_EQ(replicates_of(book->database(), task())->at(1).changes.back().reason, "policy.revoked");
}

TEST_P(ReplicateBookTest, ForgetsLogsAfterThreeDaysAndKeepsTheExitCode)
{
    ASSERT_TRUE(store_log(book->database(), task(), worker(1), wire::RunLog{"out", "", 3}, kNow));
    EXPECT_EQ(logs_of(book->database(), task(), kNow + kLogLife - kLength)->size(), 1U);
    EXPECT_TRUE(logs_of(book->database(), task(), kNow + kLogLife)->empty()) << "shown after its end";
    ASSERT_TRUE(purge_logs(book->database(), kNow + kLogLife));
    EXPECT_TRUE(logs_of(book->database(), task(), kNow)->empty()) << "still stored";
    const auto replicate = replicates_of(book->database(), task())->at(0);
    EXPECT_TRUE(replicate.is_logged);
    EXPECT_FALSE(replicate.has_log);
    EXPECT_EQ(replicate.exit_code, std::optional<std::uint8_t>(3));
}

TEST_P(ReplicateBookTest, GoesWithItsTask)
{
    ASSERT_TRUE(store_log(book->database(), task(), worker(1), wire::RunLog{"out", "", 3}, kNow));
    ASSERT_TRUE(book->remove(task()));
    EXPECT_TRUE(replicates_of(book->database(), task())->empty());
}

TEST(ReplicateStatus, SaysWhereARunFailed)
{
    const std::pair<const char*, const char*> cases[] = {{"policy.revoked", "START_FAILED"},
                                                         {"attest.debug", "START_FAILED"},
                                                         {"image.unknown", "APP_DOWNLOAD_FAILED"},
                                                         {"agent.dataset_refused", "DATA_DOWNLOAD_FAILED"},
                                                         {"agent.input_file", "DATA_DOWNLOAD_FAILED"},
                                                         {"app.timeout", "COMPUTE_FAILED"},
                                                         {"agent.callback", "COMPUTE_FAILED"},
                                                         {"sender.reverted", "CONTRIBUTE_AND_FINALIZE_FAILED"},
                                                         {"worker.agent_died", "FAILED"}};
    for (const auto& [reason, status] : cases) EXPECT_EQ(name(status_of_failure(reason)), status) << reason;
}

INSTANTIATE_TEST_SUITE_P(Engines, ReplicateBookTest, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::scheduler
