#include "codec/cbor.hpp"

#include <algorithm>
#include <limits>

#include "codec/internal/cbor_head.hpp"
#include "codec/utf8.hpp"

namespace iapp::cbor {
namespace {

constexpr std::uint64_t kMaxSigned = std::numeric_limits<std::int64_t>::max();

/// 0 for 0, 1, 2, ...; 1 for -1, -2, ...; 2 for text: as the major types sort.
int rank(const Key& key)
{
    const auto* number = std::get_if<std::int64_t>(&key);
    if (number == nullptr) return 2;
    return *number < 0 ? 1 : 0;
}

void append_head(Bytes& out, Major major, std::uint64_t argument)
{
    const auto first = static_cast<std::uint8_t>(static_cast<unsigned>(major) << 5U);
    if (argument < 24) {
        out.push_back(static_cast<std::uint8_t>(first | argument));
        return;
    }
    int log_size = 0;  // of the bytes that follow: 1, 2, 4 or 8
    while (log_size < 3 && argument >> (8U << static_cast<unsigned>(log_size)) != 0) ++log_size;
    out.push_back(static_cast<std::uint8_t>(first | static_cast<unsigned>(24 + log_size)));
    for (int shift = (8 << log_size) - 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(argument >> shift));
}

void append_integer(Bytes& out, std::int64_t value)
{
    if (value < 0) append_head(out, Major::negative_integer, static_cast<std::uint64_t>(-(value + 1)));
    else append_head(out, Major::unsigned_integer, static_cast<std::uint64_t>(value));
}

Status append_text(Bytes& out, std::string_view text)
{
    if (!codec::is_utf8(text)) return fail(ErrorKind::invalid_input, "cbor.utf8", "a text to encode is not UTF-8");
    append_head(out, Major::text, text.size());
    append(out, as_bytes(text));
    return {};
}

Status append_value(Bytes& out, const Value& value, std::size_t depth);

Status append_array(Bytes& out, const Array& array, std::size_t depth)
{
    append_head(out, Major::array, array.size());
    for (const Value& element : array) TRY_OK(append_value(out, element, depth));
    return {};
}

Status append_map(Bytes& out, const Map& map, std::size_t depth)
{
    append_head(out, Major::map, map.members().size());
    for (const Member& member : map.members()) {
        if (const auto* number = std::get_if<std::int64_t>(&member.key)) append_integer(out, *number);
        else TRY_OK(append_text(out, std::get<std::string>(member.key)));
        TRY_OK(append_value(out, member.value, depth));
    }
    return {};
}

Status append_tag(Bytes& out, const Tag& tag, std::size_t depth)
{
    if (tag.content.size() != 1) return fail(ErrorKind::invalid_input, "cbor.tag", "a tag has exactly one content");
    append_head(out, Major::tag, tag.number);
    return append_value(out, tag.content.front(), depth);
}

Status append_container(Bytes& out, const Value& value, std::size_t depth)
{
    if (depth == 0) return fail(ErrorKind::invalid_input, "cbor.depth", "the value to encode is nested too deep");
    if (const Array* array = value.if_array()) return append_array(out, *array, depth - 1);
    if (const Map* map = value.if_map()) return append_map(out, *map, depth - 1);
    return append_tag(out, *value.if_tag(), depth - 1);
}

/// `depth`  how many more containers may open.
Status append_value(Bytes& out, const Value& value, std::size_t depth)
{
    if (value.is_null()) append_head(out, Major::simple, kNull);
    else if (const bool* flag = value.if_boolean()) append_head(out, Major::simple, *flag ? kTrue : kFalse);
    else if (const auto number = value.if_u64()) append_head(out, Major::unsigned_integer, *number);
    else if (const auto n = value.if_negative()) append_head(out, Major::negative_integer, *n);
    else if (const std::string* text = value.if_text()) return append_text(out, *text);
    else if (const Bytes* bytes = value.if_bytes()) {
        append_head(out, Major::bytes, bytes->size());
        append(out, *bytes);
    } else return append_container(out, value, depth);
    return {};
}

bool key_less(const Member& member, const Key& key) { return order(member.key, key) < 0; }

}  // namespace

std::strong_ordering order(const Key& a, const Key& b)
{
    if (rank(a) != rank(b)) return rank(a) <=> rank(b);
    if (rank(a) == 0) return std::get<std::int64_t>(a) <=> std::get<std::int64_t>(b);
    if (rank(a) == 1) return std::get<std::int64_t>(b) <=> std::get<std::int64_t>(a);
    const auto& left = std::get<std::string>(a);
    const auto& right = std::get<std::string>(b);
    if (left.size() != right.size()) return left.size() <=> right.size();
    return left.compare(right) <=> 0;  // char_traits<char> compares as unsigned bytes
}

Map& Map::set(Key key, Value value)
{
    if (members_.empty() || order(members_.back().key, key) < 0) {  // in order already: the way a parser comes
        members_.push_back({std::move(key), std::move(value)});
        return *this;
    }
    const auto at = std::lower_bound(members_.begin(), members_.end(), key, key_less);
    if (order(at->key, key) == 0) at->value = std::move(value);
    else members_.insert(at, {std::move(key), std::move(value)});
    return *this;
}

const Value* Map::find(const Key& key) const
{
    const auto at = std::lower_bound(members_.begin(), members_.end(), key, key_less);
    return at != members_.end() && order(at->key, key) == 0 ? &at->value : nullptr;
}

Map::Map() = default;
Map::Map(const Map& other) = default;
Map::Map(Map&& other) noexcept = default;
Map& Map::operator=(const Map& other) = default;
Map& Map::operator=(Map&& other) noexcept = default;
Map::~Map() = default;

bool Map::empty() const { return members_.empty(); }
std::span<const Member> Map::members() const { return members_; }

Value Value::integer(std::int64_t value)
{
    return value < 0 ? negative(static_cast<std::uint64_t>(-(value + 1)))
                     : unsigned_integer(static_cast<std::uint64_t>(value));
}

Value Value::unsigned_integer(std::uint64_t value) { return Value(Integer{false, value}); }

Value Value::negative(std::uint64_t n) { return Value(Integer{true, n}); }

Value Value::tagged(std::uint64_t number, Value content)
{
    Tag tag{number, {}};
    tag.content.push_back(std::move(content));
    return Value(std::move(tag));
}

std::optional<std::uint64_t> Value::if_u64() const
{
    const auto* integer = std::get_if<Integer>(&data_);
    if (integer == nullptr || integer->negative) return std::nullopt;
    return integer->n;
}

std::optional<std::uint64_t> Value::if_negative() const
{
    const auto* integer = std::get_if<Integer>(&data_);
    if (integer == nullptr || !integer->negative) return std::nullopt;
    return integer->n;
}

std::optional<std::int64_t> Value::if_i64() const
{
    const auto* integer = std::get_if<Integer>(&data_);
    if (integer == nullptr || integer->n > kMaxSigned) return std::nullopt;
    const auto n = static_cast<std::int64_t>(integer->n);
    return integer->negative ? -1 - n : n;
}

const Value* Value::if_tagged(std::uint64_t number) const
{
    const Tag* tag = if_tag();
    return tag != nullptr && tag->number == number && tag->content.size() == 1 ? &tag->content.front() : nullptr;
}

Result<Bytes> encode(const Value& value, const Limits& limits)
{
    Bytes out;
    TRY_OK(append_value(out, value, limits.max_depth));
    return out;
}

}  // namespace iapp::cbor
