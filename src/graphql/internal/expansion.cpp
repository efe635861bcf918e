#include <map>

#include "base/result.hpp"
#include "graphql/internal/rules.hpp"

namespace iapp::graphql::internal {
namespace {

/// Each fragment is measured once, so the work is linear in the document however large its expansion is.
class Measure {
public:
    Measure(const Document& document, const Limits& limits) : document_(document), limits_(limits) {}

    struct Size {
        std::size_t selections = 0;
        std::size_t depth = 0;
    };

    Outcome<Size> fragment(const Fragment& fragment);
    Outcome<Size> set(const std::vector<Selection>& selections, Location at);

private:
    Outcome<Size> one(const Field& field) { return set(field.selections, field.at); }
    Outcome<Size> one(const InlineFragment& inlined) { return set(inlined.selections, inlined.at); }
    Outcome<Size> one(const FragmentSpread& spread);
    Outcome<Size> inside(const std::vector<Selection>& selections, Location at);

    const Document& document_;
    const Limits& limits_;
    std::map<std::string_view, Size> measured_;
    std::map<std::string_view, Location> open_;  ///< fragments we are inside of
    std::size_t nesting_ = 0;
};

std::unexpected<Problem> too_deep(const Limits& limits, Location at)
{
    return refuse(
        "graphql.depth",
        "selections nest at most " + std::to_string(limits.max_depth) + " deep, with fragments where they are used", at);
}

Outcome<Measure::Size> Measure::set(const std::vector<Selection>& selections, Location at)
{
    if (selections.empty()) return Size{};
    if (nesting_ == limits_.max_depth) return too_deep(limits_, at);
    ++nesting_;
    TRY(Size size, inside(selections, at));
    --nesting_;
    if (++size.depth > limits_.max_depth) return too_deep(limits_, at);
    return size;
}

Outcome<Measure::Size> Measure::inside(const std::vector<Selection>& selections, Location at)
{
    Size size;
    for (const Selection& selection : selections) {
        TRY(const Size one_size, std::visit([&](const auto& node) { return one(node); }, selection.node));
        size.selections += 1 + one_size.selections;
        size.depth = std::max(size.depth, one_size.depth);
        if (size.selections > limits_.max_selections)
            return refuse("graphql.selections",
                          "an operation selects at most " + std::to_string(limits_.max_selections) +
                              " fields, with fragments where they are used",
                          at);
    }
    return size;
}

Outcome<Measure::Size> Measure::one(const FragmentSpread& spread)
{
    if (open_.contains(spread.name))
        return refuse("graphql.fragment", "fragment '" + spread.name + "' contains itself", spread.at);
    const Fragment* found = document_.find_fragment(spread.name);
    if (found == nullptr) return refuse("graphql.fragment", "there is no fragment '" + spread.name + "'", spread.at);
    return fragment(*found);
}

Outcome<Measure::Size> Measure::fragment(const Fragment& fragment)
{
    if (const auto known = measured_.find(fragment.name); known != measured_.end()) return known->second;
    open_.emplace(fragment.name, fragment.at);
    TRY(const Size size, set(fragment.selections, fragment.at));
    open_.erase(fragment.name);
    measured_.emplace(fragment.name, size);
    return size;
}

}  // namespace

Outcome<void> check_expansion(const Document& document, const Limits& limits)
{
    Measure measure(document, limits);
    for (const auto& [name, fragment] : document.fragments) TRY_OK(measure.fragment(fragment));
    for (const Operation& operation : document.operations) TRY_OK(measure.set(operation.selections, operation.at));
    return {};
}

}  // namespace iapp::graphql::internal
