// A match: the deal, its orders, and who and what it uses.
#include <algorithm>

#include "index/bulk.hpp"
#include "index/internal/event_handlers.hpp"
#include "poco/events.hpp"

namespace iapp::index::internal {
namespace {

constexpr std::uint64_t kMostCounted = 1ULL << 32U;  ///< tasks of one deal that count as usage: a deal may claim 2^64

std::int64_t seconds(UnixSeconds time) { return time.time_since_epoch().count(); }

std::optional<std::string> unless_zero(const auto& id)
{
    if (id.is_zero()) return std::nullopt;
    return id.hex();
}

Status add_deal(Writer& writer, const poco::OrdersMatched& event, const poco::Deal& deal, bool is_bulk)
{
    const std::string id = event.deal.hex();
    const auto bulk = is_bulk ? std::optional(id) : std::nullopt;
    TRY_OK(writer.run(
        "INSERT INTO deal (id, app, app_owner, app_price, dataset, dataset_owner, dataset_price, workerpool, "
        "workerpool_owner, workerpool_price, trust, category, tag, requester, beneficiary, callback, params, start_time, "
        "bot_first, bot_size, completed_tasks_count, claimed_tasks_count, worker_stake, scheduler_reward_ratio, sponsor, "
        "timestamp, apporder, datasetorder, workerpoolorder, requestorder, bulk, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, deal.app.pointer.hex(), deal.app.owner.hex(), encode_number(deal.app.price), unless_zero(deal.dataset.pointer),
        deal.dataset.owner.hex(), encode_number(deal.dataset.price), deal.workerpool.pointer.hex(),
        deal.workerpool.owner.hex(), encode_number(deal.workerpool.price), encode_number(deal.trust), deal.category.to_dec(),
        deal.tag.hex(), deal.requester.hex(), deal.beneficiary.hex(), deal.callback.hex(), codec::storable_text(deal.params),
        seconds(deal.start_time), encode_number(deal.bot_first), encode_number(deal.bot_size),
        encode_number(deal.worker_stake), encode_number(deal.scheduler_reward_ratio), deal.sponsor.hex(),
        writer.place().time, event.app_hash.hex(), unless_zero(event.dataset_hash), event.workerpool_hash.hex(),
        event.request_hash.hex(), bulk, writer.place().block));
    return {};
}

Status count_usage(Writer& writer, std::string_view table, const Address& resource, std::uint64_t tasks)
{
    const std::string id = resource.hex();
    TRY_OK(writer.keep(table, id));
    TRY_OK(writer.run(
        "UPDATE " + std::string(table) + " SET usage_count = usage_count + ?, last_usage_timestamp = ? WHERE id = ?",
        std::min(tasks, kMostCounted), writer.place().time, id));
    return {};
}

Status add_usage(Writer& writer, const poco::Deal& deal)
{
    TRY_OK(count_usage(writer, "app", deal.app.pointer, deal.bot_size));
    if (deal.has_dataset()) TRY_OK(count_usage(writer, "dataset", deal.dataset.pointer, deal.bot_size));
    return count_usage(writer, "workerpool", deal.workerpool.pointer, deal.bot_size);
}

Status touch_parties(const Scene& scene, const poco::Deal& deal)
{
    for (const Address& party :
         {deal.requester, deal.beneficiary, deal.app.owner, deal.dataset.owner, deal.workerpool.owner, deal.sponsor})
        if (!party.is_zero()) TRY_OK(scene.ledger.touch(scene.writer, party));
    return {};
}

}  // namespace

Status apply_match(const Scene& scene, const eth::Log& log)
{
    TRY(const auto event, poco::OrdersMatched::decode(log));
    const auto known = scene.facts.deals.find(event.deal);
    if (known == scene.facts.deals.end()) return {};
    const poco::Deal& deal = known->second;
    const auto cid = deal.has_dataset() ? std::nullopt : bulk_cid(deal.params);
    TRY_OK(add_deal(scene.writer, event, deal, cid.has_value()));
    TRY_OK(add_orders(scene, event, deal, log.transaction_hash));
    TRY_OK(add_usage(scene.writer, deal));
    TRY_OK(touch_parties(scene, deal));
    if (cid)
        TRY_OK(scene.writer.run(
            "INSERT INTO bulk_fetch (deal, cid, attempts, next_attempt, block_number) VALUES (?, ?, 0, 0, ?)",
            event.deal.hex(), codec::storable_text(*cid), scene.writer.place().block));
    TRY(auto* const totals, scene.ledger.totals(scene.writer));
    ++totals->deals;
    totals->tasks += static_cast<std::int64_t>(std::min(deal.bot_size, kMostCounted));
    return scene.writer.event("orders_matched", ", deal", event.deal.hex());
}

}  // namespace iapp::index::internal
