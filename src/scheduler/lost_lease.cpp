#include "scheduler/lost_lease.hpp"

namespace iapp::scheduler {
namespace {

std::int64_t unix_seconds(UnixSeconds time) { return time.time_since_epoch().count(); }

/// For statements whose number of changed rows says nothing.
Status done(const Result<std::int64_t>& changed)
{
    if (!changed) return std::unexpected(changed.error());
    return {};
}

}  // namespace

const store::Migration kLostLeaseMigration{"leases that ran out", R"(
CREATE TABLE lost_lease (id TEXT PRIMARY KEY, task BLOB NOT NULL, worker BLOB NOT NULL, lost_at INTEGER NOT NULL) STRICT;
CREATE INDEX lost_lease_by_age ON lost_lease (lost_at);
CREATE INDEX lost_lease_by_task ON lost_lease (task);
)"};

Status remember_lost(store::Transaction& transaction, const LeaseRecord& lease, UnixSeconds now)
{
    return done(transaction.run("INSERT OR IGNORE INTO lost_lease VALUES (?, ?, ?, ?)", lease.id, lease.task, lease.worker,
                                unix_seconds(now)));
}

Status forget_lost_of(store::Transaction& transaction, const poco::TaskId& task)
{
    return done(transaction.run("DELETE FROM lost_lease WHERE task = ?", task));
}

Result<LeaseRecord> find_lost(store::Database& database, std::string_view lease_id, const eth::Address& worker)
{
    TRY(auto transaction, database.read());
    TRY(auto rows, transaction.query("SELECT task, lost_at FROM lost_lease WHERE id = ? AND worker = ?", lease_id, worker));
    TRY(const bool found, rows.next());
    if (!found) return fail(ErrorKind::not_found, "scheduler.lease", "no such lease");
    TRY(const auto task, rows.id<poco::TaskId>(0));
    return LeaseRecord{std::string(lease_id), task, worker, UnixSeconds{std::chrono::seconds(rows.integer(1))}};
}

Status forget_old_lost(store::Database& database, UnixSeconds now)
{
    return done(database.run("DELETE FROM lost_lease WHERE lost_at <= ?", unix_seconds(now - kLostLeaseLife)));
}

}  // namespace iapp::scheduler
