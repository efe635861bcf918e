#include "scheduler/task_view.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/hex.hpp"
#include "poco/contribution.hpp"

namespace iapp::scheduler {
namespace {

using boost::json::array;
using boost::json::object;

/// "2025-01-01T00:00:00.000+00:00", the spelling those clients print through.
std::string offset_time(UnixSeconds time)
{
    std::string text = iso8601(UnixMillis(time));
    text.pop_back();
    return text + "+00:00";
}

array history_json(const std::vector<StateChange>& history)
{
    array out;
    for (const StateChange& change : history) {
        object item{{"status", name(change.state)}, {"date", offset_time(change.time)}};
        if (!change.reason.empty()) item["reason"] = change.reason;
        out.push_back(std::move(item));
    }
    return out;
}

/// `cause` is for programs that know iExec's list, which has no word for our reasons; `reason` says it.
array changes_json(const std::vector<ReplicateChange>& changes)
{
    array out;
    for (const ReplicateChange& change : changes) {
        object item{{"status", change.status}, {"date", offset_time(change.time)}};
        if (!change.reason.empty()) {
            item["cause"] = "UNKNOWN";
            item["reason"] = change.reason;
        }
        out.push_back(std::move(item));
    }
    return out;
}

bool has_contributed(const poco::Task& task, const eth::Address& worker)
{
    return std::ranges::find(task.contributors, worker) != task.contributors.end();
}

std::string path_of(const poco::TaskId& task, const eth::Address& worker)
{
    return "/tasks/" + task.hex() + "/replicates/" + eth::to_checksum(worker);
}

void add_result(const TaskStory& story, object& out)
{
    if (!story.record.result_link.empty()) out["resultLink"] = story.record.result_link;
    const Bytes& callback = story.facts.task.results_callback;
    if (!callback.empty()) out["chainCallbackData"] = hex0x(callback);
}

object replicate_json(const TaskStory& story, const Replicate& replicate)
{
    const poco::TaskId& id = story.record.id;
    object out{{"self", path_of(id, replicate.worker)},
               {"chainTaskId", id.hex()},
               {"walletAddress", eth::to_checksum(replicate.worker)},
               {"currentStatus", replicate.changes.empty() ? "CREATED" : replicate.changes.back().status},
               {"statusUpdateList", changes_json(replicate.changes)}};
    if (has_contributed(story.facts.task, replicate.worker) && story.facts.task.status == poco::TaskStatus::completed) {
        out["contributionHash"] = poco::result_hash(id, story.facts.task.result_digest).hex();
        add_result(story, out);
    }
    if (replicate.has_log) out["appLogs"] = path_of(id, replicate.worker) + "/logs";
    if (replicate.exit_code) out["appExitCode"] = *replicate.exit_code;
    return out;
}

object log_json(const LogRecord& log)
{
    object out{{"walletAddress", eth::to_checksum(log.worker)}};
    if (!log.out.empty()) out["stdout"] = log.out;
    if (!log.err.empty()) out["stderr"] = log.err;
    return out;
}

void add_times(const poco::Task& task, object& model)
{
    if (!task.exists()) return;
    model["contributionDeadline"] = offset_time(task.contribution_deadline);
    model["finalDeadline"] = offset_time(task.final_deadline);
    if (task.reveal_deadline != UnixSeconds{}) model["revealDeadline"] = offset_time(task.reveal_deadline);
    if (!task.consensus_value.is_zero()) model["consensus"] = task.consensus_value.hex();
}

void add_uploader(const TaskStory& story, object& model)
{
    const auto& contributors = story.facts.task.contributors;
    if (!contributors.empty()) model["uploadingWorkerWalletAddress"] = eth::to_checksum(contributors.front());
}

}  // namespace

std::string task_model(const TaskStory& story)
{
    const auto& [record, facts, history, replicates, image, command_line] = story;
    array replicate_list;
    for (const Replicate& replicate : replicates) replicate_list.push_back(replicate_json(story, replicate));
    object model{{"chainTaskId", record.id.hex()},
                 {"dealId", record.deal.hex()},
                 {"index", record.index},
                 {"replicates", std::move(replicate_list)},
                 {"maxExecutionTime", facts.category_time.count() * 1000},
                 {"tag", facts.deal.tag.hex()},
                 {"dappType", "DOCKER"},
                 {"dappName", image},
                 {"commandLine", command_line},
                 {"currentStatus", name(record.state)},
                 {"trust", facts.deal.trust.clamp_u64()},
                 {"attempts", record.attempts},
                 {"dateStatusList", history_json(history)}};
    add_times(facts.task, model);
    add_uploader(story, model);
    add_result(story, model);
    if (!record.reason.empty()) model["failure"] = {{"id", record.reason}, {"message", record.detail}};
    return boost::json::serialize(model);
}

std::string replicate_model(const TaskStory& story, const Replicate& replicate)
{
    return boost::json::serialize(replicate_json(story, replicate));
}

std::string task_logs_model(const poco::TaskId& task, const std::vector<LogRecord>& logs)
{
    array list;
    for (const LogRecord& log : logs) list.push_back(log_json(log));
    return boost::json::serialize(object{{"chainTaskId", task.hex()}, {"computeLogsList", std::move(list)}});
}

std::string compute_logs(const LogRecord& log) { return boost::json::serialize(log_json(log)); }

}  // namespace iapp::scheduler
