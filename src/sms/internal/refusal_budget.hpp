#pragma once
// How many refusals may be written down. Every refusal is a leaf for ever, and anybody can be refused: without a bound a
// stranger could fill the disk and every auditor's evening. A request beyond the bound is not decided at all.
#include <map>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "poco/ids.hpp"

namespace iapp::sms::internal {

class RefusalBudget {
public:
    static constexpr double kBurst = 120;  ///< of one task, and of all strangers together
    static constexpr std::chrono::seconds kTaskRefill{30};
    static constexpr std::chrono::seconds kStrangerRefill{10};  ///< 8640 leaves a day at most
    static constexpr std::size_t kMaxTasks = 10'000;

    /// Whether one more refusal may be recorded. `open_task`: the chain knows this task and it is open, so somebody paid for
    /// it; absent: a stranger. Open tasks do not suffer from strangers, nor from each other. Safe from many threads.
    bool take(const std::optional<poco::TaskId>& open_task, UnixSeconds now);

private:
    struct Bucket {
        double left = kBurst;
        UnixSeconds at{};
    };
    static bool take(Bucket& bucket, std::chrono::seconds refill, UnixSeconds now);
    Bucket* bucket_of(const poco::TaskId& task, UnixSeconds now);

    std::mutex mutex_;
    Bucket strangers_;
    std::map<poco::TaskId, Bucket> tasks_;
};

}  // namespace iapp::sms::internal
