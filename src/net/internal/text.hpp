#pragma once
// Small text rules of HTTP: names compare without case (ASCII only), values carry no control bytes.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace iapp::net::internal {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline bool equal_without_case(std::string_view a, std::string_view b)
{
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

/// RFC 9110 5.6.2.
constexpr bool is_token(std::string_view text)
{
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || kMarks.contains(c);
    });
}

/// A field value that cannot end its line. Bytes above 0x7f are opaque and pass.
constexpr bool is_field_value(std::string_view text)
{
    return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; });
}

/// Text of a URL after decoding. Errors: invalid_input "url.utf8".
Status check_utf8(std::string_view text);

/// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace iapp::net::internal
