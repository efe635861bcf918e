#pragma once
// A bounds-checked reader of TPM structures: big endian, with TPM2B fields (u16 size, then bytes).
#include "attest/internal/cursor.hpp"

namespace iapp::attest {

class TpmReader : public Cursor {
public:
    using Cursor::Cursor;

    std::uint16_t u16be() { return static_cast<std::uint16_t>(big_endian(2)); }
    std::uint32_t u32be() { return static_cast<std::uint32_t>(big_endian(4)); }
    std::uint64_t u64be() { return big_endian(8); }
    std::uint8_t u8() { return array<1>()[0]; }

    /// A TPM2B buffer. Larger than `most` reads as past the end.
    ByteView sized(std::size_t most)
    {
        const std::size_t size = u16be();
        return size <= most ? take(size) : take(remaining() + 1);
    }

private:
    std::uint64_t big_endian(std::size_t n)
    {
        std::uint64_t out = 0;
        for (const std::uint8_t byte : take(n)) out = out << 8 | byte;
        return out;
    }
};

}  // namespace iapp::attest
