// The scheduler's HTTP API for workers: each request signed. What everyone may read is public_api.cpp.
#include <algorithm>
#include <charconv>

#include "base/log.hpp"
#include "codec/multiaddr.hpp"
#include "oci/digest.hpp"
#include "poco/contribution.hpp"
#include "poco/legacy_message.hpp"
#include "poco/tag.hpp"
#include "scheduler/lost_lease.hpp"
#include "scheduler/service.hpp"

namespace iapp::scheduler {
namespace {

constexpr std::chrono::milliseconds kLongPoll{1000};

Status refuse_stranger(const eth::Address& worker, const std::set<eth::Address>& known)
{
    if (known.contains(worker)) return {};
    return fail(ErrorKind::permission_denied, "scheduler.worker_unknown",
                eth::to_checksum(worker) +
                    " is not a worker of this pool; its operator lists workers in the scheduler's configuration");
}

std::optional<std::chrono::milliseconds> wait_of(const net::Request& request)
{
    const auto text = request.query.find("wait");
    std::uint32_t wait = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), wait).ptr != text->data() + text->size())
        return std::nullopt;
    return std::chrono::milliseconds(wait);
}

}  // namespace

void Service::add_routes()
{
    const auto bind = [this](auto method) {
        return net::answering([this, method](const net::Request& request, const net::CallContext& call) {
            return (this->*method)(request, call);
        });
    };
    server_.route_late("POST", wire::kLeasePath, [this](net::Pending pending) { post_lease(std::move(pending)); },
                       {.is_watched = true});
    server_.route("POST", wire::kRenewPath, bind(&Service::post_renew));
    server_.route("POST", wire::kAuthorizePath, bind(&Service::post_authorize));
    server_.route("POST", wire::kReportPath, bind(&Service::post_report), {.max_body_bytes = wire::kMaxReportBytes});
}

Result<eth::Address> Service::authenticate(const net::Request& request)
{
    const auto header = request.headers.find("Authorization");
    if (!header)
        return fail(ErrorKind::unauthenticated, "worker_auth.scheme", "sign the request: Authorization: IAPP worker=...");
    TRY(const auto auth, wire::parse_worker_auth(*header));
    const UnixSeconds now = clock_.now_seconds();
    TRY_OK(wire::verify_worker_auth(auth, request.method, request.path, as_bytes(request.body), network_.chain_id, now));
    TRY_OK(refuse_stranger(auth.worker, options_.workers));
    TRY_OK(book_.spend_nonce(auth.nonce, UnixSeconds{std::chrono::seconds(auth.expires_at)}, now));
    return auth.worker;
}

Result<wire::Lease> Service::describe(const LeaseRecord& lease, const net::CallContext& call)
{
    TRY(const TaskRecord record, book_.get(lease.task));
    TRY(const auto deal, hub_.view_deal(record.deal, call));
    TRY(const auto task, hub_.view_task(record.id, call));
    TRY(const auto category, hub_.view_category(deal.category.clamp_u64(), call));
    TRY(const auto app, hub_.view_app(deal.app.pointer, call));
    TRY(auto image, codec::print_multiaddr(app.multiaddr));
    return wire::Lease{record.id,
                       record.deal,
                       record.index,
                       lease.id,
                       lease.expires_at,
                       task.contribution_deadline,
                       static_cast<std::uint64_t>(category.work_time.count()),
                       Hash256{deal.tag.array()},
                       std::move(image),
                       oci::Digest(app.checksum).text(),
                       network_.services.sms};
}

void Service::post_lease(net::Pending pending)
{
    const auto worker = authenticate(pending.request());
    const Status waits =
        worker ? offers_.wait({*worker, pending, net::deadline_in(kLongPoll)}) : Status(std::unexpected(worker.error()));
    if (!waits) std::move(pending).answer(net::error_response(waits.error()));
}

void Service::lease_out(const std::stop_token& stop)
{
    while (auto match = offers_.next(stop)) {
        const auto lease = book_.lease(match->offer.task, match->worker.worker, clock_.now_seconds(), options_.lease_length);
        if (lease && !*lease) {
            offers_.wait_on(std::move(match->worker));
            continue;
        }
        const auto answer = lease ? tell(**lease, match->worker.pending, stop) : std::unexpected(lease.error());
        std::move(match->worker.pending).answer(answer ? *answer : net::error_response(answer.error()));
    }
}

/// A worker that never hears of its lease must not hold the task.
Result<net::Response> Service::tell(const LeaseRecord& lease, const net::Pending& pending, const std::stop_token& stop)
{
    bell_.ring(lease.task);
    auto described = describe(lease, {pending.context().request_id, pending.context().deadline, stop});
    if (described && pending.has_left())
        described = fail(ErrorKind::cancelled, "net.cancelled", "the worker left before it was told");
    if (!described) {
        TRY_OK(book_.give_back(lease));
        look_now();
        return std::unexpected(described.error());
    }
    log::info("task leased", {{"task", lease.task.hex()}, {"worker", eth::to_checksum(lease.worker)}});
    return net::json_response(200, wire::encode(*described));
}

Result<net::Response> Service::post_renew(const net::Request& request, const net::CallContext&)
{
    TRY(const auto worker, authenticate(request));
    TRY(const auto wanted, wire::parse_renew_request(request.body));
    TRY(const auto lease, book_.renew(wanted.lease_id, worker, clock_.now_seconds(), options_.lease_length));
    return net::json_response(200, wire::encode(wire::RenewReply{lease.expires_at}));
}

/// Asks about the one address the worker names: another agent of the same task, attested later, does not shadow it.
Status Service::check_attested(const poco::TaskId& task, const eth::Address& enclave, const net::CallContext& call)
{
    net::Request request;
    request.method = "POST";
    request.target = network_.services.sms + "/tee/challenges/" + task.hex() + "?enclave=" + enclave.hex();
    request.headers.set("Authorization", hex0x(wallet_.sign_personal(poco::enclave_challenge_message(task)).bytes()));
    TRY(const auto response, http_.send(request, call));
    if (response.status == 404)
        return fail(ErrorKind::permission_denied, "scheduler.not_attested",
                    "the secret service has not verified enclave " + eth::to_checksum(enclave) + " for this task");
    if (response.status != 200)
        return fail(ErrorKind::unavailable, "scheduler.sms",
                    "the secret service answered " + std::to_string(response.status));
    TRY(const auto published, eth::parse_address(response.body));
    if (published == enclave) return {};
    return fail(ErrorKind::permission_denied, "scheduler.not_attested",
                "the secret service names another enclave for this task: " + eth::to_checksum(published));
}

Result<net::Response> Service::post_authorize(const net::Request& request, const net::CallContext& call)
{
    TRY(const auto worker, authenticate(request));
    TRY(const auto wanted, wire::parse_authorize_request(request.body));
    TRY(const auto lease, book_.check_lease(wanted.lease_id, worker, clock_.now_seconds()));
    TRY_OK(book_.note_computed(lease, clock_.now_seconds()));
    TRY_OK(check_attested(lease.task, wanted.enclave_address, call));
    const auto signature = wallet_.sign_personal(poco::authorization_hash(worker, lease.task, wanted.enclave_address));
    return net::json_response(200, wire::encode(wire::AuthorizeReply{signature}));
}

void Service::tell_news(const poco::TaskId& task)
{
    bell_.ring(task);
    look_now();
}

/// Of a worker that contributed while another one took its task.
Result<LeaseRecord> Service::lease_of_contributor(const wire::Report& report, const eth::Address& worker,
                                                  const net::CallContext& call)
{
    TRY(auto lost, find_lost(book_.database(), report.lease_id, worker));
    TRY(const auto task, hub_.view_task(lost.task, call));
    if (std::ranges::find(task.contributors, worker) != task.contributors.end()) return lost;
    return fail(ErrorKind::not_found, "scheduler.lease", "the task went to another worker before this one contributed");
}

/// A failure must come from who may still work; what was done is worth hearing as long as nobody else took over, and from
/// who contributed.
Result<LeaseRecord> Service::lease_of_report(const wire::Report& report, const eth::Address& worker,
                                             const net::CallContext& call)
{
    if (report.status == wire::ReportStatus::failed) return book_.check_lease(report.lease_id, worker, clock_.now_seconds());
    auto lease = book_.find_lease(report.lease_id, worker);
    const bool is_lost = !lease && lease.error().kind == ErrorKind::not_found;
    return is_lost && report.status == wire::ReportStatus::contributed ? lease_of_contributor(report, worker, call) : lease;
}

Result<net::Response> Service::post_report(const net::Request& request, const net::CallContext& call)
{
    TRY(const auto worker, authenticate(request));
    TRY(const auto report, wire::parse_report(request.body));
    const bool failed = report.status == wire::ReportStatus::failed;
    TRY(const auto lease, lease_of_report(report, worker, call));
    log::info("worker reports",
              {{"task", lease.task.hex()}, {"status", wire::name(report.status)}, {"reason", report.reason.value_or("")}});
    if (!failed) tell_news(lease.task);  // whoever waits for the result need not wait for our disk
    if (report.log) TRY_OK(store_log(book_.database(), lease.task, worker, *report.log, clock_.now_seconds()));
    if (failed)
        TRY_OK(book_.note_failure(lease, report.reason.value_or("worker.unknown"), report.detail.value_or(""),
                                  clock_.now_seconds()));
    tell_news(lease.task);
    return net::empty_response(204);
}

/// `?wait=MILLISECONDS&seen=STATE`: until there is other news than that state, or the time is over. Who asks about a task
/// that is not in the book has seen a deal on the chain before us. A hint and no more: what is true is read from the chain.
void Service::await_news(const poco::TaskId& task, const net::Request& request, const net::CallContext& call)
{
    const auto wait = wait_of(request);
    if (!wait) return;
    auto place = bell_.take_place(task);
    const auto record = book_.get(task);
    if (!record) look_now();
    const bool is_news = record && name(record->state) != request.query.find("seen").value_or("");
    if (place && !is_news) place->wait(std::min(*wait, kLongPoll), call);
}

}  // namespace iapp::scheduler
