#include "endorse/cache.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "endorse/internal/cache_impl.hpp"

namespace iapp::endorse {
namespace {

/// The call's own end in this room's words.
Status check(const net::CallContext& call)
{
    const Status status = call.check();
    if (status) return {};
    const bool is_late = status.error().kind == ErrorKind::deadline_exceeded;
    return fail(status.error().kind, is_late ? "endorse.deadline" : "endorse.cancelled",
                "the caller did not wait for the endorsements");
}

/// Whether a failure says something about the caller only, so that nobody else should remember it.
bool is_callers(const Error& error, const net::CallContext& call)
{
    return (error.kind == ErrorKind::deadline_exceeded || error.kind == ErrorKind::cancelled) && !call.check();
}

/// Ends a slot's flight whatever happens to the thread that flies it.
class Flight {
public:
    Flight(std::unique_lock<std::mutex>& lock, std::condition_variable_any& settled, Slot& slot)
        : lock_(lock), settled_(settled), slot_(slot)
    {
        slot_.is_busy = true;
    }
    ~Flight()
    {
        if (!lock_.owns_lock()) lock_.lock();
        slot_.is_busy = false;
        settled_.notify_all();
    }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;

private:
    std::unique_lock<std::mutex>& lock_;
    std::condition_variable_any& settled_;
    Slot& slot_;
};

template <class E>
std::shared_ptr<const E> narrow(const EntryPointer& entry)
{
    return {entry, std::get_if<E>(entry.get())};
}

}  // namespace

Result<Held> Cache::Impl::believe(Entry entry) const
{
    const std::string id = text(key_of(entry));
    auto facts = ports.accept(entry);
    if (!facts)
        return fail(ErrorKind::unauthenticated, "endorse.unverified",
                    id + ": " + std::string(facts.error().reason) + ": " + facts.error().detail);
    const UnixSeconds now = ports.clock.now_seconds();
    if (!facts->open_at(now))
        return fail(
            ErrorKind::precondition_failed, "endorse.expired",
            id + " is valid from " + iso8601(facts->from) + " to " + iso8601(facts->until) + ", not at " + iso8601(now));
    return Held{std::make_shared<const Entry>(std::move(entry)), *std::move(facts)};
}

Result<std::optional<Held>> Cache::Impl::from_disk(const Key& key) const
{
    TRY(std::optional<Stored> stored, shelf.load(key));
    if (!stored) return std::optional<Held>();
    auto held = believe(std::move(stored->entry));
    if (held) return std::optional<Held>(*std::move(held));
    if (held.error().reason != "endorse.expired")
        log::warning("stored endorsements are not believed", {{"detail", held.error().detail}});
    return std::optional<Held>();
}

bool Cache::Impl::is_due(const Held& held) const
{
    return !std::holds_alternative<VcekEntry>(*held.entry) && held.facts.middle() <= ports.clock.now_seconds();
}

Slot& Cache::Impl::slot_of(const std::string& id)
{
    if (slots.size() >= options.max_in_memory && !slots.contains(id)) {
        auto oldest = slots.end();
        for (auto at = slots.begin(); at != slots.end(); ++at)
            if (!at->second.is_busy && (oldest == slots.end() || at->second.last_use < oldest->second.last_use)) oldest = at;
        if (oldest != slots.end()) slots.erase(oldest);
    }
    Slot& slot = slots[id];
    slot.last_use = ++uses;
    return slot;
}

void Cache::Impl::remember(const Key& key, Slot& slot, const Attempt& attempt)
{
    const PauseLimits limits{options.first_pause, options.longest_pause, options.longest_retry_after};
    std::optional<std::chrono::milliseconds> asked;
    if (attempt.advice.retry_after) asked = parse_retry_after(*attempt.advice.retry_after, ports.clock.now_seconds());
    Pause& pause = attempt.advice.throttled ? vendor_pause(key) : slot.pause;
    pause.fail(*attempt.failure, ports.clock.now(), asked, ports.random(), limits);
    log::warning("endorsements were not renewed", {{"id", attempt.failure->reason}, {"detail", attempt.failure->detail}});
}

void Cache::Impl::settle(const Key& key, Slot& slot, const Attempt& attempt, const net::CallContext& call)
{
    if (attempt.held) slot.held = attempt.held;
    if (attempt.was_not_asked) return;
    if (!attempt.failure) {
        slot.pause.clear();
        Pause& vendor = vendor_pause(key);
        if (!vendor.holds(ports.clock.now())) vendor.clear();  // another key may have been refused meanwhile
    } else if (!is_callers(*attempt.failure, call)) {
        remember(key, slot, attempt);
    }
}

Result<Entry> Cache::Impl::fetch(const Key& key, const net::CallContext& call, Advice& advice)
{
    if (const auto* intel = std::get_if<IntelKey>(&key)) return fetcher.intel(*intel, call, advice);
    if (const auto* issuer = std::get_if<AmdIssuerKey>(&key)) return fetcher.amd_issuer(*issuer, call, advice);
    const auto& vcek = std::get<VcekKey>(key);
    TRY(const EntryPointer issuer, get(AmdIssuerKey{vcek.product, VekKind::vcek}, call));
    return fetcher.vcek(vcek, std::get<AmdIssuerEntry>(*issuer).cert_chain, call, advice);
}

Result<Held> Cache::Impl::renew(const Key& key, const net::CallContext& call, Advice& advice)
{
    net::CallContext bounded = call;
    bounded.deadline = std::min(call.deadline, net::deadline_in(options.fetch_timeout));
    TRY(Entry entry, fetch(key, bounded, advice));
    TRY(Held held, believe(std::move(entry)));
    TRY_OK(shelf.save(*held.entry, held.facts));
    return held;
}

std::optional<Error> Cache::Impl::vendor_refusal(const Key& key) const
{
    const std::lock_guard lock(mutex);
    const Pause& pause = vendor_pause(key);
    if (!pause.holds(ports.clock.now())) return std::nullopt;
    return pause.refusal().error();
}

Attempt Cache::Impl::attempt(const Key& key, const net::CallContext& call)
{
    Attempt out;
    auto stored = from_disk(key);  // another process may have been here
    if (!stored) {
        out.failure = std::move(stored.error());
        return out;
    }
    out.held = *std::move(stored);
    if (out.held && !is_due(*out.held)) {
        out.was_not_asked = true;
        return out;
    }
    out.failure = vendor_refusal(key);
    if (out.failure) {
        out.was_not_asked = true;
        return out;
    }
    auto renewed = renew(key, call, out.advice);
    if (renewed) out.held = *std::move(renewed);
    else out.failure = std::move(renewed.error());
    return out;
}

Result<EntryPointer> Cache::Impl::get(const Key& key, const net::CallContext& call)
{
    const std::string id = text(key);
    const auto is_servable = [&](const Slot& slot) {
        return slot.held && slot.held->facts.open_at(ports.clock.now_seconds());
    };
    std::unique_lock lock(mutex);
    while (true) {
        TRY_OK(check(call));
        const Slot& slot = slot_of(id);
        const UnixMillis now = ports.clock.now();
        const bool is_quiet = slot.is_busy || slot.pause.holds(now);
        if (is_servable(slot) && (is_quiet || !is_due(*slot.held) || vendor_pause(key).holds(now))) return slot.held->entry;
        if (!is_quiet) break;
        if (!slot.is_busy) return slot.pause.refusal();
        settled.wait_until(lock, call.stop, call.deadline, [&] { return !slots[id].is_busy; });
    }

    Slot& slot = slots[id];
    const Flight flight(lock, settled, slot);  // nobody drops a busy slot
    lock.unlock();
    const Attempt outcome = attempt(key, call);
    lock.lock();
    settle(key, slot, outcome, call);
    if (is_servable(slot)) return slot.held->entry;
    if (outcome.failure) return std::unexpected(*outcome.failure);
    return fail(ErrorKind::precondition_failed, "endorse.expired", id + " ended while it was read");
}

Result<std::size_t> Cache::Impl::refresh(const net::CallContext& call)
{
    std::vector<Key> due;
    {
        const std::lock_guard lock(mutex);
        for (const auto& [id, slot] : slots)
            if (slot.held && is_due(*slot.held)) due.push_back(key_of(*slot.held->entry));
    }
    std::size_t renewed = 0;
    for (const Key& key : due) {
        TRY_OK(check(call));
        if (!get(key, call)) continue;
        const std::lock_guard lock(mutex);
        const auto found = slots.find(text(key));
        if (found != slots.end() && found->second.held && !is_due(*found->second.held)) ++renewed;
    }
    return renewed;
}

Cache::Cache(CacheOptions options, CachePorts ports, Fetcher fetcher)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(ports), std::move(fetcher)))
{
}
Cache::Cache(Cache&&) noexcept = default;
Cache& Cache::operator=(Cache&&) noexcept = default;
Cache::~Cache() = default;

Result<EntryPointer> Cache::get(const Key& key, const net::CallContext& call) { return impl_->get(key, call); }

Result<std::shared_ptr<const IntelEntry>> Cache::intel(const IntelKey& key, const net::CallContext& call)
{
    TRY(const EntryPointer entry, impl_->get(key, call));
    return narrow<IntelEntry>(entry);
}

Result<std::shared_ptr<const AmdIssuerEntry>> Cache::amd_issuer(const AmdIssuerKey& key, const net::CallContext& call)
{
    TRY(const EntryPointer entry, impl_->get(key, call));
    return narrow<AmdIssuerEntry>(entry);
}

Result<attest::SnpEndorsements> Cache::snp(const VcekKey& key, const net::CallContext& call)
{
    TRY(const auto issuer, amd_issuer({key.product, VekKind::vcek}, call));
    TRY(const EntryPointer entry, impl_->get(key, call));
    const auto& vcek = std::get<VcekEntry>(*entry);
    return attest::SnpEndorsements{vcek.vek, vcek.cert_chain, issuer->crl};
}

Result<std::size_t> Cache::refresh(const net::CallContext& call) { return impl_->refresh(call); }

}  // namespace iapp::endorse
