#pragma once
// The checks of matchOrders by number: the order of this enum is the order in which the hub evaluates them.
#include <array>

#include "poco/match.hpp"

namespace iapp::poco::internal {

enum class Check : unsigned char {
    category,
    category_unknown,
    trust,
    app_price,
    dataset_price,
    workerpool_price,
    workerpool_tag,
    app_tag,
    app,
    dataset,
    request_workerpool,
    app_dataset_restrict,
    app_workerpool_restrict,
    app_requester_restrict,
    dataset_app_restrict,
    dataset_workerpool_restrict,
    dataset_requester_restrict,
    workerpool_app_restrict,
    workerpool_dataset_restrict,
    workerpool_requester_restrict,
    app_contract,
    app_registered,
    app_signature,
    dataset_contract,
    dataset_registered,
    dataset_signature,
    workerpool_contract,
    workerpool_registered,
    workerpool_signature,
    request_signature,
    volume,
    payer,
    payer_stake,
    pool_stake
};

inline constexpr std::size_t kCheckCount = static_cast<std::size_t>(Check::pool_stake) + 1;

/// Our id, the hub's text and a plain sentence, one per Check.
const std::array<ReasonText, kCheckCount>& match_reasons();

}  // namespace iapp::poco::internal
