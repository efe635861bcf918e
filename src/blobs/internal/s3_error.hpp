#pragma once
// The <Code> of an S3 error document, for the log. Not an XML parser: anything unexpected is no code.
#include <algorithm>
#include <string>
#include <string_view>

namespace iapp::blobs::internal {

/// At most 64 letters; empty when there is none.
inline std::string s3_error_code(std::string_view body)
{
    constexpr std::string_view kOpen = "<Code>";
    constexpr std::size_t kMaxLetters = 64;
    const std::size_t begin = body.find(kOpen);
    if (begin == body.npos) return {};
    const std::string_view rest = body.substr(begin + kOpen.size());
    const std::string_view code = rest.substr(0, rest.find('<'));
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return code.size() <= kMaxLetters && std::ranges::all_of(code, is_letter) ? std::string(code) : std::string{};
}

}  // namespace iapp::blobs::internal
