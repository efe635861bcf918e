#include "graphql/internal/rules.hpp"

#include <set>

#include "base/result.hpp"

namespace iapp::graphql::internal {
namespace {

using Names = std::set<std::string_view>;

Outcome<void> once(Names& seen, std::string_view name, std::string_view kind, Location at)
{
    if (seen.insert(name).second) return {};
    return refuse("graphql.duplicate", "there are two " + std::string(kind) + "s named '" + std::string(name) + "'", at);
}

// ---- what is wrong with a value or a directive by itself

Outcome<void> check_members(const std::vector<Member>& members, std::string_view kind);

Outcome<void> check_value(const Value& value)
{
    for (const Value& item : value.items) TRY_OK(check_value(item));
    return check_members(value.members, "member");
}

Outcome<void> check_members(const std::vector<Member>& members, std::string_view kind)
{
    Names seen;
    for (const Member& member : members) {
        TRY_OK(once(seen, member.name, kind, member.at));
        TRY_OK(check_value(member.value));
    }
    return {};
}

bool is_condition(const Directive& directive)
{
    if (directive.arguments.size() != 1 || directive.arguments[0].name != "if") return false;
    const ValueKind kind = directive.arguments[0].value.kind;
    return kind == ValueKind::boolean || kind == ValueKind::variable;
}

Outcome<void> check_directives(const std::vector<Directive>& directives)
{
    Names seen;
    for (const Directive& directive : directives) {
        if (directive.name != "include" && directive.name != "skip")
            return refuse("graphql.directive", "there is no directive @" + directive.name, directive.at);
        TRY_OK(once(seen, directive.name, "directive", directive.at));
        TRY_OK(check_members(directive.arguments, "argument"));
        if (!is_condition(directive))
            return refuse("graphql.directive", "@" + directive.name + " takes one argument, if: Boolean!", directive.at);
    }
    return {};
}

Outcome<void> no_directives(const std::vector<Directive>& directives)
{
    if (directives.empty()) return {};
    return refuse("graphql.directive", "@" + directives[0].name + " cannot stand here", directives[0].at);
}

// ---- selections, without going into fragments

Outcome<void> check_selections(const std::vector<Selection>& selections);

Outcome<void> check_node(const Field& field)
{
    TRY_OK(check_members(field.arguments, "argument"));
    return check_selections(field.selections);
}

Outcome<void> check_node(const InlineFragment& inlined) { return check_selections(inlined.selections); }
Outcome<void> check_node(const FragmentSpread&) { return {}; }

Outcome<void> check_selections(const std::vector<Selection>& selections)
{
    const auto check = [](const auto& node) -> Outcome<void> {
        TRY_OK(check_directives(node.directives));
        return check_node(node);
    };
    for (const Selection& selection : selections) TRY_OK(std::visit(check, selection.node));
    return {};
}

// ---- variables

/// Every variable that an operation uses, in fragments too, is one of its own.
class Uses {
public:
    Uses(const Document& document, const Operation& operation) : document_(document)
    {
        for (const VariableDefinition& variable : operation.variables) defined_.insert(variable.name);
    }

    Outcome<void> selections(const std::vector<Selection>& selections)
    {
        const auto check = [this](const auto& node) -> Outcome<void> {
            for (const Directive& directive : node.directives) TRY_OK(members(directive.arguments));
            return inside(node);
        };
        for (const Selection& selection : selections) TRY_OK(std::visit(check, selection.node));
        return {};
    }

private:
    Outcome<void> inside(const Field& field)
    {
        TRY_OK(members(field.arguments));
        return selections(field.selections);
    }

    Outcome<void> inside(const InlineFragment& inlined) { return selections(inlined.selections); }

    Outcome<void> inside(const FragmentSpread& spread)
    {
        const Fragment* fragment = document_.find_fragment(spread.name);
        return fragment != nullptr && visited_.insert(spread.name).second ? selections(fragment->selections)
                                                                          : Outcome<void>{};
    }

    Outcome<void> members(const std::vector<Member>& members)
    {
        for (const Member& member : members) TRY_OK(value(member.value));
        return {};
    }

    Outcome<void> value(const Value& value)
    {
        if (value.kind == ValueKind::variable && !defined_.contains(value.text))
            return refuse("graphql.variable", "the operation does not define $" + value.text, value.at);
        for (const Value& item : value.items) TRY_OK(this->value(item));
        return members(value.members);
    }

    const Document& document_;
    Names defined_;
    Names visited_;
};

Outcome<void> check_variables(const Operation& operation)
{
    Names seen;
    for (const VariableDefinition& variable : operation.variables) {
        TRY_OK(once(seen, variable.name, "variable", variable.at));
        TRY_OK(no_directives(variable.directives));
        for (const Value& value : variable.default_value) TRY_OK(check_value(value));
    }
    return {};
}

// ---- definitions

Outcome<void> check_operation(const Document& document, const Operation& operation)
{
    if (operation.name.empty() && document.operations.size() > 1)
        return refuse("graphql.operation", "an operation without a name stands alone", operation.at);
    TRY_OK(no_directives(operation.directives));
    TRY_OK(check_variables(operation));
    TRY_OK(check_selections(operation.selections));
    return Uses(document, operation).selections(operation.selections);
}

Outcome<void> check_names(const Document& document)
{
    Names operations;
    for (const Operation& operation : document.operations)
        TRY_OK(once(operations, operation.name, "operation", operation.at));
    return {};
}

}  // namespace

Outcome<void> check_rules(const Document& document, const Limits& limits)
{
    TRY_OK(check_names(document));
    TRY_OK(check_expansion(document, limits));  // first, so that what follows never meets a cycle
    for (const auto& [name, fragment] : document.fragments) {
        TRY_OK(no_directives(fragment.directives));
        TRY_OK(check_selections(fragment.selections));
    }
    for (const Operation& operation : document.operations) TRY_OK(check_operation(document, operation));
    return {};
}

}  // namespace iapp::graphql::internal
