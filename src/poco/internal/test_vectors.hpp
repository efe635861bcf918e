#pragma once
// The four orders of the published test vectors, and short ways to write repeated and small values. For tests only.
#include "poco/ids.hpp"
#include "poco/order.hpp"

namespace iapp::poco::vectors {

template <class Id>
Id repeat(std::uint8_t byte)
{
    std::array<std::uint8_t, Id::kSize> raw;
    raw.fill(byte);
    return Id{raw};
}

inline Address address(std::uint8_t byte) { return repeat<Address>(byte); }

template <class Id>
Id small(std::uint8_t value)
{
    std::array<std::uint8_t, Id::kSize> raw{};
    raw.back() = value;
    return Id{raw};
}

inline AppOrder app_order()
{
    AppOrder order;
    order.app = address(0x11);
    order.appprice = 3U;
    order.volume = 1000U;
    order.tag = tdx_tag();
    order.salt = small<Hash256>(0xa1);
    return order;
}

inline DatasetOrder dataset_order()
{
    DatasetOrder order;
    order.dataset = address(0x22);
    order.datasetprice = 1U;
    order.volume = 1000U;
    order.tag = small<Tag>(3);
    order.apprestrict = address(0x11);
    order.salt = small<Hash256>(0xa2);
    return order;
}

inline WorkerpoolOrder workerpool_order()
{
    WorkerpoolOrder order;
    order.workerpool = address(0x33);
    order.workerpoolprice = 25U;
    order.volume = 1000U;
    order.tag = tdx_tag();
    order.salt = small<Hash256>(0xa3);
    return order;
}

inline RequestOrder request_order()
{
    RequestOrder order;
    order.app = address(0x11);
    order.appmaxprice = 3U;
    order.dataset = address(0x22);
    order.datasetmaxprice = 1U;
    order.workerpool = address(0x33);
    order.workerpoolmaxprice = 25U;
    order.requester = address(0x44);
    order.volume = 1U;
    order.tag = tdx_tag();
    order.beneficiary = address(0x44);
    order.params = R"({"iexec_args":"hello"})";
    order.salt = small<Hash256>(0xa4);
    return order;
}

inline OrderSet orders() { return {app_order(), dataset_order(), workerpool_order(), request_order()}; }

inline std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

}  // namespace iapp::poco::vectors
