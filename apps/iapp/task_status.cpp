#include "task_status.hpp"

#include <thread>

#include "chain/time.hpp"
#include "codec/json.hpp"
#include "interrupt.hpp"
#include "poco/task.hpp"

namespace iapp::cli {
namespace {

constexpr std::chrono::milliseconds kPoll{50};              ///< between two questions that our scheduler did not hold open
constexpr std::chrono::milliseconds kPollStrangers{2'000};  ///< other people's schedulers and nodes
constexpr std::string_view kHold = "500";                   ///< milliseconds; an interrupt is noticed as late as that

std::string text_or_empty(const json::ObjectReader& in, std::string_view name)
{
    const auto text = in.find_text(name);
    return text && *text ? std::string(**text) : "";
}

void read_history(const json::ObjectReader& model, SchedulerView& view)
{
    const auto list = model.array("dateStatusList");
    for (std::size_t i = 0; list && i < list->size(); ++i)
        if (const auto item = list->object(i))
            view.history.push_back(text_or_empty(*item, "date") + " " + text_or_empty(*item, "status") + " " +
                                   text_or_empty(*item, "reason"));
}

ErrorKind kind_of(std::string_view reason)
{
    if (reason == "app.timeout") return ErrorKind::deadline_exceeded;
    return reason.starts_with("policy.") || reason.starts_with("attest.") ? ErrorKind::permission_denied
                                                                          : ErrorKind::precondition_failed;
}

/// A task the scheduler gave up cannot complete any more; its requester is refunded at the final deadline.
Status check_not_given_up(const SchedulerView& view)
{
    if (view.status != "FAILED" || view.failure_id.empty()) return {};
    static std::string reason;  // one failure ends the program; its reason needs storage that outlives the call
    reason = view.failure_id;
    return fail(kind_of(reason), reason, view.failure_message + "; the price is refunded after the final deadline");
}

/// A run that failed for a reason that may pass is tried again; whoever waits should know for what.
void tell_what_passes(const SchedulerView& view, Phases& phases)
{
    if (view.failure_id.empty() || view.status == "FAILED") return;
    phases.note("will be tried again after " + view.failure_id + (view.failure_message.empty() ? "" : ": ") +
                view.failure_message);
}

Status check_open(const poco::Task& task, UnixSeconds final_deadline, UnixSeconds now)
{
    if (task.status == poco::TaskStatus::failed)
        return fail(ErrorKind::deadline_exceeded, "task.claimed",
                    "the task missed its final deadline and was claimed; the price is refunded");
    if (now >= final_deadline)
        return fail(ErrorKind::deadline_exceeded, "task.timeout",
                    "the final deadline passed; the price is refunded when the task is claimed");
    return {};
}

SchedulerView ask(const Session& session, const std::string& path)
{
    SchedulerView view;
    const auto scheduler = session.scheduler();
    const auto body = scheduler ? session.get(*scheduler + path) : Result<std::string>(std::unexpected(scheduler.error()));
    const auto value = body ? json::parse(*body) : Result<json::Value>(std::unexpected(body.error()));
    if (!value) return view;
    const auto model = json::ObjectReader::of(*value);
    if (!model) return view;
    view.status = text_or_empty(*model, "currentStatus");
    read_history(*model, view);
    if (const auto failure = model->find_object("failure"); failure && *failure) {
        view.failure_id = text_or_empty(**failure, "id");
        view.failure_message = text_or_empty(**failure, "message");
    }
    return view;
}

}  // namespace

SchedulerView ask_scheduler(const Session& session, const poco::TaskId& task)
{
    return ask(session, "/tasks/" + task.hex());
}

SchedulerView await_scheduler(const Session& session, const poco::TaskId& task, const std::string& seen)
{
    return ask(session, "/tasks/" + task.hex() + "?wait=" + std::string(kHold) + "&seen=" + seen);
}

/// The scheduler says when there is news; whether the task is over, only the chain does.
Status wait_for_task(const Session& session, const poco::DealId& deal_id, const poco::TaskId& id, Phases& phases)
{
    TRY(const auto deal, session.hub.view_deal(deal_id, session.call()));
    TRY(const auto category, session.hub.view_category(deal.category.clamp_u64(), session.call()));
    const UnixSeconds final_deadline = poco::deadlines(deal.start_time, category.work_time).final;
    for (std::string seen;;) {
        if (Interrupt::requested())
            return fail(ErrorKind::cancelled, "run.interrupted", "you stopped waiting; the task goes on");
        TRY(const auto task, session.hub.view_task(id, session.call()));
        if (task.status == poco::TaskStatus::completed) return {};
        TRY(const auto now, chain::chain_time(session.rpc, system_clock(), session.call()));
        TRY_OK(check_open(task, final_deadline, now));
        const auto asked = std::chrono::steady_clock::now();
        const SchedulerView view = await_scheduler(session, id, seen);
        TRY_OK(check_not_given_up(view));
        tell_what_passes(view, phases);
        phases.progress(0, 0);
        if (view.status.empty() || view.status == std::exchange(seen, view.status))
            std::this_thread::sleep_until(asked + (session.network.trust ? kPoll : kPollStrangers));
    }
}

}  // namespace iapp::cli
