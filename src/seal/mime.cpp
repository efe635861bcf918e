// The mime type of a field's bytes, guessed as DataProtector guesses it: npm magic-bytes.js 1.13, first supported type.
// The table is that library's tree cut down to the types DataProtector supports, with its quirks (any "G..." is video/mpeg).
#include <algorithm>
#include <array>

#include "seal/dataset_object.hpp"

namespace iapp::seal {
namespace {

using namespace std::string_view_literals;

struct Signature {
    std::size_t offset;
    std::string_view pattern;  ///< '?' stands for any byte
    std::string_view mime;     ///< "" = known and not supported: it hides a shorter pattern
};

constexpr std::array kSignatures = {
    Signature{4, "ftyp"sv, "video/mp4"sv},
    Signature{4, "ftypmif1"sv, ""sv},
    Signature{4, "ftypheic"sv, ""sv},
    Signature{4, "ftypqt"sv, ""sv},
    Signature{4, "ftypavif"sv, ""sv},
    Signature{0, "G"sv, "video/mpeg"sv},
    Signature{0, "GIF87a"sv, "image/gif"sv},
    Signature{0, "GIF89a"sv, "image/gif"sv},
    Signature{0, "\xff\xd8\xff"sv, "image/jpeg"sv},
    Signature{0, "\xff\xfb"sv, "audio/mpeg"sv},
    Signature{0, "\xff\xf3"sv, "audio/mpeg"sv},
    Signature{0, "\xff\xf2"sv, "audio/mpeg"sv},
    Signature{0, "RIFF????WEBP"sv, "image/webp"sv},
    Signature{0, "RIFF????WAVE"sv, "audio/x-wav"sv},
    Signature{0, "RIFF????AVI "sv, "video/x-msvideo"sv},
    Signature{0, "\x00\x00\x01\xba"sv, "video/mpeg"sv},
    Signature{0, "\x00\x00\x01\xb3"sv, "video/mpeg"sv},
    Signature{0, "PK\x03\x04"sv, "application/zip"sv},
    Signature{0, "PK\x05\x06"sv, "application/zip"sv},
    Signature{0, "PK\x07\x08"sv, "application/zip"sv},
    Signature{0, "BM"sv, "image/bmp"sv},
    Signature{0, "ID3"sv, "audio/mpeg"sv},
    Signature{0, "MThd"sv, "audio/midi"sv},
    Signature{0, "\x89PNG\r\n\x1a\n"sv, "image/png"sv},
    Signature{0, "\xef\xbb\xbf%PDF"sv, "application/pdf"sv},
    Signature{0, "%PDF"sv, "application/pdf"sv},
    Signature{0, "<?xml "sv, "application/xml"sv},
};

bool fits(const Signature& signature, std::string_view head)
{
    if (head.size() < signature.offset + signature.pattern.size()) return false;
    const std::string_view at = head.substr(signature.offset, signature.pattern.size());
    return std::ranges::equal(signature.pattern, at, [](char want, char have) { return want == have || want == '?'; });
}

/// The longest pattern at one offset decides, as a walk down the library's tree does.
std::string_view guess_at(std::size_t offset, std::string_view head)
{
    const Signature* best = nullptr;
    for (const Signature& signature : kSignatures) {
        if (signature.offset != offset || !fits(signature, head)) continue;
        if (best == nullptr || signature.pattern.size() > best->pattern.size()) best = &signature;
    }
    return best == nullptr ? ""sv : best->mime;
}

}  // namespace

std::string_view detect_mime(ByteView head)
{
    for (const std::size_t offset : {std::size_t{4}, std::size_t{0}})
        if (const std::string_view mime = guess_at(offset, as_text(head)); !mime.empty()) return mime;
    return "application/octet-stream";
}

}  // namespace iapp::seal
