#include "explanations.hpp"

#include <algorithm>

#include "attest/check.hpp"
#include "explanation_table.hpp"
#include "poco/match.hpp"
#include "policy/check.hpp"

namespace iapp::cli {
namespace {

template <class Check>
Explanation of(const Check& check)
{
    return {std::string(check.reason), std::string(check.explain), std::string(check.fix)};
}

std::vector<Explanation> everything()
{
    std::vector<Explanation> all;
    for (const auto& check : attest::all_checks()) all.push_back(of(check));
    for (const auto& check : policy::all_checks()) all.push_back(of(check));
    for (const auto& entry : explanation_table())
        all.push_back({std::string(entry.id), std::string(entry.meaning), std::string(entry.fix)});
    std::ranges::sort(all, {}, &Explanation::id);
    return all;
}

/// An entry "seal." speaks for every "seal.x" that has none of its own.
bool is_family_of(const Explanation& entry, std::string_view id)
{
    return entry.id.ends_with('.') && id.starts_with(entry.id);
}

}  // namespace

std::vector<Explanation> explain(std::string_view text)
{
    std::vector<Explanation> found, family;
    for (const auto& entry : everything()) {
        if (entry.id == text) return {entry};
        if (entry.id.starts_with(text)) found.push_back(entry);
        if (is_family_of(entry, text)) family.push_back(entry);
    }
    if (const auto* reason = poco::find_reason(text); reason && !family.empty())
        return {{std::string(reason->id),
                 std::string(reason->meaning) + "; the hub says " + std::string(reason->contract_reason),
                 family.front().fix}};
    return found.empty() ? family : found;
}

std::optional<std::string> fix_of(std::string_view id)
{
    const auto found = explain(id);
    if (found.size() != 1) return std::nullopt;
    return found.front().fix;
}

}  // namespace iapp::cli
