// iapp task, iapp deal: what the chain and the scheduler know, with the legal next moves in words.
#include "chain/time.hpp"
#include "commands.hpp"
#include "options.hpp"
#include "poco/task.hpp"
#include "task_status.hpp"

namespace iapp::cli {

Result<Answer> run_task(const Arguments& arguments, Context& context)
{
    TRY(const auto id, id_option<poco::TaskId>(arguments, "TASK"));
    TRY(auto session, Session::open(context));
    TRY(const auto task, session->hub.view_task(id, session->call()));
    const auto view = ask_scheduler(*session, id);
    if (!task.exists() && view.status.empty())
        return fail(ErrorKind::not_found, "task.unknown", "neither chain nor scheduler knows task " + id.hex());
    TRY(const auto now, chain::chain_time(session->rpc, context.clock, session->call()));
    const std::string status(poco::display_status(task, now));
    Answer answer{{{"task", id.hex()}, {"deal", task.deal.hex()}, {"status", status}, {"scheduler", view.status}}, ""};
    answer.text = "task       " + id.hex() + "\ndeal       " + task.deal.hex() + "\nstatus     " + status + "\nscheduler  " +
                  view.status + "\n";
    if (task.exists()) {
        answer.document["contributionDeadline"] = iso8601(task.contribution_deadline);
        answer.document["finalDeadline"] = iso8601(task.final_deadline);
        answer.text += "deadlines  contribute before " + iso8601(task.contribution_deadline) + ", claim from " +
                       iso8601(task.final_deadline) + "\n";
    }
    if (!view.failure_id.empty()) {
        answer.document["failure"] = {{"id", view.failure_id}, {"message", view.failure_message}};
        answer.text += "failure    " + view.failure_id + ": " + view.failure_message + "\n";
    }
    for (const auto& line : view.history) answer.text += "           " + line + "\n";
    if (!task.results.empty()) {
        answer.document["result"] = to_text(task.results);
        answer.text += "result     " + to_text(task.results) + "\n";
    }
    return answer;
}

Result<Answer> run_deal(const Arguments& arguments, Context& context)
{
    TRY(const auto id, id_option<poco::DealId>(arguments, "DEAL"));
    TRY(auto session, Session::open(context));
    TRY(const auto deal, session->hub.view_deal(id, session->call()));
    if (!deal.exists()) return fail(ErrorKind::not_found, "deal.unknown", "the hub has no deal " + id.hex());
    Answer answer{{{"deal", id.hex()},
                   {"app", eth::to_checksum(deal.app.pointer)},
                   {"dataset", eth::to_checksum(deal.dataset.pointer)},
                   {"workerpool", eth::to_checksum(deal.workerpool.pointer)},
                   {"requester", eth::to_checksum(deal.requester)},
                   {"beneficiary", eth::to_checksum(deal.beneficiary)},
                   {"params", deal.params},
                   {"category", deal.category.clamp_u64()},
                   {"startTime", iso8601(deal.start_time)}},
                  ""};
    boost::json::array tasks;
    answer.text = "deal       " + id.hex() + "\napp        " + eth::to_checksum(deal.app.pointer) + "\nrequester  " +
                  eth::to_checksum(deal.requester) + "\nparams     " + deal.params + "\nstarted    " +
                  iso8601(deal.start_time) + "\n";
    for (std::uint64_t i = 0; i < deal.bot_size; ++i) {
        const auto task = poco::task_id(id, deal.bot_first + i);
        tasks.push_back(boost::json::string(task.hex()));
        answer.text += "task       " + task.hex() + "\n";
    }
    answer.document["tasks"] = std::move(tasks);
    return answer;
}

}  // namespace iapp::cli
