#include "chain/blocks.hpp"

#include "chain/internal/exchange.hpp"

namespace iapp::chain {

Result<std::vector<Block>> read_blocks(const JsonRpcClient& rpc, std::span<const std::uint64_t> numbers,
                                       const net::CallContext& context)
{
    std::vector<RpcCall> requests;
    requests.reserve(numbers.size());
    for (const std::uint64_t number : numbers) requests.push_back(internal::block_request(BlockId::number(number)));
    TRY(auto answers, internal::Exchange::ask(rpc, requests, context));
    std::vector<Block> out;
    out.reserve(answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        TRY(const json::Value value, internal::value_of(std::move(answers[i])));
        if (value.is_null())
            return fail(ErrorKind::not_found, "rpc.block", "the node has no block " + std::to_string(numbers[i]));
        TRY(Block block, internal::read_block(value));
        out.push_back(std::move(block));
    }
    return out;
}

}  // namespace iapp::chain
