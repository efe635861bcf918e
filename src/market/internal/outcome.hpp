#pragma once
// Answers of contracts we do not vouch for: what is no answer counts as the given value.
#include "chain/rpc.hpp"

namespace iapp::market::internal {

template <class Decode, class T>
T decode_or(const chain::CallOutcome& outcome, Decode decode, T otherwise)
{
    if (outcome.reverted || outcome.data.empty()) return otherwise;
    return decode(outcome.data).value_or(std::move(otherwise));
}

}  // namespace iapp::market::internal
