#pragma once
// Durable writes of many threads at the price of one fsync: what queued during the last commit goes into the next.
#include <functional>
#include <memory>

#include "store/database.hpp"

namespace iapp::store {

class GroupCommitter {
public:
    /// Part of a batch: runs on the committer's thread inside a savepoint. Its error undoes only its own changes.
    using Work = std::function<Status(Transaction&)>;

    explicit GroupCommitter(Database& database, std::size_t max_batch = 64);
    ~GroupCommitter();  ///< finishes what is queued

    /// Returns when the work is durable, or why it is not.
    /// Errors: those of `work`; those of Transaction::commit; unavailable "store.closed" after close().
    Status commit(const Work& work);

    void close();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::store
