#pragma once
// Image layers -> a root file system on disk (image-spec layer.md), for images whose author may be hostile.
// Every path is resolved by the kernel below the root without following a link (openat2 RESOLVE_BENEATH |
// RESOLVE_NO_SYMLINKS). Devices, set-id bits, file capabilities and anything outside the root are never created. Not a tar
// tool.
#include "oci/runtime_config.hpp"
#include "runtime/image.hpp"

namespace iapp::runtime {

struct UnpackLimits {
    std::uint64_t bytes = 4ull << 30;  ///< of all files of all layers, unpacked
    std::uint64_t entries = 500'000;   ///< of all layers
};

/// A root file system being built. Owners in the layers are container ids; on disk they are shifted by `ids`.
class Rootfs {
public:
    /// `folder` must exist and be empty. Errors: invalid_input "unpack.root".
    static Result<Rootfs> create(std::string folder, const oci::IdRange& ids, const UnpackLimits& limits = {});

    /// Applies one layer over what is there: whiteouts, files, links. The decompressed bytes must have this diff id.
    /// After an error the tree is worthless.
    /// Errors: corrupt "unpack.compression", "unpack.diff_id"; invalid_input "unpack.path" (a parent is a link or a file),
    /// "unpack.hard_link", "unpack.device", "unpack.owner", "unpack.whiteout", and codec's "tar.*";
    /// resource_exhausted "unpack.limit"; internal "unpack.write".
    Status apply(const codec::ByteSource& blob, oci::LayerCompression compression, const oci::Digest& diff_id);

    /// A small text file of the image, links not followed; "" when it is not there. Errors: invalid_input "unpack.file".
    Result<std::string> read_text(std::string_view path, std::size_t limit_bytes = 1 << 20) const;

    /// Makes top-level folders the sandbox mounts something on, in the place of whatever else has that name.
    Status add_folders(std::span<const std::string_view> names);

    const std::string& folder() const { return folder_; }

private:
    Rootfs(std::string folder, UniqueFd root, const oci::IdRange& ids, const UnpackLimits& limits)
        : folder_(std::move(folder)), root_(std::move(root)), ids_(ids), left_(limits)
    {
    }

    std::string folder_;
    UniqueFd root_;
    oci::IdRange ids_;
    UnpackLimits left_;
};

/// Applies all layers of `image`, lowest first. Errors: those of apply() and of the opener.
Status unpack(const Image& image, const BlobOpener& blobs, Rootfs& rootfs);

}  // namespace iapp::runtime
