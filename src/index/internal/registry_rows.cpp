// Apps, datasets, workerpools: made by their registries, changing hands there, and a workerpool's policy.
#include "index/internal/event_handlers.hpp"
#include "poco/events.hpp"

namespace iapp::index::internal {
namespace {

using poco::EntryTransfer;

// What a new workerpool begins with; PolicyUpdate tells every change.
constexpr std::uint64_t kWorkerStakeRatio = 30, kSchedulerRewardRatio = 1;

/// The entry is told by the node only when the log made it.
template <class Entry>
const Entry* made(const std::map<Address, Entry>& entries, const EntryTransfer& event)
{
    const auto known = entries.find(event.entry);
    return event.from.is_zero() && known != entries.end() ? &known->second : nullptr;
}

Status add_app(const Scene& scene, const EntryTransfer& event, const poco::AppEntry& app)
{
    Writer& writer = scene.writer;
    TRY_OK(writer.run(
        "INSERT INTO app (id, owner, name, type, multiaddr, checksum, mrenclave, timestamp, usage_count, "
        "last_usage_timestamp, block_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
        event.entry.hex(), event.to.hex(), codec::storable_text(app.name), codec::storable_text(app.type),
        hex0x(app.multiaddr), app.checksum.hex(), hex0x(app.mrenclave), writer.place().time, writer.place().block));
    TRY(Totals* const totals, scene.ledger.totals(writer));
    ++totals->apps;
    return {};
}

Status add_dataset(const Scene& scene, const EntryTransfer& event, const poco::DatasetEntry& dataset)
{
    Writer& writer = scene.writer;
    TRY_OK(
        writer.run("INSERT INTO dataset (id, owner, name, multiaddr, checksum, timestamp, usage_count, "
                   "last_usage_timestamp, block_number) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)",
                   event.entry.hex(), event.to.hex(), codec::storable_text(dataset.name), hex0x(dataset.multiaddr),
                   dataset.checksum.hex(), writer.place().time, writer.place().block));
    TRY(Totals* const totals, scene.ledger.totals(writer));
    ++totals->datasets;
    return {};
}

Status add_workerpool(const Scene& scene, const EntryTransfer& event, const poco::WorkerpoolEntry& workerpool)
{
    Writer& writer = scene.writer;
    TRY_OK(writer.run(
        "INSERT INTO workerpool (id, owner, description, worker_stake_ratio, scheduler_reward_ratio, "
        "timestamp, usage_count, last_usage_timestamp, block_number) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)",
        event.entry.hex(), event.to.hex(), codec::storable_text(workerpool.description), encode_number(kWorkerStakeRatio),
        encode_number(kSchedulerRewardRatio), writer.place().time, writer.place().block));
    TRY(Totals* const totals, scene.ledger.totals(writer));
    ++totals->workerpools;
    return {};
}

Status hand_over(const Scene& scene, std::string_view table, const EntryTransfer& event)
{
    TRY_OK(scene.writer.keep(table, event.entry.hex()));
    TRY_OK(
        scene.writer.run("UPDATE " + std::string(table) + " SET owner = ? WHERE id = ?", event.to.hex(), event.entry.hex()));
    return {};
}

Status note_transfer(const Scene& scene, std::string_view kind, const EntryTransfer& event)
{
    TRY_OK(scene.ledger.touch(scene.writer, event.to));
    const std::string name(kind);
    return scene.writer.event(name + "_transfer", ", " + name + R"(, "from", "to")", event.entry.hex(), event.from.hex(),
                              event.to.hex());
}

/// What sharing offered, the new owner did not offer.
Status hand_over_dataset(const Scene& scene, const EntryTransfer& event)
{
    TRY_OK(hand_over(scene, "dataset", event));
    TRY_OK(scene.writer.keep("protected_data", event.entry.hex()));
    TRY_OK(
        scene.writer.run("UPDATE protected_data SET owner = ?, is_included_in_subscription = 0, is_rentable = 0, "
                         "is_for_sale = 0 WHERE id = ?",
                         event.to.hex(), event.entry.hex()));
    return {};
}

}  // namespace

Status apply_app_registry(const Scene& scene, const eth::Log& log)
{
    if (!poco::is<EntryTransfer>(log)) return {};
    TRY(const auto event, EntryTransfer::decode(log));
    const auto* const app = made(scene.facts.apps, event);
    TRY_OK(app != nullptr ? add_app(scene, event, *app) : hand_over(scene, "app", event));
    return note_transfer(scene, "app", event);
}

Status apply_dataset_registry(const Scene& scene, const eth::Log& log)
{
    if (!poco::is<EntryTransfer>(log)) return {};
    TRY(const auto event, EntryTransfer::decode(log));
    const auto* const dataset = made(scene.facts.datasets, event);
    TRY_OK(dataset != nullptr ? add_dataset(scene, event, *dataset) : hand_over_dataset(scene, event));
    return note_transfer(scene, "dataset", event);
}

Status apply_workerpool_registry(const Scene& scene, const eth::Log& log)
{
    if (!poco::is<EntryTransfer>(log)) return {};
    TRY(const auto event, EntryTransfer::decode(log));
    const auto* const workerpool = made(scene.facts.workerpools, event);
    TRY_OK(workerpool != nullptr ? add_workerpool(scene, event, *workerpool) : hand_over(scene, "workerpool", event));
    return note_transfer(scene, "workerpool", event);
}

Status apply_workerpool(const Scene& scene, const eth::Log& log)
{
    const auto event = poco::PolicyUpdate::decode(log);
    if (!event) return {};
    Writer& writer = scene.writer;
    const std::string id = log.address.hex();
    const Bytes stake = encode_number(event->new_worker_stake_ratio);
    const Bytes reward = encode_number(event->new_scheduler_reward_ratio);
    TRY_OK(writer.keep("workerpool", id));
    TRY_OK(writer.run("UPDATE workerpool SET worker_stake_ratio = ?, scheduler_reward_ratio = ? WHERE id = ?", stake, reward,
                      id));
    return writer.event("policy_update",
                        ", workerpool, old_worker_stake_ratio, new_worker_stake_ratio, old_scheduler_reward_ratio, "
                        "new_scheduler_reward_ratio",
                        id, encode_number(event->old_worker_stake_ratio), stake,
                        encode_number(event->old_scheduler_reward_ratio), reward);
}

}  // namespace iapp::index::internal
