#include "store/group_committer.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace iapp::store {
namespace {

Status run_in_savepoint(Transaction& transaction, const Job& job)
{
    TRY_OK(transaction.run("SAVEPOINT item"));
    Status done = job.work(transaction);
    if (!done) TRY_OK(transaction.run("ROLLBACK TO item"));
    TRY_OK(transaction.run("RELEASE item"));
    return done;
}

}  // namespace

/// Every job gets an answer. An error of the transaction itself is the answer of all that had none.
void commit_together(Database& database, std::span<Job> jobs)
{
    std::vector<Status> answers(jobs.size());
    Status committed;
    if (auto transaction = database.begin()) {
        std::ranges::transform(jobs, answers.begin(), [&](const Job& job) { return run_in_savepoint(*transaction, job); });
        committed = transaction->commit();
    } else {
        committed = std::unexpected(transaction.error());
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].done(answers[i] && !committed ? committed : std::move(answers[i]));
}

struct GroupCommitter::Impl {
    Impl(Database& d, std::size_t m) : database(d), max_batch(m), thread([this] { work(); }) {}
    std::vector<Job> take();
    void work();

    Database& database;
    const std::size_t max_batch;
    std::mutex mutex{};
    std::condition_variable wake{};
    std::vector<Job> queue{};
    bool is_closed = false;
    std::jthread thread;
};

/// The next batch; nothing when it is closed and everything is done.
std::vector<Job> GroupCommitter::Impl::take()
{
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return is_closed || !queue.empty(); });
    if (queue.size() <= max_batch) return std::exchange(queue, {});
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(max_batch);
    std::vector<Job> batch(std::move_iterator(queue.begin()), std::move_iterator(end));
    queue.erase(queue.begin(), end);
    return batch;
}

void GroupCommitter::Impl::work()
{
    while (true) {
        std::vector<Job> batch = take();
        if (batch.empty()) return;
        commit_together(database, batch);
    }
}

GroupCommitter::GroupCommitter(Database& database, std::size_t max_batch)
    : impl_(std::make_unique<Impl>(database, max_batch))
{
}

GroupCommitter::~GroupCommitter() { close(); }

void GroupCommitter::close()
{
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->is_closed = true;
    }
    impl_->wake.notify_one();
    if (impl_->thread.joinable()) impl_->thread.join();
}

void GroupCommitter::post(Job job)
{
    {
        const std::lock_guard lock(impl_->mutex);
        if (!impl_->is_closed) {
            impl_->queue.push_back(std::move(job));
            if (impl_->queue.size() == 1) impl_->wake.notify_one();
            return;
        }
    }
    job.done(fail(ErrorKind::unavailable, "store.closed", "the service is stopping"));
}

Status GroupCommitter::commit(const std::function<Status(Transaction&)>& work)
{
    std::promise<Status> told;
    auto answer = told.get_future();
    post({std::cref(work), [told = std::move(told)](Status status) mutable { told.set_value(std::move(status)); }});
    return answer.get();
}

}  // namespace iapp::store
