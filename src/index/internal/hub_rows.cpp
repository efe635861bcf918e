// Which handler takes a log of the hub; the small ones are here.
#include "index/internal/event_handlers.hpp"
#include "poco/events.hpp"

namespace iapp::index::internal {
namespace {

using namespace poco;

Status notice(const Scene& scene, const eth::Log& log)
{
    TRY(const auto event, SchedulerNotice::decode(log));
    return scene.writer.event("scheduler_notice", ", workerpool, deal", event.workerpool.hex(), event.deal.hex());
}

Status add_category(const Scene& scene, const eth::Log& log)
{
    TRY(const auto event, CreateCategory::decode(log));
    Writer& writer = scene.writer;
    TRY_OK(writer.run(
        "INSERT INTO category (id, name, description, work_clock_time_ref, timestamp, block_number) VALUES "
        "(?, ?, ?, ?, ?, ?)",
        event.id.to_dec(), codec::storable_text(event.category.name), codec::storable_text(event.category.description),
        encode_number(static_cast<std::uint64_t>(event.category.work_time.count())), writer.place().time,
        writer.place().block));
    TRY(Totals* const totals, scene.ledger.totals(writer));
    ++totals->categories;
    return {};
}

/// Writes a signer's act when the log is that event.
template <class Event>
Result<bool> add_act(const Scene& scene, const eth::Log& log, std::string_view table)
{
    if (!is<Event>(log)) return false;
    TRY(const auto event, Event::decode(log));
    TRY_OK(scene.writer.event(table, ", kind, order_hash", name(Event::kKind), event.order_hash.hex()));
    return true;
}

template <OrderKind... Kinds>
Status add_acts(const Scene& scene, const eth::Log& log)
{
    Result<bool> done = false;
    const auto attempt = [&](Result<bool> outcome) {
        done = std::move(outcome);
        return !done || *done;
    };
    static_cast<void>((attempt(add_act<OrderEvent<Kinds, OrderChange::is_signed>>(scene, log, "order_signed")) || ...) ||
                      (attempt(add_act<OrderEvent<Kinds, OrderChange::is_closed>>(scene, log, "order_closed")) || ...));
    if (!done) return std::unexpected(done.error());
    return {};
}

}  // namespace

Status apply_hub(const Scene& scene, const eth::Log& log)
{
    if (is<OrdersMatched>(log)) return apply_match(scene, log);
    if (is<SchedulerNotice>(log)) return notice(scene, log);
    if (is<CreateCategory>(log)) return add_category(scene, log);
    TRY_OK(apply_task(scene, log));
    TRY_OK(apply_stake(scene, log));
    return add_acts<OrderKind::app, OrderKind::dataset, OrderKind::workerpool, OrderKind::request>(scene, log);
}

}  // namespace iapp::index::internal
