#pragma once
// Readers of the small text forms inside JSON documents: digits without prefix, and errors retold in this room's words.
#include "base/fixed_bytes.hpp"

namespace iapp::attest {

/// Exactly 2 * size digits without "0x". Errors: invalid_input "hex.digit", "hex.length".
template <class Id>
Result<Id> parse_digits(std::string_view digits)
{
    return Id::from_hex("0x" + std::string(digits));
}

inline bool has_upper_case_digit(std::string_view digits)
{
    return std::ranges::any_of(digits, [](char c) { return c >= 'A' && c <= 'F'; });
}

/// "json.missing: $.seq is missing", for the detail of this room's own error.
inline std::string explain(const Error& error) { return std::string(error.reason) + ": " + error.detail; }

}  // namespace iapp::attest
