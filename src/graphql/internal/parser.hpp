#pragma once
// Grammar of GraphQL executable documents: tokens -> Document. Not the rules between its parts (rules.hpp).
#include "graphql/internal/lexer.hpp"

namespace iapp::graphql::internal {

class Parser {
public:
    Parser(std::string_view text, const Limits& limits) : lexer_(text), limits_(limits) {}

    /// Reasons: graphql.syntax, graphql.tokens, graphql.depth, graphql.executable, graphql.operation.
    Outcome<Document> document();

private:
    enum class Constant : bool { no, yes };

    bool sees(std::string_view punctuator) const;
    bool sees_name(std::string_view name) const;
    Outcome<void> advance();
    Outcome<bool> skip(std::string_view punctuator);
    Outcome<void> expect(std::string_view punctuator);
    Outcome<void> expect_name(std::string_view name);
    Outcome<std::string> name(std::string_view what);
    std::unexpected<Problem> unexpected(std::string_view expected) const;

    Outcome<void> definition(Document& into);
    Outcome<Operation> operation();
    Outcome<Fragment> fragment();
    Outcome<std::vector<VariableDefinition>> variable_definitions();
    Outcome<VariableDefinition> variable_definition();
    Outcome<Type> type(std::size_t depth);
    Outcome<std::vector<Directive>> directives(Constant constant);
    Outcome<std::vector<Argument>> arguments(Constant constant);
    Outcome<Member> member(Constant constant, std::size_t depth);
    Outcome<std::vector<Selection>> selections();
    Outcome<Selection> selection();
    Outcome<Selection> spread();
    Outcome<Selection> field();
    Outcome<Value> value(Constant constant, std::size_t depth);
    Value start(ValueKind kind) const;
    Outcome<Value> variable();
    Outcome<Value> list(Constant constant, std::size_t depth);
    Outcome<Value> object(Constant constant, std::size_t depth);
    Outcome<Value> scalar();

    Lexer lexer_;
    const Limits& limits_;
    Token token_;
    std::size_t tokens_ = 0;
    std::size_t depth_ = 0;  ///< of selection sets
};

}  // namespace iapp::graphql::internal
