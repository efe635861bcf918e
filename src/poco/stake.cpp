#include "poco/stake.hpp"

namespace iapp::poco {
namespace {

/// floor(value * percent / 100)
Result<U256> percentage(const U256& value, const U256& percent)
{
    TRY(const U256 product, value.mul(percent));
    return product.div(100U);
}

}  // namespace

Result<U256> task_cost(const Price& price)
{
    TRY(const U256 two, price.app.add(price.dataset));
    return two.add(price.workerpool);
}

Result<U256> payer_lock(const Price& price, const U256& volume)
{
    TRY(const U256 cost, task_cost(price));
    return cost.mul(volume);
}

Result<U256> pool_stake_per_task(const U256& workerpoolprice) { return percentage(workerpoolprice, kPoolStakePercent); }

Result<U256> pool_lock(const U256& workerpoolprice, const U256& volume)
{
    TRY(const U256 per_task, pool_stake_per_task(workerpoolprice));
    return per_task.mul(volume);
}

Result<U256> worker_stake(const U256& workerpoolprice, const U256& stake_ratio_policy)
{
    return percentage(workerpoolprice, stake_ratio_policy);
}

Result<U256> kitty_reward(const U256& kitty)
{
    TRY(const U256 share, percentage(kitty, kKittyPercent));
    return std::min(std::max(share, U256{kKittyMinimum_nrlc}), kitty);
}

Result<Split> split_single(const U256& workerpoolprice, const U256& scheduler_reward_ratio)
{
    TRY(const U256 worker_ratio, U256{100U}.sub(scheduler_reward_ratio));
    TRY(const U256 worker, percentage(workerpoolprice, worker_ratio));
    return Split{worker, saturating_sub(workerpoolprice, worker)};
}

Result<GroupSplit> split_group(const U256& workerpoolprice, const U256& worker_stake, const U256& scheduler_reward_ratio,
                               std::span<const Contributor> contributors)
{
    U256 pot = workerpoolprice;
    U256 total_weight;
    for (const Contributor& contributor : contributors) {
        if (contributor.proved) {
            TRY(total_weight, total_weight.add(contributor.log_weight));
        } else {
            TRY(pot, pot.add(worker_stake));
        }
    }
    TRY(const U256 worker_ratio, U256{100U}.sub(scheduler_reward_ratio));
    TRY(const U256 workers_part, percentage(pot, worker_ratio));
    GroupSplit out{{}, pot};
    for (const Contributor& contributor : contributors) {
        U256 reward;
        if (contributor.proved) {
            TRY(const U256 weighted, workers_part.mul(contributor.log_weight));
            TRY(reward, weighted.div(total_weight));
        }
        out.pool_owner = saturating_sub(out.pool_owner, reward);
        out.reward.push_back(reward);
    }
    return out;
}

}  // namespace iapp::poco
