#include "sms/internal/patience.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace iapp::sms::internal {
namespace {

TEST(Patience, TriesUntilOneAnswersOrIsTheLast)
{
    std::promise<int> answered, ended;
    int tries = 0, hopeless_tries = 0;
    Patience patience;
    EXPECT_TRUE(patience.take([&](bool) {
        if (++tries < 2) return false;
        answered.set_value(tries);
        return true;
    }));
    EXPECT_TRUE(patience.take([&](bool is_last) {
        ++hopeless_tries;
        if (is_last) ended.set_value(hopeless_tries);
        return is_last;
    }));
    EXPECT_EQ(answered.get_future().get(), 2);
    const int most = ended.get_future().get();
    EXPECT_GE(most, 1);
    EXPECT_LE(most, Patience::kLongest / Patience::kPause);
}

TEST(Patience, TakesNoMoreThanItsBoundAndRoomComesBack)
{
    std::atomic<bool> is_over = false;
    std::atomic<std::size_t> gone = 0;
    Patience patience;
    const Patience::Attempt attempt = [&](bool) {
        if (is_over) ++gone;
        return is_over.load();
    };
    for (std::size_t i = 0; i < Patience::kMost; ++i) EXPECT_TRUE(patience.take(attempt));
    EXPECT_FALSE(patience.take(attempt));
    is_over = true;
    while (gone < Patience::kMost) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    while (!patience.take(attempt)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

TEST(Patience, AnAttemptThatThrowsEndsNothingElse)
{
    std::promise<void> second;
    Patience patience;
    EXPECT_TRUE(patience.take([](bool) -> bool { throw std::runtime_error("no"); }));
    EXPECT_TRUE(patience.take([&](bool) {
        second.set_value();
        return true;
    }));
    second.get_future().get();
}

TEST(Patience, EndsWithoutItsAttempts)
{
    const auto started = std::chrono::steady_clock::now();
    {
        Patience patience;
        EXPECT_TRUE(patience.take([](bool is_last) { return is_last; }));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - started, Patience::kLongest / 2);
}

}  // namespace
}  // namespace iapp::sms::internal
