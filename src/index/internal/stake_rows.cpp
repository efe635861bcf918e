// Stakes and scores. The hub says every change of a balance in a log, so accounts are sums of logs.
#include "index/internal/event_handlers.hpp"
#include "poco/events.hpp"

namespace iapp::index::internal {
namespace {

using namespace poco;

/// Sums stay sums when the index began after the hub: what came before is missing, and nothing falls below zero.
Status add(U256& to, const U256& amount)
{
    TRY(to, to.add(amount));
    return {};
}

Status transfer(const Scene& scene, const TokenTransfer& event)
{
    Writer& writer = scene.writer;
    TRY(Totals* const totals, scene.ledger.totals(writer));
    if (event.from.is_zero()) {
        TRY_OK(add(totals->stake, event.value));
    } else {
        TRY(Account* const from, scene.ledger.change(writer, event.from));
        from->balance = saturating_sub(from->balance, event.value);
    }
    if (event.to.is_zero()) {
        totals->stake = saturating_sub(totals->stake, event.value);
    } else {
        TRY(Account* const to, scene.ledger.change(writer, event.to));
        TRY_OK(add(to->balance, event.value));
    }
    return writer.event("transfer", ", \"from\", \"to\", value", event.from.hex(), event.to.hex(),
                        encode_number(event.value));
}

Status lock(const Scene& scene, const Lock& event)
{
    TRY(Account* const account, scene.ledger.change(scene.writer, event.owner));
    TRY_OK(add(account->frozen, event.amount));
    return scene.writer.event("lock", ", account, value", event.owner.hex(), encode_number(event.amount));
}

Status unlock(const Scene& scene, const Unlock& event)
{
    TRY(Account* const account, scene.ledger.change(scene.writer, event.owner));
    account->frozen = saturating_sub(account->frozen, event.amount);
    return scene.writer.event("unlock", ", account, value", event.owner.hex(), encode_number(event.amount));
}

Status seize(const Scene& scene, const Seize& event)
{
    TRY(Account* const account, scene.ledger.change(scene.writer, event.owner));
    account->frozen = saturating_sub(account->frozen, event.amount);
    return scene.writer.event("seize", ", account, value, task", event.owner.hex(), encode_number(event.amount),
                              event.task.hex());
}

Status reward(const Scene& scene, const Reward& event)
{
    TRY_OK(scene.ledger.touch(scene.writer, event.owner));
    return scene.writer.event("reward", ", account, value, task", event.owner.hex(), encode_number(event.amount),
                              event.task.hex());
}

/// Scores as the hub counts them: one more for a good contribution, a third less for a bad one.
Status accurate(const Scene& scene, const AccurateContribution& event)
{
    TRY(Account* const account, scene.ledger.change(scene.writer, event.worker));
    ++account->score;
    return scene.writer.event("accurate_contribution", ", account, contribution, score", event.worker.hex(),
                              event.task.hex() + '-' + event.worker.hex(), account->score);
}

Status faulty(const Scene& scene, const FaultyContribution& event)
{
    TRY(Account* const account, scene.ledger.change(scene.writer, event.worker));
    account->score = account->score * 2 / 3;
    return scene.writer.event("faulty_contribution", ", account, contribution, score", event.worker.hex(),
                              event.task.hex() + '-' + event.worker.hex(), account->score);
}

template <class Event>
Status apply_one(const Scene& scene, const eth::Log& log, Status (*handle)(const Scene&, const Event&))
{
    TRY(const Event event, Event::decode(log));
    return handle(scene, event);
}

}  // namespace

Status apply_stake(const Scene& scene, const eth::Log& log)
{
    if (is<TokenTransfer>(log)) return apply_one(scene, log, transfer);
    if (is<Lock>(log)) return apply_one(scene, log, lock);
    if (is<Unlock>(log)) return apply_one(scene, log, unlock);
    if (is<Seize>(log)) return apply_one(scene, log, seize);
    if (is<Reward>(log)) return apply_one(scene, log, reward);
    if (is<AccurateContribution>(log)) return apply_one(scene, log, accurate);
    if (is<FaultyContribution>(log)) return apply_one(scene, log, faulty);
    return {};
}

}  // namespace iapp::index::internal
