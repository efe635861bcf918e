#pragma once
// Base64 (RFC 4648 section 4): one spelling in, one spelling out.
// Not base64url, and not lenient: no white space, no missing padding, no stray bits.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

std::string base64(ByteView bytes);

/// Errors: invalid_input "base64.length" (not a multiple of four), "base64.digit", "base64.trailing_bits".
Result<Bytes> parse_base64(std::string_view text);

}  // namespace iapp::codec
