#include "poco/order_hash.hpp"

#include "poco/internal/order_members.hpp"

namespace iapp::poco {
namespace {

using internal::for_each_member;
using internal::kOrderName;

/// encodeType: "AppOrder(address app,uint256 appprice,...)"
template <class Order>
std::string encoded_type()
{
    std::string type(kOrderName<Order>);
    char separator = '(';
    const Order order;
    for_each_member(order, [&](std::string_view name, const auto& value) {
        ((type += separator) += internal::solidity_type(value)) += ' ';
        type += name;
        separator = ',';
    });
    return type + ')';
}

template <class Order>
const Hash256& order_type_hash()
{
    static const Hash256 hash = eth::type_hash(encoded_type<Order>());
    return hash;
}

/// EIP-712 appends the types a struct refers to: "AppOrderOperation(AppOrder order,uint256 operation)AppOrder(...)".
template <class Order>
const Hash256& operation_type_hash()
{
    static const Hash256 hash = [] {
        const std::string name(kOrderName<Order>);
        return eth::type_hash(name + "Operation(" + name + " order,uint256 operation)" + encoded_type<Order>());
    }();
    return hash;
}

void add(eth::StructHash& hash, const Address& value) { hash.address(value); }
void add(eth::StructHash& hash, const U256& value) { hash.uint(value); }
void add(eth::StructHash& hash, const std::string& value) { hash.string(value); }
template <class Tag>
void add(eth::StructHash& hash, const FixedBytes<32, Tag>& value)
{
    hash.bytes32(value);
}

template <class Order>
Hash256 hash_members(const Order& order)
{
    eth::StructHash hash(order_type_hash<Order>());
    for_each_member(order, [&](std::string_view, const auto& value) { add(hash, value); });
    return hash.finish();
}

template <class Order>
Hash256 hash_operation(const Hash256& separator, const Order& order, Operation operation)
{
    eth::StructHash hash(operation_type_hash<Order>());
    hash.nested(struct_hash(order)).uint(static_cast<std::uint64_t>(operation));
    return eth::typed_digest(separator, hash.finish());
}

}  // namespace

eth::Eip712Domain hub_domain(std::uint64_t chain_id, const Address& hub) { return {"iExecODB", "5.0.0", chain_id, hub}; }

Hash256 hub_domain_separator(std::uint64_t chain_id, const Address& hub)
{
    return eth::domain_separator(hub_domain(chain_id, hub));
}

Hash256 struct_hash(const AppOrder& order) { return hash_members(order); }
Hash256 struct_hash(const DatasetOrder& order) { return hash_members(order); }
Hash256 struct_hash(const WorkerpoolOrder& order) { return hash_members(order); }
Hash256 struct_hash(const RequestOrder& order) { return hash_members(order); }

Hash256 operation_hash(const Hash256& separator, const AppOrder& order, Operation operation)
{
    return hash_operation(separator, order, operation);
}
Hash256 operation_hash(const Hash256& separator, const DatasetOrder& order, Operation operation)
{
    return hash_operation(separator, order, operation);
}
Hash256 operation_hash(const Hash256& separator, const WorkerpoolOrder& order, Operation operation)
{
    return hash_operation(separator, order, operation);
}
Hash256 operation_hash(const Hash256& separator, const RequestOrder& order, Operation operation)
{
    return hash_operation(separator, order, operation);
}

}  // namespace iapp::poco
