#include "oci/digest.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "crypto/hash.hpp"

namespace iapp::oci {
namespace {

constexpr std::string_view kAlgorithm = "sha256:";

bool lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

Digest Digest::of(ByteView content) { return Digest(crypto::sha256(content)); }

Result<Digest> Digest::parse(std::string_view text)
{
    const std::string_view digits = text.starts_with(kAlgorithm) ? text.substr(kAlgorithm.size()) : std::string_view{};
    if (digits.size() != 2 * Hash256::kSize || !std::ranges::all_of(digits, lower_hex))
        return fail(ErrorKind::invalid_input, "oci.digest", "a digest is written \"sha256:\" and 64 lower-case hex digits");
    TRY(const Bytes raw, parse_hex(digits));
    TRY(const Hash256 hash, Hash256::from_bytes(raw));
    return Digest(hash);
}

std::string Digest::text() const { return std::string(kAlgorithm) + hex(sha256_.bytes()); }

Status check_content(ByteView content, std::uint64_t size_bytes, const Digest& expected)
{
    if (content.size() != size_bytes)
        return fail(ErrorKind::corrupt, "oci.content_size",
                    "expected " + std::to_string(size_bytes) + " bytes of " + expected.text() + ", got " +
                        std::to_string(content.size()));
    const Digest found = Digest::of(content);
    if (found != expected)
        return fail(ErrorKind::corrupt, "oci.content_digest", "expected " + expected.text() + ", got " + found.text());
    return {};
}

}  // namespace iapp::oci
