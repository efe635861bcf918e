#include "sms/internal/patience.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "base/log.hpp"

namespace iapp::sms::internal {
namespace {

/// As the server does with a handler's exception: it ends that request and nothing else.
bool try_again(const Patience::Attempt& attempt, std::chrono::steady_clock::time_point until)
{
    try {
        return attempt(std::chrono::steady_clock::now() + Patience::kPause >= until);
    } catch (const std::exception& error) {
        log::error("an attempt failed", {{"detail", error.what()}});
        return true;
    }
}

}  // namespace

Patience::Patience() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

bool Patience::take(Attempt attempt)
{
    const std::lock_guard lock(mutex_);
    if (count_ >= kMost) return false;
    waiting_.push_back({std::move(attempt), std::chrono::steady_clock::now() + kLongest});
    ++count_;
    wake_.notify_one();
    return true;
}

void Patience::run(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
        wake_.wait_for(lock, stop, kPause, [] { return false; });
        if (stop.stop_requested()) return;
        std::vector<Waiting> round = std::exchange(waiting_, {});
        lock.unlock();
        std::erase_if(round, [](const Waiting& one) { return try_again(one.attempt, one.until); });
        lock.lock();
        count_ = round.size() + waiting_.size();
        std::ranges::move(round, std::back_inserter(waiting_));
    }
}

}  // namespace iapp::sms::internal
