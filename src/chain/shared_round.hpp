#pragma once
// Work that many callers need at the same moment, done once: reads that must not answer from behind wait for one sync of
// the chain together.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "net/call_context.hpp"

namespace iapp::chain {

/// Safe to share between threads.
template <class T>
class SharedRound {
public:
    /// The outcome of a round of `work` that began after this call. Whoever finds none to wait for runs it, with its own
    /// context. Errors: those of `work`; deadline_exceeded, cancelled of the caller.
    Result<T> join(const net::CallContext& context, const std::function<Result<T>()>& work)
    {
        std::unique_lock lock(mutex_);
        const std::uint64_t wanted = started_ + 1;  // a round that runs already may have looked before this call
        while (true) {
            if (finished_ >= wanted && (*last_ || !is_own_limit(last_->error()))) return *last_;
            TRY_OK(context.check());
            if (!is_running_) return run(lock, work);
            if (context.deadline == net::Deadline::max()) changed_.wait(lock);
            else changed_.wait_until(lock, context.deadline);
        }
    }

private:
    /// A caller that ran out of its own time says nothing about the chain.
    static bool is_own_limit(const Error& error)
    {
        return error.kind == ErrorKind::deadline_exceeded || error.kind == ErrorKind::cancelled;
    }

    Result<T> run(std::unique_lock<std::mutex>& lock, const std::function<Result<T>()>& work)
    {
        is_running_ = true;
        ++started_;
        lock.unlock();
        Result<T> result = work();
        lock.lock();
        is_running_ = false;
        finished_ = started_;
        last_ = result;
        changed_.notify_all();
        return result;
    }

    std::mutex mutex_;  ///< guards the rest
    std::condition_variable changed_;
    bool is_running_ = false;
    std::uint64_t started_ = 0;      ///< rounds begun
    std::uint64_t finished_ = 0;     ///< rounds done
    std::optional<Result<T>> last_;  ///< of the newest round that is done
};

}  // namespace iapp::chain
