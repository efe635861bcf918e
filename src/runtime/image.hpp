#pragma once
// Container images from outside: an OCI registry (distribution-spec v1.1) or an OCI layout folder (image-spec
// image-layout.md). Everything is asked for by digest and compared with it before anyone sees it; a tag is only ever turned
// into a digest. Not an image store: nothing is cached, nothing is unpacked (unpack.hpp).
#include <functional>

#include "codec/byte_stream.hpp"
#include "net/client.hpp"
#include "oci/manifest.hpp"
#include "oci/reference.hpp"
#include "runtime/fd.hpp"

namespace iapp::runtime {

struct ImageLimits {
    std::uint64_t blob_bytes = 2ull << 30;   ///< one compressed layer
    std::uint64_t image_bytes = 4ull << 30;  ///< all layers of one image, as stored
};

/// An image whose manifest and configuration were fetched and matched with their digests. Layers are still outside.
struct Image {
    oci::Digest digest;  ///< of the manifest: what the chain stores
    oci::Manifest manifest;
    oci::ImageConfig config;
};

/// Opens one blob for reading, already compared with its descriptor. The file belongs to the caller.
using BlobOpener = std::function<Result<UniqueFd>(const oci::Descriptor&)>;

/// Reads a blob from its start. The descriptor must outlive the source.
codec::ByteSource source_of(const UniqueFd& blob);

/// An OCI layout folder: `oci-layout`, `index.json`, `blobs/sha256/*`.
class OciLayout {
public:
    /// Errors: not_found "layout.missing"; invalid_input "layout.version", and those of oci's parsers.
    static Result<OciLayout> open(std::string folder);

    /// A tar archive of such a folder, unpacked into `folder`, which must be empty. Errors: as open(), and codec's "tar.*".
    static Result<OciLayout> unpack_tar(const std::string& tar_path, std::string folder);

    /// The image of this platform. Errors: as open(); not_found "oci.platform"; corrupt "oci.content_digest".
    Result<Image> image(std::string_view os = "linux", std::string_view architecture = "amd64",
                        const ImageLimits& limits = {}) const;

    Result<UniqueFd> open_blob(const oci::Descriptor& blob) const;
    BlobOpener blobs() const;

private:
    explicit OciLayout(std::string folder) : folder_(std::move(folder)) {}
    Result<std::string> read_document(const oci::Descriptor& document) const;
    Result<std::string> read_manifest(std::string_view os, std::string_view architecture, oci::Descriptor& found) const;
    friend class Registry;

    std::string folder_;
};

/// One registry client for any number of images. Plain HTTP only to loopback; TLS to everyone else.
class Registry {
public:
    /// `http` must outlive this object. `folder` takes blobs while they are read (a tmpfs in the agent); they have no name
    /// there.
    Registry(const net::HttpClient& http, std::string folder, const ImageLimits& limits = {});

    /// What the reference names now: its own digest, or the digest its tag has today. A tag of a multi-platform image gives
    /// the digest of its linux/amd64 manifest. Errors: not_found "image.unknown"; and those of fetch().
    Result<oci::Digest> resolve(const oci::ImageReference& reference, const net::CallContext& call) const;

    /// Manifest and configuration of exactly this digest.
    /// Errors: not_found "image.unknown"; invalid_input "image.index" (a digest of many platforms names no program);
    /// resource_exhausted "image.size"; permission_denied "image.denied"; unavailable "image.registry";
    /// corrupt "oci.content_digest", "oci.content_size"; those of oci's parsers and of net.
    Result<Image> fetch(const oci::ImageReference& reference, const oci::Digest& digest, const net::CallContext& call) const;

    /// One blob, compared with its descriptor. Errors: as fetch().
    Result<UniqueFd> open_blob(const oci::ImageReference& reference, const oci::Descriptor& blob,
                               const net::CallContext& call) const;
    BlobOpener blobs(oci::ImageReference reference, net::CallContext call) const;

    /// Uploads the layout's linux/amd64 image: blobs the registry does not have, then the manifest under the reference's
    /// tag. Returns the manifest's digest. Errors: as fetch(); invalid_input "image.tag" (the reference has no tag).
    Result<oci::Digest> push(const OciLayout& layout, const oci::ImageReference& reference,
                             const net::CallContext& call) const;

private:
    const net::HttpClient& http_;
    std::string folder_;
    ImageLimits limits_;
};

}  // namespace iapp::runtime
