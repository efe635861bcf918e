#pragma once
// Events of the hub, the registries, the token and DataProtector: topics from their signatures, strict decoders.
// Two events share a topic (ERC-20 and ERC-721 Transfer); the number of topics tells them apart.
// Check `log.address` before trusting an event: anyone can emit these topics.
#include <optional>
#include <span>
#include <variant>

#include "eth/abi.hpp"
#include "eth/log.hpp"
#include "poco/deal.hpp"

namespace iapp::poco {

using eth::Log;

// Each event: kSignature, kTopics (with topic 0), members in the order of the signature, decode().
// Errors of every decode(): invalid_input "event.topic" (another event); corrupt "abi.*".

struct SchedulerNotice {
    static constexpr std::string_view kSignature = "SchedulerNotice(address,bytes32)";
    static constexpr std::size_t kTopics = 2;
    Address workerpool;
    DealId deal;
    static Result<SchedulerNotice> decode(const Log& log);
};

struct OrdersMatched {
    static constexpr std::string_view kSignature = "OrdersMatched(bytes32,bytes32,bytes32,bytes32,bytes32,uint256)";
    static constexpr std::size_t kTopics = 1;
    DealId deal;
    Hash256 app_hash;
    Hash256 dataset_hash;  ///< zero without a dataset
    Hash256 workerpool_hash;
    Hash256 request_hash;
    U256 volume;
    static Result<OrdersMatched> decode(const Log& log);
};

struct DealSponsored {
    static constexpr std::string_view kSignature = "DealSponsored(bytes32,address)";
    static constexpr std::size_t kTopics = 1;
    DealId deal;
    Address sponsor;
    static Result<DealSponsored> decode(const Log& log);
};

struct TaskInitialize {
    static constexpr std::string_view kSignature = "TaskInitialize(bytes32,address)";
    static constexpr std::size_t kTopics = 3;
    TaskId task;
    Address workerpool;
    static Result<TaskInitialize> decode(const Log& log);
};

struct TaskContribute {
    static constexpr std::string_view kSignature = "TaskContribute(bytes32,address,bytes32)";
    static constexpr std::size_t kTopics = 3;
    TaskId task;
    Address worker;
    Hash256 result_hash;
    static Result<TaskContribute> decode(const Log& log);
};

struct TaskConsensus {
    static constexpr std::string_view kSignature = "TaskConsensus(bytes32,bytes32)";
    static constexpr std::size_t kTopics = 2;
    TaskId task;
    Hash256 consensus;
    static Result<TaskConsensus> decode(const Log& log);
};

struct TaskReveal {
    static constexpr std::string_view kSignature = "TaskReveal(bytes32,address,bytes32)";
    static constexpr std::size_t kTopics = 3;
    TaskId task;
    Address worker;
    Hash256 digest;
    static Result<TaskReveal> decode(const Log& log);
};

struct TaskFinalize {
    static constexpr std::string_view kSignature = "TaskFinalize(bytes32,bytes)";
    static constexpr std::size_t kTopics = 2;
    TaskId task;
    Bytes results;
    static Result<TaskFinalize> decode(const Log& log);
};

struct TaskReopen {
    static constexpr std::string_view kSignature = "TaskReopen(bytes32)";
    static constexpr std::size_t kTopics = 2;
    TaskId task;
    static Result<TaskReopen> decode(const Log& log);
};

struct TaskClaimed {
    static constexpr std::string_view kSignature = "TaskClaimed(bytes32)";
    static constexpr std::size_t kTopics = 2;
    TaskId task;
    static Result<TaskClaimed> decode(const Log& log);
};

struct AccurateContribution {
    static constexpr std::string_view kSignature = "AccurateContribution(address,bytes32)";
    static constexpr std::size_t kTopics = 3;
    Address worker;
    TaskId task;
    static Result<AccurateContribution> decode(const Log& log);
};

struct FaultyContribution {
    static constexpr std::string_view kSignature = "FaultyContribution(address,bytes32)";
    static constexpr std::size_t kTopics = 3;
    Address worker;
    TaskId task;
    static Result<FaultyContribution> decode(const Log& log);
};

/// ERC-20 Transfer: the value is data.
struct TokenTransfer {
    static constexpr std::string_view kSignature = "Transfer(address,address,uint256)";
    static constexpr std::size_t kTopics = 3;
    Address from;
    Address to;
    U256 value;
    static Result<TokenTransfer> decode(const Log& log);
};

/// ERC-721 Transfer of a registry: the token id is the entry's address. `from` zero: the entry was created.
struct EntryTransfer {
    static constexpr std::string_view kSignature = "Transfer(address,address,uint256)";
    static constexpr std::size_t kTopics = 4;
    Address from;
    Address to;
    Address entry;
    static Result<EntryTransfer> decode(const Log& log);
};

struct Lock {
    static constexpr std::string_view kSignature = "Lock(address,uint256)";
    static constexpr std::size_t kTopics = 1;
    Address owner;
    U256 amount;
    static Result<Lock> decode(const Log& log);
};

struct Unlock {
    static constexpr std::string_view kSignature = "Unlock(address,uint256)";
    static constexpr std::size_t kTopics = 1;
    Address owner;
    U256 amount;
    static Result<Unlock> decode(const Log& log);
};

struct Seize {
    static constexpr std::string_view kSignature = "Seize(address,uint256,bytes32)";
    static constexpr std::size_t kTopics = 1;
    Address owner;
    U256 amount;
    TaskId task;
    static Result<Seize> decode(const Log& log);
};

struct Reward {
    static constexpr std::string_view kSignature = "Reward(address,uint256,bytes32)";
    static constexpr std::size_t kTopics = 1;
    Address owner;
    U256 amount;
    TaskId task;
    static Result<Reward> decode(const Log& log);
};

enum class OrderKind : unsigned char { app, dataset, workerpool, request };
std::string_view name(OrderKind kind);  ///< "app" "dataset" "workerpool" "request"

enum class OrderChange : unsigned char { is_signed, is_closed };

constexpr std::string_view order_event_signature(OrderKind kind, OrderChange change)
{
    constexpr std::string_view kNames[2][4] = {{"SignedAppOrder(bytes32)", "SignedDatasetOrder(bytes32)",
                                                "SignedWorkerpoolOrder(bytes32)", "SignedRequestOrder(bytes32)"},
                                               {"ClosedAppOrder(bytes32)", "ClosedDatasetOrder(bytes32)",
                                                "ClosedWorkerpoolOrder(bytes32)", "ClosedRequestOrder(bytes32)"}};
    return kNames[static_cast<std::size_t>(change)][static_cast<std::size_t>(kind)];
}

/// An order was presigned or revoked on chain.
template <OrderKind Kind, OrderChange Change>
struct OrderEvent {
    static constexpr std::string_view kSignature = order_event_signature(Kind, Change);
    static constexpr std::size_t kTopics = 1;
    static constexpr OrderKind kKind = Kind;
    Hash256 order_hash;
    static Result<OrderEvent> decode(const Log& log);
};
using SignedAppOrder = OrderEvent<OrderKind::app, OrderChange::is_signed>;
using SignedDatasetOrder = OrderEvent<OrderKind::dataset, OrderChange::is_signed>;
using SignedWorkerpoolOrder = OrderEvent<OrderKind::workerpool, OrderChange::is_signed>;
using SignedRequestOrder = OrderEvent<OrderKind::request, OrderChange::is_signed>;
using ClosedAppOrder = OrderEvent<OrderKind::app, OrderChange::is_closed>;
using ClosedDatasetOrder = OrderEvent<OrderKind::dataset, OrderChange::is_closed>;
using ClosedWorkerpoolOrder = OrderEvent<OrderKind::workerpool, OrderChange::is_closed>;
using ClosedRequestOrder = OrderEvent<OrderKind::request, OrderChange::is_closed>;

struct CreateCategory {
    static constexpr std::string_view kSignature = "CreateCategory(uint256,string,string,uint256)";
    static constexpr std::size_t kTopics = 1;
    U256 id;
    Category category;
    static Result<CreateCategory> decode(const Log& log);
};

/// DataProtector: which data a dataset holds.
struct DatasetSchema {
    static constexpr std::string_view kSignature = "DatasetSchema(address,string)";
    static constexpr std::size_t kTopics = 2;
    Address dataset;
    std::string schema;
    static Result<DatasetSchema> decode(const Log& log);
};

struct PolicyUpdate {
    static constexpr std::string_view kSignature = "PolicyUpdate(uint256,uint256,uint256,uint256)";
    static constexpr std::size_t kTopics = 1;
    U256 old_worker_stake_ratio;
    U256 new_worker_stake_ratio;
    U256 old_scheduler_reward_ratio;
    U256 new_scheduler_reward_ratio;
    static Result<PolicyUpdate> decode(const Log& log);
};

/// Topic 0 of an event type: `topic<OrdersMatched>()`.
template <class Event>
const Hash256& topic()
{
    static const Hash256 value = eth::event_topic(Event::kSignature);
    return value;
}

template <class Event>
bool is(const Log& log)
{
    return log.topics.size() == Event::kTopics && log.topics[0] == topic<Event>();
}

/// The first such event that `emitter` wrote, for instance in a receipt. A malformed one counts as absent.
template <class Event>
std::optional<Event> find_event(std::span<const Log> logs, const Address& emitter)
{
    for (const Log& log : logs) {
        if (log.address != emitter || !is<Event>(log)) continue;
        if (auto event = Event::decode(log)) return *std::move(event);
    }
    return std::nullopt;
}

/// Every event that the hub itself emits and that changes what a service believes.
using HubEvent =
    std::variant<SchedulerNotice, OrdersMatched, DealSponsored, TaskInitialize, TaskContribute, TaskConsensus, TaskReveal,
                 TaskFinalize, TaskReopen, TaskClaimed, AccurateContribution, FaultyContribution, TokenTransfer, Lock,
                 Unlock, Seize, Reward, SignedAppOrder, SignedDatasetOrder, SignedWorkerpoolOrder, SignedRequestOrder,
                 ClosedAppOrder, ClosedDatasetOrder, ClosedWorkerpoolOrder, ClosedRequestOrder, CreateCategory>;

/// nullopt for an event that is none of these. Errors: corrupt "abi.*".
Result<std::optional<HubEvent>> decode_hub_event(const Log& log);

}  // namespace iapp::poco
