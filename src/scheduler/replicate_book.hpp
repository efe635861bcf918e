#pragma once
// What each worker did about a task, under the names iExec's clients know (ReplicateStatus), and the log it left for the
// task's requester. Not leases: who may work is the task book's business.
#include <optional>
#include <vector>

#include "poco/ids.hpp"
#include "store/database.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::scheduler {

/// Goes into the migrations of the task book.
extern const store::Migration kReplicateMigration;

/// Logs are forgotten after this; that a run was logged, and its exit code, stay.
inline constexpr std::chrono::hours kLogLife{72};

/// Of iExec's list, what a worker of ours can be seen to do.
enum class ReplicateStatus : unsigned char {
    created,               ///< got the lease
    start_failed,          ///< no keys: the release was refused
    app_download_failed,   ///< the image
    data_download_failed,  ///< datasets, input files
    compute_failed,        ///< the app itself
    computed,
    contributing,  ///< asked for its authorisation
    contribute_failed,
    contributed,  ///< as the chain says; contribution and finalisation are one transaction
    completed,
    failed,
    lost,  ///< its lease ran out and another worker took the task, or completed it
};
std::string_view name(ReplicateStatus status);  ///< "CREATED", "CONTRIBUTE_AND_FINALIZE_DONE", ...

/// What a run that ended with this reason id is called.
ReplicateStatus status_of_failure(std::string_view reason);

struct ReplicateChange {
    std::string status;
    UnixSeconds time;
    std::string reason;  ///< our id of a failure; empty otherwise
};

struct Replicate {
    eth::Address worker;
    std::vector<ReplicateChange> changes;  ///< oldest first, never empty
    std::optional<std::uint8_t> exit_code;
    bool is_logged;  ///< the worker reported; its log may be forgotten already
    bool has_log;
};

struct LogRecord {
    eth::Address worker;
    std::string out, err;
};

/// Writes a status unless it is the worker's last.
Status record(store::Transaction& transaction, const poco::TaskId& task, const eth::Address& worker, ReplicateStatus status,
              UnixSeconds now, std::string_view reason = {});
/// Replaces what the worker said about the task before.
Status store_log(store::Database& database, const poco::TaskId& task, const eth::Address& worker, const wire::RunLog& log,
                 UnixSeconds now);
Status forget_replicates(store::Transaction& transaction, const poco::TaskId& task);

/// In the order in which they began.
Result<std::vector<Replicate>> replicates_of(store::Database& database, const poco::TaskId& task);
/// Those with something in them.
Result<std::vector<LogRecord>> logs_of(store::Database& database, const poco::TaskId& task, UnixSeconds now);
/// Forgets logs older than kLogLife.
Status purge_logs(store::Database& database, UnixSeconds now);

}  // namespace iapp::scheduler
