#include "net/internal/text.hpp"

#include <cstdint>

namespace iapp::net::internal {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`, or 0 (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text)
{
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0}; };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
    const std::uint8_t lead = at(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool overlong = lead == 0xE0 && at(1) < 0xA0;
        const bool surrogate = lead == 0xED && at(1) > 0x9F;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool overlong = lead == 0xF0 && at(1) < 0x90;
        const bool beyond = lead == 0xF4 && at(1) > 0x8F;
        return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

}  // namespace

Status check_utf8(std::string_view text)
{
    if (std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; })) return {};
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return fail(ErrorKind::invalid_input, "url.utf8", "the decoded text is not UTF-8");
        text.remove_prefix(length);
    }
    return {};
}

std::string json_string(std::string_view text)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out = "\"";
    while (!text.empty()) {
        const char c = text.front();
        const std::size_t length = utf8_length(text);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (c >= 0 && c < ' ') {
            out += {'\\', 'u', '0', '0', kDigits[c >> 4], kDigits[c & 15]};
        } else if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out += '"';
}

}  // namespace iapp::net::internal
