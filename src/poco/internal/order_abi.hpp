#pragma once
// Orders as ABI tuples: the members of order_members.hpp and `bytes sign`.
#include "eth/abi.hpp"
#include "poco/internal/order_members.hpp"

namespace iapp::poco::internal {

inline void add_word(eth::AbiWriter& out, const Address& value) { out.address(value); }
inline void add_word(eth::AbiWriter& out, const U256& value) { out.uint(value); }
inline void add_word(eth::AbiWriter& out, const std::string& value) { out.string(value); }
template <class Tag>
void add_word(eth::AbiWriter& out, const FixedBytes<32, Tag>& value)
{
    out.bytes32(value);
}

template <class Order>
eth::AbiWriter order_tuple(const Order& order)
{
    eth::AbiWriter out;
    for_each_member(order, [&](std::string_view, const auto& value) { add_word(out, value); });
    out.bytes(order.sign);
    return out;
}

inline Status read_word(eth::AbiReader& in, Address& value)
{
    TRY(value, in.address());
    return {};
}
inline Status read_word(eth::AbiReader& in, U256& value)
{
    TRY(value, in.uint());
    return {};
}
inline Status read_word(eth::AbiReader& in, std::string& value)
{
    TRY(value, in.string());
    return {};
}
template <class Tag>
Status read_word(eth::AbiReader& in, FixedBytes<32, Tag>& value)
{
    TRY(value, (in.bytes32<FixedBytes<32, Tag>>()));
    return {};
}

/// The order that comes next. Errors: corrupt "abi.*".
template <class Order>
Result<Order> read_order(eth::AbiReader& from)
{
    TRY(eth::AbiReader in, from.dynamic_tuple());
    Order order;
    Status read;
    for_each_member(order, [&](std::string_view, auto& value) {
        if (read) read = read_word(in, value);
    });
    if (!read) return std::unexpected(std::move(read).error());
    TRY(const ByteView sign, in.bytes());
    order.sign = to_bytes(sign);
    return order;
}

/// "(address,uint256,...,bytes)"
template <class Order>
std::string tuple_type()
{
    std::string type = "(";
    const Order order;
    for_each_member(order, [&](std::string_view, const auto& value) { (type += solidity_type(value)) += ','; });
    return type + "bytes)";
}

}  // namespace iapp::poco::internal
