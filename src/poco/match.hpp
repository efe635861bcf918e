#pragma once
// matchOrders as a pure function: the contract's checks in the contract's order, each with both values and a fix.
// The caller gathers the facts; nothing here reads the chain. A verdict with no failed check is what the hub would accept.
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "poco/deal.hpp"
#include "poco/order.hpp"

namespace iapp::poco {

enum class HubVersion : unsigned char { v6_1, v6_2 };

/// How the hub would judge an order's signature.
enum class SignatureFact : unsigned char { valid, invalid, malformed };

/// What the hub knows about one of the three resources. Zero values mean "not read" only for an absent dataset.
struct ResourceFacts {
    bool has_code = false;  ///< `owner()` of an address without code reverts with no reason
    bool registered = false;
    Address owner = Address::zero();
    SignatureFact signature = SignatureFact::invalid;  ///< of the order, by `owner` now (presign, ERC-1271 or ECDSA)
    U256 consumed;                                     ///< viewConsumed(order hash)
};

/// Everything matchOrders reads from the chain.
struct MatchFacts {
    HubVersion hub_version = HubVersion::v6_2;
    U256 category_count;
    ResourceFacts app;
    ResourceFacts dataset;  ///< ignored when the deal has none
    ResourceFacts workerpool;
    SignatureFact request_signature = SignatureFact::invalid;
    U256 request_consumed;
    Hash256 request_hash = Hash256::zero();  ///< the order hash; gives the deal id
    /// Group membership: (restriction with code, account) -> keyHasPurpose(account, 4). Absent pairs count as "no".
    std::set<std::pair<Address, Address>> members;
    Address payer = Address::zero();  ///< the requester, or the sponsor of sponsorMatchOrders
    U256 payer_stake;                 ///< free stake
    U256 pool_owner_stake;
    std::uint64_t worker_stake_ratio = kDefaultWorkerStakeRatio;
    std::uint64_t scheduler_reward_ratio = kDefaultSchedulerRewardRatio;

    static constexpr std::uint64_t kDefaultWorkerStakeRatio = 30;
    static constexpr std::uint64_t kDefaultSchedulerRewardRatio = 1;
};

/// Outcome of one check. A check that the contract would not reach after an earlier failure is still evaluated when it can
/// be.
enum class Outcome : unsigned char { pass, fail, not_applicable };

struct MatchCheck {
    std::string_view id;               ///< ours, stable: "match.workerpool_price"
    std::string_view contract_reason;  ///< the hub's: "iExecV5-matchOrders-0x05"; "" where it reverts with none
    Outcome outcome;
    std::string explanation;  ///< both values, in words; "" when it passed
    std::string fix;          ///< who can do what about it; "" when it passed
};

struct MatchVerdict {
    std::vector<MatchCheck> checks;  ///< all of them, in the contract's order
    U256 volume;                     ///< tasks the match would make; what the orders allow, even when another check fails
    U256 cost_per_task;
    U256 payer_lock;
    U256 pool_lock;
    U256 worker_stake;
    std::optional<DealId> deal;  ///< set when every check passes

    /// The check the hub stops at; null when the match would succeed.
    const MatchCheck* first_failure() const;
    bool ok() const { return first_failure() == nullptr; }
};

MatchVerdict explain(const OrderSet& orders, const MatchFacts& facts);

/// The tag the deal would carry.
Tag deal_tag(const OrderSet& orders, HubVersion version);

/// The restriction rule R: zero, equal, or a group contract that knows the account.
bool satisfies(const Address& restriction, const Address& account, const std::set<std::pair<Address, Address>>& members);

/// The pairs the caller must ask ERC734.keyHasPurpose about: every restriction that is neither zero nor the account itself.
std::vector<std::pair<Address, Address>> group_questions(const OrderSet& orders);

/// Why a matchOrders revert happened: the check of a contract reason, for transactions that already failed. Null if unknown.
struct ReasonText {
    std::string_view id;
    std::string_view contract_reason;
    std::string_view meaning;
};
const ReasonText* find_reason(std::string_view contract_reason);

}  // namespace iapp::poco
