#include "index/tracker.hpp"

#include <algorithm>
#include <thread>

#include "base/log.hpp"

namespace iapp::index {
namespace {

constexpr int kAttempts = 4;

constexpr int kShape = 3;  ///< one more whenever rows would be made differently: old ones are made again

/// What an index holds depends on these: another set is another index.
std::string scope_of(const wire::Network& network, const Contracts& contracts)
{
    const wire::NetworkContracts& named = contracts.named;
    std::string out = "shape " + std::to_string(kShape) + " of " + std::to_string(network.chain_id) + " from " +
                      std::to_string(network.start_block);
    for (const Address& address :
         {named.hub, named.app_registry, named.dataset_registry, named.workerpool_registry, named.dataprotector,
          named.sharing.value_or(Address::zero()), contracts.whitelist_registry.value_or(Address::zero())})
        out += ' ' + address.hex();
    return out;
}

/// A node may tell a log before it has stored the transaction that made it.
void rest(int attempt, const net::CallContext& context)
{
    const auto longest = std::chrono::milliseconds(10 << attempt);
    std::this_thread::sleep_for(std::min(longest, net::time_left(context.deadline)));
}

bool is_own_limit(const Error& error)
{
    return error.kind == ErrorKind::deadline_exceeded || error.kind == ErrorKind::cancelled;
}

}  // namespace

struct Tracker::Following {
    ChainSink sink;
    chain::LogFollower follower;

    Following(const chain::Hub& hub, store::Database& database, const Contracts& contracts, std::uint64_t start_block)
        : sink(hub, contracts), follower(hub.rpc(), database, sink, sink.follower_options(start_block))
    {
    }
};

Tracker::Tracker(const chain::Hub& hub, store::Database& database, const wire::Network& network)
    : hub_(&hub), database_(&database), network_(network)
{
}
Tracker::~Tracker() = default;

Status Tracker::start_over_unless_same(const std::string& scope)
{
    bool is_same = false;
    {
        TRY(auto transaction, database_->read());
        TRY(auto row, transaction.query("SELECT 1 FROM index_scope WHERE scope = ?", scope));
        TRY(is_same, row.next());
    }
    if (is_same) return {};
    TRY_OK(following_->follower.forget());
    TRY_OK(
        database_->run("INSERT INTO index_scope (id, scope) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET scope = "
                       "excluded.scope",
                       scope));
    return {};
}

/// Done once, when the node first answers.
Status Tracker::begin(const net::CallContext& context)
{
    if (following_) return {};
    TRY(const Contracts contracts, find_contracts(*hub_, network_.contracts, context));
    following_ = std::make_unique<Following>(*hub_, *database_, contracts, network_.start_block);
    const Status same = start_over_unless_same(scope_of(network_, contracts));
    if (!same) following_.reset();
    return same;
}

Result<Head> Tracker::with_time(const chain::BlockRef& block, const net::CallContext& context)
{
    if (last_ && last_->block == block) return *last_;
    TRY(const auto told, hub_->rpc().block(chain::BlockId::number(block.number), context));
    if (told.hash != block.hash)
        return fail(ErrorKind::unavailable, "index.head", "the chain changed while its head was read");
    last_ = Head{block, told.timestamp};
    return *last_;
}

/// When the chain changes while we ask about it, the follower takes that back and the next attempt sees another head.
Result<Head> Tracker::run_round(const net::CallContext& context)
{
    TRY_OK(begin(context));
    for (int attempt = 1;; ++attempt) {
        Result<Head> head = [&]() -> Result<Head> {
            TRY(const chain::BlockRef at, following_->follower.sync_to_head(context));
            return with_time(at, context);
        }();
        if (head || attempt == kAttempts || is_own_limit(head.error())) return head;
        log::warning("indexing is tried again", {{"reason", head.error().reason}, {"detail", head.error().detail}});
        rest(attempt, context);
    }
}

Result<Head> Tracker::refresh(const net::CallContext& context)
{
    return round_.join(context, [&] { return run_round(context); });
}

}  // namespace iapp::index
