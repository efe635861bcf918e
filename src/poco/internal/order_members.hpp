#pragma once
// The members of the four order structs, once: JSON, EIP-712 and ABI all walk this list, in this order.
// `sign` comes last in JSON and calldata and is absent from EIP-712, so it is not in the list.
#include <concepts>
#include <string>
#include <type_traits>

#include "poco/order.hpp"

namespace iapp::poco::internal {

template <class T, class Order>
concept ConstOr = std::same_as<std::remove_const_t<T>, Order>;

template <ConstOr<AppOrder> Order, class Visit>
void for_each_member(Order& order, Visit&& visit)
{
    visit("app", order.app);
    visit("appprice", order.appprice);
    visit("volume", order.volume);
    visit("tag", order.tag);
    visit("datasetrestrict", order.datasetrestrict);
    visit("workerpoolrestrict", order.workerpoolrestrict);
    visit("requesterrestrict", order.requesterrestrict);
    visit("salt", order.salt);
}

template <ConstOr<DatasetOrder> Order, class Visit>
void for_each_member(Order& order, Visit&& visit)
{
    visit("dataset", order.dataset);
    visit("datasetprice", order.datasetprice);
    visit("volume", order.volume);
    visit("tag", order.tag);
    visit("apprestrict", order.apprestrict);
    visit("workerpoolrestrict", order.workerpoolrestrict);
    visit("requesterrestrict", order.requesterrestrict);
    visit("salt", order.salt);
}

template <ConstOr<WorkerpoolOrder> Order, class Visit>
void for_each_member(Order& order, Visit&& visit)
{
    visit("workerpool", order.workerpool);
    visit("workerpoolprice", order.workerpoolprice);
    visit("volume", order.volume);
    visit("tag", order.tag);
    visit("category", order.category);
    visit("trust", order.trust);
    visit("apprestrict", order.apprestrict);
    visit("datasetrestrict", order.datasetrestrict);
    visit("requesterrestrict", order.requesterrestrict);
    visit("salt", order.salt);
}

template <ConstOr<RequestOrder> Order, class Visit>
void for_each_member(Order& order, Visit&& visit)
{
    visit("app", order.app);
    visit("appmaxprice", order.appmaxprice);
    visit("dataset", order.dataset);
    visit("datasetmaxprice", order.datasetmaxprice);
    visit("workerpool", order.workerpool);
    visit("workerpoolmaxprice", order.workerpoolmaxprice);
    visit("requester", order.requester);
    visit("volume", order.volume);
    visit("tag", order.tag);
    visit("category", order.category);
    visit("trust", order.trust);
    visit("beneficiary", order.beneficiary);
    visit("callback", order.callback);
    visit("params", order.params);
    visit("salt", order.salt);
}

template <class Order>
inline constexpr std::string_view kOrderName = "";
template <>
inline constexpr std::string_view kOrderName<AppOrder> = "AppOrder";
template <>
inline constexpr std::string_view kOrderName<DatasetOrder> = "DatasetOrder";
template <>
inline constexpr std::string_view kOrderName<WorkerpoolOrder> = "WorkerpoolOrder";
template <>
inline constexpr std::string_view kOrderName<RequestOrder> = "RequestOrder";

constexpr std::string_view solidity_type(const Address&) { return "address"; }
constexpr std::string_view solidity_type(const U256&) { return "uint256"; }
constexpr std::string_view solidity_type(const std::string&) { return "string"; }
template <class Tag>
constexpr std::string_view solidity_type(const FixedBytes<32, Tag>&)
{
    return "bytes32";
}

}  // namespace iapp::poco::internal
