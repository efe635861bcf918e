#include "codec/base32.hpp"

namespace iapp::codec {
namespace {

constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";

}  // namespace

std::string base32(ByteView bytes)
{
    std::string out;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const std::uint8_t byte : bytes) {
        bits = bits << 8U | byte;
        for (held += 8; held >= 5; held -= 5) out += kDigits[bits >> (held - 5) & 31U];
    }
    if (held > 0) out += kDigits[bits << (5 - held) & 31U];
    return out;
}

Result<Bytes> parse_base32(std::string_view text)
{
    Bytes out;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const std::size_t value = kDigits.find(c);
        if (value == std::string_view::npos)
            return fail(ErrorKind::invalid_input, "base32.digit", "base32 text is lower-case a-z and 2-7 only");
        bits = bits << 5U | static_cast<std::uint32_t>(value);
        held += 5;
        if (held < 8) continue;
        held -= 8;
        out.push_back(static_cast<std::uint8_t>(bits >> held));
    }
    if (held >= 5)
        return fail(ErrorKind::invalid_input, "base32.length", "no whole number of bytes has this many base32 digits");
    if ((bits & ((1U << held) - 1)) != 0)
        return fail(ErrorKind::invalid_input, "base32.trailing_bits", "the unused last bits must be zero");
    return out;
}

}  // namespace iapp::codec
