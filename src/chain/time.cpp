// Chain time from a wall clock and the latest block.
#include "chain/time.hpp"

namespace iapp::chain {

Result<UnixSeconds> chain_time(const JsonRpcClient& rpc, const Clock& clock, const net::CallContext& context)
{
    TRY(const Block latest, rpc.block(BlockId::latest(), context));
    return std::max(clock.now_seconds(), latest.timestamp);
}

}  // namespace iapp::chain
