#pragma once
// Follows the logs of some contracts to the head of the chain: resumes after a restart, notices reorganisations, takes back.
// What the sink writes and the position in the chain commit in one transaction, so every log is applied exactly once.
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <span>
#include <stop_token>

#include "chain/rpc.hpp"
#include "store/database.hpp"

namespace iapp::chain {

struct BlockRef {
    std::uint64_t number;
    Hash256 hash;

    friend bool operator==(const BlockRef&, const BlockRef&) = default;
};

/// Logs of some blocks in a row, as a sink is about to receive them.
struct LogWindow {
    std::span<const eth::Log> logs;  ///< in chain order
    BlockRef last;                   ///< of the window, with or without logs
    std::uint64_t head;              ///< newest block of the chain when the sync looked
    /// When blocks with logs were made, as far as the node says so with the logs.
    std::map<std::uint64_t, UnixSeconds> times;
};

/// Receives what the follower sees. What is given a transaction writes through it and nowhere else. An error stops the sync;
/// the window comes again next time.
class LogSink {
public:
    virtual ~LogSink() = default;

    /// Before the logs of a window, outside of any transaction: the place to ask the node what logs do not say.
    virtual Status gather(const LogWindow& /*window*/, const net::CallContext& /*context*/) { return {}; }

    /// One log, in chain order.
    virtual Status apply(store::Transaction& transaction, const eth::Log& log) = 0;

    /// After the last log of a window, in the transaction of its logs.
    virtual Status finish(store::Transaction& /*transaction*/, const LogWindow& /*window*/) { return {}; }

    /// What came from block `first_bad` and later never happened.
    virtual Status rollback(store::Transaction& transaction, std::uint64_t first_bad) = 0;
};

struct FollowerOptions {
    std::string name;  ///< of the cursor; several followers may share a database
    LogFilter filter;
    std::optional<LogFilter> second_filter = {};  ///< logs of either arrive, in chain order; no log may match both
    std::uint64_t start_block = 0;
    std::uint64_t window = 2'000;         ///< blocks asked for at once; halved while the node finds it too large
    std::uint64_t confirmations = 0;      ///< stay this many blocks behind the head
    std::size_t remembered_blocks = 256;  ///< hashes kept to find the fork; a deeper one starts again from start_block
    /// A fork deeper than this many blocks below the head starts again from start_block, unless nothing was applied in
    /// between: what a sink changed in blocks that deep it need not know how to take back.
    std::uint64_t fork_depth = std::numeric_limits<std::uint64_t>::max();
    /// How long a node may be behind the position before that counts as a reorganisation: nodes behind one address lag.
    std::chrono::milliseconds behind_grace{2'000};
};

/// The table of all followers; goes into the migrations of the database that holds the cursor.
extern const store::Migration kFollowerMigration;

/// Safe to call from several threads; they take turns.
class LogFollower {
public:
    /// All three must outlive the follower.
    LogFollower(const JsonRpcClient& rpc, store::Database& database, LogSink& sink, FollowerOptions options);

    /// Applies everything up to the head as it was when the call looked (less the confirmations), and returns the last block
    /// applied; the head itself while the chain has not reached start_block. The caller must not hold a transaction of the
    /// database. Errors: those of JsonRpcClient, store and the sink; deadline_exceeded "net.deadline", cancelled
    /// "net.cancelled";
    ///         unavailable "follower.unstable" (the chain kept changing under the reads).
    Result<BlockRef> sync_to_head(const net::CallContext& context);

    /// The last block that was applied; nothing before the first sync. Errors: those of store.
    Result<std::optional<BlockRef>> position();

    /// Takes back everything: the next sync begins at start_block. Errors: those of store and the sink.
    Status forget();

    /// Syncs every `interval` until asked to stop; failures are logged and tried again with longer waits.
    void run(const std::stop_token& stop, std::chrono::milliseconds interval);

private:
    struct Look;
    struct Window;

    Result<std::optional<BlockRef>> load_position();
    Result<std::optional<BlockRef>> read_position(store::Transaction& transaction) const;
    Result<Look> look(const std::optional<BlockRef>& at, const net::CallContext& context) const;
    Result<std::optional<Block>> ask_block(const BlockId& id, const net::CallContext& context) const;
    Result<Look> look_patiently(const std::optional<BlockRef>& at, const net::CallContext& context) const;
    Result<bool> advance(std::optional<BlockRef>& at, std::uint64_t target, std::uint64_t head,
                         const net::CallContext& context);
    Result<std::optional<Window>> fetch(std::uint64_t first, std::uint64_t last, const std::optional<BlockRef>& before,
                                        const net::CallContext& context);
    Result<std::optional<Window>> fetch_fewer(std::uint64_t first, std::uint64_t last, const std::optional<BlockRef>& before,
                                              const net::CallContext& context);
    Result<bool> apply(const Window& window, std::uint64_t head);
    Status remember(store::Transaction& transaction, const Window& window, std::uint64_t head) const;
    Status take_back(const net::CallContext& context);
    Status take_back_from(std::uint64_t first_bad);

    const JsonRpcClient* rpc_;
    store::Database* database_;
    LogSink* sink_;
    FollowerOptions options_;
    std::uint64_t window_;
    std::mutex mutex_;
    std::optional<BlockRef> position_;  ///< what the database said, unless it has to be asked again
    bool is_position_known_ = false;
};

}  // namespace iapp::chain
