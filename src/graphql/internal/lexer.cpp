#include "graphql/internal/lexer.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/result.hpp"

namespace iapp::graphql::internal {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

int hex_digit(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr bool is_leading(std::uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_trailing(std::uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }
constexpr bool is_scalar(std::uint32_t point) { return point <= 0x10ffff && !is_leading(point) && !is_trailing(point); }

void append_utf8(std::string& out, std::uint32_t point)
{
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xc0U | (point >> 6U));
    } else if (point < 0x10000) {
        put(0xe0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & 0x3fU));
    } else {
        put(0xf0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & 0x3fU));
        put(0x80U | ((point >> 6U) & 0x3fU));
    }
    put(0x80U | (point & 0x3fU));
}

/// What `\c` stands for; 0 when it stands for nothing.
char simple_escape(char c)
{
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return '\0';
    }
}

}  // namespace

void Lexer::step(std::size_t bytes)
{
    for (; bytes > 0 && !done(); --bytes)
        if (!is_continuation(text_[at_++])) ++here_.column;
}

void Lexer::step_line()
{
    at_ += sees("\r\n") ? 2 : 1;
    ++here_.line;
    here_.column = 1;
}

bool Lexer::skip_one_ignored()
{
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    const char c = peek();
    if (c == '\n' || c == '\r') return step_line(), true;
    if (c == ' ' || c == '\t' || c == ',') return step(), true;
    if (sees(kByteOrderMark)) return step(kByteOrderMark.size()), true;
    if (c != '#') return false;
    while (!done() && peek() != '\n' && peek() != '\r') step();
    return true;
}

void Lexer::skip_ignored()
{
    while (!done() && skip_one_ignored()) {
    }
}

std::unexpected<Problem> Lexer::unexpected(std::string_view expected) const
{
    const std::string_view rest = text_.substr(at_, 1);
    const bool printable = !rest.empty() && rest[0] >= ' ' && rest[0] <= '~';
    const std::string got = rest.empty() ? "the end of the document"
                            : printable  ? "'" + std::string(rest) + "'"
                                         : "the byte " + hex0x(as_bytes(rest));
    return refuse("graphql.syntax", "expected " + std::string(expected) + ", got " + got, here_);
}

Token Lexer::token(TokenKind kind, std::size_t begin) const
{
    return {kind, std::string(text_.substr(begin, at_ - begin)), start_};
}

Outcome<Token> Lexer::next()
{
    skip_ignored();
    start_ = here_;
    if (done()) return Token{TokenKind::end, {}, start_};
    const std::size_t begin = at_;
    const char c = peek();
    if (is_name_start(c)) {
        while (is_name_part(peek())) step();
        return token(TokenKind::name, begin);
    }
    if (is_digit(c) || c == '-') return number();
    if (sees("\"\"\"")) return block_string();
    if (c == '"') return string();
    return punctuator();
}

Outcome<Token> Lexer::punctuator()
{
    const std::size_t begin = at_;
    if (sees("...")) {
        step(3);
        return token(TokenKind::punctuator, begin);
    }
    if (peek() == '\0' || !std::string_view("!$&():=@[]{|}").contains(peek())) return unexpected("a token");
    step();
    return token(TokenKind::punctuator, begin);
}

// ---- numbers

Outcome<void> Lexer::digits()
{
    if (!is_digit(peek())) return unexpected("a digit");
    while (is_digit(peek())) step();
    return {};
}

Outcome<Token> Lexer::number()
{
    const std::size_t begin = at_;
    TokenKind kind = TokenKind::integer;
    if (peek() == '-') step();
    const bool leading_zero = peek() == '0';
    if (leading_zero && is_digit(peek(1))) return step(), unexpected("no digit after a leading 0");
    TRY_OK(digits());
    if (peek() == '.') {
        kind = TokenKind::floating;
        step();
        TRY_OK(digits());
    }
    if (peek() == 'e' || peek() == 'E') {
        kind = TokenKind::floating;
        step();
        if (peek() == '+' || peek() == '-') step();
        TRY_OK(digits());
    }
    if (peek() == '.' || is_name_start(peek())) return unexpected("the end of a number");
    return token(kind, begin);
}

// ---- strings

Outcome<Token> Lexer::string()
{
    Token read{TokenKind::string, {}, start_};
    step();
    while (!done() && peek() != '\n' && peek() != '\r') {
        const char c = peek();
        if (c == '"') return step(), read;
        if (c == '\\') {
            TRY_OK(escape(read.text));
            continue;
        }
        read.text += c;
        step();
    }
    return refuse("graphql.syntax", "a string ends on its line, with a double quote", here_);
}

Outcome<void> Lexer::escape(std::string& out)
{
    if (peek(1) == 'u') return unicode_escape(out);
    const char meant = simple_escape(peek(1));
    if (meant == '\0') return step(), unexpected("one of \" \\ / b f n r t u after a backslash");
    out += meant;
    step(2);
    return {};
}

Outcome<void> Lexer::unicode_escape(std::string& out)
{
    const Location at = here_;
    TRY(std::uint32_t point, peek(2) == '{' ? braced_code_point() : code_unit());
    if (is_leading(point) && sees("\\u")) {
        TRY(const std::uint32_t trailing, code_unit());
        if (!is_trailing(trailing)) return refuse("graphql.syntax", "half of a surrogate pair means nothing", at);
        point = 0x10000U + ((point - 0xd800U) << 10U) + (trailing - 0xdc00U);
    }
    if (!is_scalar(point)) return refuse("graphql.syntax", "the escape names no Unicode scalar value", at);
    append_utf8(out, point);
    return {};
}

/// "\u" and four digits.
Outcome<std::uint32_t> Lexer::code_unit()
{
    step(2);
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i, step()) {
        const int digit = hex_digit(peek());
        if (digit < 0) return unexpected("four hexadecimal digits after \\u");
        unit = (unit << 4U) | static_cast<std::uint32_t>(digit);
    }
    return unit;
}

/// "\u{", one to eight digits, "}"; above U+10FFFF when it is no code point. A surrogate is none here, paired or not.
Outcome<std::uint32_t> Lexer::braced_code_point()
{
    constexpr std::uint32_t kNone = 0xffff'ffff;
    step(3);
    std::uint32_t point = 0;
    int count = 0;
    for (; peek() != '}'; ++count, step()) {
        const int digit = hex_digit(peek());
        if (digit < 0 || count == 8) return unexpected("one to eight hexadecimal digits and } after \\u{");
        point = (point << 4U) | static_cast<std::uint32_t>(digit);
    }
    if (count == 0) return unexpected("a hexadecimal digit after \\u{");
    step();
    return is_scalar(point) ? point : kNone;
}

Outcome<Token> Lexer::block_string()
{
    constexpr std::string_view kQuotes = "\"\"\"";
    constexpr std::string_view kEscapedQuotes = "\\\"\"\"";
    step(kQuotes.size());
    std::string raw;
    while (!done()) {
        if (sees(kQuotes)) {
            step(kQuotes.size());
            return Token{TokenKind::block_string, block_string_value(raw), start_};
        }
        if (sees(kEscapedQuotes)) {
            raw += kQuotes;
            step(kEscapedQuotes.size());
        } else if (peek() == '\n' || peek() == '\r') {
            raw += '\n';
            step_line();
        } else {
            raw += peek();
            step();
        }
    }
    return refuse("graphql.syntax", "a block string ends with three double quotes", here_);
}

namespace {

std::vector<std::string_view> split_lines(std::string_view text)
{
    std::vector<std::string_view> lines;
    for (;;) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

std::size_t indentation(std::string_view line) { return std::min(line.find_first_not_of(" \t"), line.size()); }
bool is_blank(std::string_view line) { return indentation(line) == line.size(); }

}  // namespace

std::string block_string_value(std::string_view raw)
{
    std::vector<std::string_view> lines = split_lines(raw);
    std::size_t common = std::string_view::npos;
    for (std::size_t i = 1; i < lines.size(); ++i)
        if (!is_blank(lines[i])) common = std::min(common, indentation(lines[i]));
    for (std::size_t i = 1; i < lines.size(); ++i) lines[i].remove_prefix(std::min(common, lines[i].size()));

    const auto first = std::ranges::find_if_not(lines, is_blank);
    const auto last = std::find_if_not(lines.rbegin(), std::make_reverse_iterator(first), is_blank).base();
    std::string value;
    for (auto line = first; line != last; ++line) {
        if (line != first) value += '\n';
        value += *line;
    }
    return value;
}

}  // namespace iapp::graphql::internal
