#pragma once
// Keeps the state of an anvil node on disk, so that the chain survives a crash of the node or of the machine.
// anvil's own --state-interval rewrites its file in place: a kill in the middle leaves no chain at all. This one replaces
// the file atomically and lags the head by about a fifth of a second. What a kill takes in that time looks like a
// reorganisation of a few blocks to everyone who follows the chain, and is handled as one.
// anvil reads its blocks first and its accounts later, and changes its accounts before it shows a block: a dump that a block
// came into holds the effects of transactions that are in none of its blocks, and a task would be COMPLETED that no log ever
// finalised. Only a dump between two looks at the same head is kept, when no block was about to be shown (unpublished.hpp).
// When blocks come too fast for that, mining waits for the dump.
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "chain/rpc.hpp"

namespace iapp::localchain {

struct KeeperOptions {
    std::filesystem::path file;               ///< gzip, as anvil_dumpState answers it
    std::chrono::milliseconds interval{200};  ///< between looks at the head; longer when saving itself takes long
};

/// Saves in the background from construction to destruction, and once more when asked.
class StateKeeper {
public:
    /// `rpc` must outlive the keeper and accept answers of the size of the state.
    StateKeeper(const chain::JsonRpcClient& rpc, KeeperOptions options);
    ~StateKeeper();
    StateKeeper(StateKeeper&&) = delete;

    /// Durable when this returns success; does nothing when the head is the one on disk.
    /// Errors: those of JsonRpcClient; internal "localchain.state" (the file cannot be written); unavailable
    /// "localchain.busy" (blocks came although mining was to wait; the file is the last whole one).
    Status save(const net::CallContext& context);

private:
    void run(const std::stop_token& stop);
    /// Whether a whole state was read, and is on disk, within so many attempts.
    Result<bool> save_within(int attempts, const net::CallContext& context);
    Result<Hash256> head_hash(const net::CallContext& context) const;

    const chain::JsonRpcClient* rpc_;
    KeeperOptions options_;
    std::mutex mutex_;  ///< one save at a time
    std::optional<Hash256> saved_;
    std::jthread thread_;
};

/// Unpacks a kept state into the JSON that `anvil --load-state` reads. False when there is nothing to unpack.
/// Errors: corrupt "localchain.state" (not gzip), internal "localchain.state".
Result<bool> unpack_state(const std::filesystem::path& kept, const std::filesystem::path& json);

}  // namespace iapp::localchain
