#include "codec/bech32.hpp"

#include <algorithm>
#include <array>

namespace iapp::codec {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumDigits = 6;

/// BIP-173's BCH code over GF(32), one digit at a time.
class Checksum {
public:
    explicit Checksum(std::string_view hrp)
    {
        for (const char c : hrp) add(static_cast<std::uint8_t>(c) >> 5);
        add(0);
        for (const char c : hrp) add(static_cast<std::uint8_t>(c) & 31);
    }

    void add(std::uint8_t digit)
    {
        constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
        const std::uint32_t top = value_ >> 25;
        value_ = ((value_ & 0x1ffffff) << 5) ^ digit;
        for (std::size_t i = 0; i < kGenerator.size(); ++i)
            if ((top >> i) & 1) value_ ^= kGenerator[i];
    }

    std::uint32_t value() const { return value_; }

private:
    std::uint32_t value_ = 1;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::unexpected<Error> invalid(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

Result<std::string> one_case(std::string_view text)
{
    const bool any_lower = std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
    const bool any_upper = std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (any_lower && any_upper) return invalid("bech32.case", "the text mixes upper and lower case");
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

Result<std::vector<std::uint8_t>> to_digits(std::string_view text)
{
    std::vector<std::uint8_t> digits;
    for (const char c : text) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos)
            return invalid("bech32.character", "the text holds a character outside the bech32 alphabet");
        digits.push_back(static_cast<std::uint8_t>(digit));
    }
    return digits;
}

Result<Bytes> to_whole_bytes(std::span<const std::uint8_t> digits)
{
    Bytes out;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const std::uint8_t digit : digits) {
        held = (held << 5) | digit;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::uint8_t>(held >> bits));
            held &= (1u << bits) - 1;
        }
    }
    if (bits >= 5 || held != 0) return invalid("bech32.padding", "the last character holds bits that belong to no byte");
    return out;
}

}  // namespace

std::string encode_bech32(std::string_view hrp, ByteView data)
{
    Checksum checksum(hrp);
    std::string out(hrp);
    out += '1';
    const auto put = [&](std::uint32_t digit) {
        checksum.add(static_cast<std::uint8_t>(digit));
        out += kAlphabet[digit];
    };
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : data) {
        held = (held << 8) | byte;
        for (bits += 8; bits >= 5; bits -= 5) put((held >> (bits - 5)) & 31);
        held &= (1u << bits) - 1;
    }
    if (bits != 0) put((held << (5 - bits)) & 31);
    for (std::size_t i = 0; i < kChecksumDigits; ++i) checksum.add(0);
    const std::uint32_t code = checksum.value() ^ 1;
    for (std::size_t i = 0; i < kChecksumDigits; ++i) out += kAlphabet[(code >> (5 * (kChecksumDigits - 1 - i))) & 31];
    return out;
}

Result<Bytes> parse_bech32(std::string_view text, std::string_view hrp)
{
    constexpr std::size_t kMaxText = 4096;
    if (text.size() > kMaxText || text.size() < hrp.size() + 1 + kChecksumDigits)
        return invalid("bech32.length", "the text is too short or too long for its prefix");
    TRY(const std::string lowered, one_case(text));
    if (!lowered.starts_with(hrp) || lowered[hrp.size()] != '1')
        return invalid("bech32.prefix", "the text does not begin with \"" + std::string(hrp) + "1\"");
    TRY(const std::vector<std::uint8_t> digits, to_digits(std::string_view(lowered).substr(hrp.size() + 1)));
    Checksum checksum(hrp);
    for (const std::uint8_t digit : digits) checksum.add(digit);
    if (checksum.value() != 1) return invalid("bech32.checksum", "the checksum is wrong: a character was mistyped or lost");
    return to_whole_bytes(std::span(digits).first(digits.size() - kChecksumDigits));
}

}  // namespace iapp::codec
