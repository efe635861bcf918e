#include "codec/base64.hpp"

#include <array>

namespace iapp::codec {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;

/// One of the two alphabets, with the ids of what can be wrong in it.
struct Alphabet {
    std::string_view digits;
    std::array<std::uint8_t, 256> values;
    std::string_view bad_length;
    std::string_view bad_digit;
    std::string_view bad_bits;

    constexpr Alphabet(std::string_view all, std::string_view length, std::string_view digit, std::string_view bits)
        : digits(all), values{}, bad_length(length), bad_digit(digit), bad_bits(bits)
    {
        values.fill(kNoDigit);
        for (std::size_t i = 0; i < digits.size(); ++i)
            values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
    }

    std::uint8_t value_of(char digit) const { return values[static_cast<std::uint8_t>(digit)]; }
};

constexpr Alphabet kPlain("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "base64.length",
                          "base64.digit", "base64.trailing_bits");
constexpr Alphabet kUrl("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", "base64url.length",
                        "base64url.digit", "base64url.trailing_bits");

/// Decodes the last group: two to four digits, without padding.
Status append_tail(Bytes& out, std::string_view group, const Alphabet& alphabet)
{
    const std::size_t size = group.size() - 1;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint8_t value = i <= size ? alphabet.value_of(group[i]) : 0;
        if (value == kNoDigit) return fail(ErrorKind::invalid_input, alphabet.bad_digit, "not a digit in the last group");
        bits = bits << 6U | value;
    }
    if ((bits & (0xffffffU >> (8 * size))) != 0)
        return fail(ErrorKind::invalid_input, alphabet.bad_bits, "the unused bits of the last digit must be zero");
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
    return {};
}

/// Decodes digits without padding; the last group has two to four of them.
Result<Bytes> decode(std::string_view text, const Alphabet& alphabet)
{
    Bytes out;
    if (text.empty()) return out;
    out.reserve((text.size() + 3) / 4 * 3);
    const std::size_t last = (text.size() - 1) / 4 * 4;
    for (std::size_t at = 0; at < last; at += 4) {
        const std::uint8_t a = alphabet.value_of(text[at]), b = alphabet.value_of(text[at + 1]),
                           c = alphabet.value_of(text[at + 2]), d = alphabet.value_of(text[at + 3]);
        if (((a | b | c | d) & 0xc0U) != 0)
            return fail(ErrorKind::invalid_input, alphabet.bad_digit, "not a digit near position " + std::to_string(at));
        const std::uint32_t bits = std::uint32_t{a} << 18U | std::uint32_t{b} << 12U | std::uint32_t{c} << 6U | d;
        out.push_back(static_cast<std::uint8_t>(bits >> 16U));
        out.push_back(static_cast<std::uint8_t>(bits >> 8U));
        out.push_back(static_cast<std::uint8_t>(bits));
    }
    TRY_OK(append_tail(out, text.substr(last), alphabet));
    return out;
}

std::string encode(ByteView bytes, const Alphabet& alphabet, bool padded)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t size = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) bits = bits << 8U | (i < size ? bytes[at + i] : 0U);
        for (std::size_t i = 0; i <= size; ++i) out += alphabet.digits[bits >> (18 - 6 * i) & 63U];
        if (padded) out.append(3 - size, '=');
    }
    return out;
}

}  // namespace

std::string base64(ByteView bytes) { return encode(bytes, kPlain, true); }

Result<Bytes> parse_base64(std::string_view text)
{
    if (text.size() % 4 != 0)
        return fail(ErrorKind::invalid_input, kPlain.bad_length,
                    "base64 text has a multiple of 4 characters, got " + std::to_string(text.size()));
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, kPlain);
}

std::string base64url(ByteView bytes) { return encode(bytes, kUrl, false); }

Result<Bytes> parse_base64url(std::string_view text)
{
    if (text.size() % 4 == 1)
        return fail(ErrorKind::invalid_input, kUrl.bad_length, "one digit is left over after the groups of four");
    return decode(text, kUrl);
}

}  // namespace iapp::codec
