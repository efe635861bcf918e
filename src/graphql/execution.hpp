#pragma once
// What every executor does with a document before it looks at data: variables get their values, selections become fields.
// Source: GraphQL October 2021, sections 6.1.2 and 6.3. Which fields exist, and what they are, the caller knows.
#include <functional>
#include <map>
#include <span>

#include "graphql/document.hpp"

namespace iapp::graphql {

using Variables = std::map<std::string, Value, std::less<>>;

/// What an input type is, for the types the language does not define itself (Int, Float, String, Boolean, ID).
enum class InputKind : unsigned char {
    unknown,      ///< there is no such type
    scalar,       ///< any single value
    enumeration,  ///< arrives as text in `variables`
    object
};
using InputTypes = std::function<InputKind(std::string_view name)>;

/// Values of the operation's variables: given ones coerced to their types, defaults for the rest. A nullable variable that
/// was not given is absent from the answer. Given values that the operation does not define are ignored. Reasons:
/// graphql.variable.
Outcome<Variables> coerce_variables(const Operation& operation, const Value& given, const InputTypes& types);

/// `value`, or what the variable stands for; nullptr when that variable has no value. Never copies.
const Value* resolve(const Value& value, const Variables& variables);

/// One field of a response: every field of the document that has its response key, in one place.
struct CollectedField {
    std::string_view response_key;
    std::vector<const Field*>
        fields;  ///< at least one, each once; same name, same arguments; their selections are to be merged

    const Field& first() const { return *fields.front(); }
    std::vector<std::span<const Selection>> selections() const;
};

/// The type of an object, as far as fragments ask for it.
struct ObjectType {
    std::string_view name;
    std::span<const std::string_view> interfaces = {};  ///< fragments on these apply as well
    std::span<const std::string_view> siblings = {};  ///< types other objects in its place have: their fragments are skipped
};

/// Fields of the merged selection sets for an object of that type, in order of first appearance, after @skip, @include and
/// fragments. A fragment on a type that no object in its place has can never apply and is refused. The answer points into
/// `document`. Reasons: graphql.conflict, graphql.fragment, graphql.variable.
Outcome<std::vector<CollectedField>> collect_fields(const Document& document,
                                                    std::span<const std::span<const Selection>> sets, const ObjectType& type,
                                                    const Variables& variables);

}  // namespace iapp::graphql
