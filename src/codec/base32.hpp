#pragma once
// Base32 (RFC 4648 section 6), lower case, without padding: the body of multibase 'b'.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

std::string base32(ByteView bytes);

/// Errors: invalid_input "base32.length", "base32.digit", "base32.trailing_bits".
Result<Bytes> parse_base32(std::string_view text);

}  // namespace iapp::codec
