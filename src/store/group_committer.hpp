#pragma once
// Durable writes of many threads at the price of one fsync: what queued during the last commit, and a moment longer while
// several come together, goes into the next (base/batches.hpp).
#include <functional>
#include <memory>

#include "store/database.hpp"

namespace iapp::store {

/// One write among those of the same transaction.
struct Job {
    /// Runs inside a savepoint. Its error undoes only its own changes.
    std::function<Status(Transaction&)> work;
    /// What became of it: success when it is durable. Must not block.
    std::move_only_function<void(Status)> done;
};

/// Commits all of them at once, then tells each, in order. Errors told: those of `work`; those of Transaction::commit.
void commit_together(Database& database, std::span<Job> jobs);

class GroupCommitter {
public:
    explicit GroupCommitter(Database& database, std::size_t max_batch = 64);
    ~GroupCommitter();  ///< finishes what is queued

    /// Runs the job and tells its end on the committer's thread. Errors told: those of commit_together(); unavailable
    /// "store.closed" after close(), at once.
    void post(Job job);

    /// As post(), and waits for the answer.
    Status commit(const std::function<Status(Transaction&)>& work);

    void close();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::store
