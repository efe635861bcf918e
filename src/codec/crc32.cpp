// Folding after V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009):
// 512 bits of message at a time are replaced by something congruent, and the last 128 bits are reduced (Barrett).
#include "codec/crc32.hpp"

#include <immintrin.h>
#include <zlib.h>

#include <array>

namespace iapp::codec {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;  ///< reflected: bit 31 is x^0

/// x^n modulo the polynomial, reflected, and shifted by one as the carry-less product of reflected values needs it.
constexpr std::uint64_t fold_by(unsigned n)
{
    std::uint32_t power = 0x80000000;
    for (unsigned i = 0; i < n; ++i) power = (power >> 1) ^ ((power & 1) != 0 ? kPolynomial : 0);
    return std::uint64_t{power} << 1;
}

constexpr std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
        table[byte] = value;
    }
    return table;
}();

std::uint32_t by_table(std::uint32_t state, ByteView bytes)
{
    for (const std::uint8_t byte : bytes) state = (state >> 8) ^ kTable[(state ^ byte) & 0xff];
    return state;
}

#define IAPP_CLMUL __attribute__((target("pclmul,sse4.1")))

IAPP_CLMUL __m128i constants(std::uint64_t low, std::uint64_t high)
{
    return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

IAPP_CLMUL __m128i load(ByteView bytes, std::size_t block)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data()) + block);
}

/// `folded` moved over the distance of `by`, onto `next`.
IAPP_CLMUL __m128i fold(__m128i folded, __m128i by, __m128i next)
{
    return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(folded, by, 0x00), _mm_clmulepi64_si128(folded, by, 0x11)),
                         next);
}

IAPP_CLMUL std::uint32_t reduce(__m128i folded)
{
    const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);
    const __m128i by64 = _mm_clmulepi64_si128(folded, constants(0, fold_by(96)), 0x10);
    const __m128i bits64 = _mm_xor_si128(_mm_srli_si128(folded, 8), by64);
    const __m128i by32 = _mm_clmulepi64_si128(_mm_and_si128(bits64, low_words), constants(fold_by(64), 0), 0x00);
    const __m128i rest = _mm_xor_si128(_mm_srli_si128(bits64, 4), by32);
    const __m128i barrett =
        constants((std::uint64_t{kPolynomial} << 1) | 1, 0x1F7011641);  // the polynomial; x^64 / polynomial
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(rest, low_words), barrett, 0x10);
    quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_words), barrett, 0x00);
    return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(rest, quotient), 1));
}

/// Takes all whole blocks of 16 bytes; there is at least one.
IAPP_CLMUL std::uint32_t by_folding(std::uint32_t state, ByteView bytes)
{
    __m128i folded = _mm_xor_si128(load(bytes, 0), _mm_cvtsi32_si128(static_cast<int>(state)));
    const __m128i by128 = constants(fold_by(128 + 32), fold_by(128 - 32));
    if (bytes.size() >= 64) {
        const __m128i by512 = constants(fold_by(512 + 32), fold_by(512 - 32));
        __m128i second = load(bytes, 1), third = load(bytes, 2), fourth = load(bytes, 3);
        for (bytes = bytes.subspan(64); bytes.size() >= 64; bytes = bytes.subspan(64)) {
            folded = fold(folded, by512, load(bytes, 0));
            second = fold(second, by512, load(bytes, 1));
            third = fold(third, by512, load(bytes, 2));
            fourth = fold(fourth, by512, load(bytes, 3));
        }
        folded = fold(fold(fold(folded, by128, second), by128, third), by128, fourth);
    } else {
        bytes = bytes.subspan(16);
    }
    for (; bytes.size() >= 16; bytes = bytes.subspan(16)) folded = fold(folded, by128, load(bytes, 0));
    return reduce(folded);
}

bool has_carryless_multiply()
{
    static const bool has = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
    return has;
}

}  // namespace

std::uint32_t crc32(std::uint32_t crc, ByteView bytes)
{
    if (!has_carryless_multiply()) return static_cast<std::uint32_t>(crc32_z(crc, bytes.data(), bytes.size()));
    const std::size_t whole = bytes.size() / 16 * 16;
    std::uint32_t state = ~crc;
    if (whole != 0) state = by_folding(state, bytes.first(whole));
    return ~by_table(state, bytes.subspan(whole));
}

}  // namespace iapp::codec
