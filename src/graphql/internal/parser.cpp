#include "graphql/internal/parser.hpp"

#include <algorithm>
#include <array>

#include "base/result.hpp"

namespace iapp::graphql::internal {
namespace {

std::string quoted(const Token& token)
{
    switch (token.kind) {
        case TokenKind::end:
            return "the end of the document";
        case TokenKind::string:
        case TokenKind::block_string:
            return "a string";
        default:
            return "'" + token.text + "'";
    }
}

bool defines_a_schema(const Token& token)
{
    constexpr std::array kWords{"schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"};
    return token.kind == TokenKind::name && std::ranges::find(kWords, token.text) != kWords.end();
}

ValueKind kind_of_name(std::string_view name)
{
    if (name == "true" || name == "false") return ValueKind::boolean;
    return name == "null" ? ValueKind::null : ValueKind::enumeration;
}

}  // namespace

// ---- tokens

bool Parser::sees(std::string_view punctuator) const
{
    return token_.kind == TokenKind::punctuator && token_.text == punctuator;
}

bool Parser::sees_name(std::string_view name) const { return token_.kind == TokenKind::name && token_.text == name; }

Outcome<void> Parser::advance()
{
    TRY(token_, lexer_.next());
    if (token_.kind != TokenKind::end && ++tokens_ > limits_.max_tokens)
        return refuse("graphql.tokens", "a document has at most " + std::to_string(limits_.max_tokens) + " tokens",
                      token_.at);
    return {};
}

Outcome<bool> Parser::skip(std::string_view punctuator)
{
    if (!sees(punctuator)) return false;
    TRY_OK(advance());
    return true;
}

Outcome<void> Parser::expect(std::string_view punctuator)
{
    if (!sees(punctuator)) return unexpected("'" + std::string(punctuator) + "'");
    return advance();
}

Outcome<void> Parser::expect_name(std::string_view name)
{
    if (!sees_name(name)) return unexpected("'" + std::string(name) + "'");
    return advance();
}

Outcome<std::string> Parser::name(std::string_view what)
{
    if (token_.kind != TokenKind::name) return unexpected(what);
    std::string read = std::move(token_.text);
    TRY_OK(advance());
    return read;
}

std::unexpected<Problem> Parser::unexpected(std::string_view expected) const
{
    return refuse("graphql.syntax", "expected " + std::string(expected) + ", got " + quoted(token_), token_.at);
}

// ---- definitions

Outcome<Document> Parser::document()
{
    Document read;
    TRY_OK(advance());
    do {
        TRY_OK(definition(read));
    } while (token_.kind != TokenKind::end);
    return read;
}

Outcome<void> Parser::definition(Document& into)
{
    if (sees("{") || sees_name("query")) {
        TRY(into.operations.emplace_back(), operation());
        return {};
    }
    if (sees_name("fragment")) {
        TRY(Fragment read, fragment());
        const auto [at, is_new] = into.fragments.try_emplace(read.name, std::move(read));
        if (!is_new) return refuse("graphql.duplicate", "there are two fragments named '" + at->first + "'", at->second.at);
        return {};
    }
    if (sees_name("mutation") || sees_name("subscription"))
        return refuse("graphql.operation", "this service answers queries only, not a " + token_.text, token_.at);
    if (defines_a_schema(token_))
        return refuse("graphql.executable", "this service has its schema; '" + token_.text + "' would define one",
                      token_.at);
    return unexpected("a query or a fragment");
}

Outcome<Operation> Parser::operation()
{
    Operation read;
    read.at = token_.at;
    if (sees_name("query")) {
        TRY_OK(advance());
        if (token_.kind == TokenKind::name) {
            TRY(read.name, name("a name"));
        }
        TRY(read.variables, variable_definitions());
        TRY(read.directives, directives(Constant::no));
    }
    TRY(read.selections, selections());
    return read;
}

Outcome<Fragment> Parser::fragment()
{
    Fragment read;
    read.at = token_.at;
    TRY_OK(advance());
    if (sees_name("on")) return unexpected("the name of a fragment");
    TRY(read.name, name("the name of a fragment"));
    TRY_OK(expect_name("on"));
    TRY(read.type_condition, name("the name of a type"));
    TRY(read.directives, directives(Constant::no));
    TRY(read.selections, selections());
    return read;
}

Outcome<std::vector<VariableDefinition>> Parser::variable_definitions()
{
    std::vector<VariableDefinition> read;
    TRY(const bool any, skip("("));
    if (!any) return read;
    do {
        TRY(read.emplace_back(), variable_definition());
    } while (!sees(")"));
    TRY_OK(expect(")"));
    return read;
}

Outcome<VariableDefinition> Parser::variable_definition()
{
    VariableDefinition read;
    read.at = token_.at;
    TRY_OK(expect("$"));
    TRY(read.name, name("the name of a variable"));
    TRY_OK(expect(":"));
    TRY(read.type, type(0));
    TRY(const bool defaulted, skip("="));
    if (defaulted) {
        TRY(read.default_value.emplace_back(), value(Constant::yes, 0));
    }
    TRY(read.directives, directives(Constant::yes));
    return read;
}

Outcome<Type> Parser::type(std::size_t depth)
{
    if (depth > limits_.max_value_depth) return refuse("graphql.depth", "a type is a list of lists too deep", token_.at);
    Type read;
    read.at = token_.at;
    TRY(const bool is_list, skip("["));
    if (is_list) {
        TRY(read.of.emplace_back(), type(depth + 1));
        TRY_OK(expect("]"));
    } else {
        TRY(read.name, name("a type"));
    }
    TRY(read.non_null, skip("!"));
    return read;
}

Outcome<std::vector<Directive>> Parser::directives(Constant constant)
{
    std::vector<Directive> read;
    while (sees("@")) {
        Directive& directive = read.emplace_back();
        directive.at = token_.at;
        TRY_OK(advance());
        TRY(directive.name, name("the name of a directive"));
        TRY(directive.arguments, arguments(constant));
    }
    return read;
}

Outcome<std::vector<Argument>> Parser::arguments(Constant constant)
{
    std::vector<Argument> read;
    TRY(const bool any, skip("("));
    if (!any) return read;
    do {
        TRY(read.emplace_back(), member(constant, 0));
    } while (!sees(")"));
    TRY_OK(expect(")"));
    return read;
}

Outcome<Member> Parser::member(Constant constant, std::size_t depth)
{
    Member read;
    read.at = token_.at;
    TRY(read.name, name("a name"));
    TRY_OK(expect(":"));
    TRY(read.value, value(constant, depth));
    return read;
}

// ---- selections

Outcome<std::vector<Selection>> Parser::selections()
{
    if (depth_ == limits_.max_depth)
        return refuse("graphql.depth", "selections nest at most " + std::to_string(limits_.max_depth) + " deep", token_.at);
    ++depth_;
    std::vector<Selection> read;
    TRY_OK(expect("{"));
    do {
        TRY(read.emplace_back(), selection());
    } while (!sees("}"));
    TRY_OK(expect("}"));
    --depth_;
    return read;
}

Outcome<Selection> Parser::selection() { return sees("...") ? spread() : field(); }

Outcome<Selection> Parser::spread()
{
    const Location at = token_.at;
    TRY_OK(advance());
    if (token_.kind == TokenKind::name && token_.text != "on") {
        FragmentSpread read{.name = {}, .at = at, .directives = {}};
        TRY(read.name, name("the name of a fragment"));
        TRY(read.directives, directives(Constant::no));
        return Selection{std::move(read)};
    }
    InlineFragment read{.type_condition = {}, .at = at, .directives = {}, .selections = {}};
    if (sees_name("on")) {
        TRY_OK(advance());
        TRY(read.type_condition, name("the name of a type"));
    }
    TRY(read.directives, directives(Constant::no));
    TRY(read.selections, selections());
    return Selection{std::move(read)};
}

Outcome<Selection> Parser::field()
{
    Field read;
    read.at = token_.at;
    TRY(read.name, name("a field"));
    TRY(const bool is_alias, skip(":"));
    if (is_alias) {
        read.alias = std::move(read.name);
        TRY(read.name, name("a field"));
    }
    TRY(read.arguments, arguments(Constant::no));
    TRY(read.directives, directives(Constant::no));
    if (sees("{")) {
        TRY(read.selections, selections());
    }
    return Selection{std::move(read)};
}

// ---- values

Outcome<Value> Parser::value(Constant constant, std::size_t depth)
{
    if (depth > limits_.max_value_depth)
        return refuse("graphql.depth", "a value nests at most " + std::to_string(limits_.max_value_depth) + " deep",
                      token_.at);
    if (sees("[")) return list(constant, depth);
    if (sees("{")) return object(constant, depth);
    if (!sees("$")) return scalar();
    if (constant == Constant::yes) return unexpected("a value without variables");
    return variable();
}

Value Parser::start(ValueKind kind) const
{
    Value value;
    value.kind = kind;
    value.at = token_.at;
    return value;
}

Outcome<Value> Parser::variable()
{
    Value read = start(ValueKind::variable);
    TRY_OK(advance());
    TRY(read.text, name("the name of a variable"));
    return read;
}

Outcome<Value> Parser::list(Constant constant, std::size_t depth)
{
    Value read = start(ValueKind::list);
    TRY_OK(advance());
    while (!sees("]")) {
        TRY(read.items.emplace_back(), value(constant, depth + 1));
    }
    TRY_OK(advance());
    return read;
}

Outcome<Value> Parser::object(Constant constant, std::size_t depth)
{
    Value read = start(ValueKind::object);
    TRY_OK(advance());
    while (!sees("}")) {
        TRY(read.members.emplace_back(), member(constant, depth + 1));
    }
    TRY_OK(advance());
    return read;
}

Outcome<Value> Parser::scalar()
{
    Value read = start(ValueKind::null);
    switch (token_.kind) {
        case TokenKind::integer:
            read.kind = ValueKind::integer;
            break;
        case TokenKind::floating:
            read.kind = ValueKind::floating;
            break;
        case TokenKind::string:
        case TokenKind::block_string:
            read.kind = ValueKind::string;
            read.block = token_.kind == TokenKind::block_string;
            break;
        case TokenKind::name:
            read.kind = kind_of_name(token_.text);
            break;
        default:
            return unexpected("a value");
    }
    read.text = std::move(token_.text);
    TRY_OK(advance());
    return read;
}

}  // namespace iapp::graphql::internal
