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

}  // namespace

bool is_utf8(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    for (std::size_t at = 0; at < text.size();) {
        const Lead lead = lead_of(byte(at));
        if (lead.size == 0 || text.size() - at < lead.size) return false;
        if (lead.size > 1 && (byte(at + 1) < lead.low || byte(at + 1) > lead.high)) return false;
        for (std::size_t i = 2; i < lead.size; ++i)
            if (!is_continuation(byte(at + i))) return false;
        at += lead.size;
    }
    return true;
}

}  // namespace iapp::codec
