// The graphql room on a command line, for tests that compare it with the reference implementation. Not a product.
// Reads one JSON string per line, a document; writes one JSON object per line: {"refused":"graphql.syntax","message":"…"} or
// {"document":{…}} with the nodes that the reference names.
#include <boost/json.hpp>
#include <iostream>

#include "graphql/document.hpp"

namespace {

using namespace iapp::graphql;
namespace js = boost::json;

template <class Range>
js::array print_all(const Range& nodes);

js::object print_named(std::string_view kind, std::string_view name) { return {{"kind", kind}, {"name", name}}; }

js::object print(const Argument& argument);

js::object print(const Value& value)
{
    switch (value.kind) {
        case ValueKind::null:
            return {{"kind", "NullValue"}};
        case ValueKind::variable:
            return print_named("Variable", value.text);
        case ValueKind::integer:
            return {{"kind", "IntValue"}, {"value", value.text}};
        case ValueKind::floating:
            return {{"kind", "FloatValue"}, {"value", value.text}};
        case ValueKind::string:
            return {{"kind", "StringValue"}, {"value", value.text}, {"block", value.block}};
        case ValueKind::boolean:
            return {{"kind", "BooleanValue"}, {"value", value.text == "true"}};
        case ValueKind::enumeration:
            return {{"kind", "EnumValue"}, {"value", value.text}};
        case ValueKind::list:
            return {{"kind", "ListValue"}, {"values", print_all(value.items)}};
        case ValueKind::object:
            break;
    }
    js::array fields;
    for (const Member& member : value.members)
        fields.push_back(js::object{{"kind", "ObjectField"}, {"name", member.name}, {"value", print(member.value)}});
    return {{"kind", "ObjectValue"}, {"fields", std::move(fields)}};
}

js::object print(const Argument& argument)
{
    return {{"kind", "Argument"}, {"name", argument.name}, {"value", print(argument.value)}};
}

js::object print(const Directive& directive)
{
    return {{"kind", "Directive"}, {"name", directive.name}, {"arguments", print_all(directive.arguments)}};
}

js::object print(const Type& type)
{
    js::object inner = type.of.empty() ? print_named("NamedType", type.name)
                                       : js::object{{"kind", "ListType"}, {"type", print(type.of.front())}};
    return type.non_null ? js::object{{"kind", "NonNullType"}, {"type", std::move(inner)}} : inner;
}

js::object print_set(const std::vector<Selection>& selections)
{
    return {{"kind", "SelectionSet"}, {"selections", print_all(selections)}};
}

js::object print(const Field& field)
{
    js::object out = print_named("Field", field.name);
    if (!field.alias.empty()) out["alias"] = field.alias;
    out["arguments"] = print_all(field.arguments);
    out["directives"] = print_all(field.directives);
    if (!field.selections.empty()) out["selectionSet"] = print_set(field.selections);
    return out;
}

js::object print(const FragmentSpread& spread)
{
    js::object out = print_named("FragmentSpread", spread.name);
    out["directives"] = print_all(spread.directives);
    return out;
}

js::object print(const InlineFragment& inlined)
{
    js::object out{{"kind", "InlineFragment"}};
    if (!inlined.type_condition.empty()) out["typeCondition"] = print_named("NamedType", inlined.type_condition);
    out["directives"] = print_all(inlined.directives);
    out["selectionSet"] = print_set(inlined.selections);
    return out;
}

js::object print(const Selection& selection)
{
    return std::visit([](const auto& node) { return print(node); }, selection.node);
}

js::object print(const VariableDefinition& variable)
{
    js::object out{{"kind", "VariableDefinition"},
                   {"variable", print_named("Variable", variable.name)},
                   {"type", print(variable.type)},
                   {"directives", print_all(variable.directives)}};
    for (const Value& value : variable.default_value) out["defaultValue"] = print(value);
    return out;
}

js::object print(const Operation& operation)
{
    js::object out{{"kind", "OperationDefinition"}, {"operation", "query"}};
    if (!operation.name.empty()) out["name"] = operation.name;
    out["variableDefinitions"] = print_all(operation.variables);
    out["directives"] = print_all(operation.directives);
    out["selectionSet"] = print_set(operation.selections);
    return out;
}

js::object print(const Fragment& fragment)
{
    js::object out = print_named("FragmentDefinition", fragment.name);
    out["typeCondition"] = print_named("NamedType", fragment.type_condition);
    out["directives"] = print_all(fragment.directives);
    out["selectionSet"] = print_set(fragment.selections);
    return out;
}

template <class Range>
js::array print_all(const Range& nodes)
{
    js::array out;
    for (const auto& node : nodes) out.push_back(print(node));
    return out;
}

/// Operations in the order written, then fragments by name.
js::object answer(std::string_view text)
{
    const auto document = parse(text);
    if (!document) return {{"refused", document.error().reason}, {"message", document.error().message}};
    js::array definitions = print_all(document->operations);
    for (const auto& [name, fragment] : document->fragments) definitions.push_back(print(fragment));
    return {{"document", std::move(definitions)}};
}

}  // namespace

int main()
{
    for (std::string line; std::getline(std::cin, line);)
        std::cout << js::serialize(answer(js::parse(line).as_string())) << '\n';
    return 0;
}
