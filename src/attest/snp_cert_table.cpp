#include "attest/snp_cert_table.hpp"

#include <algorithm>

#include "attest/internal/cursor.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kMostBytes = 64 << 10;
constexpr std::size_t kMostEntries = 16;

struct Range {
    SnpCertGuid guid;
    std::size_t offset;
    std::size_t size;
};

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.snp_format", "certificate table: " + std::move(detail));
}

bool all_zero(ByteView bytes)
{
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

/// The head of the table, without the zero entry that ends it.
Result<std::vector<Range>> read_ranges(Cursor& in)
{
    std::vector<Range> out;
    for (;;) {
        const Range entry{.guid = in.id<SnpCertGuid>(), .offset = in.u32(), .size = in.u32()};
        if (!in.ok()) return bad("it ends before its last entry");
        if (entry.guid.is_zero()) {
            if (entry.offset == 0 && entry.size == 0) return out;
            return bad("a certificate has no name");
        }
        if (std::ranges::find(out, entry.guid, &Range::guid) != out.end()) return bad("a name comes twice");
        if (out.size() == kMostEntries) return bad("more than " + std::to_string(kMostEntries) + " entries");
        out.push_back(entry);
    }
}

/// Certificates follow the head, share no byte, stay inside, and leave only zeros uncovered. `bytes` has at most kMostBytes
/// and each size is compared with what remains, so nothing can wrap.
Status check_ranges(ByteView bytes, std::size_t head, std::vector<Range> ranges)
{
    std::ranges::sort(ranges, {}, &Range::offset);
    std::size_t end = head;
    for (const Range& range : ranges) {
        if (range.offset < end || range.offset > bytes.size() || range.size > bytes.size() - range.offset || range.size == 0)
            return bad("a certificate is empty, overlaps, or leaves the table");
        if (!all_zero(bytes.subspan(end, range.offset - end))) return bad("bytes between certificates are not zero");
        end = range.offset + range.size;
    }
    if (!all_zero(bytes.subspan(end))) return bad("bytes after the certificates are not zero");
    return {};
}

}  // namespace

const Bytes* SnpCertTable::find(const SnpCertGuid& guid) const
{
    const auto found = std::ranges::find(entries, guid, &SnpCertEntry::guid);
    return found == entries.end() ? nullptr : &found->certificate;
}

Result<SnpCertTable> parse_snp_cert_table(ByteView bytes)
{
    if (bytes.empty()) return SnpCertTable{};
    if (bytes.size() > kMostBytes) return bad("more than 64 KiB");
    Cursor in(bytes);
    TRY(const std::vector<Range> ranges, read_ranges(in));
    TRY_OK(check_ranges(bytes, bytes.size() - in.remaining(), ranges));
    SnpCertTable out;
    for (const Range& range : ranges) out.entries.push_back({range.guid, to_bytes(bytes.subspan(range.offset, range.size))});
    return out;
}

}  // namespace iapp::attest
