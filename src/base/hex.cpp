#include "base/hex.hpp"

namespace iapp {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Status decode_into(std::string_view digits, std::span<std::uint8_t> out)
{
    if (digits.size() != out.size() * 2)
        return fail(ErrorKind::invalid_input, "hex.length",
                    "expected " + std::to_string(out.size() * 2) + " hex digits, got " + std::to_string(digits.size()));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = digit_value(digits[2 * i]);
        const int low = digit_value(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return fail(ErrorKind::invalid_input, "hex.digit", "not a hex digit at position " + std::to_string(2 * i));
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return {};
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
