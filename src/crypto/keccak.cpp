// Keccak-f[1600] and Keccak-256 (The Keccak reference, version 3.0; rate 1088, capacity 512, padding 10*1).
// Our own because OpenSSL 3.0 has none and the agent should not carry a second library for forty lines.
#include <bit>
#include <cstring>

#include "crypto/hash.hpp"
#include "crypto/internal/keccak_f.hpp"

namespace iapp::crypto {
namespace {

static_assert(std::endian::native == std::endian::little, "lanes are read and written as native words");

constexpr std::array<std::uint64_t, 24> kRoundConstants{
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/// After rho and pi, lane i of the state is lane kSource[i] rotated by kRotation[kSource[i]].
constexpr std::array<int, 25> kRotation{0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                        25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
constexpr std::array<unsigned, 25> kSource{0,  6,  12, 18, 24, 3,  9,  10, 16, 22, 1,  7, 13,
                                           19, 20, 4,  5,  11, 17, 23, 2,  8,  14, 15, 21};

using internal::KeccakState;
using Five = std::array<std::uint64_t, 5>;

/// One round from `in` to `out`. `column` holds the column parities of `in` and leaves with those of `out`:
/// with five sums carried along, only one row has to live in registers at a time.
[[gnu::always_inline]] inline void round(const KeccakState& in, KeccakState& out, Five& column, std::uint64_t constant)
{
    Five theta;
#pragma GCC unroll 5
    for (unsigned x = 0; x < 5; ++x) theta[x] = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
#pragma GCC unroll 5
    for (unsigned y = 0; y < 5; ++y) {
        Five row;
#pragma GCC unroll 5
        for (unsigned x = 0; x < 5; ++x) {
            const unsigned from = kSource[5 * y + x];
            row[x] = std::rotl(in[from] ^ theta[from % 5], kRotation[from]);
        }
#pragma GCC unroll 5
        for (unsigned x = 0; x < 5; ++x) {
            std::uint64_t lane = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
            if (x + y == 0) lane ^= constant;
            out[5 * y + x] = lane;
            column[x] = y == 0 ? lane : column[x] ^ lane;
        }
    }
}

[[gnu::always_inline]] inline void permute(KeccakState& state)
{
    KeccakState other;
    Five column;
    for (unsigned x = 0; x < 5; ++x) column[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
    for (std::size_t i = 0; i < kRoundConstants.size(); i += 2) {
        round(state, other, column, kRoundConstants[i]);
        round(other, state, column, kRoundConstants[i + 1]);
    }
}

#ifdef __x86_64__
/// The same code with ANDN and RORX, which spare a seventh of the time. AVX-512 with one state is no faster.
[[gnu::target("bmi,bmi2")]] void permute_bmi(KeccakState& state) { permute(state); }

bool has_bmi() { return __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0; }
#else
void permute_bmi(KeccakState& state) { permute(state); }

bool has_bmi() { return false; }
#endif

}  // namespace

void internal::keccak_f_portable(KeccakState& state) { permute(state); }

void internal::keccak_f(KeccakState& state)
{
    static const auto chosen = has_bmi() ? permute_bmi : keccak_f_portable;
    chosen(state);
}

void Keccak256::absorb(const std::uint8_t* block)
{
    for (std::size_t lane = 0; lane < kRate / 8; ++lane) {
        std::uint64_t word = 0;
        std::memcpy(&word, block + 8 * lane, 8);
        state_[lane] ^= word;
    }
    internal::keccak_f(state_);
}

Keccak256& Keccak256::update(ByteView more)
{
    if (pending_size_ != 0) {
        const ByteView head = more.first(std::min(more.size(), kRate - pending_size_));
        copy_bytes(head, std::span(pending_).subspan(pending_size_));
        pending_size_ += head.size();
        more = more.subspan(head.size());
        if (pending_size_ < kRate) return *this;
        absorb(pending_.data());
        pending_size_ = 0;
    }
    for (; more.size() >= kRate; more = more.subspan(kRate)) absorb(more.data());
    copy_bytes(more, pending_);
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
    std::memcpy(out.data(), state_.data(), out.size());
    return Hash256{out};
}

Hash256 keccak256(ByteView data)
{
    Keccak256 sponge;
    sponge.update(data);
    return sponge.squeeze();
}

}  // namespace iapp::crypto
