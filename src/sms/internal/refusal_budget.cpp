#include "sms/internal/refusal_budget.hpp"

#include <algorithm>

namespace iapp::sms::internal {

bool RefusalBudget::take(Bucket& bucket, std::chrono::seconds refill, UnixSeconds now)
{
    const auto gone = std::max(now - bucket.at, std::chrono::seconds(0));
    bucket.left = std::min(kBurst, bucket.left + static_cast<double>(gone.count()) / static_cast<double>(refill.count()));
    bucket.at = now;
    if (bucket.left < 1) return false;
    --bucket.left;
    return true;
}

/// A task's own bucket; null when there are too many tasks to tell apart.
RefusalBudget::Bucket* RefusalBudget::bucket_of(const poco::TaskId& task, UnixSeconds now)
{
    const auto found = tasks_.find(task);
    if (found != tasks_.end()) return &found->second;
    const auto full_again = std::chrono::duration_cast<std::chrono::seconds>(kTaskRefill * kBurst);
    if (tasks_.size() >= kMaxTasks)
        std::erase_if(tasks_, [&](const auto& entry) { return entry.second.at + full_again <= now; });
    if (tasks_.size() >= kMaxTasks) return nullptr;
    return &tasks_.emplace(task, Bucket{kBurst, now}).first->second;
}

bool RefusalBudget::take(const std::optional<poco::TaskId>& open_task, UnixSeconds now)
{
    const std::lock_guard lock(mutex_);
    if (Bucket* const own = open_task ? bucket_of(*open_task, now) : nullptr; own != nullptr)
        return take(*own, kTaskRefill, now);
    return take(strangers_, kStrangerRefill, now);
}

}  // namespace iapp::sms::internal
