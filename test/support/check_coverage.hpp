#pragma once
// Negative cases of attestation checks, counted: a test that expects a refusal says so here, and completeness_test.cpp fails
// when a check is left without a case that breaks only it.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "attest/check.hpp"

namespace iapp::test {

/// How many negative cases each check has had in this process.
inline std::map<attest::CheckId, std::size_t>& negative_cases()
{
    static std::map<attest::CheckId, std::size_t> counts;
    return counts;
}

/// For parsers and other code without a log: `reason` is the refusal that the case was made for.
inline void count_negative(std::string_view reason)
{
    const auto check = attest::find_check(reason);
    ASSERT_TRUE(check.has_value()) << reason << " is not a check";
    ++negative_cases()[check->id];
}

/// Expects that `id` failed, that nothing else did and that nothing ran after it; counts the case.
inline void expect_only_failure(std::span<const attest::CheckOutcome> outcomes, attest::CheckId id,
                                const std::string& what = {})
{
    ASSERT_FALSE(outcomes.empty()) << what;
    for (const attest::CheckOutcome& outcome : outcomes.first(outcomes.size() - 1))
        EXPECT_NE(outcome.outcome, attest::Outcome::failed) << what << info(outcome.id).reason;
    const attest::CheckOutcome& last = outcomes.back();
    EXPECT_EQ(last.outcome, attest::Outcome::failed) << what;
    EXPECT_EQ(info(last.id).reason, info(id).reason) << what << ": " << last.detail;
    ++negative_cases()[id];
}

inline void expect_only_failure(const attest::CheckLog& log, attest::CheckId id, const std::string& what = {})
{
    expect_only_failure(log.outcomes(), id, what);
}

}  // namespace iapp::test
