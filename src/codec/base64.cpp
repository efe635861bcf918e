#include "codec/base64.hpp"

#include <array>

namespace iapp::codec {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::size_t i = 0; i < kDigits.size(); ++i)
        values[static_cast<std::uint8_t>(kDigits[i])] = static_cast<std::uint8_t>(i);
    return values;
}();

std::uint8_t value_of(char digit) { return kValues[static_cast<std::uint8_t>(digit)]; }

/// Bytes of the last group: three minus its padding.
std::size_t tail_size(std::string_view text)
{
    if (text.ends_with("==")) return 1;
    return text.ends_with('=') ? 2 : 3;
}

/// Decodes the last group, which alone may be padded.
Status append_tail(Bytes& out, std::string_view group)
{
    const std::size_t size = tail_size(group);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint8_t value = i <= size ? value_of(group[i]) : 0;
        if (value == kNoDigit) return fail(ErrorKind::invalid_input, "base64.digit", "not a base64 digit in the last group");
        bits = bits << 6U | value;
    }
    if ((bits & (0xffffffU >> (8 * size))) != 0)
        return fail(ErrorKind::invalid_input, "base64.trailing_bits", "the unused bits before the padding must be zero");
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
    return {};
}

}  // namespace

std::string base64(ByteView bytes)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t size = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) bits = bits << 8U | (i < size ? bytes[at + i] : 0U);
        for (std::size_t i = 0; i < 4; ++i) out += i <= size ? kDigits[bits >> (18 - 6 * i) & 63U] : '=';
    }
    return out;
}

Result<Bytes> parse_base64(std::string_view text)
{
    if (text.size() % 4 != 0)
        return fail(ErrorKind::invalid_input, "base64.length",
                    "base64 text has a multiple of 4 characters, got " + std::to_string(text.size()));
    Bytes out;
    if (text.empty()) return out;
    out.reserve(text.size() / 4 * 3);
    const std::size_t last = text.size() - 4;
    for (std::size_t at = 0; at < last; at += 4) {
        const std::uint8_t a = value_of(text[at]), b = value_of(text[at + 1]), c = value_of(text[at + 2]),
                           d = value_of(text[at + 3]);
        if (((a | b | c | d) & 0xc0U) != 0)
            return fail(ErrorKind::invalid_input, "base64.digit", "not a base64 digit near position " + std::to_string(at));
        const std::uint32_t bits = std::uint32_t{a} << 18U | std::uint32_t{b} << 12U | std::uint32_t{c} << 6U | d;
        out.push_back(static_cast<std::uint8_t>(bits >> 16U));
        out.push_back(static_cast<std::uint8_t>(bits >> 8U));
        out.push_back(static_cast<std::uint8_t>(bits));
    }
    TRY_OK(append_tail(out, text.substr(last)));
    return out;
}

}  // namespace iapp::codec
