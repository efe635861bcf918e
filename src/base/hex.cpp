#include "base/hex.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace iapp {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

constexpr std::uint8_t kNoDigit = 0xff;

/// A table, because branches on random digits cost more than the rest of parsing an order. For what is too short for
/// vectors.
constexpr std::array<std::uint8_t, 256> kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 16; ++i) values[static_cast<std::uint8_t>(kDigits[i])] = i;
    for (std::uint8_t i = 10; i < 16; ++i) values[static_cast<std::uint8_t>('A' + i - 10)] = i;
    return values;
}();

std::uint8_t digit_value(char c) { return kValues[static_cast<std::uint8_t>(c)]; }

using Digits = std::uint8_t __attribute__((vector_size(16)));
using SignedDigits = std::int8_t __attribute__((vector_size(16)));  // what the vector unit compares
using Pairs = std::uint16_t __attribute__((vector_size(16)));
using EightBytes = std::uint8_t __attribute__((vector_size(8)));

/// Sixteen digits to eight bytes without a branch or a look-up. What was no digit leaves bits in `bad`.
void decode_sixteen(const char* digits, std::uint8_t* out, Digits& bad)
{
    Digits text;
    std::memcpy(&text, digits, sizeof text);
    const auto is_letter = reinterpret_cast<Digits>((text & 0x40) != 0);
    const Digits value = (text & 0x0f) + (is_letter & 9);
    const Digits is_above_nine = reinterpret_cast<Digits>(reinterpret_cast<SignedDigits>(value) > 9);
    const Digits in_lower_case = value + '0' + (is_above_nine & ('a' - 10 - '0'));
    bad |= ((text | (is_above_nine & 0x20)) ^ in_lower_case) | (value & 0xf0);

    const auto pairs = reinterpret_cast<Pairs>(value);  // the first digit of each pair is the lower byte
    const auto bytes = __builtin_convertvector((pairs << 4 | pairs >> 8) & 0xff, EightBytes);
    std::memcpy(out, &bytes, sizeof bytes);
}

/// `digits` has two for each byte of `out`. Looks for a bad digit once, at the end.
bool decode(const char* digits, std::span<std::uint8_t> out)
{
    Digits bad{};
    std::size_t done = 0;
    if constexpr (std::endian::native == std::endian::little)
        for (; out.size() - done >= 8; done += 8) decode_sixteen(digits + 2 * done, out.data() + done, bad);
    const auto bad_halves = std::bit_cast<std::array<std::uint64_t, 2>>(bad);
    unsigned seen = (bad_halves[0] | bad_halves[1]) != 0 ? kNoDigit : 0;
    for (std::size_t i = done; i < out.size(); ++i) {
        const unsigned high = digit_value(digits[2 * i]);
        const unsigned low = digit_value(digits[2 * i + 1]);
        seen |= high | low;
        out[i] = static_cast<std::uint8_t>(high << 4U | low);
    }
    return seen <= 0xf;
}

Status decode_into(std::string_view digits, std::span<std::uint8_t> out)
{
    if (digits.size() != out.size() * 2)
        return fail(ErrorKind::invalid_input, "hex.length",
                    "expected " + std::to_string(out.size() * 2) + " hex digits, got " + std::to_string(digits.size()));
    if (decode(digits.data(), out)) return {};
    const auto bad = std::ranges::find(digits, kNoDigit, digit_value);
    return fail(ErrorKind::invalid_input, "hex.digit",
                "not a hex digit at position " + std::to_string(bad - digits.begin()));
}

Result<std::string_view> strip_prefix(std::string_view text)
{
    if (!text.starts_with("0x")) return fail(ErrorKind::invalid_input, "hex.prefix", "hex text must start with 0x");
    return text.substr(2);
}

}  // namespace

std::string hex(ByteView bytes)
{
    std::string out(bytes.size() * 2, '0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out[2 * i] = kDigits[bytes[i] >> 4];
        out[2 * i + 1] = kDigits[bytes[i] & 15];
    }
    return out;
}

std::string hex0x(ByteView bytes) { return "0x" + hex(bytes); }

Result<Bytes> parse_hex(std::string_view digits)
{
    if (digits.size() % 2 != 0) return fail(ErrorKind::invalid_input, "hex.length", "odd number of hex digits");
    Bytes out(digits.size() / 2);
    TRY_OK(decode_into(digits, out));
    return out;
}

Result<Bytes> parse_hex0x(std::string_view text)
{
    TRY(const std::string_view digits, strip_prefix(text));
    return parse_hex(digits);
}

Status parse_hex0x_into(std::string_view text, std::span<std::uint8_t> out)
{
    TRY(const std::string_view digits, strip_prefix(text));
    return decode_into(digits, out);
}

}  // namespace iapp
