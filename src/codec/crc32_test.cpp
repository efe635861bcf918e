#include "codec/crc32.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace iapp::codec {
namespace {

std::uint32_t zlibs(std::uint32_t crc, ByteView bytes)
{
    return static_cast<std::uint32_t>(crc32_z(crc, bytes.data(), bytes.size()));
}

TEST(Crc32, KnownValue) { EXPECT_EQ(crc32(0, as_bytes("123456789")), 0xCBF43926u); }

TEST(Crc32, EqualsZlibsAtEveryLengthAlignmentAndStart)
{
    Bytes bytes(700);
    std::uint32_t state = 7;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    for (std::size_t size = 0; size < 600; ++size)
        for (const std::size_t offset : {0, 1, 7, 16, 33})
            for (const std::uint32_t start : {0u, 0xffffffffu, 0x12345678u}) {
                const ByteView view = ByteView(bytes).subspan(offset, size);
                ASSERT_EQ(crc32(start, view), zlibs(start, view)) << size << " " << offset;
            }
}

TEST(Crc32, PiecesAddUp)
{
    const Bytes bytes(100'000, 0x5a);
    std::uint32_t crc = 0;
    for (ByteView rest = bytes; !rest.empty();) {
        const ByteView piece = rest.first(std::min<std::size_t>(rest.size(), 977));
        crc = crc32(crc, piece);
        rest = rest.subspan(piece.size());
    }
    EXPECT_EQ(crc, zlibs(0, bytes));
}

}  // namespace
}  // namespace iapp::codec
