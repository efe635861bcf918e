#include "codec/base58.hpp"

#include <algorithm>

namespace iapp::codec {
namespace {

constexpr std::string_view kDigits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Multiplies the little-endian number `digits` (in `base`) by `factor` and adds `value`.
void multiply_add(std::vector<std::uint8_t>& digits, std::uint32_t base, std::uint32_t factor, std::uint32_t value)
{
    std::uint32_t carry = value;
    for (std::uint8_t& digit : digits) {
        carry += digit * factor;
        digit = static_cast<std::uint8_t>(carry % base);
        carry /= base;
    }
    for (; carry > 0; carry /= base) digits.push_back(static_cast<std::uint8_t>(carry % base));
}

}  // namespace

std::string base58(ByteView bytes)
{
    std::vector<std::uint8_t> digits;
    for (const std::uint8_t byte : bytes) multiply_add(digits, 58, 256, byte);
    const auto zeros = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte != 0; }) - bytes.begin();
    std::string out(static_cast<std::size_t>(zeros), '1');
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) out += kDigits[*digit];
    return out;
}

Result<Bytes> parse_base58(std::string_view text)
{
    if (text.size() > kMaxBase58Digits)
        return fail(ErrorKind::invalid_input, "base58.length",
                    "more than " + std::to_string(kMaxBase58Digits) + " base58 digits");
    std::vector<std::uint8_t> bytes;
    for (const char c : text) {
        const std::size_t value = kDigits.find(c);
        if (value == std::string_view::npos)
            return fail(ErrorKind::invalid_input, "base58.digit",
                        "base58 text has letters and digits without 0, O, I and l");
        multiply_add(bytes, 256, 58, static_cast<std::uint32_t>(value));
    }
    const std::size_t zeros = std::min(text.find_first_not_of('1'), text.size());
    Bytes out(zeros, 0);
    out.insert(out.end(), bytes.rbegin(), bytes.rend());
    return out;
}

}  // namespace iapp::codec
