#include "codec/utf8.hpp"

#include <cstdint>

namespace iapp::codec {
namespace {

/// Bytes of the sequence that `first` starts and the range of its second byte; size 0: it cannot start one.
struct Lead {
    std::size_t size;
    std::uint8_t low;
    std::uint8_t high;
};

Lead lead_of(std::uint8_t first)
{
    if (first < 0x80) return {1, 0, 0};
    if (first < 0xc2) return {0, 0, 0};
    if (first < 0xe0) return {2, 0x80, 0xbf};
    if (first == 0xe0) return {3, 0xa0, 0xbf};
    if (first == 0xed) return {3, 0x80, 0x9f};
    if (first < 0xf0) return {3, 0x80, 0xbf};
    if (first == 0xf0) return {4, 0x90, 0xbf};
    if (first < 0xf4) return {4, 0x80, 0xbf};
    if (first == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

bool is_continuation(std::uint8_t byte) { return (byte & 0xc0U) == 0x80U; }

/// How many bytes the character at the start of `text` has; 0: there is none.
std::size_t character_size(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const Lead lead = lead_of(byte(0));
    if (lead.size == 0 || text.size() < lead.size) return 0;
    if (lead.size > 1 && (byte(1) < lead.low || byte(1) > lead.high)) return 0;
    for (std::size_t i = 2; i < lead.size; ++i)
        if (!is_continuation(byte(i))) return 0;
    return lead.size;
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

}  // namespace

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string repair_utf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        out += size == 0 ? kReplacement : text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
}

std::string storable_text(std::string_view text)
{
    if (is_utf8(text) && text.find('\0') == std::string_view::npos) return std::string(text);
    std::string out = repair_utf8(text);
    for (std::size_t at = out.find('\0'); at != std::string::npos; at = out.find('\0', at)) out.replace(at, 1, kReplacement);
    return out;
}

std::string_view last_characters(std::string_view utf8, std::size_t count)
{
    std::size_t at = utf8.size();
    for (; count > 0 && at > 0; --count) {
        --at;
        while (at > 0 && is_continuation(static_cast<std::uint8_t>(utf8[at]))) --at;
    }
    return utf8.substr(at);
}

}  // namespace iapp::codec
