#pragma once
// Tasks that any worker may lease, and workers that wait for one: the oldest task goes to who waits longest. Who waits keeps
// no thread. Not who has a task: the lease table decides.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>

#include "eth/address.hpp"
#include "net/server.hpp"
#include "poco/ids.hpp"

namespace iapp::scheduler {

struct WaitingWorker {
    eth::Address worker;
    net::Pending pending;
    net::Deadline until;  ///< then it is answered 204
};

/// Safe to share between threads.
class Offers {
public:
    struct Offer {
        std::int64_t place;  ///< of the task among all tasks: the lowest is the oldest
        poco::TaskId task;
        friend auto operator<=>(const Offer&, const Offer&) = default;
    };
    struct Match {
        Offer offer;
        WaitingWorker worker;
    };

    /// `most_waiting` workers at a time: each holds a connection.
    explicit Offers(std::size_t most_waiting) : most_waiting_(most_waiting) {}

    void add(const Offer& offer);  ///< a second time is no change
    void remove(const Offer& offer);

    /// It is answered when its time is over, when it comes out of next(), or at close().
    /// Errors: unavailable "scheduler.busy": too many wait; then it is the caller's to answer.
    Status wait(WaitingWorker worker);
    /// The task of its match was somebody else's: it goes on waiting, before all others.
    void wait_on(WaitingWorker worker);

    /// Blocks until there are a task and a worker, which are then the caller's; nothing when asked to stop. Any number of
    /// threads may ask; one of them at least must, for it answers those whose time is over.
    std::optional<Match> next(const std::stop_token& stop);

    /// Answers all who wait and, at once, all who come.
    void close();

private:
    void answer_overdue();
    void answer_those_who_left();
    std::optional<Match> match();

    const std::size_t most_waiting_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::set<Offer> offers_;
    std::deque<WaitingWorker> waiting_;  ///< in the order of their time
    bool is_closed_ = false;
};

}  // namespace iapp::scheduler
