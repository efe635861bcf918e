#include <charconv>

#include "base/result.hpp"
#include "graphql/execution.hpp"

namespace iapp::graphql {
namespace {

bool fits_int32(std::string_view digits)
{
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} && end == digits.data() + digits.size();
}

bool is_number(const Value& value) { return value.kind == ValueKind::integer || value.kind == ValueKind::floating; }

bool is_single(const Value& value) { return value.kind != ValueKind::list && value.kind != ValueKind::object; }

/// Whether a non-null value is one of the named type.
bool fits(const Value& value, std::string_view type, InputKind kind)
{
    if (type == "Int") return value.kind == ValueKind::integer && fits_int32(value.text);
    if (type == "Float") return is_number(value);
    if (type == "String") return value.kind == ValueKind::string;
    if (type == "Boolean") return value.kind == ValueKind::boolean;
    if (type == "ID") return value.kind == ValueKind::string || value.kind == ValueKind::integer;
    if (kind == InputKind::object) return value.kind == ValueKind::object;
    if (kind == InputKind::enumeration) return value.kind == ValueKind::enumeration || value.kind == ValueKind::string;
    return is_single(value);
}

bool is_built_in(std::string_view type)
{
    return type == "Int" || type == "Float" || type == "String" || type == "Boolean" || type == "ID";
}

std::string print_type(const Type& type)
{
    const std::string inner = type.of.empty() ? type.name : "[" + print_type(type.of.front()) + "]";
    return inner + (type.non_null ? "!" : "");
}

class Coercion {
public:
    Coercion(const VariableDefinition& variable, const InputTypes& types) : variable_(variable), types_(types) {}

    /// Whether there is such a type at all.
    Outcome<void> check(const Type& type) const
    {
        if (!type.of.empty()) return check(type.of.front());
        if (is_built_in(type.name) || types_(type.name) != InputKind::unknown) return {};
        return refuse("graphql.variable", "there is no input type '" + type.name + "'", type.at);
    }

    Outcome<void> coerce(Value& value, const Type& type) const
    {
        if (value.kind == ValueKind::null) return type.non_null ? wrong() : Outcome<void>{};
        if (!type.of.empty()) return coerce_list(value, type.of.front());
        const InputKind kind = is_built_in(type.name) ? InputKind::scalar : types_(type.name);
        if (!fits(value, type.name, kind)) return wrong();
        if (kind == InputKind::enumeration) value.kind = ValueKind::enumeration;
        return {};
    }

    std::unexpected<Problem> wrong() const
    {
        return refuse("graphql.variable", "the value of $" + variable_.name + " is no " + print_type(variable_.type),
                      variable_.at);
    }

private:
    /// A single value stands for a list of itself.
    Outcome<void> coerce_list(Value& value, const Type& of) const
    {
        if (value.kind != ValueKind::list) {
            Value list;
            list.kind = ValueKind::list;
            list.items.push_back(std::move(value));
            value = std::move(list);
        }
        for (Value& item : value.items) TRY_OK(coerce(item, of));
        return {};
    }

    const VariableDefinition& variable_;
    const InputTypes& types_;
};

const Value* find_member(const Value& object, std::string_view name)
{
    for (const Member& member : object.members)
        if (member.name == name) return &member.value;
    return nullptr;
}

const Value* given_or_default(const VariableDefinition& variable, const Value& given)
{
    if (const Value* value = find_member(given, variable.name)) return value;
    return variable.default_value.empty() ? nullptr : &variable.default_value.front();
}

}  // namespace

Outcome<Variables> coerce_variables(const Operation& operation, const Value& given, const InputTypes& types)
{
    Variables variables;
    for (const VariableDefinition& variable : operation.variables) {
        const Coercion coercion(variable, types);
        TRY_OK(coercion.check(variable.type));
        const Value* found = given_or_default(variable, given);
        if (found == nullptr && variable.type.non_null)
            return refuse("graphql.variable", "$" + variable.name + " needs a value", variable.at);
        if (found == nullptr) continue;
        Value value = *found;
        TRY_OK(coercion.coerce(value, variable.type));
        variables.emplace(variable.name, std::move(value));
    }
    return variables;
}

const Value* resolve(const Value& value, const Variables& variables)
{
    if (value.kind != ValueKind::variable) return &value;
    const auto found = variables.find(value.text);
    return found == variables.end() ? nullptr : &found->second;
}

}  // namespace iapp::graphql
