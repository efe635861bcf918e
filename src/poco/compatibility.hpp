#pragma once
// assertDatasetDealCompatibility as a pure function: may this dataset order be used in a bulk deal that was made without it?
// Plus the two rules the services add and the contract does not know: unlimited volume, price zero.
#include <set>
#include <utility>

#include "poco/match.hpp"

namespace iapp::poco {

struct CompatibilityFacts {
    HubVersion hub_version = HubVersion::v6_2;
    U256 consumed;
    SignatureFact signature = SignatureFact::invalid;
    std::set<std::pair<Address, Address>> members;  ///< as in MatchFacts
};

/// Answers success or the first broken rule, in the contract's order.
/// Errors: precondition_failed "compatibility.consumed", "compatibility.signature", "compatibility.deal_unknown",
/// "compatibility.has_dataset", "compatibility.app", "compatibility.workerpool", "compatibility.requester",
/// "compatibility.tag".
Status check_compatibility(const DatasetOrder& order, const Deal& deal, const CompatibilityFacts& facts);

/// Errors: precondition_failed "compatibility.volume", "compatibility.price".
Status check_bulk_rules(const DatasetOrder& order);

}  // namespace iapp::poco
