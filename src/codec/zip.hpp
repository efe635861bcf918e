#pragma once
// ZIP archives: a strict, bounded reader and a writer that needs constant memory.
// Not a general unzip: no comments, encryption, links, multi-disk archives or bytes outside the entries; methods STORE and
// DEFLATE. Source: PKWARE APPNOTE 6.3.10 sections 4.3 (layout), 4.4.4 (flags), 4.5.3 (zip64).
#include <memory>
#include <string>
#include <vector>

#include "codec/byte_stream.hpp"

namespace iapp::codec {

enum class ZipMethod : std::uint16_t { store = 0, deflate = 8 };

struct ZipEntry {
    std::string path;  ///< relative, '/'-separated; without the trailing '/' of a directory
    bool directory = false;
    ZipMethod method = ZipMethod::store;
    std::uint32_t crc32 = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t packed_bytes = 0;
    std::uint64_t data_offset = 0;  ///< where the packed bytes begin in the archive
};

struct ZipLimits {
    std::size_t max_entries = 10'000;
    std::size_t max_path_bytes = 1024;
    std::uint64_t max_directory_bytes = 8u << 20;            ///< central directory
    std::uint64_t max_total_bytes = std::uint64_t{1} << 40;  ///< sum of the unpacked sizes
};

/// A relative path of non-empty segments, none "." or "..", without backslash, NUL or control characters, valid UTF-8.
/// Errors: invalid_input "zip.path".
Status check_zip_path(std::string_view path);

class ZipReader {
public:
    /// Reads the central directory and every local header; they must agree, and the entries must fill the archive
    /// without gap or overlap, each path once and no file in the place of a directory.
    /// Errors: corrupt "zip.end", "zip.directory", "zip.local_header", "zip.layout", "zip.descriptor";
    /// invalid_input "zip.path", "zip.duplicate", "zip.unsupported"; resource_exhausted "zip.limit".
    static Result<ZipReader> open(RandomSource archive, const ZipLimits& limits = {});

    const std::vector<ZipEntry>& entries() const { return entries_; }
    const ZipEntry* find(std::string_view path) const;

    /// Unpacks one file. The sink has seen unchecked bytes until this returns: on an error discard them.
    /// Errors: corrupt "zip.deflate", "zip.size", "zip.crc".
    Status extract(const ZipEntry& entry, const ByteSink& sink) const;

    /// The whole file in memory. Errors: as extract; resource_exhausted "zip.limit" above `limit_bytes`.
    Result<Bytes> read(const ZipEntry& entry, std::size_t limit_bytes) const;

private:
    ZipReader(RandomSource archive, std::vector<ZipEntry> entries);
    RandomSource archive_;
    std::vector<ZipEntry> entries_;
};

/// Writes an archive front to back. Times are 1980-01-01 00:00 always, so equal input gives equal bytes.
class ZipWriter {
public:
    explicit ZipWriter(ByteSink sink);
    ~ZipWriter();
    ZipWriter(ZipWriter&&) noexcept;
    ZipWriter& operator=(ZipWriter&&) noexcept;

    /// Adds an explicit "path/" entry.
    Status add_directory(std::string_view path);

    /// Stores bytes that are already in memory.
    Status add_stored(std::string_view path, ByteView content);

    /// Stores exactly `size_bytes` from `content` in one pass; size and CRC follow the bytes in a data descriptor.
    /// Errors: invalid_input "zip.source_size" when the source is shorter or longer.
    Status add_stored(std::string_view path, std::uint64_t size_bytes, const ByteSource& content);

    /// Compresses exactly `size_bytes` from `content`. Errors: as add_stored.
    Status add_deflated(std::string_view path, std::uint64_t size_bytes, const ByteSource& content);

    /// Writes the central directory; nothing may be added after it.
    /// Errors of every add: invalid_input "zip.path", "zip.duplicate"; precondition_failed "zip.finished"; and the sink's
    /// own.
    Status finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace iapp::codec
