#include "blobs/internal/content_type.hpp"

#include <algorithm>

#include "codec/utf8.hpp"

namespace iapp::blobs::internal {
namespace {

struct Magic {
    std::string_view bytes;
    std::string_view type;
};
constexpr Magic kMagics[] = {{"PK\x03\x04", "application/zip"},
                             {"PK\x05\x06", "application/zip"},
                             {"\x1f\x8b\x08", "application/gzip"},
                             {"%PDF-", "application/pdf"},
                             {"\x89PNG\r\n\x1a\n", "image/png"},
                             {"\xff\xd8\xff", "image/jpeg"},
                             {"GIF87a", "image/gif"},
                             {"GIF89a", "image/gif"},
                             {"age-encryption.org/v1\n", "application/octet-stream"}};

bool is_control(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7f || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

/// The last character may have been cut.
bool is_utf8_beginning(std::string_view text)
{
    const std::size_t may_cut = text.size() == kTypeBytes ? 3 : 0;
    for (std::size_t cut = 0; cut <= may_cut; ++cut)
        if (codec::is_utf8(text.substr(0, text.size() - cut))) return true;
    return false;
}

/// A bracket and something that may follow it in JSON.
bool looks_like_json(std::string_view text)
{
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t open = text.find_first_not_of(kBlanks);
    if (open == text.npos || (text[open] != '{' && text[open] != '[')) return false;
    const std::size_t next = text.find_first_not_of(kBlanks, open + 1);
    if (next == text.npos) return false;
    return text[open] == '{' ? text[next] == '"' || text[next] == '}'
                             : std::string_view("[]{\"-0123456789").contains(text[next]);
}

}  // namespace

std::string_view content_type(ByteView beginning)
{
    const std::string_view text = as_text(beginning);
    for (const Magic& magic : kMagics)
        if (text.starts_with(magic.bytes)) return magic.type;
    if (text.empty() || std::ranges::any_of(text, is_control) || !is_utf8_beginning(text)) return "application/octet-stream";
    return looks_like_json(text) ? "application/json" : "text/plain; charset=utf-8";
}

}  // namespace iapp::blobs::internal
