#pragma once
// The typed object a data owner protects: an ordered tree of named values, its schema, and its entries in the payload
// archive. Pure shape: no encryption here (dataset_v1, dataset_v2) and no JSON reading (the caller builds the object).
// Compatible with @iexec/dataprotector: same types, value encodings, schema text and entry names. docs/formats/dataset-v1.md
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "codec/byte_stream.hpp"

namespace iapp::codec {
class ZipWriter;
}

namespace iapp::seal {

__extension__ typedef __int128 Int128;

/// Bytes too large to hold: read front to back when the object is sealed. `head` is the beginning of the content (up to
/// kMimeHeadBytes), from which the schema's mime type is guessed.
struct DatasetStream {
    std::uint64_t size_bytes;
    Bytes head;
    codec::ByteSource content;
};

struct DatasetField;

struct DatasetObject {
    std::vector<DatasetField> fields;  ///< in insertion order, which is the order of the schema and of the archive
};

using DatasetValue = std::variant<bool, double, Int128, std::string, Bytes, DatasetStream, DatasetObject>;

struct DatasetField {
    std::string key;
    DatasetValue value;
};

inline constexpr std::size_t kMimeHeadBytes = 16;
inline constexpr std::size_t kMaxDatasetDepth = 32;
inline constexpr std::size_t kMaxDatasetFields = 10'000;

/// Keys are of [A-Za-z0-9_-], not empty, unique in their object; numbers are finite; strings are UTF-8.
/// Errors: invalid_input "seal.key_empty", "seal.key_character", "seal.key_twice", "seal.number", "seal.utf8";
/// resource_exhausted "seal.too_deep", "seal.too_many_fields".
Status check_object(const DatasetObject& object);

/// The schema text stored on chain: compact JSON in insertion order, {"email":"string","img":"image/png"}.
std::string schema_json(const DatasetObject& object);

/// The content of a leaf's file: bool 1 byte; f64 little endian; i128 little endian; string u32 length and UTF-8; bytes as
/// they are.
Bytes encode_bool(bool value);
Bytes encode_f64(double value);
Bytes encode_i128(Int128 value);
Bytes encode_string(std::string_view value);

/// Readers of the same encodings; all the bytes or nothing. Errors: invalid_input "seal.value".
Result<bool> parse_bool(ByteView file);
Result<double> parse_f64(ByteView file);
Result<Int128> parse_i128(ByteView file);
Result<std::string> parse_string(ByteView file);

/// The mime type DataProtector would write for content that begins like this; "application/octet-stream" when none fits.
std::string_view detect_mime(ByteView head);

/// Checks the object, adds every leaf and nested object to the archive, and closes it. Errors: as check_object and
/// ZipWriter.
Status write_archive(const DatasetObject& object, codec::ZipWriter& archive);

}  // namespace iapp::seal
