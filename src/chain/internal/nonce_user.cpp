#include "chain/internal/nonce_user.hpp"

#include <algorithm>

#include "chain/internal/exchange.hpp"

namespace iapp::chain::internal {
namespace {

constexpr std::uint64_t kBlocks = 4;

std::vector<RpcCall> newest_blocks(std::uint64_t head)
{
    std::vector<RpcCall> calls;
    for (std::uint64_t back = 0; back < kBlocks && back <= head; ++back)
        calls.push_back({"eth_getBlockByNumber", "[" + quantity(head - back) + ",true]"});
    return calls;
}

/// The hash of a transaction in full, when it is the one that is looked for.
std::optional<Hash256> hash_if_it_is(const json::Value& transaction, const Address& from, std::uint64_t nonce)
{
    const json::Object* fields = transaction.if_object();
    const auto text = [&](const char* name) -> std::string_view {
        const json::Value* field = fields != nullptr ? fields->if_contains(name) : nullptr;
        return field != nullptr && field->is_string() ? std::string_view(field->get_string()) : std::string_view{};
    };
    const auto sender = Address::from_hex(text("from"));
    const auto number = U256::from_hex(text("nonce"));
    if (!sender || *sender != from || !number || *number != U256{nonce}) return std::nullopt;
    const auto hash = Hash256::from_hex(text("hash"));
    return hash ? std::optional(*hash) : std::nullopt;
}

std::optional<Hash256> find_in_block(const json::Value& block, const Address& from, std::uint64_t nonce)
{
    const json::Value* list = block.is_object() ? block.get_object().if_contains("transactions") : nullptr;
    if (list == nullptr || !list->is_array()) return std::nullopt;
    for (const json::Value& transaction : list->get_array())
        if (auto hash = hash_if_it_is(transaction, from, nonce)) return hash;
    return std::nullopt;
}

}  // namespace

NonceUser find_nonce_user(const JsonRpcClient& rpc, const Address& from, std::uint64_t nonce,
                          std::span<const eth::SignedTransaction> ours, const net::CallContext& context)
{
    const auto head = rpc.block_number(context);
    if (!head) return NonceUser::unknown;
    const auto blocks = Exchange::ask(rpc, newest_blocks(*head), context);
    if (!blocks) return NonceUser::unknown;
    for (const Answer& block : *blocks) {
        const auto hash = block ? find_in_block(*block, from, nonce) : std::nullopt;
        if (!hash) continue;
        const bool is_ours = std::ranges::find(ours, *hash, &eth::SignedTransaction::hash) != ours.end();
        return is_ours ? NonceUser::ours : NonceUser::other;
    }
    return NonceUser::unknown;
}

}  // namespace iapp::chain::internal
