#pragma once
// Tokens of a GraphQL document, one at a time. Not a grammar: what may follow what is the parser's business.
#include "graphql/document.hpp"

namespace iapp::graphql::internal {

enum class TokenKind : unsigned char { end, punctuator, name, integer, floating, string, block_string };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string text;  ///< "{" or "..." of a punctuator; the content of a string, escapes resolved
    Location at;
};

/// `text` is UTF-8 and outlives the lexer.
class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    /// Reasons: graphql.syntax.
    Outcome<Token> next();

private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    bool done() const { return at_ >= text_.size(); }
    bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    void step(std::size_t bytes = 1);
    void step_line();

    void skip_ignored();
    bool skip_one_ignored();
    Outcome<Token> punctuator();
    Outcome<Token> number();
    Outcome<void> digits();
    Outcome<Token> string();
    Outcome<void> escape(std::string& out);
    Outcome<void> unicode_escape(std::string& out);
    Outcome<std::uint32_t> braced_code_point();
    Outcome<std::uint32_t> code_unit();
    Outcome<Token> block_string();
    Token token(TokenKind kind, std::size_t begin) const;
    std::unexpected<Problem> unexpected(std::string_view expected) const;

    std::string_view text_;
    std::size_t at_ = 0;
    Location here_;
    Location start_;  ///< of the token being read
};

/// What a block string means: its raw text between the quotes, without common indentation and blank first and last lines.
/// Source: GraphQL October 2021, section 2.9.4, BlockStringValue().
std::string block_string_value(std::string_view raw);

}  // namespace iapp::graphql::internal
