#include "chain/transactions.hpp"

#include "chain/internal/exchange.hpp"

namespace iapp::chain {

Result<std::vector<Transaction>> read_transactions(const JsonRpcClient& rpc, std::span<const Hash256> hashes,
                                                   const net::CallContext& context)
{
    std::vector<RpcCall> requests;
    requests.reserve(hashes.size());
    for (const Hash256& hash : hashes) requests.push_back(internal::transaction_request(hash));
    TRY(auto answers, internal::Exchange::ask(rpc, requests, context));
    std::vector<Transaction> out;
    out.reserve(answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        TRY(const json::Value value, internal::value_of(std::move(answers[i])));
        if (value.is_null())
            return fail(ErrorKind::not_found, "rpc.transaction", "the node has no transaction " + hashes[i].hex());
        TRY(Transaction transaction, internal::read_transaction(value));
        out.push_back(std::move(transaction));
    }
    return out;
}

}  // namespace iapp::chain
