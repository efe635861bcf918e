#include "chain/transactions.hpp"

#include <algorithm>

#include "chain/internal/exchange.hpp"

namespace iapp::chain {
namespace {

using Found = std::vector<std::optional<Transaction>>;

std::unexpected<Error> unknown(const TransactionRef& ref)
{
    return fail(ErrorKind::unavailable, "rpc.transaction",
                "the node has no transaction " + ref.hash.hex() + " in block " + ref.block_hash.hex());
}

Result<std::optional<Transaction>> read_if_there(internal::Answer answer, const TransactionRef& ref)
{
    TRY(const json::Value value, internal::value_of(std::move(answer)));
    if (value.is_null()) return std::optional<Transaction>{};
    TRY(Transaction transaction, internal::read_transaction(value));
    const bool is_it = transaction.hash == ref.hash && transaction.block_hash == ref.block_hash;
    return is_it ? std::optional(std::move(transaction)) : std::nullopt;
}

Result<Found> ask_by_hash(const JsonRpcClient& rpc, std::span<const TransactionRef> refs, const net::CallContext& context)
{
    std::vector<RpcCall> requests;
    for (const TransactionRef& ref : refs) requests.push_back(internal::transaction_request(ref.hash));
    TRY(auto answers, internal::Exchange::ask(rpc, requests, context));
    Found out(refs.size());
    for (std::size_t i = 0; i < refs.size(); ++i) {
        TRY(out[i], read_if_there(std::move(answers[i]), refs[i]));
    }
    return out;
}

Result<Transaction> find_in_block(const JsonRpcClient& rpc, const TransactionRef& ref, const net::CallContext& context)
{
    TRY(const json::Value block,
        internal::Exchange::ask_one(
            rpc, {"eth_getBlockByHash", internal::params({internal::text(ref.block_hash.hex()), "true"})}, context));
    const json::Value* const list = block.is_object() ? block.get_object().if_contains("transactions") : nullptr;
    if (list == nullptr || !list->is_array()) return unknown(ref);
    for (const json::Value& value : list->get_array()) {
        TRY(Transaction transaction, internal::read_transaction(value));
        if (transaction.hash == ref.hash && transaction.block_hash == ref.block_hash) return transaction;
    }
    return unknown(ref);
}

}  // namespace

Result<std::vector<Transaction>> read_transactions(const JsonRpcClient& rpc, std::span<const TransactionRef> refs,
                                                   const net::CallContext& context)
{
    if (refs.size() > kMostTransactions)
        return fail(ErrorKind::resource_exhausted, "rpc.transactions", "too many transactions in one question");
    TRY(Found found, ask_by_hash(rpc, refs, context));
    std::vector<Transaction> out;
    out.reserve(refs.size());
    for (std::size_t i = 0; i < refs.size(); ++i) {
        if (!found[i]) {
            TRY(found[i], find_in_block(rpc, refs[i], context));
        }
        out.push_back(*std::move(found[i]));
    }
    return out;
}

}  // namespace iapp::chain
