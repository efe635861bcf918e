#pragma once
// What the hub and the registries announce, written into the book. Logs only mark: an order they touch is stale until the
// tracker has asked the hub about it, so the same code serves new blocks, replays and reorganisations.
#include "chain/follower.hpp"
#include "wire/network.hpp"

namespace iapp::market {

extern const store::Migration kSinkMigration;

class ChainSink final : public chain::LogSink {
public:
    explicit ChainSink(const wire::NetworkContracts& contracts) : contracts_(contracts) {}

    Status apply(store::Transaction& transaction, const eth::Log& log) override;
    Status rollback(store::Transaction& transaction, std::uint64_t first_bad) override;

    /// What to ask the node for.
    chain::LogFilter filter() const;

private:
    Status apply_hub(store::Transaction& transaction, const eth::Log& log) const;
    Status apply_registry(store::Transaction& transaction, const eth::Log& log) const;

    wire::NetworkContracts contracts_;
};

/// Whether the chain says that the signer revoked the order.
Result<bool> is_closed(store::Transaction& transaction, const Hash256& order_hash);

}  // namespace iapp::market
