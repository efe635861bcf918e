#include "oci/manifest.hpp"

#include <algorithm>
#include <array>

#include "codec/json.hpp"

namespace iapp::oci {
namespace {

constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view kDockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";

struct LayerType {
    std::string_view media_type;
    LayerCompression compression;
};
constexpr std::array kLayerTypes = {
    LayerType{"application/vnd.oci.image.layer.v1.tar", LayerCompression::none},
    LayerType{"application/vnd.oci.image.layer.v1.tar+gzip", LayerCompression::gzip},
    LayerType{"application/vnd.oci.image.layer.v1.tar+zstd", LayerCompression::zstd},
    LayerType{"application/vnd.docker.image.rootfs.diff.tar", LayerCompression::none},
    LayerType{"application/vnd.docker.image.rootfs.diff.tar.gzip", LayerCompression::gzip},
};

constexpr std::uint64_t kMaxBlobBytes = std::uint64_t{1} << 40;
constexpr std::size_t kMaxTexts = 4096;

std::unexpected<Error> invalid(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

std::unexpected<Error> too_many(std::string_view what)
{
    return fail(ErrorKind::resource_exhausted, "oci.too_many", "the document lists too many " + std::string(what));
}

Result<json::Value> parse_document(std::string_view text)
{
    return json::parse(text, {.max_bytes = kMaxDocumentBytes, .max_depth = 16});
}

/// Both documents say schemaVersion 2 and may repeat their own media type, which must then be the one asked for.
Status check_kind(const json::ObjectReader& document, std::string_view media_type)
{
    TRY(const std::uint64_t version, document.u64("schemaVersion"));
    if (version != 2)
        return invalid("oci.schema_version", "schemaVersion must be 2; schema 1 images carry no digest of their config");
    TRY(const auto own, document.find_text("mediaType"));
    if (own && *own != media_type)
        return invalid("oci.media_type", "the document says it is " + std::string(*own) + ", the registry served it as " +
                                             std::string(media_type));
    return {};
}

Result<Descriptor> read_descriptor(const json::ObjectReader& object)
{
    TRY(const std::string_view media_type, object.text("mediaType"));
    TRY(const std::string_view digest_text, object.text("digest"));
    TRY(const Digest digest, Digest::parse(digest_text));
    TRY(const std::uint64_t size, object.u64("size"));
    if (size > kMaxBlobBytes) return invalid("oci.size", object.path() + " announces more than 1 TiB");
    return Descriptor{std::string(media_type), digest, size};
}

Result<Layer> read_layer(const json::ObjectReader& object)
{
    TRY(Descriptor descriptor, read_descriptor(object));
    const auto type = std::ranges::find(kLayerTypes, descriptor.media_type, &LayerType::media_type);
    if (type == kLayerTypes.end())
        return invalid("oci.layer_type", "layers of type " + descriptor.media_type +
                                             " are not supported; rebuild with tar, gzip or zstd layers");
    return Layer{std::move(descriptor), type->compression};
}

Result<std::optional<Platform>> read_platform(const json::ObjectReader& entry)
{
    TRY(const auto object, entry.find_object("platform"));
    if (!object) return std::optional<Platform>{};
    TRY(const std::string_view os, object->text("os"));
    TRY(const std::string_view architecture, object->text("architecture"));
    TRY(const auto variant, object->find_text("variant"));
    return std::optional(Platform{std::string(os), std::string(architecture), std::string(variant.value_or(""))});
}

/// Texts that end up in argv or the environment: without NUL.
Result<std::vector<std::string>> read_texts(const json::ObjectReader& object, std::string_view name)
{
    std::vector<std::string> out;
    TRY(const auto array, object.find_array(name));
    if (!array) return out;
    if (array->size() > kMaxTexts) return too_many(name);
    for (std::size_t i = 0; i < array->size(); ++i) {
        TRY(const std::string_view text, array->text(i));
        if (text.find('\0') != std::string_view::npos) return invalid("oci.text", array->path() + " holds a NUL character");
        out.emplace_back(text);
    }
    return out;
}

Result<std::map<std::string, std::string>> read_labels(const json::ObjectReader& object)
{
    std::map<std::string, std::string> out;
    TRY(const auto labels, object.find_object("Labels"));
    if (!labels) return out;
    if (labels->raw().size() > kMaxTexts) return too_many("labels");
    for (const auto& member : labels->raw()) {
        TRY(const std::string_view text, labels->text(std::string_view(member.key())));
        out.emplace(member.key(), text);
    }
    return out;
}

Result<std::vector<Digest>> read_diff_ids(const json::ObjectReader& document, std::size_t layer_count)
{
    TRY(const auto rootfs, document.object("rootfs"));
    TRY(const auto ids, rootfs.array("diff_ids"));
    if (ids.size() != layer_count)
        return invalid("oci.diff_ids", "the config lists " + std::to_string(ids.size()) + " layers, the manifest " +
                                           std::to_string(layer_count));
    std::vector<Digest> out;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        TRY(const std::string_view text, ids.text(i));
        TRY(const Digest digest, Digest::parse(text));
        out.push_back(digest);
    }
    return out;
}

Status read_process(const json::ObjectReader& document, ImageConfig& out)
{
    TRY(const auto config, document.find_object("config"));
    if (!config) return {};
    TRY(const auto user, config->find_text("User"));
    TRY(const auto working_dir, config->find_text("WorkingDir"));
    out.user = user.value_or("");
    out.working_dir = working_dir.value_or("");
    TRY(out.env, read_texts(*config, "Env"));
    TRY(out.entrypoint, read_texts(*config, "Entrypoint"));
    TRY(out.cmd, read_texts(*config, "Cmd"));
    TRY(out.labels, read_labels(*config));
    return {};
}

}  // namespace

std::string_view accepted_manifest_types()
{
    return "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
           "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";
}

bool is_index_type(std::string_view media_type) { return media_type == kOciIndex || media_type == kDockerIndex; }

Result<Manifest> parse_manifest(std::string_view text, std::string_view media_type)
{
    if (media_type != kOciManifest && media_type != kDockerManifest)
        return invalid("oci.media_type", std::string(media_type) + " is not an image manifest");
    TRY(const json::Value value, parse_document(text));
    TRY(const auto document, json::ObjectReader::of(value));
    TRY_OK(check_kind(document, media_type));
    TRY(const auto config_object, document.object("config"));
    TRY(Descriptor config, read_descriptor(config_object));
    if (config.media_type != (media_type == kOciManifest ? kOciConfig : kDockerConfig))
        return invalid("oci.media_type", "the manifest's config is " + config.media_type + ", not an image configuration");
    if (config.size_bytes > kMaxDocumentBytes)
        return invalid("oci.size", "the manifest announces a config of more than 4 MiB");
    TRY(const auto array, document.array("layers"));
    if (array.size() > kMaxLayers) return too_many("layers");
    Manifest out{std::string(media_type), std::move(config), {}};
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const auto object, array.object(i));
        TRY(Layer layer, read_layer(object));
        out.layers.push_back(std::move(layer));
    }
    return out;
}

Result<Index> parse_index(std::string_view text, std::string_view media_type)
{
    if (!is_index_type(media_type)) return invalid("oci.media_type", std::string(media_type) + " is not an image index");
    TRY(const json::Value value, parse_document(text));
    TRY(const auto document, json::ObjectReader::of(value));
    TRY_OK(check_kind(document, media_type));
    TRY(const auto array, document.array("manifests"));
    if (array.size() > kMaxIndexEntries) return too_many("manifests");
    Index out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const auto object, array.object(i));
        TRY(Descriptor descriptor, read_descriptor(object));
        TRY(auto platform, read_platform(object));
        out.manifests.push_back({std::move(descriptor), std::move(platform)});
    }
    return out;
}

Result<IndexEntry> select_platform(const Index& index, std::string_view os, std::string_view architecture)
{
    const IndexEntry* found = nullptr;
    for (const IndexEntry& entry : index.manifests) {
        if (!entry.platform || entry.platform->os != os || entry.platform->architecture != architecture) continue;
        if (found != nullptr)
            return fail(ErrorKind::conflict, "oci.platform_twice",
                        "the index has two images for this platform; name one by its digest");
        found = &entry;
    }
    if (found == nullptr)
        return fail(ErrorKind::not_found, "oci.platform",
                    "the index has no image for " + std::string(os) + "/" + std::string(architecture));
    return *found;
}

Result<ImageConfig> parse_config(std::string_view text, std::size_t layer_count)
{
    TRY(const json::Value value, parse_document(text));
    TRY(const auto document, json::ObjectReader::of(value));
    ImageConfig out;
    TRY(const std::string_view os, document.text("os"));
    TRY(const std::string_view architecture, document.text("architecture"));
    TRY(const auto variant, document.find_text("variant"));
    out.platform = {std::string(os), std::string(architecture), std::string(variant.value_or(""))};
    TRY_OK(read_process(document, out));
    TRY(out.diff_ids, read_diff_ids(document, layer_count));
    return out;
}

Result<std::vector<std::string>> process_args(const ImageConfig& config, const std::vector<std::string>& arguments)
{
    std::vector<std::string> out = config.entrypoint;
    std::ranges::copy(arguments.empty() ? config.cmd : arguments, std::back_inserter(out));
    if (out.empty()) return invalid("oci.no_command", "the image has neither Entrypoint nor Cmd; add one to its Dockerfile");
    return out;
}

}  // namespace iapp::oci
