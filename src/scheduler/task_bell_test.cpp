#include "scheduler/task_bell.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace iapp::scheduler {
namespace {

using namespace std::chrono_literals;

poco::TaskId task(std::uint8_t n) { return poco::TaskId{std::array<std::uint8_t, 32>{n}}; }
net::CallContext call(std::chrono::milliseconds time = 20s) { return {"test", net::deadline_in(time), {}}; }

TEST(TaskBell, ARingBetweenLookAndWaitIsHeard)
{
    TaskBell bell(1);
    auto place = bell.take_place(task(1));
    ASSERT_TRUE(place);
    bell.ring(task(1));
    place->wait(1h, call(1h));
}

TEST(TaskBell, WakesWhoWaits)
{
    TaskBell bell(2);
    auto place = bell.take_place(task(1));
    const std::jthread ringing([&] {
        std::this_thread::sleep_for(20ms);
        bell.ring(task(1));
    });
    place->wait(1h, call(1h));
}

TEST(TaskBell, RingsForOneTaskOnly)
{
    TaskBell bell(1);
    auto place = bell.take_place(task(1));
    bell.ring(task(2));
    const auto begun = std::chrono::steady_clock::now();
    place->wait(1h, call(50ms));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 40ms);
}

TEST(TaskBell, HasSoManyPlaces)
{
    TaskBell bell(2);
    {
        const auto first = bell.take_place(task(1));
        const auto second = bell.take_place(task(1));
        EXPECT_TRUE(first && second);
        EXPECT_FALSE(bell.take_place(task(2)));
    }
    EXPECT_TRUE(bell.take_place(task(2)));
}

}  // namespace
}  // namespace iapp::scheduler
