#include "endorse/bundle.hpp"

#include <algorithm>

#include "endorse/internal/entry_json.hpp"

namespace iapp::endorse {
namespace {

constexpr std::string_view kSchema = "iapp-collateral-bundle/1";
constexpr json::Limits kLimits{.max_bytes = kMaxBundleBytes, .max_depth = 6};

std::unexpected<Error> bad(std::string why) { return fail(ErrorKind::invalid_input, "endorse.bundle", std::move(why)); }

Result<std::vector<Entry>> parse_members(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"schema", "entries"}));
    TRY(const std::string_view schema, in.text("schema"));
    if (schema != kSchema) return bad("$.schema is not " + std::string(kSchema));
    TRY(const json::ArrayReader items, in.array("entries"));
    if (items.size() > kMaxBundleEntries) return bad("more than " + std::to_string(kMaxBundleEntries) + " entries");
    std::vector<Entry> out;
    for (std::size_t i = 0; i < items.size(); ++i) {
        TRY(const json::ObjectReader item, items.object(i));
        TRY(Entry entry, entry_from_json(item));
        out.push_back(std::move(entry));
    }
    return out;
}

}  // namespace

Result<std::string> encode_bundle(std::span<const Entry> entries)
{
    if (entries.empty()) return bad("a bundle holds at least one entry");
    if (entries.size() > kMaxBundleEntries) return bad("more than " + std::to_string(kMaxBundleEntries) + " entries");
    std::map<std::string, const Entry*> sorted;
    for (const Entry& entry : entries)
        if (!sorted.emplace(text(key_of(entry)), &entry).second) return bad(text(key_of(entry)) + " is there twice");
    json::Array items;
    for (const auto& [key, entry] : sorted) items.push_back(to_json(*entry));
    auto out = json::canonical(json::Object{{"schema", kSchema}, {"entries", std::move(items)}});
    if (!out) return bad(out.error().detail);
    if (out->size() > kMaxBundleBytes) return bad("larger than " + std::to_string(kMaxBundleBytes) + " bytes");
    return out;
}

Result<std::vector<Entry>> parse_bundle(std::string_view text)
{
    auto entries = parse_members(text);
    if (!entries) return bad(std::string(entries.error().reason) + ": " + entries.error().detail);
    TRY(const std::string again, encode_bundle(*entries));
    if (again != text) return bad("not in canonical form: sorted members and entries, lower-case digits, no white space");
    return entries;
}

}  // namespace iapp::endorse
