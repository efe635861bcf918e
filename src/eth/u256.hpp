#pragma once
// The EVM's unsigned 256-bit word as a value. Arithmetic is checked: a contract reverts where this answers an error.
#include <array>
#include <compare>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::eth {

class U256 {
public:
    constexpr U256() = default;                                      ///< zero
    constexpr U256(std::uint64_t value) : limbs_{value, 0, 0, 0} {}  // NOLINT: every uint64 is exactly one U256

    static constexpr U256 from_u64(std::uint64_t value) { return U256{value}; }
    static constexpr U256 max() { return U256{~0ULL, ~0ULL, ~0ULL, ~0ULL}; }
    static constexpr U256 power_of_two(unsigned exponent);  ///< exponent < 256
    static U256 from_be(std::span<const std::uint8_t, 32> word);

    /// Big-endian, at most 32 bytes. Errors: invalid_input "u256.range".
    static Result<U256> from_be_bytes(ByteView bytes);
    /// Digits only, no sign, no leading zero except "0". Errors: invalid_input "u256.digit", "u256.range".
    static Result<U256> from_dec(std::string_view digits);
    /// "0x" and 1 to 64 digits. Errors: invalid_input "u256.digit", "u256.range".
    static Result<U256> from_hex(std::string_view text);

    std::array<std::uint8_t, 32> be() const;
    Bytes be_minimal() const;  ///< no leading zero byte; empty for zero
    std::string to_dec() const;
    std::string to_hex() const;  ///< JSON-RPC quantity: "0x0", "0x1f"

    constexpr bool is_zero() const { return *this == U256{}; }
    constexpr bool fits_u64() const { return (limbs_[1] | limbs_[2] | limbs_[3]) == 0; }
    /// Errors: invalid_input "u256.range".
    Result<std::uint64_t> to_u64() const;
    /// The low 64 bits, or the largest uint64 when the value does not fit: for display and for bounds only.
    constexpr std::uint64_t clamp_u64() const { return fits_u64() ? limbs_[0] : ~0ULL; }

    /// Errors of the four: invalid_input "u256.overflow"; division by zero "u256.zero_divisor".
    Result<U256> add(const U256& other) const;
    Result<U256> sub(const U256& other) const;
    Result<U256> mul(const U256& other) const;
    Result<U256> div(const U256& divisor) const;

    /// a - b, or zero when b is larger.
    friend U256 saturating_sub(const U256& a, const U256& b);

    friend constexpr U256 operator|(const U256& a, const U256& b);
    friend constexpr U256 operator&(const U256& a, const U256& b);
    friend constexpr U256 operator~(const U256& a);

    friend constexpr bool operator==(const U256&, const U256&) = default;
    friend constexpr std::strong_ordering operator<=>(const U256& a, const U256& b)
    {
        for (int i = 3; i > 0; --i)
            if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] <=> b.limbs_[i];
        return a.limbs_[0] <=> b.limbs_[0];
    }

private:
    constexpr U256(std::uint64_t l0, std::uint64_t l1, std::uint64_t l2, std::uint64_t l3) : limbs_{l0, l1, l2, l3} {}
    static U256 subtract_wrapping(const U256& a, const U256& b);
    void swap_bytes();

    std::array<std::uint64_t, 4> limbs_{};  ///< least significant first
};

constexpr U256 U256::power_of_two(unsigned exponent)
{
    U256 out;
    out.limbs_[exponent / 64] = 1ULL << (exponent % 64);
    return out;
}
constexpr U256 operator|(const U256& a, const U256& b)
{
    return {a.limbs_[0] | b.limbs_[0], a.limbs_[1] | b.limbs_[1], a.limbs_[2] | b.limbs_[2], a.limbs_[3] | b.limbs_[3]};
}
constexpr U256 operator&(const U256& a, const U256& b)
{
    return {a.limbs_[0] & b.limbs_[0], a.limbs_[1] & b.limbs_[1], a.limbs_[2] & b.limbs_[2], a.limbs_[3] & b.limbs_[3]};
}
constexpr U256 operator~(const U256& a) { return {~a.limbs_[0], ~a.limbs_[1], ~a.limbs_[2], ~a.limbs_[3]}; }

}  // namespace iapp::eth
