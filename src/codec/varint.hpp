#pragma once
// Unsigned varint (multiformats/unsigned-varint): little-endian groups of seven bits, shortest form only, below 2^63.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::codec {

/// `value` must be below 2^63.
void append_varint(Bytes& out, std::uint64_t value);

/// Reads one number and moves `in` behind it.
/// Errors: invalid_input "varint.truncated", "varint.too_long" (more than 9 bytes), "varint.not_shortest".
Result<std::uint64_t> read_varint(ByteView& in);

}  // namespace iapp::codec
