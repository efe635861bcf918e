#include "base/batches.hpp"

#include <gtest/gtest.h>

#include <latch>

namespace iapp {
namespace {

using Numbers = std::vector<int>;

/// Batches as they were done; the first one waits for `go`.
struct Diary {
    std::latch begun{1}, go{1};
    std::mutex mutex;
    std::vector<Numbers> done;
    Batches<int> batches{[this](Numbers taken, const std::stop_token&) {
        if (taken.front() == 0) {
            begun.count_down();
            go.wait();
        }
        const std::lock_guard lock(mutex);
        done.push_back(std::move(taken));
    }};
};

TEST(Batches, DoTogetherWhatCameMeanwhile)
{
    Diary diary;
    diary.batches.add(0);
    diary.begun.wait();
    for (int i = 1; i <= 5; ++i) diary.batches.add(i);
    diary.go.count_down();
    diary.batches.close();
    EXPECT_EQ(diary.done, (std::vector<Numbers>{{0}, {1, 2, 3, 4, 5}}));
}

TEST(Batches, OfFewerThanTheLastAreDoneToo)
{
    Diary diary;
    diary.batches.add(0);
    diary.begun.wait();
    for (int i = 1; i <= 5; ++i) diary.batches.add(i);
    diary.go.count_down();
    const auto is_done = [&] {
        const std::lock_guard lock(diary.mutex);
        return diary.done.size();
    };
    while (is_done() < 2) std::this_thread::yield();
    diary.batches.add(6);
    while (is_done() < 3) std::this_thread::yield();
    EXPECT_EQ(diary.done.back(), Numbers{6});
}

TEST(Batches, CloseDoesWhatWasAddedAndThenNothingIsTaken)
{
    Diary diary;
    diary.batches.add(0);
    diary.begun.wait();
    EXPECT_EQ(diary.batches.add(1), std::nullopt);
    std::jthread closing([&] { diary.batches.close(); });
    while (!diary.batches.add(2).has_value()) std::this_thread::yield();
    diary.go.count_down();
    closing.join();
    EXPECT_EQ(diary.done.front(), Numbers{0});
    ASSERT_EQ(diary.done.size(), 2U);
    EXPECT_EQ(diary.done.back().front(), 1);
    EXPECT_EQ(diary.batches.add(3), 3);
    diary.batches.close();
    EXPECT_EQ(diary.done.size(), 2U);
}

}  // namespace
}  // namespace iapp
