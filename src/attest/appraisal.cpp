#include "attest/appraisal.hpp"

#include <algorithm>

namespace iapp::attest {
namespace {

/// From harmless to not: passed, skipped, failed.
int gravity(Outcome outcome)
{
    if (outcome == Outcome::passed) return 0;
    return outcome == Outcome::skipped ? 1 : 2;
}

}  // namespace

const CheckOutcome* failed_check(const Appraisal& appraisal)
{
    const auto found = std::ranges::find(appraisal.checks, Outcome::failed, &CheckOutcome::outcome);
    return found == appraisal.checks.end() ? nullptr : &*found;
}

std::optional<Outcome> outcome_of(const Appraisal& appraisal, CheckId id)
{
    std::optional<Outcome> out;
    for (const CheckOutcome& check : appraisal.checks)
        if (check.id == id && (!out || gravity(check.outcome) > gravity(*out))) out = check.outcome;
    return out;
}

}  // namespace iapp::attest
