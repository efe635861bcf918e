// Writers of JSON-RPC requests (ethereum.github.io/execution-apis). All values are hexadecimal, so nothing needs escapes.
#include <array>
#include <charconv>

#include "chain/internal/json_rpc.hpp"

namespace iapp::chain::internal {
namespace {

template <class Id>
std::string id_list(std::span<const Id> ids)
{
    std::string out = "[";
    for (const Id& id : ids) out += (out.size() > 1 ? "," : "") + text(id.hex());
    return out += ']';
}

std::string filter_object(const LogFilter& filter, std::uint64_t first, std::uint64_t last)
{
    std::string out = "{\"fromBlock\":" + quantity(first) + ",\"toBlock\":" + quantity(last);
    if (!filter.addresses.empty()) out += ",\"address\":" + id_list<Address>(filter.addresses);
    if (filter.topics.empty()) return out += '}';
    out += ",\"topics\":[";
    for (std::size_t i = 0; i < filter.topics.size(); ++i) {
        if (i > 0) out += ',';
        out += filter.topics[i].empty() ? "null" : id_list<Hash256>(filter.topics[i]);
    }
    return out += "]}";
}

}  // namespace

std::string quantity(std::uint64_t number)
{
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
    return "\"0x" + std::string(digits.begin(), end) + '"';
}

std::string text(std::string_view value) { return '"' + std::string(value) + '"'; }

std::string call_object(const ContractCall& call)
{
    std::string out = "{";
    if (call.to) out += "\"to\":" + text(call.to->hex()) + ',';
    if (call.from) out += "\"from\":" + text(call.from->hex()) + ',';
    if (!call.value.is_zero()) out += "\"value\":" + text(call.value.to_hex()) + ',';
    return out += "\"data\":" + text(hex0x(call.data)) + '}';
}

std::string params(std::initializer_list<std::string> json)
{
    std::string out = "[";
    for (const std::string& element : json) out += (out.size() > 1 ? "," : "") + element;
    return out += ']';
}

RpcCall eth_call_request(const ContractCall& call, const BlockId& at)
{
    return {"eth_call", params({call_object(call), at.json()})};
}

RpcCall estimate_gas_request(const ContractCall& call) { return {"eth_estimateGas", params({call_object(call)})}; }

RpcCall block_request(const BlockId& id)
{
    // A block is asked for by its bare hash; the object form of BlockId is for state reads only.
    if (id.by_hash()) return {"eth_getBlockByHash", params({text(id.by_hash()->hex()), "false"})};
    return {"eth_getBlockByNumber", params({id.json(), "false"})};
}

RpcCall logs_request(const LogFilter& filter, std::uint64_t first, std::uint64_t last)
{
    return {"eth_getLogs", params({filter_object(filter, first, last)})};
}

RpcCall receipt_request(const Hash256& transaction)
{
    return {"eth_getTransactionReceipt", params({text(transaction.hex())})};
}

RpcCall transaction_request(const Hash256& transaction)
{
    return {"eth_getTransactionByHash", params({text(transaction.hex())})};
}

RpcCall transaction_count_request(const Address& address, const BlockId& at)
{
    return {"eth_getTransactionCount", params({text(address.hex()), at.json()})};
}

RpcCall code_request(const Address& address, const BlockId& at)
{
    return {"eth_getCode", params({text(address.hex()), at.json()})};
}

RpcCall send_raw_request(ByteView raw) { return {"eth_sendRawTransaction", params({text(hex0x(raw))})}; }

}  // namespace iapp::chain::internal
