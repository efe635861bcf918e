#pragma once
// Which orders were matched into which deal, and which dataset orders were closed: kept in step with the chain by a
// follower.
#include "chain/follower.hpp"
#include "poco/deal.hpp"
#include "policy/release.hpp"

namespace iapp::sms::internal {

std::span<const store::Migration> order_event_migrations();

class OrderEvents final : public chain::LogSink {
public:
    explicit OrderEvents(const eth::Address& hub) : hub_(hub) {}

    chain::LogFilter filter() const;
    Status apply(store::Transaction& transaction, const eth::Log& log) override;
    Status rollback(store::Transaction& transaction, std::uint64_t first_bad) override;

    struct Match {
        policy::MatchedOrders orders;
        Hash256 transaction_hash;
    };
    static Result<std::optional<Match>> find_match(store::Transaction& transaction, const poco::DealId& deal);
    static Result<bool> is_closed(store::Transaction& transaction, const Hash256& order_hash);

private:
    eth::Address hub_;
};

}  // namespace iapp::sms::internal
