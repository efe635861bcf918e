#include "store/group_committer.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace iapp::store {
namespace {

/// One caller's work and, later, its answer. Lives on the caller's stack.
struct Item {
    const GroupCommitter::Work* work;
    Status answer{};
    bool is_done = false;
};

Status run_in_savepoint(Transaction& transaction, const GroupCommitter::Work& work)
{
    TRY_OK(transaction.run("SAVEPOINT item"));
    Status done = work(transaction);
    if (!done) TRY_OK(transaction.run("ROLLBACK TO item"));
    TRY_OK(transaction.run("RELEASE item"));
    return done;
}

/// Every item gets an answer. An error of the transaction itself is the answer of all that had none.
void run_batch(Database& database, std::span<Item* const> batch)
{
    Status committed;
    if (auto transaction = database.begin()) {
        for (Item* const item : batch) item->answer = run_in_savepoint(*transaction, *item->work);
        committed = transaction->commit();
    } else {
        committed = std::unexpected(transaction.error());
    }
    if (committed) return;
    for (Item* const item : batch)
        if (item->answer) item->answer = std::unexpected(committed.error());
}

}  // namespace

struct GroupCommitter::Impl {
    Impl(Database& d, std::size_t m) : database(d), max_batch(m), thread([this] { work(); }) {}
    void work();

    Database& database;
    const std::size_t max_batch;
    std::mutex mutex{};
    std::condition_variable wake{};
    std::condition_variable answered{};
    std::vector<Item*> queue{};
    bool is_closed = false;
    std::jthread thread;
};

void GroupCommitter::Impl::work()
{
    std::unique_lock lock(mutex);
    while (true) {
        wake.wait(lock, [this] { return is_closed || !queue.empty(); });
        if (queue.empty()) return;
        const auto count = static_cast<std::ptrdiff_t>(std::min(queue.size(), max_batch));
        const std::vector<Item*> batch(queue.begin(), queue.begin() + count);
        queue.erase(queue.begin(), queue.begin() + count);
        lock.unlock();
        run_batch(database, batch);
        lock.lock();
        for (Item* const item : batch) item->is_done = true;
        answered.notify_all();
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

Status GroupCommitter::commit(const Work& work)
{
    Item item{&work};
    std::unique_lock lock(impl_->mutex);
    if (impl_->is_closed) return fail(ErrorKind::unavailable, "store.closed", "the service is stopping");
    impl_->queue.push_back(&item);
    impl_->wake.notify_one();
    impl_->answered.wait(lock, [&] { return item.is_done; });
    return std::move(item.answer);
}

}  // namespace iapp::store
