#include "codec/tar.hpp"

#include <algorithm>
#include <charconv>

namespace iapp::codec {
namespace {

constexpr std::size_t kBlock = 512;

/// Where a field lives in the ustar header block.
struct Field {
    std::size_t offset, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kMtime{136, 12}, kChecksum{148, 8},
    kLinkName{157, 100}, kMagic{257, 8}, kPrefix{345, 155};
constexpr std::size_t kTypeOffset = 156;
constexpr std::uint64_t kLatestTime = 253'402'300'799;  // 9999-12-31; later times mean nothing

std::unexpected<Error> bad(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

ByteView bytes_of(const std::array<std::uint8_t, kBlock>& header, Field field)
{
    return ByteView(header).subspan(field.offset, field.size);
}

/// A text field ends at its first NUL or at its last byte.
std::string text_of(const std::array<std::uint8_t, kBlock>& header, Field field)
{
    const auto text = as_text(bytes_of(header, field));
    return std::string(text.substr(0, std::min(text.find('\0'), text.size())));
}

/// GNU's binary form of a number too large for octal: high bit set, big-endian. Negative numbers have no use here.
Result<std::uint64_t> base256(ByteView raw)
{
    std::uint64_t value = raw[0] & 0x7f;
    if (value & 0x40) return bad("tar.number", "a negative number in a tar header");
    for (const auto byte : raw.subspan(1)) {
        if (value >> 56) return bad("tar.number", "a number in a tar header does not fit 64 bits");
        value = value << 8 | byte;
    }
    return value;
}

/// Octal digits between optional spaces, ended by NUL or space. An empty field is zero.
Result<std::uint64_t> number_of(const std::array<std::uint8_t, kBlock>& header, Field field)
{
    const ByteView raw = bytes_of(header, field);
    if (raw[0] & 0x80) return base256(raw);
    std::string_view text = as_text(raw);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto digits = text.substr(0, std::min(text.find_first_of(std::string_view("\0 ", 2)), text.size()));
    if (text.substr(digits.size()).find_first_not_of(std::string_view("\0 ", 2)) != std::string_view::npos)
        return bad("tar.number", "junk after a number in a tar header");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
    if (!digits.empty() && (error != std::errc{} || end != digits.data() + digits.size()))
        return bad("tar.number", "not octal digits in a tar header");
    return value;
}

Result<std::uint32_t> small_number(std::uint64_t value)
{
    if (value > UINT32_MAX) return bad("tar.number", "an owner or mode in a tar header does not fit 32 bits");
    return static_cast<std::uint32_t>(value);
}

/// The sum of all header bytes with the checksum field read as spaces.
Status check_checksum(const std::array<std::uint8_t, kBlock>& header)
{
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const bool in_field = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
        sum += in_field ? ' ' : header[i];
    }
    TRY(const auto stored, number_of(header, kChecksum));
    if (stored != sum) return bad("tar.checksum", "a tar header does not match its checksum; the archive is damaged");
    return {};
}

bool is_gnu(const std::array<std::uint8_t, kBlock>& header)
{
    return as_text(bytes_of(header, kMagic)) == std::string_view("ustar  \0", 8);
}

Status check_magic(const std::array<std::uint8_t, kBlock>& header)
{
    if (is_gnu(header) || as_text(bytes_of(header, kMagic)) == std::string_view("ustar\0"
                                                                                "00",
                                                                                8))
        return {};
    return bad("tar.magic", "not a ustar or GNU tar header; old v7 archives are not read");
}

bool is_zero(ByteView bytes)
{
    return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

/// "./usr//bin/" -> "usr/bin". Refuses what could leave the root.
Result<std::string> normal_path(std::string_view text, std::size_t longest)
{
    if (text.empty() || text.size() > longest) return bad("tar.path", "an empty or overlong name in a tar archive");
    if (text.front() == '/') return bad("tar.path", "an absolute name in a tar archive: " + std::string(text));
    if (text.find('\0') != std::string_view::npos) return bad("tar.path", "a NUL byte in a name in a tar archive");
    std::string out;
    while (!text.empty()) {
        const auto part = text.substr(0, std::min(text.find('/'), text.size()));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (part == "..") return bad("tar.path", "a '..' in a name in a tar archive");
        if (part.empty() || part == ".") continue;
        if (!out.empty()) out += '/';
        out += part;
    }
    return out.empty() ? std::string(".") : out;
}

Result<TarKind> kind_of(char type)
{
    switch (type) {
        case '0':
        case '\0':
            return TarKind::file;
        case '1':
            return TarKind::hard_link;
        case '2':
            return TarKind::symlink;
        case '3':
            return TarKind::character_device;
        case '4':
            return TarKind::block_device;
        case '5':
            return TarKind::directory;
        case '6':
            return TarKind::fifo;
        default:
            return bad("tar.type", std::string("tar entry type '") + type + "' has no place in an image");
    }
}

Result<std::uint64_t> pax_number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return bad("tar.pax", "a pax number is not decimal digits");
    return value;
}

/// Takes "LENGTH KEY=VALUE\n" off the front.
Result<std::pair<std::string_view, std::string_view>> take_record(std::string_view& text)
{
    const auto space = text.find(' ');
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + std::min(space, text.size()), length);
    if (space == std::string_view::npos || error != std::errc{} || end != text.data() + space || length <= space + 1 ||
        length > text.size() || text[length - 1] != '\n')
        return bad("tar.pax", "a pax record's length does not match its text");
    const auto body = text.substr(space + 1, length - space - 2);
    const auto equals = body.find('=');
    if (equals == 0 || equals == std::string_view::npos) return bad("tar.pax", "a pax record has no key");
    text.remove_prefix(length);
    return std::pair{body.substr(0, equals), body.substr(equals + 1)};
}

}  // namespace

/// What extended headers before an entry say about it.
struct TarReader::Extensions {
    std::optional<std::string> path, link_target;
    std::optional<std::uint64_t> size, uid, gid;

    /// Times, device numbers, comments and extended attributes are of no use to a reader without them.
    Status take_pax(std::string_view text)
    {
        while (!text.empty()) {
            TRY(const auto record, take_record(text));
            const auto& [key, value] = record;
            if (key == "path") path = std::string(value);
            else if (key == "linkpath") link_target = std::string(value);
            else if (key == "size") {
                TRY(size, pax_number(value));
            } else if (key == "uid") {
                TRY(uid, pax_number(value));
            } else if (key == "gid") {
                TRY(gid, pax_number(value));
            } else if (key.starts_with("GNU.sparse.")) return bad("tar.type", "sparse files have no place in an image");
        }
        return {};
    }

    /// A global header may hold remarks; one that renames or resizes every entry is an attack or a mistake.
    static Status check_global(std::string_view text)
    {
        Extensions seen;
        TRY_OK(seen.take_pax(text));
        if (seen.path || seen.link_target || seen.size || seen.uid || seen.gid)
            return bad("tar.pax", "a global pax header that names or sizes entries");
        return {};
    }

    Status take(char type, ByteView content)
    {
        std::string_view text = as_text(content);
        if (type == 'x') return take_pax(text);
        if (type == 'g') return check_global(text);
        text = text.substr(0, std::min(text.find('\0'), text.size()));  // GNU long names end in NUL
        (type == 'L' ? path : link_target) = std::string(text);
        return {};
    }
};

TarReader::TarReader(ByteSource source, const TarLimits& limits) : source_(std::move(source)), limits_(limits) {}

Result<std::optional<TarEntry>> TarReader::next()
{
    if (broken_) return std::unexpected(*broken_);
    if (ended_) return std::optional<TarEntry>{};
    auto entry = next_entry();
    if (!entry) broken_ = entry.error();
    return entry;
}

Result<bool> TarReader::read_block(Block& block)
{
    TRY(const std::size_t got, read_up_to(source_, block));
    if (got != 0 && got != block.size()) return bad("tar.truncated", "the tar archive ends inside a block");
    return got != 0;
}

Result<std::size_t> TarReader::read(std::span<std::uint8_t> out)
{
    if (broken_) return std::unexpected(*broken_);
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, out.size()));
    if (wanted == 0) return std::size_t{0};
    TRY(const std::size_t got, source_(out.first(wanted)));
    if (got == 0) return bad("tar.truncated", "the tar archive ends inside a file");
    left_ -= got;
    return got;
}

Status TarReader::skip_content()
{
    std::array<std::uint8_t, 16384> scratch;
    left_ += std::exchange(padding_, 0);
    while (left_ > 0) {
        TRY_OK(read(scratch));
    }
    return {};
}

/// The end mark is two zero blocks; writers may pad with more, and nothing else may hide there.
Status TarReader::check_end()
{
    Block block;
    TRY(const bool second, read_block(block));
    if (!second) return bad("tar.truncated", "the tar archive has only half of its end mark");
    for (bool more = true; more;) {
        if (!is_zero(block)) return bad("tar.trailing", "data after the end mark of a tar archive");
        TRY(more, read_block(block));
    }
    ended_ = true;
    return {};
}

Result<Bytes> TarReader::read_extension(std::uint64_t size)
{
    if (size > limits_.pax_bytes)
        return fail(ErrorKind::resource_exhausted, "tar.limit", "an extended tar header is too large");
    Bytes out(static_cast<std::size_t>(size));
    left_ = size;
    padding_ = (kBlock - size % kBlock) % kBlock;
    for (std::span<std::uint8_t> rest = out; !rest.empty();) {
        TRY(const std::size_t got, read(rest));
        rest = rest.subspan(got);
    }
    TRY_OK(skip_content());
    return out;
}

Result<std::optional<TarEntry>> TarReader::next_entry()
{
    TRY_OK(skip_content());
    Extensions extensions;
    for (int headers = 0; headers < 8; ++headers) {
        Block header;
        TRY(const bool there, read_block(header));
        if (!there) return bad("tar.truncated", "the tar archive has no end mark");
        if (is_zero(header)) {
            if (headers != 0) return bad("tar.pax", "an extended tar header that belongs to no entry");
            TRY_OK(check_end());
            return std::optional<TarEntry>{};
        }
        TRY_OK(check_checksum(header));
        TRY_OK(check_magic(header));
        const char type = static_cast<char>(header[kTypeOffset]);
        if (type != 'x' && type != 'g' && type != 'L' && type != 'K') {
            TRY(auto entry, entry_of(header, extensions));
            return std::optional(std::move(entry));
        }
        TRY(const auto size, number_of(header, kSize));
        TRY(const auto content, read_extension(size));
        TRY_OK(extensions.take(type, content));
        if (type == 'g') headers = -1;  // belongs to the archive, not to one entry
        if (++entries_ > limits_.entries)
            return fail(ErrorKind::resource_exhausted, "tar.limit", "too many entries in a tar archive");
    }
    return bad("tar.pax", "too many extended headers before one tar entry");
}

Result<TarEntry> TarReader::entry_of(const Block& header, const Extensions& extensions)
{
    if (++entries_ > limits_.entries)
        return fail(ErrorKind::resource_exhausted, "tar.limit", "too many entries in a tar archive");
    TRY(TarKind kind, kind_of(static_cast<char>(header[kTypeOffset])));
    std::string path = text_of(header, kName);
    if (const auto prefix = text_of(header, kPrefix); !is_gnu(header) && !prefix.empty()) path = prefix + '/' + path;
    path = extensions.path.value_or(std::move(path));
    TRY(std::string normal, normal_path(path, limits_.path_bytes));
    if (kind == TarKind::file && path.ends_with('/')) kind = TarKind::directory;  // how v7 wrote directories, still seen

    std::string target = extensions.link_target.value_or(text_of(header, kLinkName));
    if (kind == TarKind::hard_link) {
        TRY(target, normal_path(target, limits_.path_bytes));
    } else if (kind != TarKind::symlink) target.clear();
    else if (target.empty() || target.size() > limits_.path_bytes || target.find('\0') != std::string::npos)
        return bad("tar.path", "a symlink without a usable target in a tar archive");

    TarEntry out{kind, std::move(normal), std::move(target), 0, 0, 0, 0, 0};
    TRY_OK(fill_numbers(header, extensions, out));
    return out;
}

Status TarReader::fill_numbers(const Block& header, const Extensions& extensions, TarEntry& out)
{
    TRY(const auto mode, number_of(header, kMode));
    TRY(const auto uid, number_of(header, kUid));
    TRY(const auto gid, number_of(header, kGid));
    TRY(const auto size, number_of(header, kSize));
    TRY(const auto mtime, number_of(header, kMtime));
    TRY(out.uid, small_number(extensions.uid.value_or(uid)));
    TRY(out.gid, small_number(extensions.gid.value_or(gid)));
    out.mode = static_cast<std::uint32_t>(mode & 07777);
    out.mtime = static_cast<std::int64_t>(std::min<std::uint64_t>(mtime, kLatestTime));
    out.size_bytes = extensions.size.value_or(size);
    if (out.kind != TarKind::file && out.size_bytes != 0)
        return bad("tar.size", "content in a tar entry that cannot have any");
    if (out.size_bytes > limits_.total_bytes - total_)
        return fail(ErrorKind::resource_exhausted, "tar.limit", "the files of a tar archive are too large together");
    total_ += out.size_bytes;
    left_ = out.size_bytes;
    padding_ = (kBlock - out.size_bytes % kBlock) % kBlock;
    return {};
}

}  // namespace iapp::codec
