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
