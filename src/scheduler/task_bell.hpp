#pragma once
// Who waits for news of a task, and what wakes them. News itself is in the task book and on the chain.
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <utility>

#include "net/call_context.hpp"
#include "poco/ids.hpp"

namespace iapp::scheduler {

class TaskBell {
    struct Waiter {
        poco::TaskId task;
        bool rung = false;
    };

public:
    /// A place in the queue, taken before looking at the task, so that nothing that happens after the look is missed.
    class Place {
    public:
        Place(Place&& other) noexcept : bell_(std::exchange(other.bell_, nullptr)), at_(other.at_) {}
        Place& operator=(Place&&) = delete;
        ~Place();

        /// Until the bell rings for the task, the call is over, or `time` is.
        void wait(std::chrono::milliseconds time, const net::CallContext& call);

    private:
        friend class TaskBell;
        Place(TaskBell& bell, std::list<Waiter>::iterator at) : bell_(&bell), at_(at) {}
        TaskBell* bell_;
        std::list<Waiter>::iterator at_;
    };

    /// `most` waiters at a time: each holds a thread of the server.
    explicit TaskBell(std::size_t most) : most_(most) {}

    /// Nothing when all places are taken; then ask again later.
    std::optional<Place> take_place(const poco::TaskId& task);
    void ring(const poco::TaskId& task);

private:
    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::list<Waiter> waiters_;
};

}  // namespace iapp::scheduler
