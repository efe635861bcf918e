#include "scheduler/task_book.hpp"

#include <algorithm>
#include <vector>

#include "base/hex.hpp"
#include "chain/follower.hpp"
#include "chain/journal.hpp"
#include "codec/utf8.hpp"
#include "crypto/random.hpp"
#include "scheduler/lost_lease.hpp"
#include "scheduler/pool_sink.hpp"
#include "scheduler/replicate_book.hpp"

namespace iapp::scheduler {
namespace {

constexpr store::Migration kTaskMigration{"tasks, leases, nonces", R"(
CREATE TABLE task (
    id BLOB PRIMARY KEY, deal BLOB NOT NULL, idx INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, hopeless INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
    result_link TEXT NOT NULL DEFAULT '', settled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX task_open ON task (settled) WHERE settled = 0;
CREATE TABLE history (
    task BLOB NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX history_by_task ON history (task);
CREATE TABLE lease (
    task BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, worker BLOB NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE nonce (value BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
CREATE INDEX nonce_by_expiry ON nonce (expires_at);
)"};

constexpr store::Migration kSettledMigration{"the block of a settlement", R"(
ALTER TABLE task ADD COLUMN settled_block INTEGER NOT NULL DEFAULT 0;
CREATE INDEX task_settled ON task (settled_block) WHERE settled = 1;
)"};

constexpr store::Migration kFailedAtMigration{"the time of the last failure", R"(
ALTER TABLE task ADD COLUMN failed_at INTEGER NOT NULL DEFAULT 0;
)"};

constexpr store::Migration kOutagesMigration{"outages apart from attempts", R"(
ALTER TABLE task ADD COLUMN outages INTEGER NOT NULL DEFAULT 0;
)"};

/// Where a row stands among those of its table (of its task, in `history`). Rows that are older than the column stand first.
constexpr store::Migration kPlaceMigration{"the order of tasks and changes", R"(
ALTER TABLE task ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
CREATE INDEX task_by_place ON task (place);
ALTER TABLE history ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
)"};

const std::vector<store::Migration>& migrations()
{
    static const std::vector<store::Migration> all{kTaskMigration,           kDealMigration,      chain::kFollowerMigration,
                                                   chain::kJournalMigration, kSettledMigration,   kFailedAtMigration,
                                                   kOutagesMigration,        kReplicateMigration, kPlaceMigration,
                                                   kDealPlaceMigration,      kEndMigration,       kLostLeaseMigration};
    return all;
}

constexpr std::string_view kTaskColumns =
    "SELECT id, deal, idx, state, attempts, outages, hopeless, reason, detail, result_link, failed_at, place FROM task ";
constexpr std::string_view kLeaseColumns = "SELECT id, task, worker, expires_at FROM lease ";

std::int64_t unix_seconds(UnixSeconds time) { return time.time_since_epoch().count(); }
UnixSeconds from_unix(std::int64_t seconds) { return UnixSeconds{std::chrono::seconds(seconds)}; }

/// For statements whose number of changed rows says nothing.
Status done(const Result<std::int64_t>& changed)
{
    if (!changed) return std::unexpected(changed.error());
    return {};
}

Result<TaskState> state_of(const std::string& text)
{
    if (const auto state = parse_state(text)) return *state;
    return fail(ErrorKind::corrupt, "scheduler.state", "unknown task state " + text + " in the database");
}

Result<TaskRecord> read_task(const store::Rows& row)
{
    TRY(const auto id, row.id<poco::TaskId>(0));
    TRY(const auto deal, row.id<poco::DealId>(1));
    TRY(const TaskState state, state_of(row.text(3)));
    return TaskRecord{id,
                      deal,
                      static_cast<std::uint64_t>(row.integer(2)),
                      state,
                      static_cast<unsigned>(row.integer(4)),
                      static_cast<unsigned>(row.integer(5)),
                      row.integer(6) != 0,
                      row.text(7),
                      row.text(8),
                      row.text(9),
                      from_unix(row.integer(10)),
                      row.integer(11)};
}

Result<LeaseRecord> read_lease(const store::Rows& row)
{
    TRY(const auto task, row.id<poco::TaskId>(1));
    TRY(const auto worker, row.id<eth::Address>(2));
    return LeaseRecord{row.text(0), task, worker, from_unix(row.integer(3))};
}

Result<std::optional<LeaseRecord>> lease_of_task(store::Transaction& transaction, const poco::TaskId& id)
{
    TRY(auto rows, transaction.query(std::string(kLeaseColumns) + "WHERE task = ?", id));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<LeaseRecord>{};
    TRY(LeaseRecord lease, read_lease(rows));
    return std::optional(std::move(lease));
}

Result<bool> may_run(store::Transaction& transaction, const poco::TaskId& id, UnixSeconds now)
{
    TRY(auto rows, transaction.query(std::string(kTaskColumns) + "WHERE id = ? AND settled = 0", id));
    TRY(const bool found, rows.next());
    if (!found) return false;
    TRY(const TaskRecord task, read_task(rows));
    return !task.hopeless && task.attempts < kMaxAttempts && !is_resting(task, now);
}

Status add_history(store::Transaction& transaction, const poco::TaskId& id, UnixSeconds now, TaskState state,
                   std::string_view reason)
{
    return done(
        transaction.run("INSERT INTO history (task, at, state, reason, place) VALUES (?1, ?2, ?3, ?4, (SELECT count(*) + 1 "
                        "FROM history WHERE task = ?1))",
                        id, unix_seconds(now), name(state), codec::storable_text(reason)));
}

Status add_task(store::Transaction& transaction, const poco::TaskId& id, const poco::DealId& deal, std::uint64_t index,
                UnixSeconds now)
{
    TRY(const auto added,
        transaction.run("INSERT OR IGNORE INTO task (id, deal, idx, state, place) VALUES (?, ?, ?, ?, (SELECT "
                        "coalesce(max(place), 0) + 1 FROM task))",
                        id, deal, index, name(TaskState::received)));
    if (added == 0) return {};
    return add_history(transaction, id, now, TaskState::received, {});
}

Status write_state(store::Transaction& transaction, const poco::TaskId& id, TaskState state, UnixSeconds now,
                   std::string_view reason)
{
    TRY(const auto changed,
        transaction.run("UPDATE task SET state = ? WHERE id = ? AND state <> ?", name(state), id, name(state)));
    if (changed == 0) return {};
    return add_history(transaction, id, now, state, reason);
}

/// Who has the lease and did not contribute came too late.
Status credit(store::Transaction& transaction, const poco::TaskId& id, std::span<const eth::Address> contributors,
              const std::optional<LeaseRecord>& lease, UnixSeconds now)
{
    for (const eth::Address& worker : contributors)
        for (const auto status : {ReplicateStatus::contributed, ReplicateStatus::completed})
            TRY_OK(record(transaction, id, worker, status, now));
    if (!lease || std::ranges::find(contributors, lease->worker) != contributors.end()) return {};
    return record(transaction, id, lease->worker, ReplicateStatus::lost, now);
}

Result<std::optional<TaskState>> current_state(store::Transaction& transaction, const poco::TaskId& id)
{
    TRY(auto rows, transaction.query("SELECT state FROM task WHERE id = ?", id));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<TaskState>{};
    TRY(const TaskState state, state_of(rows.text(0)));
    return std::optional(state);
}

}  // namespace

Result<TaskBook> TaskBook::open(const std::string& location)
{
    TRY(auto database, store::Database::open(location, migrations()));
    return TaskBook(std::move(database));
}

Status TaskBook::add(const poco::TaskId& id, const poco::DealId& deal, std::uint64_t index, UnixSeconds now)
{
    TRY(auto transaction, database_.begin());
    TRY_OK(add_task(transaction, id, deal, index, now));
    return transaction.commit();
}

Status TaskBook::add_deal(const poco::DealId& deal, std::uint64_t first, std::uint64_t count, UnixSeconds now)
{
    TRY(auto transaction, database_.begin());
    for (std::uint64_t index = first; index < first + count; ++index)
        TRY_OK(add_task(transaction, poco::task_id(deal, index), deal, index, now));
    TRY_OK(mark_booked(transaction, deal));
    return transaction.commit();
}

Status TaskBook::remove(const poco::TaskId& id)
{
    TRY(auto transaction, database_.begin());
    for (const char* sql :
         {"DELETE FROM lease WHERE task = ?", "DELETE FROM history WHERE task = ?", "DELETE FROM task WHERE id = ?"})
        TRY_OK(done(transaction.run(sql, id)));
    TRY_OK(forget_replicates(transaction, id));
    TRY_OK(forget_lost_of(transaction, id));
    return transaction.commit();
}

Result<std::vector<TaskRecord>> TaskBook::open_tasks()
{
    TRY(auto transaction, database_.read());
    // A task we gave up is still open until the chain says so: its requester is refunded by a claim.
    TRY(auto rows, transaction.query(std::string(kTaskColumns) + "WHERE settled = 0 ORDER BY place, id"));
    std::vector<TaskRecord> tasks;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return tasks;
        TRY(TaskRecord task, read_task(rows));
        tasks.push_back(std::move(task));
    }
}

Result<TaskRecord> TaskBook::get(const poco::TaskId& id)
{
    TRY(auto transaction, database_.read());
    TRY(auto rows, transaction.query(std::string(kTaskColumns) + "WHERE id = ?", id));
    TRY(const bool found, rows.next());
    if (!found) return fail(ErrorKind::not_found, "scheduler.task", "this workerpool has no task " + id.hex());
    return read_task(rows);
}

Result<std::vector<StateChange>> TaskBook::history(const poco::TaskId& id)
{
    TRY(auto transaction, database_.read());
    TRY(auto rows, transaction.query("SELECT state, at, reason FROM history WHERE task = ? ORDER BY place, at", id));
    std::vector<StateChange> changes;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return changes;
        TRY(const TaskState state, state_of(rows.text(0)));
        changes.push_back({state, from_unix(rows.integer(1)), rows.text(2)});
    }
}

Result<std::map<std::string, std::int64_t>> TaskBook::counts()
{
    TRY(auto transaction, database_.read());
    TRY(auto rows, transaction.query("SELECT state, count(*) FROM task GROUP BY state"));
    std::map<std::string, std::int64_t> out;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return out;
        out[rows.text(0)] = rows.integer(1);
    }
}

Status TaskBook::note(const poco::TaskId& id, TaskState state, UnixSeconds now, std::string_view reason,
                      std::optional<TaskState> seen)
{
    TRY(auto transaction, database_.begin());
    TRY(const auto current, current_state(transaction, id));
    if (seen && current != seen) return {};
    TRY_OK(write_state(transaction, id, state, now, reason));
    return transaction.commit();
}

Status reopen_settled(store::Transaction& transaction, std::uint64_t first_bad)
{
    return done(transaction.run("UPDATE task SET settled = 0, result_link = '' WHERE settled = 1 AND settled_block >= ?",
                                first_bad));
}

Status TaskBook::settle(const poco::TaskId& id, const TaskEnd& end, UnixSeconds now)
{
    TRY(auto transaction, database_.begin());
    TRY_OK(write_state(transaction, id, end.state, now, {}));
    TRY_OK(done(transaction.run("UPDATE task SET result_link = ?, settled = 1, settled_block = ? WHERE id = ?",
                                codec::storable_text(end.result_link), end.block, id)));
    TRY(const auto lease, lease_of_task(transaction, id));
    if (end.state == TaskState::completed) TRY_OK(credit(transaction, id, end.contributors, lease, now));
    // Over, and still there: what its worker has to report may come after the chain's news.
    if (lease && lease->expires_at > now)
        TRY_OK(done(transaction.run("UPDATE lease SET expires_at = ? WHERE task = ?", unix_seconds(now), id)));
    return transaction.commit();
}

Status TaskBook::note_failure(const LeaseRecord& lease, std::string_view reason, std::string_view detail, UnixSeconds now)
{
    TRY(auto transaction, database_.begin());
    const int outage = is_outage(reason) ? 1 : 0;
    TRY_OK(
        done(transaction.run("UPDATE task SET attempts = attempts + ?, outages = outages + ?, "
                             "hopeless = CASE WHEN hopeless = 1 THEN 1 ELSE CAST(? AS INTEGER) END, reason = ?, detail = ?, "
                             "failed_at = ? WHERE id = ?",
                             1 - outage, outage, may_pass(reason) ? 0 : 1, codec::storable_text(reason),
                             codec::storable_text(detail), unix_seconds(now), lease.task)));
    TRY(const auto state, current_state(transaction, lease.task));
    if (state) TRY_OK(add_history(transaction, lease.task, now, *state, reason));
    TRY_OK(record(transaction, lease.task, lease.worker, status_of_failure(reason), now, reason));
    TRY_OK(done(transaction.run("DELETE FROM lease WHERE id = ?", lease.id)));
    return transaction.commit();
}

Status TaskBook::note_computed(const LeaseRecord& lease, UnixSeconds now)
{
    TRY(auto transaction, database_.begin());
    for (const auto status : {ReplicateStatus::computed, ReplicateStatus::contributing})
        TRY_OK(record(transaction, lease.task, lease.worker, status, now));
    return transaction.commit();
}

bool is_resting(const TaskRecord& task, UnixSeconds now)
{
    const unsigned failed_runs = task.attempts + task.outages;
    return failed_runs > 0 && now < task.failed_at + rest_after(failed_runs);
}

Result<std::optional<LeaseRecord>> TaskBook::lease(const poco::TaskId& id, const eth::Address& worker, UnixSeconds now,
                                                   std::chrono::seconds length)
{
    TRY(auto transaction, database_.begin());
    TRY(const bool runnable, may_run(transaction, id, now));
    if (!runnable) return std::optional<LeaseRecord>{};
    TRY(const auto held, lease_of_task(transaction, id));
    if (held && held->expires_at > now && held->worker != worker) return std::optional<LeaseRecord>{};
    const bool same = held && held->expires_at > now;
    LeaseRecord lease{same ? held->id : hex(crypto::random_bytes(16)), id, worker, now + length};
    TRY_OK(
        done(transaction.run("INSERT INTO lease VALUES (?, ?, ?, ?) ON CONFLICT (task) DO UPDATE SET id = excluded.id, "
                             "worker = excluded.worker, expires_at = excluded.expires_at",
                             id, lease.id, worker, unix_seconds(lease.expires_at))));
    TRY_OK(write_state(transaction, id, TaskState::running, now, {}));
    if (held && !same) TRY_OK(remember_lost(transaction, *held, now));
    if (held && held->worker != worker) TRY_OK(record(transaction, id, held->worker, ReplicateStatus::lost, now));
    if (!same) TRY_OK(record(transaction, id, worker, ReplicateStatus::created, now));
    TRY_OK(transaction.commit());
    return std::optional(std::move(lease));
}

Status TaskBook::give_back(const LeaseRecord& lease)
{
    return done(database_.run("DELETE FROM lease WHERE id = ?", lease.id));
}

Result<LeaseRecord> TaskBook::find_lease(std::string_view lease_id, const eth::Address& worker)
{
    TRY(auto transaction, database_.read());
    TRY(auto rows, transaction.query(std::string(kLeaseColumns) + "WHERE id = ?", lease_id));
    TRY(const bool found, rows.next());
    if (!found)
        return fail(ErrorKind::not_found, "scheduler.lease", "no such lease; it ended, or the task went to another worker");
    TRY(LeaseRecord lease, read_lease(rows));
    if (lease.worker != worker)
        return fail(ErrorKind::permission_denied, "scheduler.lease_owner", "the lease belongs to another worker");
    return lease;
}

Result<LeaseRecord> TaskBook::check_lease(std::string_view lease_id, const eth::Address& worker, UnixSeconds now)
{
    TRY(LeaseRecord lease, find_lease(lease_id, worker));
    if (lease.expires_at <= now)
        return fail(ErrorKind::conflict, "scheduler.lease_expired", "the lease expired; ask for the task again");
    return lease;
}

Result<LeaseRecord> TaskBook::renew(std::string_view lease_id, const eth::Address& worker, UnixSeconds now,
                                    std::chrono::seconds length)
{
    TRY(LeaseRecord lease, check_lease(lease_id, worker, now));
    lease.expires_at = now + length;
    TRY_OK(done(database_.run("UPDATE lease SET expires_at = ? WHERE id = ?", unix_seconds(lease.expires_at), lease_id)));
    return lease;
}

Result<std::optional<LeaseRecord>> TaskBook::holder(const poco::TaskId& id, UnixSeconds now)
{
    TRY(auto transaction, database_.read());
    TRY(auto lease, lease_of_task(transaction, id));
    if (lease && lease->expires_at <= now) lease.reset();
    return lease;
}

Status TaskBook::spend_nonce(const wire::WorkerNonce& nonce, UnixSeconds expires_at, UnixSeconds now)
{
    TRY(auto transaction, database_.begin());
    TRY_OK(done(transaction.run("DELETE FROM nonce WHERE expires_at < ?", unix_seconds(now))));
    TRY(const auto added, transaction.run("INSERT OR IGNORE INTO nonce VALUES (?, ?)", nonce, unix_seconds(expires_at)));
    if (added == 0)
        return fail(ErrorKind::unauthenticated, "worker_auth.replayed", "this request was made before; sign a new nonce");
    return transaction.commit();
}

}  // namespace iapp::scheduler
