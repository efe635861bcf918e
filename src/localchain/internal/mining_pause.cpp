#include "localchain/internal/mining_pause.hpp"

namespace iapp::localchain::internal {

Result<bool> has_executable(const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    TRY(const std::string pool, rpc.call({"txpool_status"}, context));
    return !pool.contains(R"("pending":"0x0")");
}

Result<bool> is_automining(const chain::JsonRpcClient& rpc, const net::CallContext& context)
{
    TRY(const std::string answer, rpc.call({"anvil_getAutomine"}, context));
    return answer == "true";
}

MiningPause::MiningPause(const chain::JsonRpcClient& rpc, const net::CallContext& context)
    : rpc_(&rpc),
      is_ours_(is_automining(rpc, context).value_or(false) && rpc.call({"evm_setAutomine", "[false]"}, context).has_value())
{
}

MiningPause::~MiningPause()
{
    if (!is_ours_) return;
    const net::CallContext context{"mining-pause", net::deadline_in(std::chrono::seconds(10)), {}};
    (void)rpc_->call({"evm_setAutomine", "[true]"}, context);
    if (has_executable(*rpc_, context).value_or(false)) (void)rpc_->call({"evm_mine"}, context);
}

}  // namespace iapp::localchain::internal
