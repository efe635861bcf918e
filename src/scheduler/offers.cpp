#include "scheduler/offers.hpp"

namespace iapp::scheduler {
namespace {

void answer_nothing(WaitingWorker worker) { std::move(worker.pending).answer(net::empty_response(204)); }

}  // namespace

void Offers::add(const Offer& offer)
{
    const std::lock_guard lock(mutex_);
    if (offers_.insert(offer).second) changed_.notify_all();
}

void Offers::remove(const Offer& offer)
{
    const std::lock_guard lock(mutex_);
    offers_.erase(offer);
}

Status Offers::wait(WaitingWorker worker)
{
    const std::lock_guard lock(mutex_);
    if (!is_closed_ && waiting_.size() >= most_waiting_)
        return fail(ErrorKind::unavailable, "scheduler.busy", "too many workers wait for a task; ask again in a moment");
    if (is_closed_) answer_nothing(std::move(worker));
    else waiting_.push_back(std::move(worker));
    changed_.notify_all();
    return {};
}

void Offers::wait_on(WaitingWorker worker)
{
    const std::lock_guard lock(mutex_);
    if (is_closed_) return answer_nothing(std::move(worker));
    waiting_.push_front(std::move(worker));
    changed_.notify_all();
}

void Offers::answer_overdue()
{
    for (const auto now = net::Deadline::clock::now(); !waiting_.empty() && waiting_.front().until <= now;
         waiting_.pop_front())
        answer_nothing(std::move(waiting_.front()));
}

/// A lease would be lost on them; an answer ends their connections.
void Offers::answer_those_who_left()
{
    std::erase_if(waiting_, [](const WaitingWorker& worker) {
        const bool has_left = worker.pending.has_left();
        if (has_left) answer_nothing(worker);
        return has_left;
    });
}

std::optional<Offers::Match> Offers::match()
{
    if (waiting_.empty() || offers_.empty()) return std::nullopt;
    Match match{*offers_.begin(), std::move(waiting_.front())};
    offers_.erase(offers_.begin());
    waiting_.pop_front();
    return match;
}

std::optional<Offers::Match> Offers::next(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        answer_overdue();
        answer_those_who_left();
        if (auto matched = match()) return matched;
        if (waiting_.empty()) changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
        else changed_.wait_until(lock, stop, waiting_.front().until, [this] { return !offers_.empty(); });
    }
    return std::nullopt;
}

void Offers::close()
{
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (WaitingWorker& worker : waiting_) answer_nothing(std::move(worker));
    waiting_.clear();
}

}  // namespace iapp::scheduler
