#pragma once
// Keeps the book at the head of the chain: follows the logs, then asks the node what the logs do not say.
// Every answer of the book waits for it, so no answer is behind what the client did before.
#include "chain/follower.hpp"
#include "chain/hub.hpp"
#include "chain/shared_round.hpp"
#include "market/book.hpp"
#include "market/chain_sink.hpp"
#include "market/deals.hpp"

namespace iapp::market {

/// What the book has seen of the chain.
struct Head {
    chain::BlockRef block;
    std::int64_t revision;  ///< chain_revision() at that block
};

/// Safe to share between threads.
class Tracker {
public:
    /// All must outlive the tracker.
    Tracker(const chain::Hub& hub, BookFile& book, const wire::Network& network);

    /// When this returns, the book knows everything up to the head as it was when the call was made. Calls that wait
    /// at the same time share one round. Errors: those of chain::LogFollower and of the hub's reads.
    Result<Head> refresh(const net::CallContext& context);

private:
    /// The book as it was when nothing was left to ask.
    struct Settled {
        Head head;
        std::uint64_t writes;  ///< BookFile::writes
    };

    Result<Head> run_round(const net::CallContext& context);
    Result<Head> settle(const chain::BlockRef& at, const net::CallContext& context);
    Result<bool> settle_listings(const chain::BlockRef& at, const net::CallContext& context);
    Result<bool> fill_gaps(const chain::BlockRef& at, const net::CallContext& context);

    const chain::Hub* hub_;
    BookFile* book_;
    ChainSink sink_;
    chain::LogFollower follower_;
    std::optional<Settled> settled_;  ///< of the thread that runs the round
    chain::SharedRound<Head> round_;
};

}  // namespace iapp::market
