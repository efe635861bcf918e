#pragma once
// Calldata of the sharing contract, for tests: the platform itself only reads its events.
#include "eth/abi.hpp"
#include "poco/order.hpp"

namespace iapp::support {

inline Bytes sharing_call(std::string_view signature, const eth::AbiWriter& arguments)
{
    return arguments.call(eth::selector(signature));
}

/// A function whose only argument is an address.
inline Bytes call_of(std::string_view function, const eth::Address& argument)
{
    return sharing_call(std::string(function) + "(address)", eth::AbiWriter{}.address(argument));
}

inline Bytes add_to_collection(const eth::U256& collection, const eth::Address& data, const eth::Address& whitelist)
{
    return sharing_call("addProtectedDataToCollection(uint256,address,address)",
                        eth::AbiWriter{}.uint(collection).address(data).address(whitelist));
}

inline eth::AbiWriter terms(std::uint64_t price_nrlc, std::uint64_t duration_seconds)
{
    return eth::AbiWriter{}.uint(price_nrlc).uint(duration_seconds);
}

inline Bytes set_to_renting(const eth::Address& data, const eth::AbiWriter& at)
{
    return sharing_call("setProtectedDataToRenting(address,(uint72,uint40))", eth::AbiWriter{}.address(data).tuple(at));
}

inline Bytes rent(const eth::Address& data, const eth::AbiWriter& at)
{
    return sharing_call("rentProtectedData(address,(uint72,uint40))", eth::AbiWriter{}.address(data).tuple(at));
}

inline Bytes consume(const eth::Address& data, const poco::WorkerpoolOrder& order, const eth::Address& app)
{
    const auto tuple = eth::AbiWriter{}
                           .address(order.workerpool)
                           .uint(order.workerpoolprice)
                           .uint(order.volume)
                           .bytes32(order.tag)
                           .uint(order.category)
                           .uint(order.trust)
                           .address(order.apprestrict)
                           .address(order.datasetrestrict)
                           .address(order.requesterrestrict)
                           .bytes32(order.salt)
                           .bytes(order.sign);
    return sharing_call(
        "consumeProtectedData(address,(address,uint256,uint256,bytes32,uint256,uint256,address,address,address,bytes32,"
        "bytes),address)",
        eth::AbiWriter{}.address(data).tuple(tuple).address(app));
}

}  // namespace iapp::support
