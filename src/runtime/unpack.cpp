#include "runtime/unpack.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <memory>

#include "codec/tar.hpp"
#include "crypto/hash.hpp"
#include "runtime/beneath.hpp"
#include "runtime/internal/decompress.hpp"
#include "runtime/internal/layer_writer.hpp"
#include "runtime/internal/syscall_error.hpp"

namespace iapp::runtime {
namespace {

constexpr std::uint64_t kBytesPerEntry = 3 * 512;  // header, padding, and a share of pax headers and end marks

/// Passes bytes through and hashes them.
codec::ByteSource hashing(codec::ByteSource inner, std::shared_ptr<crypto::Sha256> hash)
{
    return [inner = std::move(inner), hash = std::move(hash)](std::span<std::uint8_t> out) -> Result<std::size_t> {
        TRY(const std::size_t got, inner(out));
        hash->update(out.first(got));
        return got;
    };
}

}  // namespace

Result<Rootfs> Rootfs::create(std::string folder, const oci::IdRange& ids, const UnpackLimits& limits)
{
    UniqueFd root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return fail(ErrorKind::invalid_input, "unpack.root", system_error("cannot open " + folder));
    bool empty = true;
    const auto see = [&empty](const std::string&) { return !(empty = false); };
    if (!beneath::remove_children(root.get(), see) || !empty)
        return fail(ErrorKind::invalid_input, "unpack.root", folder + " is not empty; unpack into a new folder");
    if (::fchown(root.get(), ids.first, ids.first) != 0 || ::fchmod(root.get(), 0755) != 0)
        return fail(ErrorKind::invalid_input, "unpack.root", system_error("cannot own " + folder));
    return Rootfs(std::move(folder), std::move(root), ids, limits);
}

Status Rootfs::apply(const codec::ByteSource& blob, oci::LayerCompression compression, const oci::Digest& diff_id)
{
    const auto hash = std::make_shared<crypto::Sha256>();
    const std::uint64_t stream_limit = left_.bytes + left_.entries * kBytesPerEntry + (1u << 20);
    codec::TarReader tar(hashing(decompress(blob, compression, stream_limit), hash),
                         {.entries = left_.entries, .total_bytes = left_.bytes});
    LayerWriter writer(root_.get(), ids_);
    for (;;) {
        TRY(const auto entry, tar.next());
        if (!entry) break;
        left_.bytes -= entry->size_bytes;
        left_.entries -= left_.entries > 0 ? 1 : 0;
        TRY_OK(writer.write(*entry, tar));
    }
    if (oci::Digest(hash->finish()) != diff_id)
        return fail(ErrorKind::corrupt, "unpack.diff_id",
                    "a layer does not unpack to the bytes its image configuration names");
    return {};
}

Result<std::string> Rootfs::read_text(std::string_view path, std::size_t limit_bytes) const
{
    auto file = beneath::open(root_.get(), std::string(path), O_RDONLY | O_NONBLOCK);
    if (!file && (file.error() == ENOENT || file.error() == ENOTDIR)) return std::string{};
    struct stat info = {};
    if (!file || ::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size > static_cast<off_t>(limit_bytes))
        return fail(ErrorKind::invalid_input, "unpack.file",
                    "/" + std::string(path) + " of the image is not a small regular file");
    Bytes content(static_cast<std::size_t>(info.st_size));
    TRY(const std::size_t got, codec::read_up_to(source_of(*file), content));
    return to_text(ByteView(content).first(got));
}

Status Rootfs::add_folders(std::span<const std::string_view> names)
{
    for (const auto name : names) {
        const std::string path(name);
        const auto there = beneath::look(root_.get(), path);
        if (there && S_ISDIR(there->st_mode)) continue;
        if (!beneath::remove(root_.get(), path) || ::mkdirat(root_.get(), path.c_str(), 0755) != 0 ||
            ::fchownat(root_.get(), path.c_str(), ids_.first, ids_.first, AT_SYMLINK_NOFOLLOW) != 0)
            return fail(ErrorKind::internal, "unpack.write", system_error("cannot make /" + path));
    }
    return {};
}

Status unpack(const Image& image, const BlobOpener& blobs, Rootfs& rootfs)
{
    for (std::size_t i = 0; i < image.manifest.layers.size(); ++i) {
        const auto& layer = image.manifest.layers[i];
        TRY(const UniqueFd blob, blobs(layer.descriptor));
        TRY_OK(rootfs.apply(source_of(blob), layer.compression, image.config.diff_ids[i]));
    }
    return {};
}

}  // namespace iapp::runtime
