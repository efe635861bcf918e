#pragma once
// Work for a thread of its own that does all that came since the last time together: one question to the node for many.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace iapp::market::internal {

template <class T>
class Batches {
public:
    using Work = std::function<void(std::vector<T>, const std::stop_token&)>;

    /// `work` runs on the thread; what it uses must outlive this object. What waits when this ends is dropped.
    explicit Batches(Work work) : work_(std::move(work)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

    /// Never blocks for long.
    void add(T one)
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(one));
        if (waiting_.size() == 1) wake_.notify_one();
    }

private:
    void run(const std::stop_token& stop)
    {
        while (true) {
            std::vector<T> taken;
            {
                std::unique_lock lock(mutex_);
                if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
                taken.swap(waiting_);
            }
            work_(std::move(taken), stop);
        }
    }

    Work work_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::vector<T> waiting_;
    std::jthread thread_;  ///< last: it uses the rest
};

}  // namespace iapp::market::internal
