#include "protect_input.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>

#include "codec/json.hpp"

namespace iapp::cli {
namespace {

namespace fs = std::filesystem;

/// `name` as a key: what keys do not allow becomes an underscore.
std::string key_of(std::string key)
{
    const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; };
    std::ranges::replace_if(
        key, [&](char c) { return !allowed(c); }, '_');
    return key.empty() ? "file" : key;
}

/// Reads a file front to back; opened when the first byte is wanted, so a folder of a thousand files holds one descriptor.
codec::ByteSource file_source(fs::path path)
{
    auto in = std::make_shared<std::ifstream>();
    return [in, path = std::move(path)](std::span<std::uint8_t> out) -> Result<std::size_t> {
        if (!in->is_open()) in->open(path, std::ios::binary);
        in->read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
        if (in->bad() || !in->is_open()) return fail(ErrorKind::not_found, "protect.input", "cannot read " + path.string());
        if (in->gcount() == 0) in->close();
        return static_cast<std::size_t>(in->gcount());
    };
}

Bytes head_of(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    Bytes head(seal::kMimeHeadBytes);
    in.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    return head;
}

Result<seal::DatasetObject> object_of_folder(const fs::path& folder);

Result<seal::DatasetField> field_of(const fs::path& path)
{
    if (fs::is_regular_file(path))
        return seal::DatasetField{key_of(path.stem().string()),
                                  seal::DatasetStream{fs::file_size(path), head_of(path), file_source(path)}};
    if (!fs::is_directory(path))
        return fail(ErrorKind::invalid_input, "protect.entry", path.string() + " is neither a file nor a folder");
    TRY(auto nested, object_of_folder(path));
    return seal::DatasetField{key_of(path.filename().string()), std::move(nested)};
}

Result<seal::DatasetObject> object_of_folder(const fs::path& folder)
{
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
    std::ranges::sort(entries);
    seal::DatasetObject object;
    std::set<std::string> seen;
    for (const fs::path& entry : entries) {
        TRY(auto field, field_of(entry));
        if (!seen.insert(field.key).second)
            return fail(ErrorKind::invalid_input, "protect.name_twice",
                        "two entries of " + folder.string() + " would be called \"" + field.key + "\"; rename one");
        object.fields.push_back(std::move(field));
    }
    return object;
}

Result<seal::DatasetValue> value_of(const json::Value& value);

Result<seal::DatasetObject> object_of(const json::Object& members)
{
    seal::DatasetObject object;
    for (const auto& [key, value] : members) {
        TRY(auto read, value_of(value));
        object.fields.push_back({std::string(key), std::move(read)});
    }
    return object;
}

Result<seal::DatasetValue> value_of(const json::Value& value)
{
    if (value.is_bool()) return seal::DatasetValue{value.as_bool()};
    if (value.is_string()) return seal::DatasetValue{std::string(value.as_string())};
    if (value.is_number()) return seal::DatasetValue{value.to_number<double>()};
    if (const auto* members = value.if_object()) {
        TRY(auto nested, object_of(*members));
        return seal::DatasetValue{std::move(nested)};
    }
    return fail(ErrorKind::invalid_input, "protect.json", "null and arrays cannot be protected");
}

std::uint64_t bytes_of(const seal::DatasetValue& value)
{
    if (const auto* stream = std::get_if<seal::DatasetStream>(&value)) return stream->size_bytes;
    if (const auto* nested = std::get_if<seal::DatasetObject>(&value)) return content_bytes(*nested);
    return 0;
}

}  // namespace

Result<seal::DatasetObject> object_of_path(const fs::path& path)
{
    if (!fs::exists(path)) return fail(ErrorKind::not_found, "protect.input", "there is no " + path.string());
    if (fs::is_directory(path)) return object_of_folder(path);
    TRY(auto field, field_of(path));
    seal::DatasetObject object;
    object.fields.push_back(std::move(field));
    return object;
}

Result<seal::DatasetObject> object_of_json(std::string_view text)
{
    TRY(const auto value, json::parse(text));
    if (!value.is_object()) return fail(ErrorKind::invalid_input, "protect.json", "the document must be a JSON object");
    return object_of(value.as_object());
}

std::uint64_t content_bytes(const seal::DatasetObject& object)
{
    std::uint64_t sum = 0;
    for (const auto& field : object.fields) sum += bytes_of(field.value);
    return sum;
}

}  // namespace iapp::cli
