#include "attest/boot_log.hpp"

#include "attest/internal/cursor.hpp"

namespace iapp::attest {
namespace {

constexpr std::string_view kSpecId{"Spec ID Event03\0", 16};
constexpr std::size_t kSha1Size = 20;
constexpr std::uint32_t kLastPcr = 23;

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.boot_log_format", std::move(detail));
}

bool all_equal(ByteView bytes, std::uint8_t value)
{
    return std::ranges::all_of(bytes, [value](std::uint8_t b) { return b == value; });
}

/// TCG_EfiSpecIdEvent: the algorithms of the log and the sizes of their digests.
Result<std::vector<HashAlgorithm>> read_spec_id(ByteView event)
{
    Cursor in(event);
    if (as_text(in.take(kSpecId.size())) != kSpecId) return bad("the header event is not \"Spec ID Event03\"");
    in.take(8);  // platform class, minor and major version, errata, size of UINTN
    const std::uint32_t count = in.u32();
    if (!in.ok() || count == 0 || count > 8) return bad("the header event lists no, or more than 8, algorithms");
    std::vector<HashAlgorithm> algorithms;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint16_t id = in.u16();
        const std::uint16_t size = in.u16();
        const auto algorithm = find_hash_algorithm(id);
        if (!algorithm || digest_size(*algorithm) != size)
            return bad("algorithm " + std::to_string(id) + " with digests of " + std::to_string(size) + " bytes is unknown");
        if (std::ranges::find(algorithms, *algorithm) != algorithms.end()) return bad("an algorithm is listed twice");
        algorithms.push_back(*algorithm);
    }
    const std::size_t vendor_size = in.array<1>()[0];
    if (vendor_size != in.remaining() || !in.ok())
        return bad("the vendor information does not fill the header event exactly");
    return algorithms;
}

/// The first event has the form of older logs: one SHA-1 digest, which is zero.
Result<std::vector<HashAlgorithm>> read_header(Cursor& in)
{
    const std::uint32_t index = in.u32();
    const std::uint32_t type = in.u32();
    const ByteView sha1 = in.take(kSha1Size);
    const std::uint32_t size = in.u32();
    const ByteView event = in.take(size);
    if (!in.ok()) return bad("the log ends inside its header event");
    if (index > kLastPcr || type != boot_event::kNoAction || !all_equal(sha1, 0))
        return bad("the first event is not the header of a crypto-agile log");
    return read_spec_id(event);
}

/// Digests of all algorithms of the header, each once, in any order.
Result<std::vector<BootEventDigest>> read_digests(Cursor& in, const std::vector<HashAlgorithm>& algorithms)
{
    const std::uint32_t count = in.u32();
    if (count != algorithms.size()) return bad("an event does not carry one digest per algorithm of the header");
    std::vector<BootEventDigest> digests;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto algorithm = find_hash_algorithm(in.u16());
        if (!algorithm || std::ranges::find(algorithms, *algorithm) == algorithms.end())
            return bad("an event carries a digest of an algorithm that the header does not list");
        if (std::ranges::find(digests, *algorithm, &BootEventDigest::algorithm) != digests.end())
            return bad("an event carries two digests of one algorithm");
        digests.push_back({*algorithm, to_bytes(in.take(digest_size(*algorithm)))});
    }
    return digests;
}

Result<BootEvent> read_event(Cursor& in, const std::vector<HashAlgorithm>& algorithms)
{
    const std::uint32_t index = in.u32();
    const std::uint32_t type = in.u32();
    if (!in.ok()) return bad("the log ends inside an event");
    TRY(std::vector<BootEventDigest> digests, read_digests(in, algorithms));
    const std::uint32_t size = in.u32();
    const ByteView data = in.take(size);
    if (!in.ok()) return bad("the log ends inside an event");
    return BootEvent{index, type, std::move(digests), to_bytes(data)};
}

/// The log area is larger than the log: the rest of it was never written.
bool only_padding(ByteView rest) { return all_equal(rest, 0xff) || all_equal(rest, 0); }

}  // namespace

Result<BootLog> parse_boot_log(ByteView bytes)
{
    if (bytes.size() > kMaxBootLogSize) return bad("the log is larger than 1 MiB");
    Cursor in(bytes);
    BootLog log;
    TRY(log.algorithms, read_header(in));
    while (in.remaining() > 0) {
        // Padding is looked at only where it may begin: the whole scan happens at most once.
        const std::uint8_t first = in.rest().front();
        if ((first == 0xff || first == 0) && all_equal(in.rest().first(std::min<std::size_t>(12, in.remaining())), first)) {
            if (!only_padding(in.rest())) return bad("bytes other than padding follow the last event");
            break;
        }
        if (log.events.size() == kMaxBootEvents) return bad("more than 4096 events");
        TRY(BootEvent event, read_event(in, log.algorithms));
        log.events.push_back(std::move(event));
    }
    return log;
}

}  // namespace iapp::attest
