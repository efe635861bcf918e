#include "scheduler/task_view.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace iapp::scheduler {
namespace {

std::int64_t milliseconds(UnixSeconds time) { return std::chrono::milliseconds(time.time_since_epoch()).count(); }

/// "2025-01-01T00:00:00.000+00:00", the spelling those clients print through.
std::string offset_time(UnixSeconds time)
{
    std::string text = iso8601(UnixMillis(time));
    text.pop_back();
    return text + "+00:00";
}

boost::json::array history_json(const std::vector<StateChange>& history)
{
    boost::json::array out;
    for (const StateChange& change : history) {
        boost::json::object item{{"status", name(change.state)}, {"date", offset_time(change.time)}};
        if (!change.reason.empty()) item["reason"] = change.reason;
        out.push_back(std::move(item));
    }
    return out;
}

}  // namespace

std::string task_model(const TaskRecord& record, const TaskFacts& facts, const std::vector<StateChange>& history)
{
    boost::json::object model{{"chainTaskId", record.id.hex()},
                              {"dealId", record.deal.hex()},
                              {"index", record.index},
                              {"replicates", boost::json::array{}},
                              {"maxExecutionTime", facts.category_time.count() * 1000},
                              {"tag", facts.deal.tag.hex()},
                              {"dappType", "DOCKER"},
                              {"currentStatus", name(record.state)},
                              {"trust", facts.deal.trust.clamp_u64()},
                              {"contributionDeadline", milliseconds(facts.task.contribution_deadline)},
                              {"finalDeadline", milliseconds(facts.task.final_deadline)},
                              {"attempts", record.attempts},
                              {"dateStatusList", history_json(history)}};
    if (!record.reason.empty()) model["failure"] = {{"id", record.reason}, {"message", record.detail}};
    if (!record.result_link.empty()) model["resultLink"] = record.result_link;
    return boost::json::serialize(model);
}

}  // namespace iapp::scheduler
