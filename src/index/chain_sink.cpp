#include "index/chain_sink.hpp"

#include <algorithm>
#include <iterator>

#include "index/internal/event_handlers.hpp"
#include "poco/sharing_events.hpp"

namespace iapp::index {

using internal::Ledger;
using internal::Place;
using internal::Scene;
using internal::Writer;

namespace {
constexpr std::uint64_t kWindow = 1'000;  ///< blocks whose logs and facts are held in memory at once
}

struct ChainSink::State {
    Facts facts;
    Ledger ledger;
    std::uint64_t settled = 0;   ///< up to here nothing is taken back
    std::optional<Place> place;  ///< of the last log
    std::string transaction;     ///< the last one that is a row
};

namespace {

/// Topics of the contracts the network document names.
std::vector<Hash256> known_topics()
{
    using namespace poco;
    return {topic<SchedulerNotice>(),
            topic<OrdersMatched>(),
            topic<TaskInitialize>(),
            topic<TaskContribute>(),
            topic<TaskConsensus>(),
            topic<TaskReveal>(),
            topic<TaskFinalize>(),
            topic<TaskReopen>(),
            topic<TaskClaimed>(),
            topic<AccurateContribution>(),
            topic<FaultyContribution>(),
            topic<TokenTransfer>(),
            topic<Lock>(),
            topic<Unlock>(),
            topic<Seize>(),
            topic<Reward>(),
            topic<SignedAppOrder>(),
            topic<SignedDatasetOrder>(),
            topic<SignedWorkerpoolOrder>(),
            topic<SignedRequestOrder>(),
            topic<ClosedAppOrder>(),
            topic<ClosedDatasetOrder>(),
            topic<ClosedWorkerpoolOrder>(),
            topic<ClosedRequestOrder>(),
            topic<CreateCategory>(),
            topic<DatasetSchema>()};
}

/// Topics of the sharing contract; its ERC-721 Transfer shares one with the registries.
std::vector<Hash256> sharing_topics()
{
    using namespace poco;
    return {topic<ProtectedDataTransfer>(),
            topic<NewSubscriptionParams>(),
            topic<NewSubscription>(),
            topic<ProtectedDataAddedForSubscription>(),
            topic<ProtectedDataRemovedFromSubscription>(),
            topic<ProtectedDataAddedForRenting>(),
            topic<ProtectedDataRemovedFromRenting>(),
            topic<NewRental>(),
            topic<ProtectedDataAddedForSale>(),
            topic<ProtectedDataRemovedFromSale>(),
            topic<ProtectedDataSold>(),
            topic<ProtectedDataConsumed>()};
}

/// Events of contracts that are rows, not named. Anyone can emit the same.
std::string_view emitters_of(const eth::Log& log)
{
    return poco::is<poco::NewAppAddedToAddOnlyAppWhitelist>(log) ? "add_only_app_whitelist" : "workerpool";
}

Result<bool> is_known(Writer& writer, const Contracts& contracts, const eth::Log& log)
{
    const wire::NetworkContracts& named = contracts.named;
    for (const Address& one :
         {named.hub, named.app_registry, named.dataset_registry, named.workerpool_registry, named.dataprotector,
          named.sharing.value_or(named.hub), contracts.whitelist_registry.value_or(named.hub)})
        if (log.address == one) return true;
    return writer.has(emitters_of(log), log.address.hex());
}

Status dispatch(const Scene& scene, const Contracts& contracts, const eth::Log& log)
{
    const wire::NetworkContracts& named = contracts.named;
    if (log.address == named.hub) return apply_hub(scene, log);
    if (log.address == named.app_registry) return apply_app_registry(scene, log);
    if (log.address == named.dataset_registry) return apply_dataset_registry(scene, log);
    if (log.address == named.workerpool_registry) return apply_workerpool_registry(scene, log);
    if (log.address == named.dataprotector) return apply_dataprotector(scene, log);
    if (log.address == named.sharing) return apply_sharing(scene, log);
    if (log.address == contracts.whitelist_registry) return apply_whitelist_registry(scene, log);
    if (poco::is<poco::NewAppAddedToAddOnlyAppWhitelist>(log)) return apply_whitelist(scene, log);
    return apply_workerpool(scene, log);
}

}  // namespace

Result<Contracts> find_contracts(const chain::Hub& hub, const wire::NetworkContracts& named, const net::CallContext& context)
{
    if (!named.sharing) return Contracts{named, std::nullopt};
    const auto question = eth::AbiWriter{}.call(eth::selector("ADD_ONLY_APP_WHITELIST_REGISTRY()"));
    TRY(const Bytes answer, hub.rpc().eth_call({named.sharing, question}, context));
    TRY(const Address registry, poco::decode_address(answer));
    return Contracts{named, registry};
}

ChainSink::ChainSink(const chain::Hub& hub, const Contracts& contracts)
    : hub_(&hub), contracts_(contracts), state_(std::make_unique<State>())
{
}
ChainSink::~ChainSink() = default;

Status ChainSink::gather(const chain::LogWindow& window, const net::CallContext& context)
{
    *state_ = State{};
    state_->settled = window.head - std::min(window.head, kForkDepth);
    TRY(state_->facts, gather_facts(*hub_, contracts_.named, window, context));
    return {};
}

Status ChainSink::apply(store::Transaction& transaction, const eth::Log& log)
{
    State& state = *state_;
    const bool is_new_block = !state.place || state.place->block != log.block_number;
    if (is_new_block && state.place && log.block_number > state.settled) {
        Writer last(transaction, *state.place, state.settled);
        TRY_OK(state.ledger.flush(last));
    }
    std::string hash = log.transaction_hash.hex();
    const std::int64_t time = state.facts.times.at(log.block_number).time_since_epoch().count();
    state.place = Place{log.block_number, log.index, time, std::move(hash)};
    Writer writer(transaction, *state.place, state.settled);
    const Scene scene{writer, state.ledger, state.facts};
    TRY(const bool known, is_known(writer, contracts_, log));
    if (!known) return {};
    if (state.transaction != state.place->transaction) TRY_OK(add_transaction(scene, log.transaction_hash));
    state.transaction = state.place->transaction;
    return dispatch(scene, contracts_, log);
}

Status ChainSink::finish(store::Transaction& transaction, const chain::LogWindow& /*window*/)
{
    State& state = *state_;
    if (state.place) {
        Writer last(transaction, *state.place, state.settled);
        TRY_OK(state.ledger.flush(last));
    }
    TRY_OK(internal::forget_versions(transaction, state.settled));
    state = State{};
    return {};
}

Status ChainSink::rollback(store::Transaction& transaction, std::uint64_t first_bad)
{
    return internal::take_back(transaction, first_bad);
}

chain::FollowerOptions ChainSink::follower_options(std::uint64_t start_block) const
{
    const wire::NetworkContracts& named = contracts_.named;
    chain::FollowerOptions options{.name = "index", .filter = {}, .start_block = start_block};
    std::vector<Address> emitters{named.hub, named.app_registry, named.dataset_registry, named.workerpool_registry,
                                  named.dataprotector};
    std::vector<Hash256> topics = known_topics(), strangers{poco::topic<poco::PolicyUpdate>()};
    if (named.sharing) {
        emitters.push_back(*named.sharing);
        std::ranges::copy(sharing_topics(), std::back_inserter(topics));
    }
    if (contracts_.whitelist_registry) {
        emitters.push_back(*contracts_.whitelist_registry);
        strangers.push_back(poco::topic<poco::NewAppAddedToAddOnlyAppWhitelist>());
    }
    options.filter = {std::move(emitters), {std::move(topics)}};
    options.second_filter = chain::LogFilter{{}, {std::move(strangers)}};
    options.window = kWindow;
    options.remembered_blocks = kForkDepth + 2;
    options.fork_depth = kForkDepth;
    return options;
}

}  // namespace iapp::index
