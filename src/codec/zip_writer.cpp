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
constexpr std::uint64_t kZip64FromBytes = 0xf000'0000;  ///< below 4 GiB by more than DEFLATE can add

/// What the central directory repeats about an entry.
struct Written {
    std::string name;  ///< with the trailing '/' of a directory
    std::uint16_t flags = 0;
    ZipMethod method = ZipMethod::store;
    std::uint32_t crc = 0;
    std::uint64_t size = 0;
    std::uint64_t packed = 0;
    std::uint64_t offset = 0;
    bool zip64 = false;
};

bool is_ascii(std::string_view text)
{
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    return true;
}

std::uint32_t clamp32(std::uint64_t value) { return value >= kMax32 ? kMax32 : static_cast<std::uint32_t>(value); }

void put_local_header(Bytes& out, const Written& entry)
{
    const bool later = (entry.flags & kFlagDescriptor) != 0;
    const std::uint32_t size32 = entry.zip64 ? kMax32 : later ? 0 : static_cast<std::uint32_t>(entry.size);
    Record head;
    head.u32(kLocalHeader).u16(entry.zip64 ? kVersionZip64 : kVersion).u16(entry.flags);
    head.u16(static_cast<std::uint16_t>(entry.method)).u16(0).u16(kDate1980);
    head.u32(later ? 0 : entry.crc).u32(size32).u32(size32);
    head.u16(static_cast<std::uint16_t>(entry.name.size())).u16(entry.zip64 ? 20 : 0);
    append(out, head.view());
    append(out, as_bytes(entry.name));
    if (entry.zip64)
        append(out, Record().u16(kExtraZip64).u16(16).u64(later ? 0 : entry.size).u64(later ? 0 : entry.packed).view());
}

void put_descriptor(Bytes& out, const Written& entry)
{
    Record record;
    record.u32(kDescriptor).u32(entry.crc);
    if (entry.zip64) record.u64(entry.packed).u64(entry.size);
    else record.u32(static_cast<std::uint32_t>(entry.packed)).u32(static_cast<std::uint32_t>(entry.size));
    append(out, record.view());
}

void put_directory_entry(Bytes& out, const Written& entry)
{
    Record extra;
    if (entry.size >= kMax32) extra.u64(entry.size);
    if (entry.packed >= kMax32) extra.u64(entry.packed);
    if (entry.offset >= kMax32) extra.u64(entry.offset);
    const auto extra_bytes = static_cast<std::uint16_t>(extra.view().size());
    Record head;
    head.u32(kDirectoryEntry).u16(kVersion).u16(entry.zip64 || extra_bytes != 0 ? kVersionZip64 : kVersion).u16(entry.flags);
    head.u16(static_cast<std::uint16_t>(entry.method)).u16(0).u16(kDate1980).u32(entry.crc);
    head.u32(clamp32(entry.packed)).u32(clamp32(entry.size));
    head.u16(static_cast<std::uint16_t>(entry.name.size())).u16(extra_bytes == 0 ? 0 : extra_bytes + 4).u16(0).u16(0).u16(0);
    head.u32(entry.name.ends_with('/') ? kDosDirectory : 0).u32(clamp32(entry.offset));
    append(out, head.view());
    append(out, as_bytes(entry.name));
    if (extra_bytes != 0) append(out, Record().u16(kExtraZip64).u16(extra_bytes).view());
    append(out, extra.view());
}

void put_end(Bytes& out, std::uint64_t count, std::uint64_t directory_bytes, std::uint64_t directory_offset)
{
    Record end;
    if (count >= kMax16 || directory_bytes >= kMax32 || directory_offset >= kMax32) {
        end.u32(kEnd64).u64(kEnd64Bytes - 12).u16(kVersionZip64).u16(kVersionZip64).u32(0).u32(0);
        end.u64(count).u64(count).u64(directory_bytes).u64(directory_offset);
        end.u32(kEnd64Locator).u32(0).u64(directory_offset + directory_bytes).u32(1);
    }
    const auto count16 = static_cast<std::uint16_t>(count >= kMax16 ? kMax16 : count);
    end.u32(kEnd)
        .u16(0)
        .u16(0)
        .u16(count16)
        .u16(count16)
        .u32(clamp32(directory_bytes))
        .u32(clamp32(directory_offset))
        .u16(0);
    append(out, end.view());
}

/// A raw DEFLATE stream (RFC 1951) at zlib's default level.
class Deflater {
public:
    Deflater()
    {
        ready_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    }
    ~Deflater() { deflateEnd(&stream_); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    /// Compresses `in` (its last piece when `end`) and hands every full or final buffer to `emit`.
    template <class Emit>
    Status run(ByteView in, bool end, Emit emit)
    {
        if (!ready_) return fail(ErrorKind::resource_exhausted, "zip.memory", "zlib could not allocate a compressor");
        stream_.next_in = const_cast<Bytef*>(in.data());
        stream_.avail_in = static_cast<uInt>(in.size());
        do {
            stream_.next_out = out_.data();
            stream_.avail_out = static_cast<uInt>(out_.size());
            if (deflate(&stream_, end ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
                return fail(ErrorKind::internal, "zip.deflater", "zlib refused its own stream");
            TRY_OK(emit(ByteView(out_).first(out_.size() - stream_.avail_out)));
        } while (stream_.avail_out == 0);
        return {};
    }

private:
    z_stream stream_{};
    std::array<std::uint8_t, 16 * 1024> out_;
    bool ready_ = false;
};

}  // namespace

struct ZipWriter::State {
    ByteSink sink;
    PathTree paths;
    std::vector<Written> entries;
    Bytes scratch;
    std::uint64_t position = 0;
    bool finished = false;

    Status emit(ByteView bytes)
    {
        position += bytes.size();
        return bytes.empty() ? Status{} : sink(bytes);
    }

    Status flush_scratch()
    {
        const Status status = emit(scratch);
        scratch.clear();
        return status;
    }

    Result<Written*> begin(std::string_view path, bool directory, ZipMethod method)
    {
        if (finished) return fail(ErrorKind::precondition_failed, "zip.finished", "the archive is already closed");
        TRY_OK(paths.add(path, directory));
        Written entry;
        entry.name = path;
        if (directory) entry.name += '/';
        if (entry.name.size() > kMax16) return fail(ErrorKind::invalid_input, "zip.path", "the entry's path is too long");
        entry.flags = is_ascii(path) ? 0 : kFlagUtf8;
        entry.method = method;
        entry.offset = position;
        entries.push_back(std::move(entry));
        return &entries.back();
    }

    /// Pulls exactly `size` bytes through `each`, counting the CRC.
    template <class Each>
    Status pull(Written& entry, const ByteSource& content, Each each)
    {
        Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, entry.size + 1)));
        std::uint64_t seen = 0;
        for (;;) {
            TRY(const std::size_t more, content(buffer));
            if (more == 0) break;
            seen += more;
            if (seen > entry.size) break;
            const ByteView piece = ByteView(buffer).first(more);
            entry.crc = codec::crc32(entry.crc, piece);
            TRY_OK(each(piece));
        }
        if (seen != entry.size)
            return fail(ErrorKind::invalid_input, "zip.source_size",
                        "the entry's content is not the announced " + std::to_string(entry.size) +
                            " bytes long; did it change meanwhile?");
        return {};
    }

    Status begin_stream(Written& entry, std::uint64_t size)
    {
        entry.flags |= kFlagDescriptor;
        entry.size = size;
        entry.zip64 = size >= kZip64FromBytes;
        put_local_header(scratch, entry);
        return flush_scratch();
    }

    Status end_stream(const Written& entry)
    {
        put_descriptor(scratch, entry);
        return flush_scratch();
    }
};

ZipWriter::ZipWriter(ByteSink sink) : state_(std::make_unique<State>()) { state_->sink = std::move(sink); }
ZipWriter::~ZipWriter() = default;
ZipWriter::ZipWriter(ZipWriter&&) noexcept = default;
ZipWriter& ZipWriter::operator=(ZipWriter&&) noexcept = default;

Status ZipWriter::add_directory(std::string_view path)
{
    TRY(Written* const entry, state_->begin(path, true, ZipMethod::store));
    put_local_header(state_->scratch, *entry);
    return state_->flush_scratch();
}

Status ZipWriter::add_stored(std::string_view path, ByteView content)
{
    TRY(Written* const entry, state_->begin(path, false, ZipMethod::store));
    entry->crc = codec::crc32(0, content);
    entry->size = entry->packed = content.size();
    entry->zip64 = content.size() >= kMax32;
    put_local_header(state_->scratch, *entry);
    if (content.size() > kBufferBytes) {
        TRY_OK(state_->flush_scratch());
        return state_->emit(content);
    }
    append(state_->scratch, content);
    return state_->flush_scratch();
}

Status ZipWriter::add_stored(std::string_view path, std::uint64_t size_bytes, const ByteSource& content)
{
    TRY(Written* const entry, state_->begin(path, false, ZipMethod::store));
    TRY_OK(state_->begin_stream(*entry, size_bytes));
    TRY_OK(state_->pull(*entry, content, [&](ByteView piece) { return state_->emit(piece); }));
    entry->packed = entry->size;
    return state_->end_stream(*entry);
}

Status ZipWriter::add_deflated(std::string_view path, std::uint64_t size_bytes, const ByteSource& content)
{
    TRY(Written* const entry, state_->begin(path, false, ZipMethod::deflate));
    TRY_OK(state_->begin_stream(*entry, size_bytes));
    const auto deflater = std::make_unique<Deflater>();
    const auto emit = [&](ByteView packed) {
        entry->packed += packed.size();
        return state_->emit(packed);
    };
    TRY_OK(state_->pull(*entry, content, [&](ByteView piece) { return deflater->run(piece, false, emit); }));
    TRY_OK(deflater->run({}, true, emit));
    return state_->end_stream(*entry);
}

Status ZipWriter::finish()
{
    State& state = *state_;
    if (state.finished) return fail(ErrorKind::precondition_failed, "zip.finished", "the archive is already closed");
    state.finished = true;
    const std::uint64_t directory_offset = state.position;
    for (const Written& entry : state.entries) {
        put_directory_entry(state.scratch, entry);
        if (state.scratch.size() > kBufferBytes) TRY_OK(state.flush_scratch());
    }
    TRY_OK(state.flush_scratch());
    put_end(state.scratch, state.entries.size(), state.position - directory_offset, directory_offset);
    return state.flush_scratch();
}

}  // namespace iapp::codec
