#pragma once
// From documents to an Image: what a registry and a layout folder have in common.
#include "runtime/image.hpp"

namespace iapp::runtime {

/// `manifest_json` must already match `digest`. Opens the configuration with `blobs`. Errors: as Registry::fetch().
Result<Image> assemble(const oci::Digest& digest, std::string_view manifest_json, std::string_view media_type,
                       const BlobOpener& blobs, const ImageLimits& limits);

}  // namespace iapp::runtime
