#pragma once
// The money of PoCo: what a match locks and how a task settles. All amounts nRLC; every division floors, as in the contract.
#include <span>
#include <vector>

#include "base/result.hpp"
#include "eth/u256.hpp"

namespace iapp::poco {

using eth::U256;

inline constexpr std::uint64_t kPoolStakePercent = 30;
inline constexpr std::uint64_t kKittyPercent = 10;
inline constexpr std::uint64_t kKittyMinimum_nrlc = 1'000'000'000;

struct Price {
    U256 app;
    U256 dataset;
    U256 workerpool;
};

// Errors of all: invalid_input "u256.overflow" where the contract would panic.

/// app + dataset + workerpool
Result<U256> task_cost(const Price& price);
/// What the payer locks: task_cost * volume.
Result<U256> payer_lock(const Price& price, const U256& volume);
/// What the pool owner locks for one task: floor(price * 30 / 100).
Result<U256> pool_stake_per_task(const U256& workerpoolprice);
/// Rounded per task first, then times volume.
Result<U256> pool_lock(const U256& workerpoolprice, const U256& volume);
/// What a worker locks in contribute: floor(price * policy / 100). contributeAndFinalize locks nothing.
Result<U256> worker_stake(const U256& workerpoolprice, const U256& stake_ratio_policy);
/// What the pool owner draws from the kitty on success: min(max(10 %, 1 RLC), kitty).
Result<U256> kitty_reward(const U256& kitty);

struct Split {
    U256 worker;
    U256 pool_owner;
};
/// contributeAndFinalize: worker floor(price * (100 - ratio) / 100), the pool owner the rest. `ratio` <= 100.
Result<Split> split_single(const U256& workerpoolprice, const U256& scheduler_reward_ratio);

struct Contributor {
    std::uint64_t log_weight;  ///< contribution.weight
    bool proved;
};
struct GroupSplit {
    std::vector<U256> reward;  ///< per contributor; zero for those not proved, whose stake is seized
    U256 pool_owner;           ///< the rest, with the dust of the floors
};
/// finalize: (price + seized stakes) shared by weight among the proved.
Result<GroupSplit> split_group(const U256& workerpoolprice, const U256& worker_stake, const U256& scheduler_reward_ratio,
                               std::span<const Contributor> contributors);

}  // namespace iapp::poco
