#pragma once
// A file without a name that takes a blob and gives it out only if it is the one its descriptor promised.
#include "crypto/hash.hpp"
#include "oci/manifest.hpp"
#include "runtime/fd.hpp"

namespace iapp::runtime {

class BlobFile {
public:
    /// The file lives in `folder`'s file system and disappears with its descriptor. Errors: internal "image.write".
    static Result<BlobFile> create(const std::string& folder, const oci::Descriptor& expected);

    /// Errors: corrupt "oci.content_size" as soon as there is too much; internal "image.write".
    Status write(ByteView bytes);

    /// The file at its start. Errors: corrupt "oci.content_size", "oci.content_digest".
    Result<UniqueFd> finish();

private:
    BlobFile(UniqueFd file, oci::Descriptor expected) : file_(std::move(file)), expected_(std::move(expected)) {}

    UniqueFd file_;
    oci::Descriptor expected_;
    crypto::Sha256 hash_;
    std::uint64_t size_ = 0;
};

/// Everything from the present position, at most `limit_bytes`. Errors: resource_exhausted "image.size", internal
/// "image.read".
Result<std::string> read_text(const UniqueFd& file, std::size_t limit_bytes);

}  // namespace iapp::runtime
