#pragma once
// Mixed batches for the files of this room: JSON values of a JsonRpcClient without a detour through text.
#include "chain/internal/json_rpc.hpp"

namespace iapp::chain::internal {

struct Exchange {
    /// All answers in order; batches above RpcOptions::max_batch go in several requests.
    static Result<std::vector<Answer>> ask(const JsonRpcClient& client, std::span<const RpcCall> calls,
                                           const net::CallContext& context);

    static Result<json::Value> ask_one(const JsonRpcClient& client, const RpcCall& call, const net::CallContext& context);
};

/// The value of an answer, or the node's error.
inline Result<json::Value> value_of(Answer answer)
{
    if (!answer) return std::unexpected(std::move(answer).error().error);
    return *std::move(answer);
}

}  // namespace iapp::chain::internal
