#pragma once
// Base64 and base64url (RFC 4648 sections 4 and 5): one spelling in, one spelling out.
// Not lenient: no white space, no missing or superfluous padding, no stray bits, no mixing of the two alphabets.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

std::string base64(ByteView bytes);

/// Errors: invalid_input "base64.length" (not a multiple of four), "base64.digit", "base64.trailing_bits".
Result<Bytes> parse_base64(std::string_view text);

/// Without padding, as JOSE writes it (RFC 7515 section 2).
std::string base64url(ByteView bytes);

/// Errors: invalid_input "base64url.length" (one digit left over), "base64url.digit" ("=" is none),
/// "base64url.trailing_bits".
Result<Bytes> parse_base64url(std::string_view text);

}  // namespace iapp::codec
