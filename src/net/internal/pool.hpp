#pragma once
// A fixed number of threads and a bounded queue. A full queue says so at once; it never blocks the caller.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace iapp::net::internal {

class Pool {
public:
    using Job = std::move_only_function<void()>;

    Pool(std::size_t threads, std::size_t queue);
    ~Pool();

    /// False when the queue is full or the pool is closed. Jobs do not throw.
    bool submit(Job job);

    /// Runs what is queued, then joins. Idempotent.
    void close();

private:
    void work();

    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool is_closed_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace iapp::net::internal
