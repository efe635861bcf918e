#pragma once
// The "deal" member of a release bundle.
#include "codec/json.hpp"
#include "poco/deal.hpp"

namespace iapp::wire::internal {

json::Object deal_object(const poco::Deal& deal, std::chrono::seconds category_time);

struct DealMember {
    poco::Deal deal;
    std::chrono::seconds category_time;
};
Result<DealMember> read_deal(const json::ObjectReader& in);

}  // namespace iapp::wire::internal
