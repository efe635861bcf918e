#pragma once
// A GraphQL executable document as values (GraphQL October 2021, section 2). No type system, no mutation, no subscription.
// Only syntax and what follows from it: which fields exist is known to whoever executes the document.
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graphql/problem.hpp"

namespace iapp::graphql {

enum class ValueKind : unsigned char { null, variable, integer, floating, string, boolean, enumeration, list, object };

struct Member;

/// A value as it is written, or as it came in `variables`.
struct Value {
    ValueKind kind = ValueKind::null;
    Location at;
    std::string text;             ///< a number's digits, a string's content, a name without "$", "true" or "false"
    bool block = false;           ///< the string was written between """
    std::vector<Value> items;     ///< of a list
    std::vector<Member> members;  ///< of an object, in the order written, names unique
};

/// A member of an input object, or an argument.
struct Member {
    std::string name;
    Location at;
    Value value;
};

using Argument = Member;

struct Directive {
    std::string name;
    Location at;
    std::vector<Argument> arguments;
};

struct Selection;

struct Field {
    std::string alias;  ///< empty without one
    std::string name;
    Location at;
    std::vector<Argument> arguments;
    std::vector<Directive> directives;
    std::vector<Selection> selections;

    const std::string& response_key() const { return alias.empty() ? name : alias; }
};

struct FragmentSpread {
    std::string name;
    Location at;
    std::vector<Directive> directives;
};

struct InlineFragment {
    std::string type_condition;  ///< empty without one
    Location at;
    std::vector<Directive> directives;
    std::vector<Selection> selections;
};

struct Selection {
    std::variant<Field, FragmentSpread, InlineFragment> node;
};

/// A type as a variable definition writes it: `[Int!]!` is a non-null list of non-null Int.
struct Type {
    std::string name;      ///< empty for a list
    std::vector<Type> of;  ///< one element for a list
    bool non_null = false;
    Location at;
};

struct VariableDefinition {
    std::string name;
    Location at;
    Type type;
    std::vector<Value> default_value;  ///< none or one
    std::vector<Directive> directives;
};

struct Operation {
    std::string name;  ///< empty without one
    Location at;
    std::vector<VariableDefinition> variables;
    std::vector<Directive> directives;
    std::vector<Selection> selections;
};

struct Fragment {
    std::string name;
    std::string type_condition;
    Location at;
    std::vector<Directive> directives;
    std::vector<Selection> selections;
};

struct Document {
    std::vector<Operation> operations;
    std::map<std::string, Fragment, std::less<>> fragments;  ///< by name

    const Fragment* find_fragment(std::string_view name) const;
};

/// What bounds memory and time of everything that is done with a document.
struct Limits {
    std::size_t max_bytes = 64U << 10U;
    std::size_t max_tokens = 10'000;
    std::size_t max_depth = 16;          ///< selection sets inside selection sets, fragments counted where they are used
    std::size_t max_value_depth = 16;    ///< lists and objects inside each other; lists of types too
    std::size_t max_selections = 2'000;  ///< of one operation, with every fragment counted where it is used
};

/// Parses one document and checks what needs no schema: names are unique and defined, fragments have no cycle, directives
/// are
/// @include and @skip where they may stand. Unlike the specification, a variable or fragment may stay unused.
/// Reasons: all of Problem's but graphql.request and graphql.conflict.
/// Source: GraphQL October 2021, sections 2, 3.13 and 5; \u{…} in strings as in its successor.
Outcome<Document> parse(std::string_view text, const Limits& limits = {});

/// The operation a request means: the only one when `name` is empty, else the one of that name.
/// Reasons: graphql.operation.
Outcome<const Operation*> find_operation(const Document& document, std::string_view name);

}  // namespace iapp::graphql
