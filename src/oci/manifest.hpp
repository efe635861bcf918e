#pragma once
// OCI image documents as values: descriptor, image manifest, image index, image configuration.
// Reads the OCI media types and Docker's v2 schema 2 twins; checks shape and bounds, fetches nothing.
// Sources: OCI image-spec v1.1 (descriptor.md, manifest.md, image-index.md, config.md), Docker "Image Manifest V2, Schema
// 2".
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "oci/digest.hpp"

namespace iapp::oci {

inline constexpr std::size_t kMaxDocumentBytes = 4u << 20;  ///< distribution-spec: registries accept manifests up to 4 MiB
inline constexpr std::size_t kMaxLayers = 128;
inline constexpr std::size_t kMaxIndexEntries = 256;

enum class LayerCompression : unsigned char { none, gzip, zstd };

struct Descriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size_bytes;
};

struct Layer {
    Descriptor descriptor;
    LayerCompression compression;
};

struct Manifest {
    std::string media_type;
    Descriptor config;
    std::vector<Layer> layers;
};

struct Platform {
    std::string os;
    std::string architecture;
    std::string variant;  ///< "" when absent
};

struct IndexEntry {
    Descriptor manifest;
    std::optional<Platform> platform;
};

struct Index {
    std::vector<IndexEntry> manifests;
};

struct ImageConfig {
    Platform platform;
    std::string user;         ///< as written: "", "1000", "1000:1000", "name"; see resolve_user()
    std::string working_dir;  ///< "" when absent
    std::vector<std::string> env;
    std::vector<std::string> entrypoint;
    std::vector<std::string> cmd;
    std::map<std::string, std::string> labels;
    std::vector<Digest> diff_ids;  ///< digests of the uncompressed layers, lowest first
};

/// The `Accept` header for a manifest request: every media type parse_manifest and parse_index read.
std::string_view accepted_manifest_types();

/// Is this media type an index (fetch one of its manifests) rather than a manifest?
bool is_index_type(std::string_view media_type);

/// Parses an image manifest. `media_type` is what the registry sent or the descriptor said; the document must agree.
/// Errors: invalid_input "json.*" (shape), "oci.media_type", "oci.schema_version", "oci.digest", "oci.layer_type",
/// "oci.size" (of a descriptor); resource_exhausted "oci.too_many".
Result<Manifest> parse_manifest(std::string_view json, std::string_view media_type);

/// Parses an image index. Errors: as parse_manifest.
Result<Index> parse_index(std::string_view json, std::string_view media_type);

/// The entry for this platform. Errors: not_found "oci.platform"; conflict "oci.platform_twice".
Result<IndexEntry> select_platform(const Index& index, std::string_view os, std::string_view architecture);

/// Parses an image configuration; it must list one diff_id for each of the manifest's `layer_count` layers.
/// Errors: as parse_manifest and invalid_input "oci.diff_ids", "oci.text".
Result<ImageConfig> parse_config(std::string_view json, std::size_t layer_count);

/// Entrypoint, then `arguments` when there are any, else the image's Cmd (image-spec conversion.md).
/// Errors: invalid_input "oci.no_command".
Result<std::vector<std::string>> process_args(const ImageConfig& config, const std::vector<std::string>& arguments);

}  // namespace iapp::oci
