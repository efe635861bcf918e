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

/// Lane (x, y) sits at x + 5 * y. rho rotates it by kRotation; pi moves it to kTarget.
constexpr std::array<int, 25> kRotation{0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                        25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
constexpr std::array<unsigned, 25> kTarget{0,  10, 20, 5, 15, 16, 1,  11, 21, 6, 7,  17, 2,
                                           12, 22, 23, 8, 18, 3,  13, 14, 24, 9, 19, 4};

void permute(std::array<std::uint64_t, 25>& state)
{
    std::array<std::uint64_t, 25> a = state;
    for (const std::uint64_t constant : kRoundConstants) {
        std::uint64_t column[5];
        std::uint64_t moved[25];
#pragma GCC unroll 5
        for (unsigned x = 0; x < 5; ++x) column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma GCC unroll 25
        for (unsigned i = 0; i < 25; ++i) {
            const std::uint64_t theta = column[(i + 4) % 5] ^ std::rotl(column[(i + 1) % 5], 1);
            moved[kTarget[i]] = std::rotl(a[i] ^ theta, kRotation[i]);
        }
#pragma GCC unroll 25
        for (unsigned i = 0; i < 25; ++i) {
            const unsigned row = i - i % 5;
            a[i] = moved[i] ^ (~moved[row + (i + 1) % 5] & moved[row + (i + 2) % 5]);
        }
        a[0] ^= constant;
    }
    state = a;
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
    std::fill(pending_.begin() + static_cast<std::ptrdiff_t>(pending_size_), pending_.end(), std::uint8_t{0});
    pending_[pending_size_] ^= 0x01;
    pending_.back() ^= 0x80;
    absorb(pending_.data());
    std::array<std::uint8_t, 32> out;
    std::memcpy(out.data(), state_.data(), out.size());
    *this = Keccak256{};
    return Hash256{out};
}

Hash256 keccak256(ByteView data) { return Keccak256{}.update(data).finish(); }

}  // namespace iapp::crypto
