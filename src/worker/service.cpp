#include "worker/service.hpp"

#include <condition_variable>
#include <future>
#include <mutex>

#include "base/log.hpp"
#include "poco/calls.hpp"
#include "runtime/sandbox.hpp"

namespace iapp::worker {
namespace {

net::CallContext call_for(std::chrono::milliseconds time, const std::stop_token& stop)
{
    return {"worker", net::deadline_in(time), stop};
}

constexpr std::chrono::seconds kRestartPatience{60};  ///< how long a service may take to come back
constexpr std::chrono::seconds kBeforeNextTry{1};

/// What a service that restarts looks like from here.
bool is_passing(const Error& error)
{
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::deadline_exceeded;
}

void pause(const std::stop_token& stop, std::chrono::milliseconds time)
{
    std::mutex mutex;
    std::condition_variable_any bell;
    std::unique_lock lock(mutex);
    bell.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Service::Service(Options options, wire::Network network, eth::Wallet wallet, RunBook book, const Clock& clock)
    : options_(std::move(options)),
      network_(std::move(network)),
      wallet_(std::move(wallet)),
      clock_(clock),
      book_(std::move(book)),
      http_({.connect_patience = kRestartPatience}),
      rpc_(http_, {network_.rpc_url}),
      hub_(rpc_, network_.chain_id, network_.contracts.hub),
      journal_(book_.database()),
      sender_(rpc_, wallet_, {.chain_id = network_.chain_id}, nullptr, &journal_),
      scheduler_(http_, wallet_, clock_, *network_.services.core, network_.chain_id)
{
}

Result<std::unique_ptr<Service>> Service::start(Options options, wire::Network network, eth::Wallet wallet,
                                                const Clock& clock)
{
    TRY_OK(wire::get_trust(network));
    TRY_OK(wire::get_core(network));
    std::error_code error;
    std::filesystem::create_directories(options.work_dir, error);
    if (error)
        return fail(ErrorKind::unavailable, "worker.work_dir",
                    "cannot make " + options.work_dir.string() + ": " + error.message());
    TRY(RunBook book, RunBook::open(options.database));
    std::unique_ptr<Service> service(
        new Service(std::move(options), std::move(network), std::move(wallet), std::move(book), clock));
    service->thread_ = std::jthread([raw = service.get()](const std::stop_token& stop) { raw->work(stop); });
    log::info("worker started", {{"worker", eth::to_checksum(service->wallet_.address())}});
    return service;
}

Service::~Service() { stop(); }

void Service::stop()
{
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

/// An agent that was killed cannot end its app. Somebody must, and not only when the next agent starts: the app has data.
void Service::end_orphans() const
{
    const auto sandbox = runtime::Sandbox::open({.state_dir = (options_.work_dir / "runc").string()});
    if (!sandbox) log::warning("apps of dead agents not looked for", {{"reason", sandbox.error().reason}});
}

/// Nothing when it cannot be started: whoever takes one tries again and says why.
void Service::make_agent_ready()
{
    agent_run_.reset();
    if (ready_agent_ && ready_agent_->is_alive()) return;
    auto started = ReadyAgent::start(options_.agent);
    ready_agent_ = started ? std::optional(std::move(*started)) : std::nullopt;
}

Result<ReadyAgent> Service::take_agent()
{
    make_agent_ready();
    if (!ready_agent_) return ReadyAgent::start(options_.agent);
    ReadyAgent agent = *std::move(ready_agent_);
    ready_agent_.reset();
    return agent;
}

void Service::work(const std::stop_token& stop)
{
    end_orphans();
    make_agent_ready();
    if (const auto resumed = resume(stop); !resumed)
        log::warning("resuming failed", {{"reason", resumed.error().reason}, {"detail", resumed.error().detail}});
    while (!stop.stop_requested()) {
        const auto asked = std::chrono::steady_clock::now();
        const auto worked = take_one(stop);
        end_orphans();
        make_agent_ready();
        if (worked && *worked) continue;
        if (!worked && !stop.stop_requested())
            log::warning("no task taken", {{"reason", worked.error().reason}, {"detail", worked.error().detail}});
        // A scheduler that held the question open is asked again at once: a task may have come this very moment.
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - asked);
        pause(stop, worked ? options_.idle_pause - std::min(took, options_.idle_pause) : 5 * options_.idle_pause);
    }
    ready_agent_.reset();
    agent_run_.reset();
}

Status Service::resume(const std::stop_token& stop)
{
    TRY(const auto runs, book_.open_runs());
    for (const Run& run : runs) {
        log::info("resuming a task", {{"task", run.lease.task.hex()}, {"computed", run.result ? "yes" : "no"}});
        TRY_OK(resume_one(run, stop));
    }
    return {};
}

Status Service::resume_one(const Run& run, const std::stop_token& stop)
{
    // The lease may have gone to somebody else meanwhile; the scheduler says so, and only a result is worth keeping.
    if (scheduler_.renew(run.lease.lease_id, call_for(std::chrono::seconds(10), stop))) return carry_out(run.lease, stop);
    TRY(const auto task, hub_.view_task(run.lease.task, call_for(std::chrono::seconds(10), stop)));
    const bool over = task.status == poco::TaskStatus::completed || task.status == poco::TaskStatus::failed;
    return over || !run.result ? book_.end(run.lease.task) : Status{};
}

Result<bool> Service::take_one(const std::stop_token& stop)
{
    TRY(const auto lease, scheduler_.lease(call_for(std::chrono::seconds(15), stop)));
    if (!lease) return false;
    TRY_OK(book_.begin(*lease));
    TRY_OK(carry_out(*lease, stop));
    return true;
}

Status Service::carry_out(const wire::Lease& lease, const std::stop_token& stop)
{
    std::stop_source abandon;
    const std::stop_callback on_stop(stop, [&] { abandon.request_stop(); });
    const std::jthread renewing = keep_alive(lease, abandon);
    const auto task_log = std::make_shared<TaskLog>();
    Status done = run_and_contribute(lease, task_log, abandon.get_token());
    if (stop.stop_requested()) return done;  // kept in the book: the next start resumes it
    if (done) return book_.end(lease.task);
    report_failure(lease, done.error(), *task_log, stop);
    // A result that could not be contributed is kept: whoever leases the task to us again gets it without a second run.
    TRY(const auto result, book_.result_of(lease.task));
    return result ? Status{} : book_.end(lease.task);
}

Status Service::run_and_contribute(const wire::Lease& lease, const std::shared_ptr<TaskLog>& task_log,
                                   const std::stop_token& stop)
{
    TRY(const auto result, result_of(lease, task_log, stop));
    task_log->set_result(result);
    return contribute(lease, result, *task_log, stop);
}

Result<wire::AgentResult> Service::result_of(const wire::Lease& lease, const std::shared_ptr<TaskLog>& task_log,
                                             const std::stop_token& stop)
{
    TRY(auto known, book_.result_of(lease.task));
    if (known) {
        task_log->note("computed before the worker restarted; what was logged then is gone");
        return *std::move(known);
    }
    TRY(auto result, compute(lease, task_log, stop));
    TRY_OK(book_.finish(lease.task, result));
    return result;
}

Result<wire::AgentResult> Service::compute(const wire::Lease& lease, const std::shared_ptr<TaskLog>& task_log,
                                           const std::stop_token& stop)
{
    const auto left = lease.contribution_deadline - clock_.now_seconds();
    if (left <= std::chrono::seconds(0))
        return fail(ErrorKind::deadline_exceeded, "worker.too_late", "the contribution deadline has passed");
    const auto on_event = [task = lease.task.hex(), task_log](const wire::AgentEvent& event) {
        task_log->hear(event);
        if (const auto* phase = std::get_if<wire::AgentPhase>(&event))
            log::info("agent phase", {{"task", task}, {"phase", phase->name}, {"ms", phase->took.count()}});
    };
    TRY(auto agent, take_agent());
    agent_run_ = std::make_unique<AgentRun>(std::move(agent), config_for(lease), left, stop, on_event);
    TRY(auto answer, agent_run_->answer());
    if (auto* result = std::get_if<wire::AgentResult>(&answer)) return std::move(*result);
    const auto& failure = std::get<wire::AgentFailure>(answer);
    // The agent's own reason goes to the scheduler as it is; `detail` carries it because reasons here have static storage.
    return fail(ErrorKind::precondition_failed, "worker.agent_failed", failure.id + "\n" + failure.message);
}

wire::AgentConfig Service::config_for(const wire::Lease& lease) const
{
    return {network_.chain_id,
            network_.contracts.hub,
            lease.deal,
            lease.task,
            lease.index,
            wallet_.address(),
            lease.image,
            lease.image_digest,
            network_.services.sms,  // not what the scheduler says: keys and results hang on it
            network_.services.ipfs_gateway,
            network_.services.ipfs_api,
            std::filesystem::absolute(options_.work_dir).string(),
            lease.contribution_deadline,
            network_.trust->ledger_signer,
            options_.agent.evidence};
}

/// A computed result is worth waiting with for whoever restarts, the scheduler or the chain, until it would be too late.
Status Service::contribute(const wire::Lease& lease, const wire::AgentResult& result, TaskLog& task_log,
                           const std::stop_token& stop)
{
    while (true) {
        const Status done = contribute_once(lease, result, task_log, stop);
        const bool in_time = clock_.now_seconds() + kBeforeNextTry < lease.contribution_deadline;
        if (done || !is_passing(done.error()) || !in_time || stop.stop_requested()) return done;
        log::warning("contribution not sent, trying again",
                     {{"task", lease.task.hex()}, {"reason", done.error().reason}, {"detail", done.error().detail}});
        task_log.note("contribution not sent, trying again: " + std::string(done.error().reason));
        pause(stop, kBeforeNextTry);
    }
}

/// May be repeated: the journal and the chain know whether it was done.
Status Service::contribute_once(const wire::Lease& lease, const wire::AgentResult& result, const TaskLog& task_log,
                                const std::stop_token& stop)
{
    const auto call = call_for(std::chrono::seconds(60), stop);
    const auto is_done = [&](const net::CallContext& context) -> Result<bool> {
        TRY(const auto task, hub_.view_task(lease.task, context));
        return task.status == poco::TaskStatus::completed;
    };
    // Two that do not need each other: what the chain says, and the scheduler, who asks the secret service first.
    auto authorizing =
        std::async(std::launch::async, [&] { return scheduler_.authorize(lease.lease_id, result.enclave_address, call); });
    TRY(const bool already, is_done(call));
    if (already) return {};
    TRY(const auto callback_gas, hub_.callback_gas(call));
    TRY(const auto authorization, authorizing.get());
    const poco::call::ContributeAndFinalize arguments{lease.task,
                                                      result.digest,
                                                      to_bytes(result.result_link),
                                                      result.callback_data,
                                                      result.enclave_address,
                                                      to_bytes(ByteView(result.enclave_signature.bytes())),
                                                      to_bytes(ByteView(authorization.bytes()))};
    chain::TransactionRequest transaction{network_.contracts.hub, poco::call::contribute_and_finalize(arguments)};
    transaction.gas_extra = callback_gas;
    const auto report = [&](std::optional<Hash256> transaction_hash) {
        const wire::Report contributed{lease.lease_id, wire::ReportStatus::contributed, {}, {}, transaction_hash,
                                       task_log.read()};
        if (const auto told = scheduler_.report(contributed, call); !told)
            log::warning("contribution not reported", {{"reason", told.error().reason}});
    };
    const auto on_success = [&](const eth::Receipt& receipt) { report(receipt.transaction_hash); };
    TRY(const auto receipt, sender_.send_once({"contribute " + lease.task.hex(), transaction, is_done, on_success}, call));
    if (!receipt) report({});
    return {};
}

void Service::report_failure(const wire::Lease& lease, const Error& error, TaskLog& task_log, const std::stop_token& stop)
{
    const bool from_agent = error.reason == "worker.agent_failed";
    const auto cut = error.detail.find('\n');
    const std::string reason = from_agent ? error.detail.substr(0, cut) : std::string(error.reason);
    const std::string detail = from_agent && cut != std::string::npos ? error.detail.substr(cut + 1) : error.detail;
    log::warning("task failed", {{"task", lease.task.hex()}, {"reason", reason}, {"detail", detail}});
    // The scheduler shows a failure to everybody; what went wrong on this machine stays in its log.
    task_log.note("failed: " + reason + (from_agent ? ": " + detail : ""));
    const wire::Report report{
        lease.lease_id, wire::ReportStatus::failed, reason, from_agent ? std::optional(detail) : std::nullopt, {},
        task_log.read()};
    if (const auto told = scheduler_.report(report, call_for(std::chrono::seconds(15), stop)); !told)
        log::warning("failure not reported", {{"task", lease.task.hex()}, {"reason", told.error().reason}});
}

std::jthread Service::keep_alive(const wire::Lease& lease, const std::stop_source& abandon) const
{
    const auto every = std::max((lease.lease_expires_at - clock_.now_seconds()) / 3, std::chrono::seconds(1));
    return std::jthread([this, lease_id = lease.lease_id, every, abandon](const std::stop_token& stop) mutable {
        while (true) {
            pause(stop, every);
            if (stop.stop_requested()) return;
            const auto renewed = scheduler_.renew(lease_id, call_for(every, stop));
            // Lost for good: whatever the agent still computes may not be contributed under this lease.
            if (!renewed && renewed.error().kind == ErrorKind::not_found) abandon.request_stop();
        }
    });
}

}  // namespace iapp::worker
