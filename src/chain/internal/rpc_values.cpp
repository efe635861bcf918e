// Readers of JSON-RPC values: quantities, data, blocks, logs and receipts (ethereum.github.io/execution-apis).
// Members we do not use are ignored: clients add their own.
#include "chain/internal/json_rpc.hpp"

namespace iapp::chain::internal {
namespace {

std::unexpected<Error> malformed(std::string detail) { return fail(ErrorKind::corrupt, "rpc.response", std::move(detail)); }

Result<std::string_view> as_string(const json::Value& value)
{
    if (!value.is_string()) return malformed("expected text, got " + json::print(value).substr(0, 80));
    return std::string_view(value.get_string());
}

/// A member of an object answer, read by one of the readers of this file.
class Members {
public:
    static Result<Members> of(const json::Value& value, std::string_view what)
    {
        if (!value.is_object()) return malformed("expected a " + std::string(what));
        return Members{value.get_object(), what};
    }

    template <class T>
    Result<T> get(std::string_view name, Result<T> (*read)(const json::Value&)) const
    {
        const json::Value* member = object_->if_contains(name);
        if (member == nullptr) return malformed(std::string(what_) + " without \"" + std::string(name) + "\"");
        auto value = read(*member);
        if (!value) return malformed(std::string(what_) + "." + std::string(name) + ": " + value.error().detail);
        return value;
    }

    /// Absent and null are the same: pending blocks have no hash, calls no contract address.
    template <class T>
    Result<std::optional<T>> find(std::string_view name, Result<T> (*read)(const json::Value&)) const
    {
        const json::Value* member = object_->if_contains(name);
        if (member == nullptr || member->is_null()) return std::optional<T>{};
        TRY(T value, get<T>(name, read));
        return std::optional<T>{std::move(value)};
    }

private:
    Members(const json::Object& object, std::string_view what) : object_(&object), what_(what) {}

    const json::Object* object_;
    std::string_view what_;
};

Result<Address> read_address(const json::Value& value)
{
    TRY(const std::string_view digits, as_string(value));
    auto address = Address::from_hex(digits);
    if (!address) return malformed("not an address");
    return *address;
}

Result<bool> read_boolean(const json::Value& value)
{
    if (!value.is_bool()) return malformed("not a boolean");
    return value.get_bool();
}

Result<std::vector<Hash256>> read_topics(const json::Value& value)
{
    if (!value.is_array() || value.get_array().size() > 4) return malformed("not a list of at most four topics");
    std::vector<Hash256> topics;
    for (const json::Value& element : value.get_array()) {
        TRY(const Hash256 topic, read_hash(element));
        topics.push_back(topic);
    }
    return topics;
}

}  // namespace

Result<U256> read_u256(const json::Value& value)
{
    TRY(const std::string_view digits, as_string(value));
    auto number = U256::from_hex(digits);
    if (!number) return malformed("not a quantity");
    return *number;
}

Result<std::uint64_t> read_u64(const json::Value& value)
{
    TRY(const U256 number, read_u256(value));
    if (!number.fits_u64()) return malformed("a quantity above 64 bits");
    return number.clamp_u64();
}

Result<Bytes> read_bytes(const json::Value& value)
{
    TRY(const std::string_view digits, as_string(value));
    auto bytes = parse_hex0x(digits);
    if (!bytes) return malformed("not hexadecimal data");
    return bytes;
}

Result<Hash256> read_hash(const json::Value& value)
{
    TRY(const std::string_view digits, as_string(value));
    auto hash = Hash256::from_hex(digits);
    if (!hash) return malformed("not a 32-byte hash");
    return *hash;
}

Result<Block> read_block(const json::Value& value)
{
    TRY(const Members block, Members::of(value, "block"));
    TRY(const std::uint64_t number, block.get("number", read_u64));
    TRY(const Hash256 hash, block.get("hash", read_hash));
    TRY(const Hash256 parent, block.get("parentHash", read_hash));
    TRY(const std::uint64_t timestamp, block.get("timestamp", read_u64));
    TRY(const std::optional<U256> base_fee, block.find("baseFeePerGas", read_u256));
    if (timestamp > (1ULL << 40U)) return malformed("a block from the far future");
    return Block{number, hash, parent, UnixSeconds{std::chrono::seconds(timestamp)}, base_fee.value_or(U256{})};
}

Result<Transaction> read_transaction(const json::Value& value)
{
    TRY(const Members members, Members::of(value, "transaction"));
    TRY(const Hash256 hash, members.get("hash", read_hash));
    TRY(const std::optional<Hash256> block, members.find("blockHash", read_hash));
    TRY(const Address from, members.get("from", read_address));
    TRY(const std::optional<Address> to, members.find("to", read_address));
    TRY(const U256 amount, members.get("value", read_u256));
    TRY(const std::uint64_t gas_limit, members.get("gas", read_u64));
    TRY(const U256 gas_price, members.get("gasPrice", read_u256));
    TRY(Bytes input, members.get("input", read_bytes));
    return Transaction{hash, block, from, to, amount, gas_limit, gas_price, std::move(input)};
}

Result<eth::Log> read_log(const json::Value& value)
{
    TRY(const Members members, Members::of(value, "log"));
    eth::Log log;
    TRY(log.address, members.get("address", read_address));
    TRY(log.topics, members.get("topics", read_topics));
    TRY(log.data, members.get("data", read_bytes));
    TRY(log.block_number, members.get("blockNumber", read_u64));
    TRY(log.block_hash, members.get("blockHash", read_hash));
    TRY(log.transaction_hash, members.get("transactionHash", read_hash));
    TRY(log.index, members.get("logIndex", read_u64));
    TRY(const std::optional<bool> removed, members.find("removed", read_boolean));
    log.removed = removed.value_or(false);
    return log;
}

Result<std::vector<eth::Log>> read_logs(const json::Value& value)
{
    if (!value.is_array()) return malformed("expected a list of logs");
    std::vector<eth::Log> logs;
    logs.reserve(value.get_array().size());
    for (const json::Value& element : value.get_array()) {
        TRY(eth::Log log, read_log(element));
        logs.push_back(std::move(log));
    }
    return logs;
}

Result<eth::Receipt> read_receipt(const json::Value& value)
{
    TRY(const Members members, Members::of(value, "receipt"));
    eth::Receipt receipt;
    TRY(receipt.transaction_hash, members.get("transactionHash", read_hash));
    TRY(const std::uint64_t status, members.get("status", read_u64));
    receipt.succeeded = status == 1;
    TRY(receipt.block_number, members.get("blockNumber", read_u64));
    TRY(receipt.block_hash, members.get("blockHash", read_hash));
    TRY(receipt.from, members.get("from", read_address));
    TRY(receipt.to, members.find("to", read_address));
    TRY(receipt.contract_address, members.find("contractAddress", read_address));
    TRY(receipt.gas_used, members.get("gasUsed", read_u64));
    TRY(const std::optional<U256> price, members.find("effectiveGasPrice", read_u256));
    receipt.effective_gas_price = price.value_or(U256{});
    TRY(receipt.logs, members.get("logs", read_logs));
    return receipt;
}

}  // namespace iapp::chain::internal
