#include "attest/check.hpp"

#include <algorithm>
#include <array>

namespace iapp::attest {

namespace {

constexpr std::array<std::string_view, 3> kOutcomes{"passed", "failed", "skipped"};  // as Outcome

}  // namespace

std::string_view name(Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }

std::optional<Outcome> find_outcome(std::string_view text)
{
    const auto* found = std::ranges::find(kOutcomes, text);
    if (found == kOutcomes.end()) return std::nullopt;
    return static_cast<Outcome>(found - kOutcomes.begin());
}

void CheckLog::pass(CheckId id, std::string detail) { outcomes_.push_back({id, Outcome::passed, std::move(detail)}); }

void CheckLog::skip(CheckId id, std::string detail) { outcomes_.push_back({id, Outcome::skipped, std::move(detail)}); }

std::unexpected<Error> CheckLog::fail(CheckId id, std::string detail, std::source_location where)
{
    outcomes_.push_back({id, Outcome::failed, detail});
    const CheckInfo& check = info(id);
    return iapp::fail(check.kind, check.reason, std::move(detail), where);
}

Status CheckLog::require(CheckId id, bool ok, std::string detail, std::source_location where)
{
    if (!ok) return fail(id, std::move(detail), where);
    pass(id);
    return {};
}

void CheckLog::append(const CheckLog& more)
{
    outcomes_.insert(outcomes_.end(), more.outcomes_.begin(), more.outcomes_.end());
}

bool CheckLog::passed(CheckId id) const
{
    bool seen = false;
    for (const CheckOutcome& check : outcomes_) {
        if (check.id != id) continue;
        if (check.outcome != Outcome::passed) return false;
        seen = true;
    }
    return seen;
}

}  // namespace iapp::attest
