#include "market/internal/call_memory.hpp"

namespace iapp::market::internal {
namespace {

constexpr std::size_t kMostKnown = 4096;

std::pair<Bytes, Bytes> key_of(const chain::ContractCall& call)
{
    return {call.to ? to_bytes(call.to->bytes()) : Bytes{}, call.data};
}

}  // namespace

Result<chain::OutcomesAndHead> CallMemory::ask(const chain::JsonRpcClient& rpc, std::span<const chain::ContractCall> calls,
                                               const Hash256& block, const net::CallContext& context)
{
    if (std::exchange(block_, block) != block || known_.size() > kMostKnown) known_.clear();
    std::vector<chain::ContractCall> unknown;
    for (const chain::ContractCall& call : calls)
        if (!known_.contains(key_of(call))) unknown.push_back(call);
    TRY(auto told, rpc.eth_call_many_and_head(unknown, context, chain::BlockId::hash(block)));
    for (std::size_t i = 0; i < unknown.size(); ++i)
        known_.insert_or_assign(key_of(unknown[i]), std::move(told.outcomes[i]));
    told.outcomes.clear();
    for (const chain::ContractCall& call : calls) told.outcomes.push_back(known_.at(key_of(call)));
    return told;
}

}  // namespace iapp::market::internal
