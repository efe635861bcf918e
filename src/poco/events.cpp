#include "poco/events.hpp"

#include "poco/internal/event_fields.hpp"

namespace iapp::poco {
namespace {

using internal::Fields;
using internal::open;

/// Lock and Unlock; Seize and Reward.
template <class Event>
Result<Event> decode_amount(const Log& log)
{
    TRY(Fields fields, open<Event>(log));
    TRY(const Address owner, fields.data.address());
    TRY(const U256 amount, fields.data.uint());
    return Event{owner, amount};
}

template <class Event>
Result<Event> decode_amount_of_task(const Log& log)
{
    TRY(Fields fields, open<Event>(log));
    TRY(const Address owner, fields.data.address());
    TRY(const U256 amount, fields.data.uint());
    TRY(const TaskId task, fields.data.bytes32<TaskId>());
    return Event{owner, amount, task};
}

/// TaskContribute and TaskReveal.
template <class Event>
Result<Event> decode_worker_hash(const Log& log)
{
    TRY(Fields fields, open<Event>(log));
    const auto task = fields.indexed_id<TaskId>();
    TRY(const Address worker, fields.indexed_address());
    TRY(const Hash256 hash, fields.data.bytes32());
    return Event{task, worker, hash};
}

/// AccurateContribution and FaultyContribution.
template <class Event>
Result<Event> decode_worker_task(const Log& log)
{
    TRY(Fields fields, open<Event>(log));
    TRY(const Address worker, fields.indexed_address());
    return Event{worker, fields.indexed_id<TaskId>()};
}

}  // namespace

Result<SchedulerNotice> SchedulerNotice::decode(const Log& log)
{
    TRY(Fields fields, open<SchedulerNotice>(log));
    TRY(const Address workerpool, fields.indexed_address());
    TRY(const DealId deal, fields.data.bytes32<DealId>());
    return SchedulerNotice{workerpool, deal};
}

Result<OrdersMatched> OrdersMatched::decode(const Log& log)
{
    TRY(Fields fields, open<OrdersMatched>(log));
    TRY(const DealId deal, fields.data.bytes32<DealId>());
    TRY(const Hash256 app, fields.data.bytes32());
    TRY(const Hash256 dataset, fields.data.bytes32());
    TRY(const Hash256 workerpool, fields.data.bytes32());
    TRY(const Hash256 request, fields.data.bytes32());
    TRY(const U256 volume, fields.data.uint());
    return OrdersMatched{deal, app, dataset, workerpool, request, volume};
}

Result<DealSponsored> DealSponsored::decode(const Log& log)
{
    TRY(Fields fields, open<DealSponsored>(log));
    TRY(const DealId deal, fields.data.bytes32<DealId>());
    TRY(const Address sponsor, fields.data.address());
    return DealSponsored{deal, sponsor};
}

Result<TaskInitialize> TaskInitialize::decode(const Log& log)
{
    TRY(Fields fields, open<TaskInitialize>(log));
    const auto task = fields.indexed_id<TaskId>();
    TRY(const Address workerpool, fields.indexed_address());
    return TaskInitialize{task, workerpool};
}

Result<TaskContribute> TaskContribute::decode(const Log& log) { return decode_worker_hash<TaskContribute>(log); }

Result<TaskConsensus> TaskConsensus::decode(const Log& log)
{
    TRY(Fields fields, open<TaskConsensus>(log));
    const auto task = fields.indexed_id<TaskId>();
    TRY(const Hash256 consensus, fields.data.bytes32());
    return TaskConsensus{task, consensus};
}

Result<TaskReveal> TaskReveal::decode(const Log& log) { return decode_worker_hash<TaskReveal>(log); }

Result<TaskFinalize> TaskFinalize::decode(const Log& log)
{
    TRY(Fields fields, open<TaskFinalize>(log));
    const auto task = fields.indexed_id<TaskId>();
    TRY(const ByteView results, fields.data.bytes());
    return TaskFinalize{task, to_bytes(results)};
}

Result<TaskReopen> TaskReopen::decode(const Log& log)
{
    TRY(Fields fields, open<TaskReopen>(log));
    return TaskReopen{fields.indexed_id<TaskId>()};
}

Result<TaskClaimed> TaskClaimed::decode(const Log& log)
{
    TRY(Fields fields, open<TaskClaimed>(log));
    return TaskClaimed{fields.indexed_id<TaskId>()};
}

Result<AccurateContribution> AccurateContribution::decode(const Log& log)
{
    return decode_worker_task<AccurateContribution>(log);
}
Result<FaultyContribution> FaultyContribution::decode(const Log& log) { return decode_worker_task<FaultyContribution>(log); }

Result<TokenTransfer> TokenTransfer::decode(const Log& log)
{
    TRY(Fields fields, open<TokenTransfer>(log));
    TRY(const Address from, fields.indexed_address());
    TRY(const Address to, fields.indexed_address());
    TRY(const U256 value, fields.data.uint());
    return TokenTransfer{from, to, value};
}

Result<EntryTransfer> EntryTransfer::decode(const Log& log)
{
    TRY(Fields fields, open<EntryTransfer>(log));
    TRY(const Address from, fields.indexed_address());
    TRY(const Address to, fields.indexed_address());
    TRY(const Address entry, fields.indexed_address());
    return EntryTransfer{from, to, entry};
}

Result<Lock> Lock::decode(const Log& log) { return decode_amount<Lock>(log); }
Result<Unlock> Unlock::decode(const Log& log) { return decode_amount<Unlock>(log); }
Result<Seize> Seize::decode(const Log& log) { return decode_amount_of_task<Seize>(log); }
Result<Reward> Reward::decode(const Log& log) { return decode_amount_of_task<Reward>(log); }

template <OrderKind Kind, OrderChange Change>
Result<OrderEvent<Kind, Change>> OrderEvent<Kind, Change>::decode(const Log& log)
{
    TRY(Fields fields, open<OrderEvent>(log));
    TRY(const Hash256 hash, fields.data.bytes32());
    return OrderEvent{hash};
}
template struct OrderEvent<OrderKind::app, OrderChange::is_signed>;
template struct OrderEvent<OrderKind::dataset, OrderChange::is_signed>;
template struct OrderEvent<OrderKind::workerpool, OrderChange::is_signed>;
template struct OrderEvent<OrderKind::request, OrderChange::is_signed>;
template struct OrderEvent<OrderKind::app, OrderChange::is_closed>;
template struct OrderEvent<OrderKind::dataset, OrderChange::is_closed>;
template struct OrderEvent<OrderKind::workerpool, OrderChange::is_closed>;
template struct OrderEvent<OrderKind::request, OrderChange::is_closed>;

std::string_view name(OrderKind kind)
{
    constexpr std::string_view kNames[] = {"app", "dataset", "workerpool", "request"};
    return kNames[static_cast<std::size_t>(kind)];
}

Result<CreateCategory> CreateCategory::decode(const Log& log)
{
    TRY(Fields fields, open<CreateCategory>(log));
    TRY(const U256 id, fields.data.uint());
    Category category;
    TRY(category.name, fields.text());
    TRY(category.description, fields.text());
    TRY(const std::uint64_t seconds, fields.data.uint64());
    category.work_time = std::chrono::seconds(static_cast<std::int64_t>(seconds));
    return CreateCategory{id, category};
}

Result<DatasetSchema> DatasetSchema::decode(const Log& log)
{
    TRY(Fields fields, open<DatasetSchema>(log));
    TRY(const Address dataset, fields.indexed_address());
    TRY(std::string schema, fields.text());
    return DatasetSchema{dataset, std::move(schema)};
}

Result<PolicyUpdate> PolicyUpdate::decode(const Log& log)
{
    TRY(Fields fields, open<PolicyUpdate>(log));
    PolicyUpdate out;
    TRY(out.old_worker_stake_ratio, fields.data.uint());
    TRY(out.new_worker_stake_ratio, fields.data.uint());
    TRY(out.old_scheduler_reward_ratio, fields.data.uint());
    TRY(out.new_scheduler_reward_ratio, fields.data.uint());
    return out;
}

Result<std::optional<HubEvent>> decode_hub_event(const Log& log) { return internal::decode_one_of<HubEvent>(log); }

}  // namespace iapp::poco
