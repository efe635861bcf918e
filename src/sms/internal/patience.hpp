#pragma once
// Requests whose answer may be another one in a moment, asked again for a while. One thread does it for all of them: none of
// the server's is held, and strangers who make requests wait cost a bounded number of questions.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace iapp::sms::internal {

class Patience {
public:
    static constexpr std::size_t kMost = 16;  ///< that wait at the same time
    static constexpr std::chrono::milliseconds kPause{400};
    static constexpr std::chrono::milliseconds kLongest{2'000};

    /// Tries again, and answers when it can or when it `is_last`; whether it answered. Runs on the thread of Patience.
    using Attempt = std::function<bool(bool is_last)>;

    Patience();
    /// Attempts that still wait are dropped.
    ~Patience() = default;
    Patience(Patience&&) = delete;

    /// Whether `attempt` was taken; not, when too many wait already. Safe from many threads.
    bool take(Attempt attempt);

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Waiting {
        Attempt attempt;
        Time until;
    };
    void run(const std::stop_token& stop);

    std::mutex mutex_;  ///< guards waiting_ and count_
    std::condition_variable_any wake_;
    std::vector<Waiting> waiting_;
    std::size_t count_ = 0;  ///< waiting_ and those that are being tried
    std::jthread thread_;    ///< last: it uses the others
};

}  // namespace iapp::sms::internal
