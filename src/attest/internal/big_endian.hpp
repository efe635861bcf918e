#pragma once
// Writers of the integers and length-prefixed fields that this room hashes.
#include "base/bytes.hpp"

namespace iapp::attest {

inline void append_big_endian(Bytes& out, std::uint64_t value, unsigned size)
{
    for (unsigned i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline void append_u64be(Bytes& out, std::uint64_t value) { append_big_endian(out, value, 8); }

inline void append_u64le(Bytes& out, std::uint64_t value)
{
    for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// u16 big-endian length, then the field. Fields here are names and fixed-size values, far below 65536 bytes.
inline void append_prefixed(Bytes& out, ByteView field)
{
    append_big_endian(out, field.size(), 2);
    append(out, field);
}

}  // namespace iapp::attest
