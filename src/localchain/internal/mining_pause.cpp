#include "localchain/internal/mining_pause.hpp"

#include "base/log.hpp"

namespace iapp::localchain::internal {
namespace {

constexpr int kAttempts = 3;  ///< to switch mining on again

/// Its own time, and nobody's stop: a request to the node that is cut off may have been obeyed.
net::CallContext own_time() { return {"mining-pause", net::deadline_in(std::chrono::seconds(5)), {}}; }

}  // namespace

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

MiningPause::MiningPause(const chain::JsonRpcClient& rpc)
    : rpc_(&rpc), is_ours_(is_automining(rpc, own_time()).value_or(false))
{
    if (is_ours_) (void)rpc.call({"evm_setAutomine", "[false]"}, own_time());
}

MiningPause::~MiningPause()
{
    if (!is_ours_) return;
    Error why{ErrorKind::internal, {}, {}};
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const auto resumed = rpc_->call({"evm_setAutomine", "[true]"}, own_time());
        if (resumed) return;
        why = resumed.error();
        if (why.reason == "net.connect") return;  // the node is gone; the next one mines
    }
    log::error("mining stays switched off; call evm_setAutomine", {{"reason", why.reason}, {"detail", why.detail}});
}

}  // namespace iapp::localchain::internal
