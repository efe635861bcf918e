#include "scheduler/service.hpp"

#include "base/log.hpp"
#include "chain/time.hpp"
#include "poco/calls.hpp"
#include "scheduler/lost_lease.hpp"

namespace iapp::scheduler {
namespace {

chain::FollowerOptions follower_options(const PoolSink& sink, const wire::Network& network)
{
    chain::FollowerOptions options{};
    options.name = "deals";
    options.filter = sink.deals();
    options.second_filter = sink.ends();
    options.start_block = network.start_block;
    return options;
}

net::CallContext call_for(std::chrono::milliseconds time, const std::stop_token& stop)
{
    return {"scheduler-watch", net::deadline_in(time), stop};
}

constexpr std::chrono::milliseconds kLeastRest{5};  ///< between two looks at the chain, whoever wants them
constexpr std::chrono::minutes kPurgePeriod{5};     ///< logs that have ended are not shown meanwhile
constexpr std::size_t kMostWaiters = 8;             ///< half of the server's threads; who finds no place asks again
constexpr std::size_t kLeasing = 4;                 ///< a lease is told in some round trips to the node

/// How long one task may keep the others waiting for its transaction: a chain that mines at once is quicker, on any other
/// the next look goes on.
constexpr std::chrono::milliseconds kPatience{250};

/// A transaction that waits for its block is no failure.
Status unless_pending(const Error& error)
{
    if (error.reason == "sender.pending") return {};
    return std::unexpected(error);
}

bool is_over(poco::TaskStatus status) { return status == poco::TaskStatus::completed || status == poco::TaskStatus::failed; }

}  // namespace

Service::Service(Options options, wire::Network network, eth::Wallet wallet, TaskBook book, const Clock& clock)
    : options_(std::move(options)),
      network_(std::move(network)),
      wallet_(std::move(wallet)),
      clock_(clock),
      book_(std::move(book)),
      rpc_(http_, {network_.rpc_url}),
      hub_(rpc_, network_.chain_id, network_.contracts.hub),
      journal_(book_.database()),
      sender_(rpc_, wallet_, {.chain_id = network_.chain_id}, nullptr, &journal_),
      sink_(network_.contracts.hub, wire::workerpools_of(network_)),
      follower_(rpc_, book_.database(), sink_, follower_options(sink_, network_)),
      server_(options_.http),
      bell_(kMostWaiters),
      offers_(options_.http.max_connections / 2),
      log_challenges_(network_.chain_id, log_challenge_key(wallet_.key().secret()))
{
}

Result<std::unique_ptr<Service>> Service::start(Options options, wire::Network network, eth::Wallet wallet,
                                                const Clock& clock)
{
    TRY(TaskBook book, TaskBook::open(options.database));
    std::unique_ptr<Service> service(
        new Service(std::move(options), std::move(network), std::move(wallet), std::move(book), clock));
    for (const eth::Address& pool : wire::workerpools_of(service->network_)) {
        TRY(const auto owner, service->hub_.owner_of(pool, call_for(std::chrono::seconds(10), {})));
        if (owner != service->wallet_.address())
            return fail(ErrorKind::precondition_failed, "scheduler.owner",
                        "workerpool " + eth::to_checksum(pool) + " belongs to " + eth::to_checksum(owner) +
                            "; start its scheduler with that wallet");
    }
    service->add_routes();
    service->add_public_routes();
    TRY_OK(service->server_.start());
    service->watcher_ = std::jthread([raw = service.get()](const std::stop_token& stop) { raw->watch(stop); });
    for (std::size_t i = 0; i < kLeasing; ++i)
        service->leasing_.emplace_back([raw = service.get()](const std::stop_token& stop) { raw->lease_out(stop); });
    log::info("scheduler started",
              {{"origin", service->origin()}, {"workerpool", eth::to_checksum(service->network_.workerpool)}});
    return service;
}

Service::~Service() { stop(); }

void Service::stop()
{
    watcher_.request_stop();
    if (watcher_.joinable()) watcher_.join();
    offers_.close();
    leasing_.clear();
    server_.stop();
}

void Service::watch(const std::stop_token& stop)
{
    while (!stop.stop_requested()) {
        const auto done = tick(call_for(std::chrono::seconds(30), stop));
        if (!done && !stop.stop_requested())
            log::warning("watching the chain failed, trying again",
                         {{"reason", done.error().reason}, {"detail", done.error().detail}});
        rest(done ? options_.tick : 5 * options_.tick, stop);
    }
}

/// Until it is time to look at the chain again, or somebody knows of something to see there.
void Service::rest(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    look_wanted_.wait_for(lock, stop, kLeastRest, [] { return false; });
    look_wanted_.wait_for(lock, stop, time - kLeastRest, [this] { return is_look_wanted_; });
    is_look_wanted_ = false;
}

void Service::look_now()
{
    const std::lock_guard lock(mutex_);
    is_look_wanted_ = true;
    look_wanted_.notify_all();
}

Status Service::tick(const net::CallContext& call)
{
    // Everything is judged at the block the follower has seen, so that a reorganisation takes back whatever was concluded.
    TRY(const chain::BlockRef head, follower_.sync_to_head(call));
    TRY_OK(book_new_deals(head, call));
    TRY_OK(forget_old_things());
    TRY(auto records, book_.open_tasks());
    begin_where_time_ran_out(records);
    for (const TaskRecord& record : records) {
        if (call.check()) last_served_ = record.id;
        const auto advanced = advance(record, head, call);
        if (!advanced)
            log::warning(
                "task not advanced",
                {{"task", record.id.hex()}, {"reason", advanced.error().reason}, {"detail", advanced.error().detail}});
        TRY_OK(call.check());
    }
    last_served_.reset();
    return {};
}

/// So that tasks that take long do not keep the others from their turn.
void Service::begin_where_time_ran_out(std::vector<TaskRecord>& records) const
{
    const auto last = std::ranges::find(records, last_served_, &TaskRecord::id);
    if (last != records.end()) std::ranges::rotate(records, last + 1);
}

Status Service::forget_old_things()
{
    const UnixSeconds now = clock_.now_seconds();
    if (now < purged_at_ + kPurgePeriod) return {};
    purged_at_ = now;
    TRY_OK(forget_old_ends(book_.database()));
    TRY_OK(forget_old_lost(book_.database(), now));
    return purge_logs(book_.database(), now);
}

/// A node that does not know the announced deal at the followed block is behind: the deal stays new.
Status Service::book_new_deals(const chain::BlockRef& head, const net::CallContext& call)
{
    TRY(const auto deals, new_deals(book_.database()));
    for (const poco::DealId& id : deals) {
        TRY(const auto deal, hub_.view_deal(id, call, chain::BlockId::hash(head.hash)));
        if (!deal.exists()) continue;
        TRY_OK(book_.add_deal(id, deal.bot_first, deal.bot_size, clock_.now_seconds()));
        for (std::uint64_t i = 0; i < deal.bot_size; ++i) bell_.ring(poco::task_id(id, deal.bot_first + i));
        log::info("deal booked", {{"deal", id.hex()}, {"tasks", deal.bot_size}});
    }
    return {};
}

Result<TaskFacts> Service::gather(const TaskRecord& record, const chain::BlockId& at, const net::CallContext& call)
{
    TaskFacts facts{};
    TRY(facts.deal, hub_.view_deal(record.deal, call, at));
    TRY(facts.task, hub_.view_task(record.id, call, at));
    TRY(const auto category, hub_.view_category(facts.deal.category.clamp_u64(), call));
    facts.category_time = category.work_time;
    TRY(facts.now, chain::chain_time(rpc_, clock_, call));
    TRY(const auto holder, book_.holder(record.id, clock_.now_seconds()));
    facts.leased = holder.has_value();
    facts.state = record.state;
    facts.attempts = record.attempts;
    facts.hopeless = record.hopeless;
    facts.resting = is_resting(record, clock_.now_seconds());
    TRY(facts.ended_in, end_of(book_.database(), record.id));
    return facts;
}

Status Service::advance(const TaskRecord& record, const chain::BlockRef& head, const net::CallContext& call)
{
    TRY(const TaskFacts facts, gather(record, chain::BlockId::hash(head.hash), call));
    const Decision decision = decide(facts);
    TRY_OK(act(decision, record, facts, call));
    if (decision.state != record.state) bell_.ring(record.id);
    return {};
}

Status Service::act(const Decision& decision, const TaskRecord& record, const TaskFacts& facts, const net::CallContext& call)
{
    if (decision.step != Step::offer) offers_.remove({record.place, record.id});
    switch (decision.step) {
        case Step::forget:
            return book_.remove(record.id);
        case Step::settle:
            return book_.settle(record.id,
                                {decision.state, as_text(facts.task.results), facts.task.contributors, *facts.ended_in},
                                clock_.now_seconds());
        case Step::initialize:
            return initialize(record, call);
        case Step::claim:
            TRY_OK(book_.note(record.id, decision.state, clock_.now_seconds()));
            return claim(record, facts.task.exists(), call);
        case Step::wait:
        case Step::offer:
            break;
    }
    TRY_OK(book_.note(record.id, decision.state, clock_.now_seconds(),
                      decision.state == TaskState::failed ? record.reason : "", record.state));
    if (decision.step == Step::offer) offers_.add({record.place, record.id});
    return {};
}

Status Service::initialize(const TaskRecord& record, const net::CallContext& call)
{
    const auto is_done = [&](const net::CallContext& context) -> Result<bool> {
        TRY(const auto task, hub_.view_task(record.id, context));
        return task.exists();
    };
    Status noted;
    const auto offer = [&] {
        noted = book_.note(record.id, TaskState::initialized, clock_.now_seconds());
        set_offered(record.id, true);  // now, not at the next look: a worker is waiting
        bell_.ring(record.id);
    };
    const auto receipt = sender_.send_once({"initialize " + record.id.hex(),
                                            {network_.contracts.hub, poco::call::initialize(record.deal, record.index)},
                                            is_done,
                                            [&](const eth::Receipt&) { offer(); },
                                            kPatience},
                                           call);
    if (!receipt) return unless_pending(receipt.error());
    if (!*receipt) offer();
    return noted;
}

Status Service::claim(const TaskRecord& record, bool initialized, const net::CallContext& call)
{
    const auto is_done = [&](const net::CallContext& context) -> Result<bool> {
        TRY(const auto task, hub_.view_task(record.id, context));
        return is_over(task.status);
    };
    const poco::call::DealIndex item{record.deal, record.index};
    const Bytes data = initialized ? poco::call::claim(record.id) : poco::call::initialize_and_claim_array({&item, 1});
    const chain::TransactionRequest transaction{network_.contracts.hub, data};
    const auto sent = sender_.send_once({"claim " + record.id.hex(), transaction, is_done, {}, kPatience}, call);
    if (!sent) return unless_pending(sent.error());
    log::info("task claimed, the requester is refunded", {{"task", record.id.hex()}, {"reason", record.reason}});
    return {};
}

void Service::set_offered(const poco::TaskId& task, bool offered)
{
    const auto record = book_.get(task);
    if (!record) return;  // the next look at the task tells again
    const Offers::Offer offer{record->place, task};
    if (offered) offers_.add(offer);
    else offers_.remove(offer);
}

}  // namespace iapp::scheduler
