#include "runtime/internal/blob_file.hpp"

#include <fcntl.h>

#include "runtime/image.hpp"
#include "runtime/internal/syscall_error.hpp"

namespace iapp::runtime {
namespace {

std::unexpected<Error> wrong_size(const oci::Descriptor& expected)
{
    return fail(ErrorKind::corrupt, "oci.content_size",
                expected.digest.text() + " does not have the " + std::to_string(expected.size_bytes) +
                    " bytes its descriptor names");
}

}  // namespace

Result<BlobFile> BlobFile::create(const std::string& folder, const oci::Descriptor& expected)
{
    UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) return fail(ErrorKind::internal, "image.write", system_error("cannot make a file in " + folder));
    return BlobFile(std::move(file), expected);
}

Status BlobFile::write(ByteView bytes)
{
    size_ += bytes.size();
    if (size_ > expected_.size_bytes) return wrong_size(expected_);
    hash_.update(bytes);
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(file_.get(), bytes.data(), bytes.size());
        if (wrote < 0) return fail(ErrorKind::internal, "image.write", system_error("cannot keep a blob"));
        bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return {};
}

Result<UniqueFd> BlobFile::finish()
{
    if (size_ != expected_.size_bytes) return wrong_size(expected_);
    if (oci::Digest(hash_.finish()) != expected_.digest)
        return fail(ErrorKind::corrupt, "oci.content_digest", "the bytes received are not " + expected_.digest.text());
    ::lseek(file_.get(), 0, SEEK_SET);
    return std::move(file_);
}

Result<std::string> read_text(const UniqueFd& file, std::size_t limit_bytes)
{
    Bytes content;
    const auto source = source_of(file);
    for (std::size_t got = 1; got != 0;) {
        std::array<std::uint8_t, 16384> part;
        TRY(got, source(part));
        append(content, ByteView(part).first(got));
        if (content.size() > limit_bytes)
            return fail(ErrorKind::resource_exhausted, "image.size", "an image document is too large");
    }
    return to_text(content);
}

codec::ByteSource source_of(const UniqueFd& blob)
{
    return [fd = blob.get()](std::span<std::uint8_t> out) -> Result<std::size_t> {
        ssize_t got;
        do got = ::read(fd, out.data(), out.size());
        while (got < 0 && errno == EINTR);
        if (got < 0) return fail(ErrorKind::internal, "image.read", system_error("cannot read a blob"));
        return static_cast<std::size_t>(got);
    };
}

}  // namespace iapp::runtime
