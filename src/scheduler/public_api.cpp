// What everybody may ask about tasks, and a requester about logs: bytes fixed by the npm clients.
// Their errors are {"error": text}; an object there would reach a user as "[object Object]".
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/error_kind.hpp"
#include "codec/multiaddr.hpp"
#include "poco/params.hpp"
#include "scheduler/service.hpp"
#include "wire/errors.hpp"

namespace iapp::scheduler {
namespace {

constexpr std::chrono::milliseconds kReportPatience{1000};  ///< how long a log may come after the task's end on chain

net::Response npm_error(const Error& error)
{
    const auto shown = wire::public_error(error);
    const std::string text = shown.id + ": " + shown.message + (shown.fix.empty() ? "" : "; " + shown.fix);
    return net::json_response(info(error.kind).http_status, boost::json::serialize(boost::json::object{{"error", text}}));
}

Result<poco::TaskId> task_in(const net::Request& request) { return poco::TaskId::from_hex(request.param("task")); }

Result<eth::Address> wallet_in(const net::Request& request) { return eth::Address::from_hex(request.param("wallet")); }

std::unexpected<Error> no_replicate()
{
    return fail(ErrorKind::not_found, "scheduler.replicate", "this worker had nothing to do with the task");
}

std::unexpected<Error> no_logs()
{
    return fail(ErrorKind::not_found, "scheduler.logs", "there are no logs of this task, or they are older than three days");
}

template <class T, class Key>
const T* find_worker(const std::vector<T>& list, const eth::Address& worker, Key key)
{
    const auto found = std::ranges::find(list, worker, key);
    return found == list.end() ? nullptr : &*found;
}

/// A worker that lost the task says nothing more.
bool is_report_awaited(const Replicate& replicate)
{
    return !replicate.is_logged &&
           (replicate.changes.empty() || replicate.changes.back().status != name(ReplicateStatus::lost));
}

}  // namespace

void Service::add_public_routes()
{
    const auto bind = [this](auto method) -> net::Handler {
        return [this, method](const net::Request& request, const net::CallContext& call) {
            auto answer = (this->*method)(request, call);
            return answer ? *std::move(answer) : npm_error(answer.error());
        };
    };
    server_.route("GET", "/tasks/{task}", bind(&Service::get_task));
    server_.route("GET", "/tasks/{task}/replicates/{wallet}", bind(&Service::get_replicate));
    server_.route("GET", "/tasks/{task}/replicates/{wallet}/logs", bind(&Service::get_replicate_logs));
    server_.route("GET", "/tasks/logs/challenge", bind(&Service::get_log_challenge));
    server_.route("GET", "/tasks/{task}/logs", bind(&Service::get_logs));
    server_.route("GET", "/workers/config", bind(&Service::get_worker_config));
    server_.route("GET", "/metrics", bind(&Service::get_metrics));
    server_.route("GET", "/version",
                  [](const net::Request&, const net::CallContext&) { return net::text_response(200, "iapp/1"); });
}

Result<TaskStory> Service::story_of(const poco::TaskId& task, const net::CallContext& call)
{
    TRY(TaskRecord record, book_.get(task));
    TRY(TaskFacts facts, gather(record, chain::BlockId::latest(), call));
    TRY(auto history, book_.history(task));
    TRY(auto replicates, replicates_of(book_.database(), task));
    TaskStory story{std::move(record), std::move(facts), std::move(history), std::move(replicates), {}, {}};
    story.command_line = poco::parse_params(story.facts.deal.params).args;
    if (!story.facts.deal.exists()) return story;
    TRY(const auto app, hub_.view_app(story.facts.deal.app.pointer, call));
    story.image = codec::print_multiaddr(app.multiaddr).value_or("");
    return story;
}

Result<net::Response> Service::get_task(const net::Request& request, const net::CallContext& call)
{
    TRY(const auto task, task_in(request));
    await_news(task, request, call);
    TRY(const TaskStory story, story_of(task, call));
    return net::json_response(200, task_model(story));
}

Result<net::Response> Service::get_replicate(const net::Request& request, const net::CallContext& call)
{
    TRY(const auto task, task_in(request));
    TRY(const auto worker, wallet_in(request));
    TRY(const TaskStory story, story_of(task, call));
    const Replicate* replicate = find_worker(story.replicates, worker, &Replicate::worker);
    if (replicate == nullptr) return no_replicate();
    return net::json_response(200, replicate_model(story, *replicate));
}

Result<net::Response> Service::get_log_challenge(const net::Request& request, const net::CallContext&)
{
    TRY(const auto reader, eth::Address::from_hex(request.query.find("address").value_or("")));
    return net::json_response(200, log_challenges_.issue(reader, clock_.now_seconds()));
}

/// A client that saw the task's end on chain may be faster than the worker's report.
Result<std::vector<LogRecord>> Service::await_logs(const poco::TaskId& task, const net::CallContext& call)
{
    const auto patient_until = std::chrono::steady_clock::now() + kReportPatience;
    while (true) {
        auto place = bell_.take_place(task);
        TRY(const auto replicates, replicates_of(book_.database(), task));
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(patient_until - std::chrono::steady_clock::now());
        if (!place || std::ranges::none_of(replicates, is_report_awaited) || left.count() <= 0) break;
        place->wait(left, call);
    }
    return logs_of(book_.database(), task, clock_.now_seconds());
}

Result<std::vector<LogRecord>> Service::logs_for_reader(const net::Request& request, const net::CallContext& call)
{
    TRY(const auto task, task_in(request));
    TRY(const TaskRecord record, book_.get(task));
    TRY(const auto deal, hub_.view_deal(record.deal, call));
    TRY_OK(log_challenges_.check(request.headers.find("Authorization"), deal.requester, clock_.now_seconds()));
    return await_logs(task, call);
}

Result<net::Response> Service::get_logs(const net::Request& request, const net::CallContext& call)
{
    TRY(const auto logs, logs_for_reader(request, call));
    if (logs.empty()) return no_logs();
    TRY(const auto task, task_in(request));
    return net::json_response(200, task_logs_model(task, logs));
}

Result<net::Response> Service::get_replicate_logs(const net::Request& request, const net::CallContext& call)
{
    TRY(const auto worker, wallet_in(request));
    TRY(const auto logs, logs_for_reader(request, call));
    const LogRecord* log = find_worker(logs, worker, &LogRecord::worker);
    if (log == nullptr) return no_logs();
    return net::json_response(200, compute_logs(*log));
}

Result<net::Response> Service::get_worker_config(const net::Request&, const net::CallContext&)
{
    boost::json::object config{{"workerPoolAddress", eth::to_checksum(network_.workerpool)},
                               {"schedulerPublicAddress", eth::to_checksum(wallet_.address())},
                               {"configServerUrl", nullptr},
                               {"resultRepositoryURL", nullptr},
                               {"askForReplicatePeriod", 1000},
                               {"requiredWorkerVersion", ""}};
    if (network_.services.result_proxy) config["resultRepositoryURL"] = *network_.services.result_proxy;
    return net::json_response(200, boost::json::serialize(config));
}

Result<net::Response> Service::get_metrics(const net::Request&, const net::CallContext&)
{
    TRY(const auto counts, book_.counts());
    boost::json::object tasks;
    for (const auto& [state, count] : counts) tasks[state] = count;
    return net::json_response(
        200, boost::json::serialize(boost::json::object{{"tasks", tasks}, {"workers", options_.workers.size()}}));
}

}  // namespace iapp::scheduler
