#pragma once
// The four kinds of orders as the order book's API names them.
#include <array>
#include <string_view>

#include "poco/events.hpp"

namespace iapp::market {

using poco::OrderKind;

struct KindInfo {
    OrderKind kind;
    std::string_view name;      ///< "apporder", as in messages
    std::string_view path;      ///< "/apporders"
    std::string_view resource;  ///< the member that names what is offered, "app"; for requests who asks: "requester"
    std::string_view owner;     ///< the query parameter for the signer, "appOwner"; none for requests
};

inline constexpr std::array kKinds{
    KindInfo{OrderKind::app, "apporder", "/apporders", "app", "appOwner"},
    KindInfo{OrderKind::dataset, "datasetorder", "/datasetorders", "dataset", "datasetOwner"},
    KindInfo{OrderKind::workerpool, "workerpoolorder", "/workerpoolorders", "workerpool", "workerpoolOwner"},
    KindInfo{OrderKind::request, "requestorder", "/requestorders", "requester", ""},
};

constexpr const KindInfo& kind_info(OrderKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

}  // namespace iapp::market
