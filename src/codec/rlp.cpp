#include "codec/rlp.hpp"

#include <algorithm>

namespace iapp::codec {
namespace {

constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
constexpr std::size_t kShortLimit = 55;  // longer payloads carry the length of their length

auto truncated() { return fail(ErrorKind::invalid_input, "rlp.truncated", "the bytes end inside an item"); }
auto not_canonical(std::string why) { return fail(ErrorKind::invalid_input, "rlp.not_canonical", std::move(why)); }

Bytes big_endian(std::uint64_t value)
{
    Bytes out;
    for (int shift = 56; shift >= 0; shift -= 8)
        if (const auto byte = static_cast<std::uint8_t>(value >> shift); byte != 0 || !out.empty()) out.push_back(byte);
    return out;
}

void append_header(Bytes& out, std::uint8_t kind, std::size_t size)
{
    if (size <= kShortLimit) {
        out.push_back(static_cast<std::uint8_t>(kind + size));
        return;
    }
    const Bytes length = big_endian(size);
    out.push_back(static_cast<std::uint8_t>(kind + kShortLimit + length.size()));
    append(out, length);
}

void append_string(Bytes& out, ByteView value)
{
    if (value.size() != 1 || value[0] >= kString) append_header(out, kString, value.size());
    append(out, value);
}

/// Reads the `count` big-endian bytes of a long item's length.
Result<std::size_t> read_length(ByteView& in, std::size_t count)
{
    if (in.size() < count) return truncated();
    if (in[0] == 0) return not_canonical("a length starts with a zero byte");
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8U | in[i];
    if (length <= kShortLimit) return not_canonical("a short item is written with a long header");
    in = in.subspan(count);
    return length;
}

}  // namespace

RlpList& RlpList::bytes(ByteView value)
{
    append_string(payload_, value);
    return *this;
}

RlpList& RlpList::uint(std::uint64_t value) { return bytes(big_endian(value)); }

RlpList& RlpList::uint_be(ByteView value)
{
    const auto first = std::ranges::find_if(value, [](std::uint8_t byte) { return byte != 0; });
    return bytes(value.subspan(static_cast<std::size_t>(first - value.begin())));
}

RlpList& RlpList::list(const RlpList& value)
{
    append(payload_, value.encode());
    return *this;
}

Bytes RlpList::encode() const
{
    Bytes out;
    append_header(out, kList, payload_.size());
    append(out, payload_);
    return out;
}

Bytes rlp_bytes(ByteView value)
{
    Bytes out;
    append_string(out, value);
    return out;
}

Result<RlpItem> read_rlp(ByteView& in)
{
    if (in.empty()) return truncated();
    const std::uint8_t first = in[0];
    if (first < kString) {
        const RlpItem item{false, in.first(1)};
        in = in.subspan(1);
        return item;
    }
    const bool is_list = first >= kList;
    std::size_t size = first - (is_list ? kList : kString);
    ByteView rest = in.subspan(1);
    if (size > kShortLimit) {
        TRY(size, read_length(rest, size - kShortLimit));
    }
    if (rest.size() < size) return truncated();
    const RlpItem item{is_list, rest.first(size)};
    if (!is_list && size == 1 && item.payload[0] < kString)
        return not_canonical("a byte below 0x80 is written with a header");
    in = rest.subspan(size);
    return item;
}

Result<RlpItem> parse_rlp(ByteView bytes)
{
    TRY(const RlpItem item, read_rlp(bytes));
    if (!bytes.empty())
        return fail(ErrorKind::invalid_input, "rlp.trailing_bytes", std::to_string(bytes.size()) + " bytes behind the item");
    return item;
}

Result<std::vector<RlpItem>> rlp_items(const RlpItem& list)
{
    if (!list.is_list) return fail(ErrorKind::invalid_input, "rlp.kind", "expected a list, got a string");
    std::vector<RlpItem> items;
    for (ByteView rest = list.payload; !rest.empty();) {
        TRY(const RlpItem item, read_rlp(rest));
        items.push_back(item);
    }
    return items;
}

Result<ByteView> rlp_string(const RlpItem& item)
{
    if (item.is_list) return fail(ErrorKind::invalid_input, "rlp.kind", "expected a string, got a list");
    return item.payload;
}

Result<std::uint64_t> rlp_uint(const RlpItem& item)
{
    TRY(const ByteView bytes, rlp_string(item));
    if (bytes.size() > 8 || (!bytes.empty() && bytes[0] == 0))
        return fail(ErrorKind::invalid_input, "rlp.number", "expected at most 8 bytes without a leading zero");
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8U | byte;
    return value;
}

}  // namespace iapp::codec
