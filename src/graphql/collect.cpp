#include <algorithm>
#include <unordered_map>

#include "base/result.hpp"
#include "graphql/execution.hpp"

namespace iapp::graphql {
namespace {

bool same(const Value& left, const Value& right);

std::vector<const Member*> by_name(const std::vector<Member>& members)
{
    std::vector<const Member*> sorted;
    sorted.reserve(members.size());
    for (const Member& member : members) sorted.push_back(&member);
    std::ranges::sort(sorted, {}, [](const Member* member) -> std::string_view { return member->name; });
    return sorted;
}

/// Arguments, and members of an object, may come in any order; names are unique.
bool same(const std::vector<Member>& left, const std::vector<Member>& right)
{
    const auto pair = [](const Member* a, const Member* b) { return a->name == b->name && same(a->value, b->value); };
    return left.size() == right.size() && std::ranges::equal(by_name(left), by_name(right), pair);
}

bool same(const Value& left, const Value& right)
{
    return left.kind == right.kind && left.text == right.text &&
           std::ranges::equal(left.items, right.items, [](const Value& a, const Value& b) { return same(a, b); }) &&
           same(left.members, right.members);
}

class Collector {
public:
    Collector(const Document& document, const ObjectType& type, const Variables& variables)
        : document_(document), type_(type), variables_(variables)
    {
    }

    Outcome<void> add(std::span<const Selection> selections)
    {
        const auto add_one = [this](const auto& node) -> Outcome<void> {
            TRY(const bool wanted, is_wanted(node.directives));
            return wanted ? add_node(node) : Outcome<void>{};
        };
        for (const Selection& selection : selections) TRY_OK(std::visit(add_one, selection.node));
        return {};
    }

    std::vector<CollectedField> take() { return std::move(fields_); }

private:
    Outcome<bool> is_wanted(const std::vector<Directive>& directives) const
    {
        for (const Directive& directive : directives) {
            const Value* condition = resolve(directive.arguments.front().value, variables_);
            if (condition == nullptr || condition->kind != ValueKind::boolean)
                return refuse("graphql.variable", "@" + directive.name + " needs true or false", directive.at);
            if ((condition->text == "true") != (directive.name == "include")) return false;
        }
        return true;
    }

    Outcome<void> add_node(const Field& field)
    {
        const auto [at, is_new] = places_.try_emplace(field.response_key(), fields_.size());
        if (is_new) {
            fields_.push_back({field.response_key(), {&field}});
            return {};
        }
        CollectedField& known = fields_[at->second];
        if (std::ranges::find(known.fields, &field) != known.fields.end())
            return {};  // its fragment is spread more than once
        if (known.first().name != field.name || !same(known.first().arguments, field.arguments))
            return std::unexpected(
                Problem{"graphql.conflict",
                        "'" + field.response_key() + "' is asked for twice, differently; give one an alias",
                        {known.first().at, field.at}});
        known.fields.push_back(&field);
        return {};
    }

    Outcome<void> add_node(const InlineFragment& inlined)
    {
        if (inlined.type_condition.empty()) return add(inlined.selections);
        TRY(const bool is_for_us, applies(inlined.type_condition, inlined.at));
        return is_for_us ? add(inlined.selections) : Outcome<void>{};
    }

    Outcome<void> add_node(const FragmentSpread& spread)
    {
        const Fragment& fragment = *document_.find_fragment(spread.name);  // parse() saw to it
        TRY(const bool is_for_us, applies(fragment.type_condition, spread.at));
        return is_for_us ? add(fragment.selections) : Outcome<void>{};
    }

    Outcome<bool> applies(std::string_view condition, Location at) const
    {
        const auto is_among = [&](std::span<const std::string_view> types) {
            return std::ranges::find(types, condition) != types.end();
        };
        if (condition == type_.name || is_among(type_.interfaces)) return true;
        if (is_among(type_.siblings)) return false;
        return refuse("graphql.fragment",
                      "a fragment on " + std::string(condition) + " never applies to " + std::string(type_.name), at);
    }

    const Document& document_;
    const ObjectType& type_;
    const Variables& variables_;
    std::vector<CollectedField> fields_;
    std::unordered_map<std::string_view, std::size_t> places_;
};

}  // namespace

std::vector<std::span<const Selection>> CollectedField::selections() const
{
    std::vector<std::span<const Selection>> sets;
    sets.reserve(fields.size());
    for (const Field* field : fields) sets.emplace_back(field->selections);
    return sets;
}

Outcome<std::vector<CollectedField>> collect_fields(const Document& document,
                                                    std::span<const std::span<const Selection>> sets, const ObjectType& type,
                                                    const Variables& variables)
{
    Collector collector(document, type, variables);
    for (const auto set : sets) TRY_OK(collector.add(set));
    return collector.take();
}

}  // namespace iapp::graphql
