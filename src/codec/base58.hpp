#pragma once
// Base58 with Bitcoin's alphabet, as CIDv0 and multibase 'z' use it. No checksum variant.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

/// The conversion is quadratic, so it is for identifiers only: longer input is refused.
inline constexpr std::size_t kMaxBase58Digits = 128;

std::string base58(ByteView bytes);

/// Errors: invalid_input "base58.length" (more than kMaxBase58Digits), "base58.digit".
Result<Bytes> parse_base58(std::string_view text);

}  // namespace iapp::codec
