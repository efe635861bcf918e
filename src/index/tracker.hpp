#pragma once
// Keeps the tables at the head of the chain. Every answer waits for it, so none is behind what the client did before.
#include "base/clock.hpp"
#include "chain/shared_round.hpp"
#include "index/chain_sink.hpp"

namespace iapp::index {

/// The newest block whose events are in the tables.
struct Head {
    chain::BlockRef block;
    UnixSeconds time;
};

/// Safe to share between threads.
class Tracker {
public:
    /// All must outlive the tracker.
    Tracker(const chain::Hub& hub, store::Database& database, const wire::Network& network);
    ~Tracker();

    /// When this returns, the tables hold everything up to the head as it was when the call was made. Calls that wait at
    /// the same time share one round. Errors: those of chain::LogFollower and of gather_facts().
    Result<Head> refresh(const net::CallContext& context);

private:
    struct Following;

    Result<Head> run_round(const net::CallContext& context);
    Status begin(const net::CallContext& context);
    Status start_over_unless_same(const std::string& scope);
    Result<Head> with_time(const chain::BlockRef& block, const net::CallContext& context);

    const chain::Hub* hub_;
    store::Database* database_;
    wire::Network network_;
    std::unique_ptr<Following> following_;  ///< of the thread that runs the round, as the next
    std::optional<Head> last_;
    chain::SharedRound<Head> round_;
};

}  // namespace iapp::index
