#pragma once
// JSON-RPC 2.0 as text and values: requests out, answers in, and the node's error words mapped to our reasons.
// No sockets here; rpc.cpp sends.
#include <expected>

#include "chain/rpc.hpp"
#include "chain/transactions.hpp"
#include "codec/json.hpp"

namespace iapp::chain::internal {

/// An answer of the node that is an error. `revert_data` is set when a contract stopped, even with no data.
struct NodeError {
    Error error;
    std::optional<Bytes> revert_data;
};
using Answer = std::expected<json::Value, NodeError>;

/// One object for one call, an array for several; ids are 1, 2, ...
std::string encode_request(std::span<const RpcCall> calls);

/// Answers in the order of the calls, whatever order the node chose. Errors: corrupt "rpc.response".
Result<std::vector<Answer>> parse_answers(std::string_view body, std::size_t calls);

/// The reason and kind of an error object. Errors inside: see JsonRpcClient.
NodeError read_node_error(const json::Value& error);

// Parameters.
std::string quantity(std::uint64_t number);  ///< "\"0x1f\""
std::string text(std::string_view value);    ///< quoted; only for text without characters that need escapes
std::string call_object(const ContractCall& call);
std::string params(std::initializer_list<std::string> json);  ///< "[a,b]"

// Requests.
RpcCall eth_call_request(const ContractCall& call, const BlockId& at);
RpcCall estimate_gas_request(const ContractCall& call);
RpcCall block_request(const BlockId& id);
RpcCall logs_request(const LogFilter& filter, std::uint64_t first, std::uint64_t last);
RpcCall receipt_request(const Hash256& transaction);
RpcCall transaction_request(const Hash256& transaction);
RpcCall transaction_count_request(const Address& address, const BlockId& at);
RpcCall code_request(const Address& address, const BlockId& at);
RpcCall send_raw_request(ByteView raw);

// Results. Errors of all: corrupt "rpc.response", naming what was read.
Result<std::uint64_t> read_u64(const json::Value& value);
Result<U256> read_u256(const json::Value& value);
Result<Bytes> read_bytes(const json::Value& value);
Result<Hash256> read_hash(const json::Value& value);
Result<Block> read_block(const json::Value& value);
Result<eth::Log> read_log(const json::Value& value);
Result<eth::Receipt> read_receipt(const json::Value& value);
Result<Transaction> read_transaction(const json::Value& value);
Result<std::vector<eth::Log>> read_logs(const json::Value& value);
/// The answer to an eth_call; a revert is an outcome, other errors stay errors.
Result<CallOutcome> read_outcome(Answer answer);

}  // namespace iapp::chain::internal
