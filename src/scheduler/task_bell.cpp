#include "scheduler/task_bell.hpp"

namespace iapp::scheduler {

std::optional<TaskBell::Place> TaskBell::take_place(const poco::TaskId& task)
{
    const std::lock_guard lock(mutex_);
    if (waiters_.size() >= most_) return std::nullopt;
    waiters_.push_back({task});
    return Place(*this, std::prev(waiters_.end()));
}

void TaskBell::ring(const poco::TaskId& task)
{
    const std::lock_guard lock(mutex_);
    bool anybody = false;
    for (Waiter& waiter : waiters_)
        if (waiter.task == task) anybody = waiter.rung = true;
    if (anybody) changed_.notify_all();
}

TaskBell::Place::~Place()
{
    if (bell_ == nullptr) return;
    const std::lock_guard lock(bell_->mutex_);
    bell_->waiters_.erase(at_);
}

void TaskBell::Place::wait(std::chrono::milliseconds time, const net::CallContext& call)
{
    std::unique_lock lock(bell_->mutex_);
    bell_->changed_.wait_for(lock, call.stop, std::min(time, net::time_left(call.deadline)), [this] { return at_->rung; });
}

}  // namespace iapp::scheduler
