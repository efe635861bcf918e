#pragma once
// The first byte of a CBOR item and the argument behind it (RFC 8949 section 3).
#include <cstdint>

namespace iapp::cbor {

enum class Major : unsigned char { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };

inline constexpr std::uint8_t kFalse = 20;
inline constexpr std::uint8_t kTrue = 21;
inline constexpr std::uint8_t kNull = 22;

}  // namespace iapp::cbor
