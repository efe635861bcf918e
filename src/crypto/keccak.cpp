// Keccak-f[1600] and Keccak-256 (The Keccak reference, version 3.0; rate 1088, capacity 512, padding 10*1).
// Our own because OpenSSL 3.0 has none and the agent should not carry a second library for forty lines.
#include <bit>
#include <cstring>

#include "crypto/hash.hpp"

namespace iapp::crypto {
namespace {

static_assert(std::endian::native == std::endian::little, "lanes are read and written as native words");

constexpr std::array<std::uint64_t, 24> kRoundConstants{
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/// rho: by how much lane (x, y), which sits at x + 5 * y, is rotated.
constexpr std::array<int, 25> kRotation{0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                        25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};

/// Lanes that are kept inverted between rounds. With these six, chi's 25 NOTs shrink to the five written out below
/// (the reference's "lane complementing", section 2.2 of the implementation overview).
constexpr std::array<std::size_t, 6> kInverted{1, 2, 8, 12, 17, 20};

using Lanes = std::uint64_t[25];

/// theta, rho and pi for one row of the result.
[[gnu::always_inline]] inline void mix_row(unsigned y, const Lanes& a, const std::uint64_t (&theta)[5],
                                           std::uint64_t (&b)[5])
{
#pragma GCC unroll 5
    for (unsigned i = 0; i < 5; ++i) {
        const unsigned x = (i + 3 * y) % 5;
        b[i] = std::rotl(a[x + 5 * i] ^ theta[x], kRotation[x + 5 * i]);
    }
}

[[gnu::always_inline]] inline void round(const Lanes& a, Lanes& out, std::uint64_t constant)
{
    std::uint64_t column[5];
    std::uint64_t theta[5];
#pragma GCC unroll 5
    for (unsigned x = 0; x < 5; ++x) column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma GCC unroll 5
    for (unsigned x = 0; x < 5; ++x) theta[x] = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);

    std::uint64_t b[5];  // chi, row by row: each is b[x] ^ (~b[x+1] & b[x+2]) with the inversions moved by De Morgan
    mix_row(0, a, theta, b);
    out[0] = b[0] ^ (b[1] | b[2]) ^ constant;
    out[1] = b[1] ^ (~b[2] | b[3]);
    out[2] = b[2] ^ (b[3] & b[4]);
    out[3] = b[3] ^ (b[4] | b[0]);
    out[4] = b[4] ^ (b[0] & b[1]);
    mix_row(1, a, theta, b);
    out[5] = b[0] ^ (b[1] | b[2]);
    out[6] = b[1] ^ (b[2] & b[3]);
    out[7] = b[2] ^ (b[3] | ~b[4]);
    out[8] = b[3] ^ (b[4] | b[0]);
    out[9] = b[4] ^ (b[0] & b[1]);
    mix_row(2, a, theta, b);
    out[10] = b[0] ^ (b[1] | b[2]);
    out[11] = b[1] ^ (b[2] & b[3]);
    out[12] = b[2] ^ (~b[3] & b[4]);
    out[13] = ~b[3] ^ (b[4] | b[0]);
    out[14] = b[4] ^ (b[0] & b[1]);
    mix_row(3, a, theta, b);
    out[15] = b[0] ^ (b[1] & b[2]);
    out[16] = b[1] ^ (b[2] | b[3]);
    out[17] = b[2] ^ (~b[3] | b[4]);
    out[18] = ~b[3] ^ (b[4] & b[0]);
    out[19] = b[4] ^ (b[0] | b[1]);
    mix_row(4, a, theta, b);
    out[20] = b[0] ^ (~b[1] & b[2]);
    out[21] = ~b[1] ^ (b[2] | b[3]);
    out[22] = b[2] ^ (b[3] & b[4]);
    out[23] = b[3] ^ (b[4] | b[0]);
    out[24] = b[4] ^ (b[0] & b[1]);
}

void permute(Lanes& state)
{
    Lanes other;
    for (const std::size_t lane : kInverted) state[lane] = ~state[lane];
    for (std::size_t i = 0; i < kRoundConstants.size(); i += 2) {
        round(state, other, kRoundConstants[i]);
        round(other, state, kRoundConstants[i + 1]);
    }
    for (const std::size_t lane : kInverted) state[lane] = ~state[lane];
}

}  // namespace

void Keccak256::absorb(const std::uint8_t* block)
{
    for (std::size_t lane = 0; lane < kRate / 8; ++lane) {
        std::uint64_t word = 0;
        std::memcpy(&word, block + 8 * lane, 8);
        state_[lane] ^= word;
    }
    permute(state_);
}

Keccak256& Keccak256::update(ByteView more)
{
    if (pending_size_ != 0) {
        const ByteView head = more.first(std::min(more.size(), kRate - pending_size_));
        std::ranges::copy(head, pending_.begin() + static_cast<std::ptrdiff_t>(pending_size_));
        pending_size_ += head.size();
        more = more.subspan(head.size());
        if (pending_size_ < kRate) return *this;
        absorb(pending_.data());
        pending_size_ = 0;
    }
    for (; more.size() >= kRate; more = more.subspan(kRate)) absorb(more.data());
    std::ranges::copy(more, pending_.begin());
    pending_size_ = more.size();
    return *this;
}

Hash256 Keccak256::finish()
{
    const Hash256 out = squeeze();
    *this = Keccak256{};
    return out;
}

Hash256 Keccak256::squeeze()
{
    std::fill(pending_.begin() + static_cast<std::ptrdiff_t>(pending_size_), pending_.end(), std::uint8_t{0});
    pending_[pending_size_] ^= 0x01;
    pending_.back() ^= 0x80;
    absorb(pending_.data());
    std::array<std::uint8_t, 32> out;
    std::memcpy(out.data(), state_, out.size());
    return Hash256{out};
}

Hash256 keccak256(ByteView data)
{
    Keccak256 sponge;
    sponge.update(data);
    return sponge.squeeze();
}

}  // namespace iapp::crypto
