#include "scheduler/pool_sink.hpp"

#include <gtest/gtest.h>

#include "eth/abi.hpp"
#include "poco/events.hpp"
#include "scheduler/task_book.hpp"
#include "support/store_engines.hpp"

namespace iapp::scheduler {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'000'000)};

poco::TaskId task(std::uint8_t n) { return poco::TaskId{std::array<std::uint8_t, 32>{n}}; }
poco::DealId deal(std::uint8_t n) { return poco::DealId{std::array<std::uint8_t, 32>{n}}; }
eth::Address address(std::uint8_t n) { return eth::Address{std::array<std::uint8_t, 20>{n}}; }

eth::Log log_of(std::uint64_t block, std::vector<Hash256> topics, Bytes data)
{
    eth::Log log{};
    log.address = address(1);
    log.block_number = block;
    log.topics = std::move(topics);
    log.data = std::move(data);
    return log;
}

eth::Log announced(const poco::DealId& id, std::uint64_t block)
{
    std::array<std::uint8_t, 32> pool{};
    std::ranges::copy(address(2).bytes(), pool.begin() + 12);
    return log_of(block, {poco::topic<poco::SchedulerNotice>(), Hash256{pool}}, to_bytes(id.bytes()));
}

eth::Log finalized(const poco::TaskId& id, std::uint64_t block)
{
    Bytes empty_results(64);
    empty_results[31] = 32;
    return log_of(block, {poco::topic<poco::TaskFinalize>(), Hash256::from_bytes(id.bytes()).value()},
                  std::move(empty_results));
}

eth::Log claimed(const poco::TaskId& id, std::uint64_t block)
{
    return log_of(block, {poco::topic<poco::TaskClaimed>(), Hash256::from_bytes(id.bytes()).value()}, {});
}

struct PoolSinkTest : testing::TestWithParam<test::Engine> {
    void SetUp() override
    {
        const std::string location = test::fresh_location(GetParam());
        if (location.empty()) GTEST_SKIP() << test::kNoServer;
        book.emplace(TaskBook::open(location).value());
    }

    void apply(const eth::Log& log)
    {
        auto transaction = book->database().begin().value();
        ASSERT_TRUE(sink.apply(transaction, log));
        ASSERT_TRUE(transaction.commit());
    }
    void roll_back(std::uint64_t first_bad)
    {
        auto transaction = book->database().begin().value();
        ASSERT_TRUE(sink.rollback(transaction, first_bad));
        ASSERT_TRUE(transaction.commit());
    }
    std::optional<std::uint64_t> end(std::uint8_t n) { return end_of(book->database(), task(n)).value(); }

    std::optional<TaskBook> book;
    PoolSink sink{address(1), {address(2)}};
};

TEST_P(PoolSinkTest, RemembersTheBlockOfAnEnd)
{
    apply(finalized(task(1), 7));
    apply(claimed(task(2), 8));
    EXPECT_EQ(end(1), 7U);
    EXPECT_EQ(end(2), 8U);
    EXPECT_EQ(end(3), std::nullopt);
}

TEST_P(PoolSinkTest, AReorganisationTakesBackDealsEndsAndWhatWasSettled)
{
    ASSERT_TRUE(book->add(task(1), deal(1), 0, kNow));
    apply(announced(deal(1), 7));
    apply(announced(deal(2), 8));
    apply(finalized(task(1), 8));
    ASSERT_TRUE(book->settle(task(1), {TaskState::completed, "link", {}, 8}, kNow));
    roll_back(9);
    EXPECT_EQ(end(1), 8U);
    EXPECT_EQ(new_deals(book->database()), (std::vector{deal(1), deal(2)}));
    EXPECT_TRUE(book->open_tasks()->empty());
    roll_back(8);
    EXPECT_EQ(end(1), std::nullopt);
    EXPECT_EQ(new_deals(book->database()), (std::vector{deal(1)}));
    EXPECT_EQ(book->open_tasks()->size(), 1U);
}

TEST_P(PoolSinkTest, ForgetsEndsNobodyWaitsFor)
{
    ASSERT_TRUE(book->add(task(1), deal(1), 0, kNow));
    ASSERT_TRUE(book->add(task(2), deal(1), 1, kNow));
    for (const std::uint8_t n : {1, 2, 3}) apply(finalized(task(n), 8));
    ASSERT_TRUE(book->settle(task(1), {TaskState::completed, "link", {}, 8}, kNow));
    ASSERT_TRUE(forget_old_ends(book->database()));
    EXPECT_EQ(end(1), std::nullopt) << "it is settled";
    EXPECT_EQ(end(2), 8U) << "it is not settled yet";
    EXPECT_EQ(end(3), std::nullopt) << "not ours";
}

TEST_P(PoolSinkTest, ForgetsNoEndWhileADealWaitsToBeBooked)
{
    apply(announced(deal(1), 7));
    apply(finalized(task(1), 8));
    ASSERT_TRUE(forget_old_ends(book->database()));
    EXPECT_EQ(end(1), 8U) << "it may be a task of that deal";
}

TEST_P(PoolSinkTest, IgnoresOtherContracts)
{
    auto log = finalized(task(1), 7);
    log.address = address(9);
    apply(log);
    EXPECT_EQ(end(1), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Engines, PoolSinkTest, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::scheduler
