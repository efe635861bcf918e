#include "eth/u256.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hex.hpp"

namespace iapp::eth {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kChunkDigits = 19;                         // as many decimal digits as surely fit in 64 bits
constexpr std::uint64_t kChunk = 10'000'000'000'000'000'000ULL;  // 10 to that power

auto overflow(std::string_view operation)
{
    return fail(ErrorKind::invalid_input, "u256.overflow", std::string(operation) + " does not fit in 256 bits");
}

auto out_of_range(std::string_view what) { return fail(ErrorKind::invalid_input, "u256.range", std::string(what)); }

}  // namespace

U256 U256::from_be(std::span<const std::uint8_t, 32> word)
{
    U256 out;
    std::memcpy(out.limbs_.data(), word.data(), word.size());
    out.swap_bytes();
    return out;
}

Result<U256> U256::from_be_bytes(ByteView bytes)
{
    if (bytes.size() > 32) return out_of_range("more than 32 bytes");
    std::array<std::uint8_t, 32> word{};
    copy_bytes(bytes, std::span(word).last(bytes.size()));
    return from_be(word);
}

Result<U256> U256::from_dec(std::string_view digits)
{
    if (digits.empty() || (digits.size() > 1 && digits[0] == '0'))
        return fail(ErrorKind::invalid_input, "u256.digit", "expected decimal digits without a leading zero");
    U256 out;
    for (std::size_t at = 0; at < digits.size(); at += kChunkDigits) {
        const std::string_view chunk = digits.substr(at, kChunkDigits);
        std::uint64_t value = 0;
        std::uint64_t scale = 1;
        for (const char c : chunk) {
            if (c < '0' || c > '9') return fail(ErrorKind::invalid_input, "u256.digit", "expected decimal digits only");
            value = value * 10 + static_cast<std::uint64_t>(c - '0');
            scale *= 10;
        }
        const auto shifted = at == 0 ? Result<U256>(out) : out.mul(scale);
        const auto next = shifted ? shifted->add(value) : shifted;
        if (!next) return out_of_range("the decimal number is 2^256 or more");
        out = *next;
    }
    return out;
}

Result<U256> U256::from_hex(std::string_view text)
{
    if (!text.starts_with("0x") || text.size() < 3)
        return fail(ErrorKind::invalid_input, "u256.digit", "expected 0x and hexadecimal digits");
    if (text.size() > 66) return out_of_range("more than 64 hexadecimal digits");
    const std::string padded = "0x" + std::string(66 - text.size(), '0') + std::string(text.substr(2));
    std::array<std::uint8_t, 32> word{};
    if (!parse_hex0x_into(padded, word))
        return fail(ErrorKind::invalid_input, "u256.digit", "expected 0x and hexadecimal digits");
    return from_be(word);
}

std::array<std::uint8_t, 32> U256::be() const
{
    U256 swapped = *this;
    swapped.swap_bytes();
    return std::bit_cast<std::array<std::uint8_t, 32>>(swapped.limbs_);
}

/// Between little-endian limbs, least significant first, and one big-endian word.
void U256::swap_bytes()
{
    static_assert(std::endian::native == std::endian::little);
    std::ranges::reverse(limbs_);
    for (std::uint64_t& limb : limbs_) limb = std::byteswap(limb);
}

Bytes U256::be_minimal() const
{
    const auto word = be();
    return {std::ranges::find_if(word, [](std::uint8_t byte) { return byte != 0; }), word.end()};
}

std::string U256::to_dec() const
{
    std::string out;
    U256 rest = *this;
    do {
        Wide remainder = 0;
        for (int i = 3; i >= 0; --i) {
            const Wide current = remainder << 64U | rest.limbs_[i];
            rest.limbs_[i] = static_cast<std::uint64_t>(current / kChunk);
            remainder = current % kChunk;
        }
        std::string digits = std::to_string(static_cast<std::uint64_t>(remainder));
        if (!rest.is_zero()) digits.insert(0, kChunkDigits - digits.size(), '0');
        out.insert(0, digits);
    } while (!rest.is_zero());
    return out;
}

std::string U256::to_hex() const
{
    const std::string digits = hex(be());
    const std::size_t first = digits.find_first_not_of('0');
    return "0x" + (first == std::string::npos ? "0" : digits.substr(first));
}

Result<std::uint64_t> U256::to_u64() const
{
    if (!fits_u64()) return out_of_range(to_dec() + " does not fit in 64 bits");
    return limbs_[0];
}

Result<U256> U256::add(const U256& other) const
{
    U256 out;
    Wide carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += Wide{limbs_[i]} + other.limbs_[i];
        out.limbs_[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64U;
    }
    if (carry != 0) return overflow("the sum");
    return out;
}

Result<U256> U256::sub(const U256& other) const
{
    if (*this < other) return overflow("the negative difference");
    return subtract_wrapping(*this, other);
}

Result<U256> U256::mul(const U256& other) const
{
    std::array<std::uint64_t, 8> product{};
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const Wide sum = Wide{limbs_[i]} * other.limbs_[j] + product[i + j] + carry;
            product[i + j] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64U);
        }
        product[i + 4] = carry;
    }
    if ((product[4] | product[5] | product[6] | product[7]) != 0) return overflow("the product");
    return U256{product[0], product[1], product[2], product[3]};
}

Result<U256> U256::div(const U256& divisor) const
{
    if (divisor.is_zero()) return fail(ErrorKind::invalid_input, "u256.zero_divisor", "division by zero");
    U256 quotient;
    U256 remainder;
    for (int bit = 255; bit >= 0; --bit) {  // schoolbook: one bit at a time, the shifted-out bit kept in `top`
        const std::uint64_t top = remainder.limbs_[3] >> 63U;
        for (int i = 3; i > 0; --i) remainder.limbs_[i] = remainder.limbs_[i] << 1U | remainder.limbs_[i - 1] >> 63U;
        remainder.limbs_[0] = remainder.limbs_[0] << 1U | (limbs_[bit / 64] >> (bit % 64) & 1U);
        if (top == 0 && remainder < divisor) continue;
        remainder = subtract_wrapping(remainder, divisor);
        quotient.limbs_[bit / 64] |= 1ULL << (bit % 64);
    }
    return quotient;
}

U256 U256::subtract_wrapping(const U256& a, const U256& b)
{
    U256 out;
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Wide difference = Wide{a.limbs_[i]} - b.limbs_[i] - borrow;
        out.limbs_[i] = static_cast<std::uint64_t>(difference);
        borrow = static_cast<std::uint64_t>(difference >> 64U) & 1U;
    }
    return out;
}

U256 saturating_sub(const U256& a, const U256& b) { return a < b ? U256{} : U256::subtract_wrapping(a, b); }

}  // namespace iapp::eth
