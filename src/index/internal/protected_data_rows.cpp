// Protected data as DataProtector announces it: a dataset of the registry, and the schema of what is inside.
#include <algorithm>

#include "codec/json.hpp"
#include "index/internal/event_handlers.hpp"
#include "poco/events.hpp"

namespace iapp::index::internal {
namespace {

/// Types of leaves: those of the format, and three of its first version.
constexpr std::string_view kTypes[] = {"boolean",
                                       "number",
                                       "string",
                                       "bool",
                                       "i128",
                                       "f64",
                                       "application/octet-stream",
                                       "application/pdf",
                                       "application/xml",
                                       "application/zip",
                                       "audio/midi",
                                       "audio/mpeg",
                                       "audio/x-wav",
                                       "image/bmp",
                                       "image/gif",
                                       "image/jpeg",
                                       "image/png",
                                       "image/webp",
                                       "video/mp4",
                                       "video/mpeg",
                                       "video/x-msvideo"};

bool is_key(std::string_view key)
{
    const auto is_allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !key.empty() && std::ranges::all_of(key, is_allowed);
}

// Whoever announces a schema writes it, and each path is repeated in rows and keys: PostgreSQL takes 2,704 bytes in one.
constexpr std::size_t kLongestPath = 512;
constexpr std::size_t kMostLeaves = 1'000;

/// A longer path has no leaf, nor has what is under it. The parser bounds the depth.
void collect(const json::Object& object, const std::string& parent, std::vector<SchemaLeaf>& leaves)
{
    for (const auto& [key, value] : object) {
        if (leaves.size() == kMostLeaves) return;
        if (!is_key(key)) continue;
        const std::string path = (parent.empty() ? "" : parent + '.') + std::string(key);
        if (path.size() > kLongestPath) continue;
        if (value.is_object()) collect(value.get_object(), path, leaves);
        if (!value.is_string()) continue;
        const std::string_view type = value.get_string();
        if (std::ranges::find(kTypes, type) != std::end(kTypes)) leaves.push_back({path, std::string(type)});
    }
}

Status add_leaves(Writer& writer, const std::string& data, const std::vector<SchemaLeaf>& leaves)
{
    std::int64_t position = 0;
    for (const SchemaLeaf& leaf : leaves) {
        TRY_OK(
            writer.run("INSERT INTO schema_entry (id, path, type, block_number) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                       leaf.id(), leaf.path, leaf.type, writer.place().block));
        TRY_OK(writer.run("INSERT INTO protected_data_schema (owner, position, value, block_number) VALUES (?, ?, ?, ?)",
                          data, position++, leaf.id(), writer.place().block));
    }
    return {};
}

}  // namespace

std::vector<SchemaLeaf> read_schema(std::string_view json_schema)
{
    std::vector<SchemaLeaf> leaves;
    const auto document = json::parse(json_schema);
    if (document && document->is_object()) collect(document->get_object(), "", leaves);
    return leaves;
}

Status apply_dataprotector(const Scene& scene, const eth::Log& log)
{
    if (!poco::is<poco::DatasetSchema>(log)) return {};
    TRY(const auto event, poco::DatasetSchema::decode(log));
    Writer& writer = scene.writer;
    const std::string data = event.dataset.hex();
    TRY(const std::int64_t added,
        writer.run("INSERT INTO protected_data (id, owner, name, json_schema, is_included_in_subscription, is_rentable, "
                   "is_for_sale, multiaddr, checksum, creation_timestamp, transaction_hash, block_number) SELECT id, owner, "
                   "name, ?, 0, 0, 0, multiaddr, checksum, CAST(? AS BIGINT), ?, CAST(? AS BIGINT) FROM dataset WHERE id = "
                   "? ON CONFLICT DO NOTHING",
                   codec::storable_text(event.schema), writer.place().time, writer.place().transaction, writer.place().block,
                   data));
    if (added == 0) return {};
    return add_leaves(writer, data, read_schema(event.schema));
}

}  // namespace iapp::index::internal
