#pragma once
// From logs to rows: the hub, the three registries, DataProtector, workerpools, and sharing where the network has it.
// Not the market's sink: that one marks orders as stale, this one keeps history.
#include <optional>

#include "index/facts.hpp"

namespace iapp::index {

/// Contracts whose logs the index holds.
struct Contracts {
    wire::NetworkContracts named;
    std::optional<Address> whitelist_registry;  ///< of the sharing contract
};

/// Asks the sharing contract, if there is one, which registry its white-lists come from. Errors: those of JsonRpcClient.
Result<Contracts> find_contracts(const chain::Hub& hub, const wire::NetworkContracts& named,
                                 const net::CallContext& context);

/// Changes of blocks this deep below the head are final: they cost no earlier versions. A deeper fork is indexed anew.
inline constexpr std::uint64_t kForkDepth = 256;

class ChainSink final : public chain::LogSink {
public:
    /// `hub` must outlive the sink.
    ChainSink(const chain::Hub& hub, const Contracts& contracts);
    ~ChainSink() override;

    Status gather(const chain::LogWindow& window, const net::CallContext& context) override;
    Status apply(store::Transaction& transaction, const eth::Log& log) override;
    Status finish(store::Transaction& transaction, const chain::LogWindow& window) override;
    Status rollback(store::Transaction& transaction, std::uint64_t first_bad) override;

    /// What to ask the node for: logs of known contracts, and the events of workerpools and white-lists from anywhere.
    chain::FollowerOptions follower_options(std::uint64_t start_block) const;

private:
    struct State;
    const chain::Hub* hub_;
    Contracts contracts_;
    std::unique_ptr<State> state_;  ///< of the window that is being applied
};

}  // namespace iapp::index
