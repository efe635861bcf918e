#include "runtime/internal/image_parts.hpp"

#include "runtime/internal/blob_file.hpp"

namespace iapp::runtime {
namespace {

std::unexpected<Error> layers_too_large()
{
    return fail(ErrorKind::resource_exhausted, "image.size", "the image's layers are larger than this machine accepts");
}

Status check_sizes(const oci::Manifest& manifest, const ImageLimits& limits)
{
    std::uint64_t total = 0;
    for (const auto& layer : manifest.layers) {
        const auto size = layer.descriptor.size_bytes;
        if (size > limits.blob_bytes) return layers_too_large();
        total += size;
        if (total > limits.image_bytes) return layers_too_large();
    }
    if (manifest.config.size_bytes > oci::kMaxDocumentBytes)
        return fail(ErrorKind::resource_exhausted, "image.size", "the image configuration is too large");
    return {};
}

}  // namespace

Result<Image> assemble(const oci::Digest& digest, std::string_view manifest_json, std::string_view media_type,
                       const BlobOpener& blobs, const ImageLimits& limits)
{
    if (oci::is_index_type(media_type))
        return fail(ErrorKind::invalid_input, "image.index",
                    digest.text() + " names an index of several platforms; use the digest of its linux/amd64 manifest");
    TRY(oci::Manifest manifest, oci::parse_manifest(manifest_json, media_type));
    TRY_OK(check_sizes(manifest, limits));
    TRY(const UniqueFd config_file, blobs(manifest.config));
    TRY(const std::string config_json, read_text(config_file, oci::kMaxDocumentBytes));
    TRY(oci::ImageConfig config, oci::parse_config(config_json, manifest.layers.size()));
    return Image{digest, std::move(manifest), std::move(config)};
}

}  // namespace iapp::runtime
