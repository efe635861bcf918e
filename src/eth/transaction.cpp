#include "eth/transaction.hpp"

#include "codec/rlp.hpp"
#include "crypto/hash.hpp"

namespace iapp::eth {
namespace {

using codec::RlpItem;
using codec::RlpList;

constexpr std::uint8_t kType = 0x02;  // EIP-2718 type of EIP-1559 transactions
constexpr std::size_t kUnsignedItems = 9;

auto malformed(std::string what) { return fail(ErrorKind::invalid_input, "transaction.format", std::move(what)); }

RlpList unsigned_items(const Transaction& tx)
{
    RlpList list;
    list.uint(tx.chain_id)
        .uint(tx.nonce)
        .uint_be(tx.max_priority_fee_per_gas.be())
        .uint_be(tx.max_fee_per_gas.be())
        .uint(tx.gas_limit);
    list.bytes(tx.to ? ByteView(tx.to->bytes()) : ByteView{}).uint_be(tx.value.be()).bytes(tx.data).list(RlpList{});
    return list;
}

Bytes typed(const RlpList& items)
{
    Bytes out{kType};
    append(out, items.encode());
    return out;
}

Result<U256> number(const RlpItem& item)
{
    TRY(const ByteView bytes, codec::rlp_string(item));
    if (bytes.size() > 32 || (!bytes.empty() && bytes[0] == 0))
        return malformed("a number has a leading zero or more than 32 bytes");
    return U256::from_be_bytes(bytes);
}

Result<std::optional<Address>> recipient(const RlpItem& item)
{
    TRY(const ByteView bytes, codec::rlp_string(item));
    if (bytes.empty()) return std::optional<Address>{};
    if (bytes.size() != Address::kSize)
        return malformed("the recipient has " + std::to_string(bytes.size()) + " bytes instead of 20");
    return std::optional<Address>{Address{bytes.first<20>()}};
}

Result<Transaction> read_fields(std::span<const RlpItem> items)
{
    Transaction tx;
    TRY(tx.chain_id, codec::rlp_uint(items[0]));
    TRY(tx.nonce, codec::rlp_uint(items[1]));
    TRY(tx.max_priority_fee_per_gas, number(items[2]));
    TRY(tx.max_fee_per_gas, number(items[3]));
    TRY(tx.gas_limit, codec::rlp_uint(items[4]));
    TRY(tx.to, recipient(items[5]));
    TRY(tx.value, number(items[6]));
    TRY(const ByteView data, codec::rlp_string(items[7]));
    tx.data = to_bytes(data);
    if (!items[8].is_list || !items[8].payload.empty()) return malformed("access lists are not supported");
    return tx;
}

Result<Signature65> read_signature(std::span<const RlpItem> items)
{
    TRY(const std::uint64_t parity, codec::rlp_uint(items[0]));
    TRY(const U256 r, number(items[1]));
    TRY(const U256 s, number(items[2]));
    if (parity > 1) return malformed("the parity is " + std::to_string(parity) + " instead of 0 or 1");
    Bytes bytes = to_bytes(r.be());
    append(bytes, s.be());
    bytes.push_back(static_cast<std::uint8_t>(27 + parity));
    return parse_signature(bytes);
}

}  // namespace

Hash256 signing_hash(const Transaction& transaction) { return crypto::keccak256(typed(unsigned_items(transaction))); }

SignedTransaction sign(const Transaction& transaction, const Wallet& wallet)
{
    const Signature65 signature = wallet.sign(signing_hash(transaction));
    const auto bytes = signature.bytes();
    RlpList items = unsigned_items(transaction);
    items.uint(bytes[64] - 27U).uint_be(bytes.first<32>()).uint_be(bytes.subspan<32, 32>());
    Bytes raw = typed(items);
    const Hash256 hash = crypto::keccak256(raw);
    return {std::move(raw), hash, wallet.address()};
}

Result<ParsedTransaction> parse_transaction(ByteView raw)
{
    if (raw.empty() || raw[0] != kType)
        return fail(ErrorKind::invalid_input, "transaction.type", "only EIP-1559 transactions (type 2) are read");
    TRY(const RlpItem list, codec::parse_rlp(raw.subspan(1)));
    TRY(const std::vector<RlpItem> items, codec::rlp_items(list));
    if (items.size() != kUnsignedItems + 3)
        return malformed("a signed transaction has 12 items, got " + std::to_string(items.size()));
    TRY(Transaction transaction, read_fields(items));
    TRY(const Signature65 signature, read_signature(std::span(items).subspan(kUnsignedItems)));
    TRY(const Address from, recover_address(signing_hash(transaction), signature));
    return ParsedTransaction{std::move(transaction), crypto::keccak256(raw), from};
}

}  // namespace iapp::eth
