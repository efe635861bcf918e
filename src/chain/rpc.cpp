// The JSON-RPC client: sends what internal/json_rpc encodes and gives its readers the answers.
#include "chain/rpc.hpp"

#include <algorithm>

#include "chain/internal/exchange.hpp"

namespace iapp::chain {
namespace {

using internal::Answer;
using internal::Exchange;
using internal::params;

/// Whether the same request may be sent twice without its sender's knowledge: all reads. A transaction that was taken the
/// first time is refused the second time, and its sender would believe that it was never taken.
bool is_repeatable(std::span<const RpcCall> calls)
{
    return std::ranges::all_of(calls, [](const RpcCall& call) {
        return call.method.starts_with("eth_") && call.method != "eth_sendRawTransaction";
    });
}

Result<net::Response> post(const net::HttpClient& http, const net::Request& request, bool repeatable,
                           const net::CallContext& context)
{
    auto response = http.send(request, context);
    // A kept connection may be closed under us; the HTTP client does not repeat a POST, but we know what is in it.
    if (!response && repeatable && response.error().reason == "net.closed") response = http.send(request, context);
    return response;
}

Result<std::vector<Answer>> exchange(const net::HttpClient& http, const std::string& url, std::span<const RpcCall> calls,
                                     const net::CallContext& context)
{
    net::Request request{.method = "POST", .target = url, .headers = {{"Content-Type", "application/json"}}};
    request.body = internal::encode_request(calls);
    TRY(const net::Response response, post(http, request, is_repeatable(calls), context));
    if (response.status == 429)
        return fail(ErrorKind::unavailable, "rpc.busy", "the node answered HTTP 429; ask it less often");
    // Some nodes answer JSON-RPC errors with a status of 400 or 500: read the body first.
    auto answers = internal::parse_answers(response.body, calls.size());
    if (!answers && !response.is_success())
        return fail(ErrorKind::unavailable, "rpc.status",
                    "the node answered HTTP " + std::to_string(response.status));  // its URL may hold an access key
    return answers;
}

std::vector<RpcCall> call_requests(std::span<const ContractCall> calls, const BlockId& at)
{
    std::vector<RpcCall> requests;
    requests.reserve(calls.size() + 1);
    for (const ContractCall& call : calls) requests.push_back(internal::eth_call_request(call, at));
    return requests;
}

Result<std::vector<CallOutcome>> read_outcomes(std::span<Answer> answers)
{
    std::vector<CallOutcome> outcomes;
    outcomes.reserve(answers.size());
    for (Answer& answer : answers) {
        TRY(CallOutcome one, internal::read_outcome(std::move(answer)));
        outcomes.push_back(std::move(one));
    }
    return outcomes;
}

}  // namespace

namespace internal {

Result<std::vector<Answer>> Exchange::ask(const JsonRpcClient& client, std::span<const RpcCall> calls,
                                          const net::CallContext& context)
{
    std::vector<Answer> all;
    all.reserve(calls.size());
    const std::size_t most = std::max<std::size_t>(client.options_.max_batch, 1);
    for (std::size_t at = 0; at < calls.size(); at += most) {
        TRY(auto answers,
            exchange(*client.http_, client.options_.url, calls.subspan(at, std::min(most, calls.size() - at)), context));
        std::ranges::move(answers, std::back_inserter(all));
    }
    return all;
}

Result<json::Value> Exchange::ask_one(const JsonRpcClient& client, const RpcCall& call, const net::CallContext& context)
{
    TRY(auto answers, ask(client, {&call, 1}, context));
    if (!answers[0]) return std::unexpected(std::move(answers[0]).error().error);
    return *std::move(answers[0]);
}

}  // namespace internal

BlockId BlockId::number(std::uint64_t number) { return BlockId{internal::quantity(number)}; }
BlockId BlockId::hash(const Hash256& hash)
{
    return BlockId{R"({"blockHash":")" + hash.hex() + R"(","requireCanonical":true})", hash};
}

Result<Bytes> CallOutcome::value() const
{
    if (reverted) {
        const std::string why = reason();
        return fail(ErrorKind::precondition_failed, "rpc.revert", why.empty() ? "the contract gave no reason" : why);
    }
    return data;
}

JsonRpcClient::JsonRpcClient(const net::HttpClient& http, RpcOptions options) : http_(&http), options_(std::move(options)) {}

Result<std::string> JsonRpcClient::call(const RpcCall& call, const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, call, context));
    return json::print(value);
}

Result<std::vector<Result<std::string>>> JsonRpcClient::batch(std::span<const RpcCall> calls,
                                                              const net::CallContext& context) const
{
    TRY(auto answers, Exchange::ask(*this, calls, context));
    std::vector<Result<std::string>> out;
    out.reserve(answers.size());
    for (Answer& answer : answers) {
        if (answer) out.emplace_back(json::print(*answer));
        else out.emplace_back(std::unexpected(std::move(answer).error().error));
    }
    return out;
}

Result<std::uint64_t> JsonRpcClient::chain_id(const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, {"eth_chainId"}, context));
    return internal::read_u64(value);
}

Result<std::uint64_t> JsonRpcClient::block_number(const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, {"eth_blockNumber"}, context));
    return internal::read_u64(value);
}

Result<Block> JsonRpcClient::block(const BlockId& id, const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, internal::block_request(id), context));
    if (value.is_null()) return fail(ErrorKind::not_found, "rpc.block", "the node has no block " + id.json());
    return internal::read_block(value);
}

Result<Bytes> JsonRpcClient::eth_call(const ContractCall& call, const net::CallContext& context, const BlockId& at) const
{
    TRY(const auto outcomes, eth_call_many({&call, 1}, context, at));
    return outcomes[0].value();
}

Result<std::vector<CallOutcome>> JsonRpcClient::eth_call_many(std::span<const ContractCall> calls,
                                                              const net::CallContext& context, const BlockId& at) const
{
    TRY(auto answers, Exchange::ask(*this, call_requests(calls, at), context));
    return read_outcomes(answers);
}

Result<OutcomesAndHead> JsonRpcClient::eth_call_many_and_head(std::span<const ContractCall> calls,
                                                              const net::CallContext& context, const BlockId& at) const
{
    std::vector<RpcCall> requests = call_requests(calls, at);
    requests.push_back(internal::block_request(BlockId::latest()));
    TRY(auto answers, Exchange::ask(*this, requests, context));
    TRY(const json::Value newest, internal::value_of(std::move(answers.back())));
    TRY(const Block head, internal::read_block(newest));
    TRY(auto outcomes, read_outcomes(std::span(answers).first(calls.size())));
    return OutcomesAndHead{std::move(outcomes), head};
}

Result<Bytes> JsonRpcClient::code(const Address& address, const net::CallContext& context, const BlockId& at) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, internal::code_request(address, at), context));
    return internal::read_bytes(value);
}

Result<U256> JsonRpcClient::balance(const Address& address, const net::CallContext& context, const BlockId& at) const
{
    TRY(const json::Value value,
        Exchange::ask_one(*this, {"eth_getBalance", params({internal::text(address.hex()), at.json()})}, context));
    return internal::read_u256(value);
}

Result<std::uint64_t> JsonRpcClient::transaction_count(const Address& address, const BlockId& at,
                                                       const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, internal::transaction_count_request(address, at), context));
    return internal::read_u64(value);
}

Result<Hash256> JsonRpcClient::send_raw(ByteView raw, const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, internal::send_raw_request(raw), context));
    return internal::read_hash(value);
}

Result<std::optional<eth::Receipt>> JsonRpcClient::receipt(const Hash256& transaction, const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, internal::receipt_request(transaction), context));
    if (value.is_null()) return std::optional<eth::Receipt>{};
    TRY(eth::Receipt receipt, internal::read_receipt(value));
    return std::optional{std::move(receipt)};
}

Result<std::uint64_t> JsonRpcClient::estimate_gas(const ContractCall& call, const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, internal::estimate_gas_request(call), context));
    return internal::read_u64(value);
}

Result<std::vector<eth::Log>> JsonRpcClient::logs(const LogFilter& filter, std::uint64_t first, std::uint64_t last,
                                                  const net::CallContext& context) const
{
    TRY(const json::Value value, Exchange::ask_one(*this, internal::logs_request(filter, first, last), context));
    return internal::read_logs(value);
}

}  // namespace iapp::chain
