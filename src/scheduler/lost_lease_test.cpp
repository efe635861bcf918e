#include "scheduler/lost_lease.hpp"

#include <gtest/gtest.h>

#include "support/store_engines.hpp"

namespace iapp::scheduler {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'000'000)};
constexpr std::chrono::seconds kLength{30};

poco::TaskId task() { return poco::TaskId{std::array<std::uint8_t, 32>{1}}; }
eth::Address worker(std::uint8_t n) { return eth::Address{std::array<std::uint8_t, 20>{n}}; }

struct LostLeaseTest : testing::TestWithParam<test::Engine> {
    void SetUp() override
    {
        const std::string location = test::fresh_location(GetParam());
        if (location.empty()) GTEST_SKIP() << test::kNoServer;
        book.emplace(TaskBook::open(location).value());
        ASSERT_TRUE(book->add(task(), poco::DealId{std::array<std::uint8_t, 32>{9}}, 7, kNow));
    }

    LeaseRecord lease(std::uint8_t n, UnixSeconds now) { return **book->lease(task(), worker(n), now, kLength); }
    bool is_lost(const LeaseRecord& lease, std::uint8_t n)
    {
        const auto lost = find_lost(book->database(), lease.id, worker(n));
        EXPECT_TRUE(lost || lost.error().reason == "scheduler.lease");
        return lost && lost->task == task() && lost->worker == worker(n);
    }

    std::optional<TaskBook> book;
};

TEST_P(LostLeaseTest, IsWhatWasLeasedAnew)
{
    const auto first = lease(1, kNow);
    lease(1, kNow + std::chrono::seconds(1));
    EXPECT_FALSE(is_lost(first, 1)) << "asking again is the same lease";
    const auto second = lease(1, kNow + 2 * kLength);
    EXPECT_TRUE(is_lost(first, 1)) << "by its own worker, too";
    const auto third = lease(2, kNow + 4 * kLength);
    EXPECT_TRUE(is_lost(second, 1));
    EXPECT_FALSE(is_lost(second, 2)) << "another's";
    EXPECT_FALSE(is_lost(third, 2)) << "held";
}

TEST_P(LostLeaseTest, IsForgottenWithItsTask)
{
    const auto first = lease(1, kNow);
    lease(2, kNow + kLength);
    ASSERT_TRUE(book->remove(task()));
    EXPECT_FALSE(is_lost(first, 1));
}

TEST_P(LostLeaseTest, IsForgottenAfterThreeDays)
{
    const auto first = lease(1, kNow);
    lease(2, kNow + kLength);
    ASSERT_TRUE(forget_old_lost(book->database(), kNow + kLostLeaseLife));
    EXPECT_TRUE(is_lost(first, 1));
    ASSERT_TRUE(forget_old_lost(book->database(), kNow + kLength + kLostLeaseLife));
    EXPECT_FALSE(is_lost(first, 1));
}

INSTANTIATE_TEST_SUITE_P(Engines, LostLeaseTest, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::scheduler
