#include "net/internal/pool.hpp"

namespace iapp::net::internal {

Pool::Pool(std::size_t threads, std::size_t queue) : capacity_(queue)
{
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Pool::~Pool() { close(); }

bool Pool::submit(Job job)
{
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_ || jobs_.size() >= capacity_) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void Pool::close()
{
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    wake_.notify_all();
    threads_.clear();  // joins
}

void Pool::work()
{
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return is_closed_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
    }
}

}  // namespace iapp::net::internal
