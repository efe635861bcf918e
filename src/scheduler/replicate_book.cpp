#include "scheduler/replicate_book.hpp"

#include <algorithm>
#include <array>

#include "codec/utf8.hpp"

namespace iapp::scheduler {
namespace {

constexpr std::array<std::string_view, 12> kNames{"CREATED",
                                                  "START_FAILED",
                                                  "APP_DOWNLOAD_FAILED",
                                                  "DATA_DOWNLOAD_FAILED",
                                                  "COMPUTE_FAILED",
                                                  "COMPUTED",
                                                  "CONTRIBUTE_AND_FINALIZE_ONGOING",
                                                  "CONTRIBUTE_AND_FINALIZE_FAILED",
                                                  "CONTRIBUTE_AND_FINALIZE_DONE",
                                                  "COMPLETED",
                                                  "FAILED",
                                                  "WORKER_LOST"};

struct FailureRule {
    std::string_view prefix;  ///< of the reason id
    ReplicateStatus status;
};
/// The first that fits.
constexpr FailureRule kFailures[] = {
    {"policy.", ReplicateStatus::start_failed},
    {"attest.", ReplicateStatus::start_failed},
    {"sms.", ReplicateStatus::start_failed},
    {"tee.", ReplicateStatus::start_failed},
    {"image.", ReplicateStatus::app_download_failed},
    {"oci.", ReplicateStatus::app_download_failed},
    {"agent.image_digest", ReplicateStatus::app_download_failed},
    {"agent.dataset", ReplicateStatus::data_download_failed},
    {"agent.input", ReplicateStatus::data_download_failed},
    {"blobs.", ReplicateStatus::data_download_failed},
    {"seal.", ReplicateStatus::data_download_failed},
    {"app.", ReplicateStatus::compute_failed},
    {"agent.", ReplicateStatus::compute_failed},
    {"sender.", ReplicateStatus::contribute_failed},
    {"rpc.", ReplicateStatus::contribute_failed},
    {"scheduler.", ReplicateStatus::contribute_failed},
};

std::int64_t unix_seconds(UnixSeconds time) { return time.time_since_epoch().count(); }

Status done(const Result<std::int64_t>& changed)
{
    if (!changed) return std::unexpected(changed.error());
    return {};
}

Replicate& replicate_of(std::vector<Replicate>& all, const eth::Address& worker)
{
    const auto found = std::ranges::find(all, worker, &Replicate::worker);
    if (found != all.end()) return *found;
    return all.emplace_back(Replicate{worker, {}, {}, false, false});
}

Status read_changes(store::Transaction& transaction, const poco::TaskId& task, std::vector<Replicate>& out)
{
    TRY(auto rows,
        transaction.query("SELECT worker, status, at, reason FROM replicate_change WHERE task = ? ORDER BY number", task));
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return {};
        TRY(const auto worker, rows.id<eth::Address>(0));
        replicate_of(out, worker)
            .changes.push_back({rows.text(1), UnixSeconds{std::chrono::seconds(rows.integer(2))}, rows.text(3)});
    }
}

Status read_marks(store::Transaction& transaction, const poco::TaskId& task, std::vector<Replicate>& out)
{
    TRY(auto rows,
        transaction.query("SELECT worker, exit_code, length(out) + length(err) FROM run_log WHERE task = ?", task));
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return {};
        TRY(const auto worker, rows.id<eth::Address>(0));
        Replicate& replicate = replicate_of(out, worker);
        replicate.is_logged = true;
        replicate.has_log = rows.integer(2) != 0;
        if (!rows.is_null(1)) replicate.exit_code = static_cast<std::uint8_t>(rows.integer(1));
    }
}

Result<std::string> last_status(store::Transaction& transaction, const poco::TaskId& task, const eth::Address& worker)
{
    TRY(auto rows, transaction.query("SELECT status FROM replicate_change WHERE task = ? AND worker = ? "
                                     "ORDER BY number DESC LIMIT 1",
                                     task, worker));
    TRY(const bool found, rows.next());
    return found ? rows.text(0) : std::string();
}

/// A worker may ask for its authorisation again, and the chain may end a task again that a reorganisation took back.
bool is_no_news(std::string_view last, ReplicateStatus status)
{
    if (last == name(status)) return true;
    if (status == ReplicateStatus::computed) return last == name(ReplicateStatus::contributing);
    return status == ReplicateStatus::contributed && last == name(ReplicateStatus::completed);
}

Result<std::int64_t> count_changes(store::Transaction& transaction, const poco::TaskId& task)
{
    TRY(auto rows, transaction.query("SELECT count(*) FROM replicate_change WHERE task = ?", task));
    TRY_OK(rows.next());
    return rows.integer(0);
}

}  // namespace

const store::Migration kReplicateMigration{"replicates and their logs", R"(
CREATE TABLE replicate_change (
    task BLOB NOT NULL, number INTEGER NOT NULL, worker BLOB NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL,
    reason TEXT NOT NULL, PRIMARY KEY (task, number)
) STRICT;
CREATE TABLE run_log (
    task BLOB NOT NULL, worker BLOB NOT NULL, stored_at INTEGER NOT NULL, exit_code INTEGER,
    out TEXT NOT NULL, err TEXT NOT NULL, PRIMARY KEY (task, worker)
) STRICT;
CREATE INDEX run_log_by_age ON run_log (stored_at) WHERE out <> '' OR err <> '';
)"};

std::string_view name(ReplicateStatus status) { return kNames.at(static_cast<std::size_t>(status)); }

ReplicateStatus status_of_failure(std::string_view reason)
{
    const auto* const rule =
        std::ranges::find_if(kFailures, [&](const FailureRule& one) { return reason.starts_with(one.prefix); });
    return rule == std::end(kFailures) ? ReplicateStatus::failed : rule->status;
}

Status record(store::Transaction& transaction, const poco::TaskId& task, const eth::Address& worker, ReplicateStatus status,
              UnixSeconds now, std::string_view reason)
{
    TRY(const std::string last, last_status(transaction, task, worker));
    if (is_no_news(last, status)) return {};
    TRY(const std::int64_t number, count_changes(transaction, task));
    return done(transaction.run("INSERT INTO replicate_change VALUES (?, ?, ?, ?, ?, ?)", task, number, worker,
                                unix_seconds(now), name(status), codec::storable_text(reason)));
}

Status store_log(store::Database& database, const poco::TaskId& task, const eth::Address& worker, const wire::RunLog& log,
                 UnixSeconds now)
{
    std::optional<std::int64_t> exit_code;
    if (log.exit_code) exit_code = *log.exit_code;
    return done(database.run(
        "INSERT INTO run_log VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (task, worker) DO UPDATE SET "
        "stored_at = excluded.stored_at, exit_code = excluded.exit_code, out = excluded.out, err = excluded.err",
        task, worker, unix_seconds(now), exit_code, codec::storable_text(log.out), codec::storable_text(log.err)));
}

Status forget_replicates(store::Transaction& transaction, const poco::TaskId& task)
{
    TRY_OK(done(transaction.run("DELETE FROM replicate_change WHERE task = ?", task)));
    return done(transaction.run("DELETE FROM run_log WHERE task = ?", task));
}

Result<std::vector<Replicate>> replicates_of(store::Database& database, const poco::TaskId& task)
{
    TRY(auto transaction, database.read());
    std::vector<Replicate> out;
    TRY_OK(read_changes(transaction, task, out));
    TRY_OK(read_marks(transaction, task, out));
    return out;
}

Result<std::vector<LogRecord>> logs_of(store::Database& database, const poco::TaskId& task, UnixSeconds now)
{
    TRY(auto transaction, database.read());
    TRY(auto rows, transaction.query("SELECT worker, out, err FROM run_log WHERE task = ? AND stored_at > ? AND "
                                     "(out <> '' OR err <> '') ORDER BY stored_at, worker",
                                     task, unix_seconds(now - kLogLife)));
    std::vector<LogRecord> out;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return out;
        TRY(const auto worker, rows.id<eth::Address>(0));
        out.push_back({worker, rows.text(1), rows.text(2)});
    }
}

Status purge_logs(store::Database& database, UnixSeconds now)
{
    return done(database.run("UPDATE run_log SET out = '', err = '' WHERE stored_at <= ? AND (out <> '' OR err <> '')",
                             unix_seconds(now - kLogLife)));
}

}  // namespace iapp::scheduler
