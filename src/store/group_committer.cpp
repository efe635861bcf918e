#include "store/group_committer.hpp"

#include <algorithm>
#include <future>

#include "base/batches.hpp"

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
    Impl(Database& database, std::size_t max_batch)
        : jobs([&database, max_batch](std::vector<Job> taken, const std::stop_token&) {
              for (std::size_t at = 0; at < taken.size(); at += max_batch)
                  commit_together(database, std::span(taken).subspan(at, std::min(max_batch, taken.size() - at)));
          })
    {
    }

    Batches<Job> jobs;
};

GroupCommitter::GroupCommitter(Database& database, std::size_t max_batch)
    : impl_(std::make_unique<Impl>(database, max_batch))
{
}

GroupCommitter::~GroupCommitter() = default;

void GroupCommitter::close() { impl_->jobs.close(); }

void GroupCommitter::post(Job job)
{
    if (auto refused = impl_->jobs.add(std::move(job)))
        refused->done(fail(ErrorKind::unavailable, "store.closed", "the service is stopping"));
}

Status GroupCommitter::commit(const std::function<Status(Transaction&)>& work)
{
    std::promise<Status> told;
    auto answer = told.get_future();
    post({std::cref(work), [told = std::move(told)](Status status) mutable { told.set_value(std::move(status)); }});
    return answer.get();
}

}  // namespace iapp::store
