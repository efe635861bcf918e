#pragma once
// Streaming decompression of image layers: gzip (RFC 1952, any number of members) and zstd (RFC 8878, any number of frames).
#include "codec/byte_stream.hpp"
#include "oci/manifest.hpp"

namespace iapp::runtime {

/// Errors of the source: corrupt "unpack.compression"; resource_exhausted "unpack.limit" once more than `limit_bytes` came
/// out.
codec::ByteSource decompress(codec::ByteSource packed, oci::LayerCompression compression, std::uint64_t limit_bytes);

}  // namespace iapp::runtime
