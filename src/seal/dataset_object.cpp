#include "seal/dataset_object.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "codec/utf8.hpp"
#include "codec/zip.hpp"

namespace iapp::seal {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

constexpr std::array<bool, 256> kKeyCharacters = [] {
    std::array<bool, 256> allowed{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
        allowed[static_cast<unsigned char>(c)] = true;
    return allowed;
}();

bool key_character(char c) { return kKeyCharacters[static_cast<unsigned char>(c)]; }

std::unexpected<Error> invalid(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

Status check_key(std::string_view key)
{
    if (key.empty()) return invalid("seal.key_empty", "a member of the object has an empty name");
    if (!std::ranges::all_of(key, key_character))
        return invalid("seal.key_character",
                       "the name \"" + std::string(key) + "\" has a character outside A-Z a-z 0-9 - _");
    return {};
}

Status check_leaf(const DatasetField& field)
{
    const double* number = std::get_if<double>(&field.value);
    if (number != nullptr && !std::isfinite(*number))
        return invalid("seal.number", '"' + field.key + "\" is not a finite number");
    const std::string* text = std::get_if<std::string>(&field.value);
    if (text != nullptr && (!codec::is_utf8(*text) || text->size() > std::numeric_limits<std::uint32_t>::max()))
        return invalid("seal.utf8", '"' + field.key + "\" is not UTF-8 text of less than 4 GiB; protect it as bytes");
    return {};
}

std::unexpected<Error> key_twice(std::string_view key)
{
    return invalid("seal.key_twice", '"' + std::string(key) + "\" occurs twice in one object");
}

Status check_unique(const DatasetObject& object)
{
    std::unordered_set<std::string_view> seen(object.fields.size());
    for (const DatasetField& field : object.fields)
        if (!seen.insert(field.key).second) return key_twice(field.key);
    return {};
}

enum class UniqueKeys : bool { checked_here, checked_by_archive };

Status check_level(const DatasetObject& object, UniqueKeys unique, std::size_t depth, std::size_t& fields)
{
    if (depth > kMaxDatasetDepth)
        return fail(ErrorKind::resource_exhausted, "seal.too_deep", "objects are nested more than 32 deep");
    fields += object.fields.size();
    if (fields > kMaxDatasetFields)
        return fail(ErrorKind::resource_exhausted, "seal.too_many_fields", "more than 10000 members");
    if (unique == UniqueKeys::checked_here) TRY_OK(check_unique(object));
    for (const DatasetField& field : object.fields) {
        TRY_OK(check_key(field.key));
        TRY_OK(check_leaf(field));
        if (const auto* nested = std::get_if<DatasetObject>(&field.value))
            TRY_OK(check_level(*nested, unique, depth + 1, fields));
    }
    return {};
}

void put_schema(std::string& out, const DatasetObject& object);

void put_type(std::string& out, const DatasetValue& value)
{
    if (const auto* nested = std::get_if<DatasetObject>(&value)) return put_schema(out, *nested);
    out += '"';
    out += std::visit(
        Overloaded{[](bool) -> std::string_view { return "bool"; }, [](double) -> std::string_view { return "f64"; },
                   [](Int128) -> std::string_view { return "i128"; },
                   [](const std::string&) -> std::string_view { return "string"; },
                   [](const Bytes& bytes) { return detect_mime(bytes); },
                   [](const DatasetStream& stream) { return detect_mime(stream.head); },
                   [](const DatasetObject&) -> std::string_view { return {}; }},
        value);
    out += '"';
}

void put_schema(std::string& out, const DatasetObject& object)
{
    out += '{';
    for (const DatasetField& field : object.fields) {
        if (out.back() != '{') out += ',';
        ((out += '"') += field.key) += "\":";  // a checked key needs no escape
        put_type(out, field.value);
    }
    out += '}';
}

template <class Unsigned>
void put_little_endian(Bytes& out, Unsigned value, std::size_t size)
{
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// `path` is the object's own path with its '/'; it is the same again on return.
Status add_level(codec::ZipWriter& archive, const DatasetObject& object, std::string& path)
{
    const std::size_t prefix = path.size();
    for (const DatasetField& field : object.fields) {
        path += field.key;
        const Status added = std::visit(
            Overloaded{[&](bool value) { return archive.add_stored(path, encode_bool(value)); },
                       [&](double value) { return archive.add_stored(path, encode_f64(value)); },
                       [&](Int128 value) { return archive.add_stored(path, encode_i128(value)); },
                       [&](const std::string& value) { return archive.add_stored(path, encode_string(value)); },
                       [&](const Bytes& value) { return archive.add_stored(path, ByteView(value)); },
                       [&](const DatasetStream& value) { return archive.add_stored(path, value.size_bytes, value.content); },
                       [&](const DatasetObject& nested) -> Status {
                           TRY_OK(archive.add_directory(path));
                           path += '/';
                           return add_level(archive, nested, path);
                       }},
            field.value);
        if (!added) return added.error().reason == "zip.duplicate" ? key_twice(field.key) : added;
        path.resize(prefix);
    }
    return {};
}

std::unexpected<Error> wrong_value(const char* type)
{
    return invalid("seal.value", std::string("the file is not a borsh ") + type + "; was it sealed with another type?");
}

template <class Unsigned>
Unsigned little_endian(ByteView file)
{
    Unsigned value = 0;
    for (std::size_t i = 0; i < file.size(); ++i) value |= static_cast<Unsigned>(file[i]) << (8 * i);
    return value;
}

__extension__ typedef unsigned __int128 UInt128;

}  // namespace

Status check_object(const DatasetObject& object)
{
    std::size_t fields = 0;
    return check_level(object, UniqueKeys::checked_here, 1, fields);
}

std::string schema_json(const DatasetObject& object)
{
    std::string out;
    put_schema(out, object);
    return out;
}

Bytes encode_bool(bool value) { return {static_cast<std::uint8_t>(value ? 1 : 0)}; }

Bytes encode_f64(double value)
{
    Bytes out;
    put_little_endian(out, std::bit_cast<std::uint64_t>(value), 8);
    return out;
}

Bytes encode_i128(Int128 value)
{
    Bytes out;
    put_little_endian(out, static_cast<UInt128>(value), 16);
    return out;
}

Bytes encode_string(std::string_view value)
{
    Bytes out;
    out.reserve(4 + value.size());
    put_little_endian(out, value.size(), 4);
    append(out, as_bytes(value));
    return out;
}

Result<bool> parse_bool(ByteView file)
{
    if (file.size() != 1 || file[0] > 1) return wrong_value("bool");
    return file[0] == 1;
}

Result<double> parse_f64(ByteView file)
{
    if (file.size() != 8) return wrong_value("f64");
    return std::bit_cast<double>(little_endian<std::uint64_t>(file));
}

Result<Int128> parse_i128(ByteView file)
{
    if (file.size() != 16) return wrong_value("i128");
    return static_cast<Int128>(little_endian<UInt128>(file));
}

Result<std::string> parse_string(ByteView file)
{
    if (file.size() < 4 || little_endian<std::uint32_t>(file.first(4)) != file.size() - 4 ||
        !codec::is_utf8(as_text(file.subspan(4))))
        return wrong_value("string");
    return to_text(file.subspan(4));
}

Status write_archive(const DatasetObject& object, codec::ZipWriter& archive)
{
    std::size_t fields = 0;
    TRY_OK(check_level(object, UniqueKeys::checked_by_archive, 1, fields));
    std::string path;
    TRY_OK(add_level(archive, object, path));
    return archive.finish();
}

}  // namespace iapp::seal
