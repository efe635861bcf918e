#pragma once
// uint256 as the database holds it: one byte that counts the significant bytes, then these, most significant first.
// Comparing two such strings byte by byte compares the numbers, and small numbers stay small.
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "eth/u256.hpp"

namespace iapp::index {

Bytes encode_number(const eth::U256& number);

/// Accepts exactly what encode_number() writes. Errors: corrupt "index.number".
Result<eth::U256> decode_number(ByteView text);

}  // namespace iapp::index
