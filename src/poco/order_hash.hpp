#pragma once
// EIP-712 hashes of orders. "Order hash" always means the full typed-data digest, as everywhere in PoCo.
// The domain separator is computed once per hub and passed in.
#include "eth/eip712.hpp"
#include "eth/wallet.hpp"
#include "poco/order.hpp"

namespace iapp::poco {

/// {name "iExecODB", version "5.0.0"} unless the hub's domain() says otherwise.
eth::Eip712Domain hub_domain(std::uint64_t chain_id, const Address& hub);
Hash256 hub_domain_separator(std::uint64_t chain_id, const Address& hub);

Hash256 struct_hash(const AppOrder& order);
Hash256 struct_hash(const DatasetOrder& order);
Hash256 struct_hash(const WorkerpoolOrder& order);
Hash256 struct_hash(const RequestOrder& order);

template <class Order>
Hash256 order_hash(const Hash256& separator, const Order& order)
{
    return eth::typed_digest(separator, struct_hash(order));
}

/// What manage*Order does with an order: presign it, or revoke it by consuming its whole volume.
enum class Operation : unsigned char { sign = 0, close = 1 };

Hash256 operation_hash(const Hash256& separator, const AppOrder& order, Operation operation);
Hash256 operation_hash(const Hash256& separator, const DatasetOrder& order, Operation operation);
Hash256 operation_hash(const Hash256& separator, const WorkerpoolOrder& order, Operation operation);
Hash256 operation_hash(const Hash256& separator, const RequestOrder& order, Operation operation);

/// Fills `order.sign` and answers the order hash.
template <class Order>
Hash256 sign_order(Order& order, const Hash256& separator, const eth::Wallet& wallet)
{
    const Hash256 hash = order_hash(separator, order);
    const eth::Signature65 signature = wallet.sign(hash);
    order.sign.assign(signature.bytes().begin(), signature.bytes().end());
    return hash;
}

/// True when `signer` (an account without code, not zero) made `order.sign`. Presigned orders and ERC-1271 need the chain.
template <class Order>
bool signed_by(const Order& order, const Hash256& separator, const Address& signer)
{
    return eth::verify(order_hash(separator, order), order.sign, signer);
}

}  // namespace iapp::poco
