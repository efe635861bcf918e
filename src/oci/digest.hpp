#pragma once
// OCI content digest, "sha256:" and 64 lower-case hex digits (image-spec descriptor.md, "Digests").
// Not a general hash: sha512 is legal in the specification and refused here, because the chain stores 32 bytes.
#include <string>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"

namespace iapp::oci {

class Digest {
public:
    explicit Digest(const Hash256& sha256) : sha256_(sha256) {}

    /// The digest of these bytes.
    static Digest of(ByteView content);

    /// Parses "sha256:<64 lower-case hex>". Errors: invalid_input "oci.digest".
    static Result<Digest> parse(std::string_view text);

    const Hash256& sha256() const { return sha256_; }
    std::string text() const;

    friend auto operator<=>(const Digest&, const Digest&) = default;

private:
    Hash256 sha256_;
};

/// Compares fetched bytes with what was asked for. Errors: corrupt "oci.content_size", "oci.content_digest".
Status check_content(ByteView content, std::uint64_t size_bytes, const Digest& expected);

}  // namespace iapp::oci
