#pragma once
// Ethereum JSON-RPC 2.0 over HTTP: typed calls, batches, and errors that say what the contract said.
// Not a provider with state: no cache, no subscriptions, no accounts of the node. Safe to share between threads.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "eth/abi.hpp"
#include "eth/log.hpp"
#include "net/client.hpp"

namespace iapp::chain {

namespace internal {
struct Exchange;
}

using eth::Address;
using eth::U256;

/// Which state a read sees.
class BlockId {
public:
    static BlockId latest() { return BlockId{"\"latest\""}; }
    static BlockId pending() { return BlockId{"\"pending\""}; }
    static BlockId number(std::uint64_t number);
    static BlockId hash(const Hash256& hash);  ///< EIP-1898; the node refuses a block that is not canonical any more

    const std::string& json() const { return json_; }  ///< as a state read takes it
    const std::optional<Hash256>& by_hash() const { return hash_; }

private:
    explicit BlockId(std::string json, std::optional<Hash256> by_hash = {}) : json_(std::move(json)), hash_(by_hash) {}

    std::string json_;
    std::optional<Hash256> hash_;
};

/// One JSON-RPC call; `params` is the text of the parameter array.
struct RpcCall {
    std::string method;
    std::string params = "[]";
};

/// One eth_call, or the body of a transaction before it has a nonce.
struct ContractCall {
    std::optional<Address> to;  ///< absent: runs `data` as creation code
    Bytes data;
    std::optional<Address> from = {};
    U256 value = {};
};

/// How an eth_call ended. A revert is an answer of the contract, not a failure of ours.
struct CallOutcome {
    bool reverted;
    Bytes data;  ///< return data, or the revert data

    /// Return data, or the revert as an error. Errors: precondition_failed "rpc.revert" with the decoded reason as detail.
    Result<Bytes> value() const;

    /// The decoded reason of a revert: "iExecV5-matchOrders-0x05"; "" when the contract gave none.
    std::string reason() const { return reverted ? eth::revert_reason(data) : std::string{}; }
};

struct Block {
    std::uint64_t number;
    Hash256 hash;
    Hash256 parent_hash;
    UnixSeconds timestamp;
    U256 base_fee;  ///< wei; zero before EIP-1559
};

/// What contracts answered, and the newest block of the node when it was asked.
struct OutcomesAndHead {
    std::vector<CallOutcome> outcomes;
    Block head;
};

/// Logs of any of `addresses` (empty: any) whose topic i is one of topics[i] (empty: any).
struct LogFilter {
    std::vector<Address> addresses;
    std::vector<std::vector<Hash256>> topics;
};

struct RpcOptions {
    std::string url;
    std::size_t max_batch = 100;  ///< calls in one HTTP request; longer batches are cut
};

/// Errors of all calls: those of net::HttpClient;
///   unavailable "rpc.status" (an HTTP status that is not 2xx), "rpc.busy" (the node asks to slow down),
///   "rpc.state" (the node does not have that block, or its state);
///   corrupt "rpc.response" (not the JSON-RPC the call asked for);
///   precondition_failed "rpc.revert" (detail: the contract's reason), "rpc.funds" (the account cannot pay);
///   conflict "rpc.nonce" (the nonce is used, or one before it is not), "rpc.known" (this very transaction is known);
///   invalid_input "rpc.method" (the node does not have it); internal "rpc.error" (any other answer of the node).
class JsonRpcClient {
public:
    /// `http` must outlive the client.
    JsonRpcClient(const net::HttpClient& http, RpcOptions options);

    /// The JSON text of the result.
    Result<std::string> call(const RpcCall& call, const net::CallContext& context) const;

    /// One answer per call, in order. The outer error means that no answer can be trusted.
    Result<std::vector<Result<std::string>>> batch(std::span<const RpcCall> calls, const net::CallContext& context) const;

    Result<std::uint64_t> chain_id(const net::CallContext& context) const;
    Result<std::uint64_t> block_number(const net::CallContext& context) const;
    /// Errors: also not_found "rpc.block".
    Result<Block> block(const BlockId& id, const net::CallContext& context) const;

    /// The return data; a revert is an error. Errors: precondition_failed "rpc.revert".
    Result<Bytes> eth_call(const ContractCall& call, const net::CallContext& context,
                           const BlockId& at = BlockId::latest()) const;
    /// One outcome per call, in order, in as few requests as possible.
    Result<std::vector<CallOutcome>> eth_call_many(std::span<const ContractCall> calls, const net::CallContext& context,
                                                   const BlockId& at = BlockId::latest()) const;

    /// As eth_call_many(), and behind the calls the newest block: whether a state that was the newest still is.
    Result<OutcomesAndHead> eth_call_many_and_head(std::span<const ContractCall> calls, const net::CallContext& context,
                                                   const BlockId& at) const;

    Result<Bytes> code(const Address& address, const net::CallContext& context, const BlockId& at = BlockId::latest()) const;
    Result<U256> balance(const Address& address, const net::CallContext& context,
                         const BlockId& at = BlockId::latest()) const;
    /// Transactions `address` has sent; with pending() also those that wait for a block.
    Result<std::uint64_t> transaction_count(const Address& address, const BlockId& at,
                                            const net::CallContext& context) const;

    /// Errors: also conflict "rpc.nonce", "rpc.known"; precondition_failed "rpc.funds".
    Result<Hash256> send_raw(ByteView raw, const net::CallContext& context) const;
    /// Nothing while the transaction waits, or when the node does not know it.
    Result<std::optional<eth::Receipt>> receipt(const Hash256& transaction, const net::CallContext& context) const;
    Result<std::uint64_t> estimate_gas(const ContractCall& call, const net::CallContext& context) const;

    /// Logs of blocks `first` to `last`, in chain order.
    Result<std::vector<eth::Log>> logs(const LogFilter& filter, std::uint64_t first, std::uint64_t last,
                                       const net::CallContext& context) const;

    const std::string& url() const { return options_.url; }

private:
    friend struct internal::Exchange;

    const net::HttpClient* http_;
    RpcOptions options_;
};

}  // namespace iapp::chain
