#include <zlib.h>

#include <algorithm>
#include <array>

#include "codec/crc32.hpp"
#include "codec/internal/zip_format.hpp"
#include "codec/zip.hpp"

namespace iapp::codec {
namespace {

using namespace zip_format;

constexpr std::size_t kBufferBytes = 64 * 1024;

std::unexpected<Error> corrupt(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::corrupt, reason, std::move(detail));
}

/// Where the central directory is, from the end records.
struct End {
    std::uint64_t count;
    std::uint64_t directory_bytes;
    std::uint64_t directory_offset;
    std::uint64_t position;  ///< of the first end record, which is where the directory must end
};

/// A directory entry before its local header was compared with it.
struct Listed {
    ZipEntry entry;
    std::uint16_t flags;
    std::uint64_t offset;
    std::string_view name;  ///< as written, '/' of a directory included
};

Result<End> read_end64(const RandomSource& archive, std::uint64_t end_position)
{
    constexpr std::uint64_t kBoth = kEnd64Bytes + kEnd64LocatorBytes;
    if (end_position < kBoth) return corrupt("zip.end", "a zip64 archive without its zip64 end records");
    std::array<std::uint8_t, kBoth> raw;
    TRY_OK(archive.read_at(end_position - kBoth, raw));
    Cursor record(raw);
    const bool signature = record.u32() == kEnd64 && record.u64() == kEnd64Bytes - 12;
    record.take(4);  // versions
    const bool one_disk = record.u32() == 0 && record.u32() == 0;
    const std::uint64_t count_here = record.u64();
    const End end{record.u64(), record.u64(), record.u64(), end_position - kBoth};
    const bool locator =
        record.u32() == kEnd64Locator && record.u32() == 0 && record.u64() == end.position && record.u32() == 1;
    if (!signature || !one_disk || !locator || count_here != end.count)
        return corrupt("zip.end", "the zip64 end records are not those of a one-disk archive");
    return end;
}

Result<End> read_end(const RandomSource& archive)
{
    if (archive.size_bytes < kEndBytes) return corrupt("zip.end", "too short for a ZIP archive");
    const std::uint64_t position = archive.size_bytes - kEndBytes;
    std::array<std::uint8_t, kEndBytes> raw;
    TRY_OK(archive.read_at(position, raw));
    Cursor record(raw);
    if (record.u32() != kEnd)
        return corrupt("zip.end", "no end record in the last 22 bytes: not a ZIP archive, cut off, or it has a comment");
    const bool one_disk = record.u16() == 0 && record.u16() == 0;
    const std::uint16_t count_here = record.u16();
    const std::uint16_t count = record.u16();
    const std::uint32_t bytes = record.u32();
    const std::uint32_t offset = record.u32();
    if (!one_disk || count_here != count || record.u16() != 0)
        return corrupt("zip.end", "several disks, or an archive comment");
    if (count != kMax16 && bytes != kMax32 && offset != kMax32) return End{count, bytes, offset, position};
    TRY(const End end, read_end64(archive, position));
    const bool agree = (count == kMax16 || count == end.count) && (bytes == kMax32 || bytes == end.directory_bytes) &&
                       (offset == kMax32 || offset == end.directory_offset);
    if (!agree) return corrupt("zip.end", "the two end records disagree");
    return end;
}

/// Finds the zip64 field among well-formed extra fields; empty when there is none.
Result<ByteView> zip64_field(ByteView extra, std::string_view reason)
{
    ByteView found;
    Cursor fields(extra);
    while (fields.left() != 0) {
        if (fields.left() < 4) return corrupt(reason, "an extra field is cut off");
        const std::uint16_t id = fields.u16();
        const std::uint16_t size = fields.u16();
        if (fields.left() < size) return corrupt(reason, "an extra field is longer than its room");
        const ByteView body = fields.take(size);
        if (id == kExtraZip64) found = body;
    }
    return found;
}

/// Replaces each value that is the 32-bit "look in zip64" mark by the next 8 bytes of the zip64 field.
Status widen(Cursor& zip64, std::uint64_t& value, std::string_view reason)
{
    if (value != kMax32) return {};
    if (zip64.left() < 8) return corrupt(reason, "a size points to a zip64 field that is not there");
    value = zip64.u64();
    return {};
}

/// A unix mode, if the archive carries one, must be that of a plain file or directory.
bool plain_mode(std::uint16_t made_by, std::uint32_t attributes, bool directory)
{
    constexpr std::uint32_t kTypeMask = 0170000, kRegular = 0100000, kDirectory = 0040000;
    if ((made_by >> 8) != 3) return true;
    const std::uint32_t type = (attributes >> 16) & kTypeMask;
    return type == 0 || type == (directory ? kDirectory : kRegular);
}

Status check_supported(const Listed& listed, std::uint16_t method, std::uint16_t made_by, std::uint32_t attributes)
{
    const auto unsupported = [](const char* what) {
        return fail(ErrorKind::invalid_input, "zip.unsupported",
                    std::string("the archive uses ") + what + ", which is not read here");
    };
    if ((listed.flags & ~(kFlagDescriptor | kFlagUtf8 | kFlagsDeflateLevel)) != 0)
        return unsupported("encryption or another feature flag");
    if (method != 0 && method != 8) return unsupported("a compression method other than STORE and DEFLATE");
    const bool ascii = std::ranges::none_of(listed.name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (!ascii && (listed.flags & kFlagUtf8) == 0) return unsupported("a name in an unnamed character set");
    if (!plain_mode(made_by, attributes, listed.entry.directory)) return unsupported("a link or a device");
    return {};
}

Result<Listed> read_directory_entry(Cursor& directory, const ZipLimits& limits)
{
    if (directory.left() < kDirectoryEntryBytes || directory.u32() != kDirectoryEntry)
        return corrupt("zip.directory", "a directory entry is cut off or does not begin with its signature");
    Listed listed{};
    const std::uint16_t made_by = directory.u16();
    directory.take(2);
    listed.flags = directory.u16();
    const std::uint16_t method = directory.u16();
    directory.take(4);
    ZipEntry& entry = listed.entry;
    entry.crc32 = directory.u32();
    entry.packed_bytes = directory.u32();
    entry.size_bytes = directory.u32();
    const std::size_t name_bytes = directory.u16();
    const std::size_t extra_bytes = directory.u16();
    const bool plain = directory.u16() == 0 && directory.u16() == 0;  // comment, first disk
    directory.take(2);
    const std::uint32_t attributes = directory.u32();
    listed.offset = directory.u32();
    if (!plain || directory.left() < name_bytes + extra_bytes)
        return corrupt("zip.directory", "a directory entry has a comment, another disk, or is cut off");
    if (name_bytes > limits.max_path_bytes)
        return fail(ErrorKind::resource_exhausted, "zip.limit", "an entry's path is too long");
    listed.name = as_text(directory.take(name_bytes));
    TRY(const ByteView field, zip64_field(directory.take(extra_bytes), "zip.directory"));
    Cursor zip64(field);
    TRY_OK(widen(zip64, entry.size_bytes, "zip.directory"));
    TRY_OK(widen(zip64, entry.packed_bytes, "zip.directory"));
    TRY_OK(widen(zip64, listed.offset, "zip.directory"));
    entry.directory = listed.name.ends_with('/');
    entry.path = listed.name.substr(0, listed.name.size() - (entry.directory ? 1 : 0));
    TRY_OK(check_supported(listed, method, made_by, attributes));
    entry.method = static_cast<ZipMethod>(method);
    const bool stored = entry.method == ZipMethod::store;
    if ((stored && entry.packed_bytes != entry.size_bytes) || (entry.directory && (entry.size_bytes != 0 || !stored)))
        return corrupt("zip.directory", "a stored entry with two sizes, or a directory with content");
    return listed;
}

Status compare_descriptor(const RandomSource& archive, const Listed& listed, bool zip64, std::uint64_t& position,
                          std::uint64_t limit)
{
    std::array<std::uint8_t, 24> raw{};
    const std::size_t body = 4 + (zip64 ? 16 : 8);
    const std::size_t have = static_cast<std::size_t>(std::min<std::uint64_t>(limit - position, body + 4));
    TRY_OK(archive.read_at(position, std::span(raw).first(have)));
    for (const std::size_t signature : {std::size_t{4}, std::size_t{0}}) {  // APPNOTE 4.3.9.3: the signature may be missing
        if (have < signature + body) continue;
        Cursor record(raw);
        if (signature != 0 && record.u32() != kDescriptor) continue;
        const std::uint32_t crc = record.u32();
        const std::uint64_t packed = zip64 ? record.u64() : record.u32();
        const std::uint64_t size = zip64 ? record.u64() : record.u32();
        if (crc != listed.entry.crc32 || packed != listed.entry.packed_bytes || size != listed.entry.size_bytes) continue;
        position += signature + body;
        return {};
    }
    return corrupt("zip.descriptor", "an entry's data descriptor differs from the central directory");
}

/// Compares the local header at `position` with its directory entry and moves `position` behind the entry.
Status walk_entry(const RandomSource& archive, Listed& listed, std::uint64_t& position, std::uint64_t limit)
{
    const auto differs = [] {
        return corrupt("zip.local_header", "a local header is cut off or differs from the central directory");
    };
    if (listed.offset != position)
        return corrupt("zip.layout", "the entries do not follow each other without gap or overlap");
    std::array<std::uint8_t, kLocalHeaderBytes> raw;
    if (limit - position < raw.size()) return differs();
    TRY_OK(archive.read_at(position, raw));
    Cursor header(raw);
    const bool signature = header.u32() == kLocalHeader;
    header.take(2);
    const bool same_kind = header.u16() == listed.flags && header.u16() == static_cast<std::uint16_t>(listed.entry.method);
    header.take(4);
    const std::uint32_t crc = header.u32();
    std::uint64_t packed = header.u32();
    std::uint64_t size = header.u32();
    const std::size_t name_bytes = header.u16();
    const std::size_t extra_bytes = header.u16();
    if (!signature || !same_kind || name_bytes != listed.name.size()) return differs();
    if (limit - position < raw.size() + name_bytes + extra_bytes) return differs();
    Bytes tail(name_bytes + extra_bytes);
    TRY_OK(archive.read_at(position + raw.size(), tail));
    if (as_text(ByteView(tail).first(name_bytes)) != listed.name) return differs();
    TRY(const ByteView field, zip64_field(ByteView(tail).subspan(name_bytes), "zip.local_header"));
    Cursor zip64(field);
    const bool later = (listed.flags & kFlagDescriptor) != 0;
    if (!later || !field.empty()) {
        TRY_OK(widen(zip64, size, "zip.local_header"));
        TRY_OK(widen(zip64, packed, "zip.local_header"));
    }
    const ZipEntry& entry = listed.entry;
    const bool same = crc == entry.crc32 && size == entry.size_bytes && packed == entry.packed_bytes;
    const bool blank = crc == 0 && size == 0 && packed == 0;
    if (!same && !(later && blank)) return differs();
    listed.entry.data_offset = position + raw.size() + name_bytes + extra_bytes;
    if (limit - listed.entry.data_offset < entry.packed_bytes)
        return corrupt("zip.layout", "an entry runs into the central directory");
    position = listed.entry.data_offset + entry.packed_bytes;
    return later ? compare_descriptor(archive, listed, !field.empty(), position, limit) : Status{};
}

Result<std::vector<Listed>> read_directory(Cursor& directory, std::uint64_t count, const ZipLimits& limits)
{
    std::vector<Listed> all;
    PathTree paths;
    std::uint64_t total = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        TRY(Listed listed, read_directory_entry(directory, limits));
        TRY_OK(paths.add(listed.entry.path, listed.entry.directory));
        if (listed.entry.size_bytes > limits.max_total_bytes - total)
            return fail(ErrorKind::resource_exhausted, "zip.limit", "the archive unpacks to more than the limit");
        total += listed.entry.size_bytes;
        all.push_back(std::move(listed));
    }
    if (directory.left() != 0) return corrupt("zip.directory", "the central directory is longer than its entries");
    return all;
}

/// A raw DEFLATE stream being unpacked.
class Inflater {
public:
    Inflater() { ready_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Unpacks one piece of input into `emit`; sets `done` at the end of the stream.
    template <class Emit>
    Status run(ByteView in, bool& done, Emit emit)
    {
        if (!ready_) return fail(ErrorKind::resource_exhausted, "zip.memory", "zlib could not allocate a decompressor");
        stream_.next_in = const_cast<Bytef*>(in.data());
        stream_.avail_in = static_cast<uInt>(in.size());
        do {
            stream_.next_out = out_.data();
            stream_.avail_out = static_cast<uInt>(out_.size());
            const int code = inflate(&stream_, Z_NO_FLUSH);
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                return corrupt("zip.deflate", "an entry is not a DEFLATE stream");
            TRY_OK(emit(ByteView(out_).first(out_.size() - stream_.avail_out)));
            done = code == Z_STREAM_END;
        } while (!done && stream_.avail_out == 0);
        if (done && stream_.avail_in != 0) return corrupt("zip.deflate", "bytes follow the DEFLATE stream of an entry");
        return {};
    }

private:
    z_stream stream_{};
    std::array<std::uint8_t, 32 * 1024> out_;
    bool ready_ = false;
};

/// Counts and sums what leaves an entry, and never lets more out than the directory announced.
struct Measured {
    const ByteSink& sink;
    std::uint64_t left;
    std::uint32_t crc = 0;

    Status operator()(ByteView bytes)
    {
        if (bytes.size() > left) return corrupt("zip.size", "an entry unpacks to more than its announced size");
        left -= bytes.size();
        crc = codec::crc32(crc, bytes);
        return bytes.empty() ? Status{} : sink(bytes);
    }
};

}  // namespace

ZipReader::ZipReader(RandomSource archive, std::vector<ZipEntry> entries)
    : archive_(std::move(archive)), entries_(std::move(entries))
{
}

Result<ZipReader> ZipReader::open(RandomSource archive, const ZipLimits& limits)
{
    TRY(const End end, read_end(archive));
    if (end.count > limits.max_entries || end.directory_bytes > limits.max_directory_bytes)
        return fail(ErrorKind::resource_exhausted, "zip.limit", "the archive has too many entries");
    if (end.directory_offset > end.position || end.position - end.directory_offset != end.directory_bytes)
        return corrupt("zip.layout", "the central directory does not end where the end record begins");
    Bytes directory(static_cast<std::size_t>(end.directory_bytes));
    TRY_OK(archive.read_at(end.directory_offset, directory));
    Cursor cursor(directory);
    TRY(std::vector<Listed> all, read_directory(cursor, end.count, limits));
    std::uint64_t position = 0;
    std::vector<ZipEntry> entries;
    for (Listed& listed : all) {
        TRY_OK(walk_entry(archive, listed, position, end.directory_offset));
        entries.push_back(std::move(listed.entry));
    }
    if (position != end.directory_offset)
        return corrupt("zip.layout", "bytes between the last entry and the central directory");
    return ZipReader(std::move(archive), std::move(entries));
}

const ZipEntry* ZipReader::find(std::string_view path) const
{
    for (const ZipEntry& entry : entries_)
        if (entry.path == path) return &entry;
    return nullptr;
}

Status ZipReader::extract(const ZipEntry& entry, const ByteSink& sink) const
{
    Measured measured{sink, entry.size_bytes};
    const ByteSource packed = byte_source(archive_, entry.data_offset, entry.packed_bytes);
    Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, entry.packed_bytes)));
    const auto inflater = entry.method == ZipMethod::deflate ? std::make_unique<Inflater>() : nullptr;
    bool done = inflater == nullptr;
    for (std::uint64_t left = entry.packed_bytes; left != 0;) {
        TRY(const std::size_t more, packed(buffer));
        left -= more;
        const ByteView piece = ByteView(buffer).first(more);
        if (inflater == nullptr) TRY_OK(measured(piece));
        else if (done) return corrupt("zip.deflate", "bytes follow the DEFLATE stream of an entry");
        else TRY_OK(inflater->run(piece, done, [&](ByteView bytes) { return measured(bytes); }));
    }
    if (!done) return corrupt("zip.deflate", "the DEFLATE stream of an entry is cut off");
    if (measured.left != 0) return corrupt("zip.size", "an entry unpacks to less than its announced size");
    if (measured.crc != entry.crc32) return corrupt("zip.crc", "an entry's content does not have the announced CRC");
    return {};
}

Result<Bytes> ZipReader::read(const ZipEntry& entry, std::size_t limit_bytes) const
{
    if (entry.size_bytes > limit_bytes)
        return fail(ErrorKind::resource_exhausted, "zip.limit",
                    "the entry is larger than " + std::to_string(limit_bytes) + " bytes");
    Bytes content;
    content.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(entry.size_bytes, 1u << 20)));  // the announced size is a claim
    TRY_OK(extract(entry, append_to(content, limit_bytes)));
    return content;
}

}  // namespace iapp::codec
