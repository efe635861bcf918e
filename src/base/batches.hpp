#pragma once
// Work for a thread of its own that does together all that came since the last time: one fsync, one question for many.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace iapp {

/// When one batch is done, as many as it had are about to come back, and some wait already: the next one waits for both, but
/// no longer than the last one took and never more than two milliseconds. Otherwise two groups would wait for each other for
/// ever. Who comes alone, or ten milliseconds after all others, does not wait.
template <class T>
class Batches {
public:
    /// Does one batch, never an empty one. The token says that close() waits.
    using Work = std::function<void(std::vector<T>, const std::stop_token&)>;

    /// `work` runs on the thread; what it uses must outlive this object.
    explicit Batches(Work work) : work_(std::move(work)), thread_([this](const std::stop_token& stop) { run(stop); }) {}
    ~Batches() { close(); }
    Batches(Batches&&) = delete;

    /// Never blocks for long. After close() it gives back what it got.
    std::optional<T> add(T one)
    {
        const std::lock_guard lock(mutex_);
        if (thread_.get_stop_token().stop_requested()) return one;
        waiting_.push_back(std::move(one));
        if (waiting_.size() == 1 || waiting_.size() == wanted_) wake_.notify_one();
        return std::nullopt;
    }

    /// How many wait for the next batch.
    std::size_t waiting() const
    {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }

    /// Ends when all that was added is done. Idempotent; not from `work`.
    void close()
    {
        {
            const std::lock_guard lock(mutex_);
            thread_.request_stop();
        }
        if (thread_.joinable()) thread_.join();
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr Clock::duration kLongestWait = std::chrono::milliseconds(2);
    static constexpr Clock::duration kTogether = std::chrono::milliseconds(10);

    std::vector<T> take(const std::stop_token& stop, Clock::duration patience)
    {
        std::unique_lock lock(mutex_);
        wanted_ += waiting_.size();
        const auto begun = Clock::now();
        wake_.wait(lock, stop, [this] { return !waiting_.empty(); });
        if (wanted_ > 1 && Clock::now() - begun < kTogether)
            wake_.wait_for(lock, stop, patience, [this] { return waiting_.size() >= wanted_; });
        wanted_ = waiting_.size();
        return std::exchange(waiting_, {});
    }

    void run(const std::stop_token& stop)
    {
        Clock::duration patience{};
        while (true) {
            std::vector<T> taken = take(stop, patience);
            if (taken.empty()) return;
            const auto begun = Clock::now();
            work_(std::move(taken), stop);
            patience = std::min(Clock::now() - begun, kLongestWait);
        }
    }

    Work work_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::vector<T> waiting_;
    std::size_t wanted_ = 0;  ///< how many the next batch waits for
    std::jthread thread_;     ///< last: it uses the rest
};

}  // namespace iapp
