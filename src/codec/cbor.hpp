#pragma once
// Deterministic CBOR (RFC 8949 section 4.2.1): definite lengths, shortest heads, map keys in bytewise order, nothing behind
// the item. What parses has one spelling, so encode(parse(x)) == x.
// Not general CBOR: no floating point, no undefined, no simple values beyond false, true and null; map keys are integers or
// text, as in COSE and CWT.
#include <compare>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::cbor {

class Value;
struct Member;

struct Limits {
    std::size_t max_bytes = 1U << 20U;
    std::size_t max_depth = 16;  ///< arrays, maps and tags inside one another
};

/// A label: an integer that fits 64 bits with sign, or text.
using Key = std::variant<std::int64_t, std::string>;

/// The order of encoded keys: 0, 1, ..., -1, -2, ..., then text, the shorter first.
std::strong_ordering order(const Key& a, const Key& b);

using Array = std::vector<Value>;

/// Members in the order of their keys, each key once.
class Map {
public:
    Map();  ///< these are in the .cpp, because Member is not complete here
    Map(const Map& other);
    Map(Map&& other) noexcept;
    Map& operator=(const Map& other);
    Map& operator=(Map&& other) noexcept;
    ~Map();

    /// Adds a member, or replaces the value of the one that has this key.
    Map& set(Key key, Value value);

    /// The value, or null. The pointer lives until the map changes.
    const Value* find(const Key& key) const;

    std::span<const Member> members() const;
    bool empty() const;

private:
    std::vector<Member> members_;
};

struct Tag {
    std::uint64_t number;
    std::vector<Value> content;  ///< exactly one: a vector, because Value is not complete here
};

class Value {
public:
    Value() = default;  ///< null
    explicit Value(bool flag) : data_(flag) {}
    explicit Value(Bytes bytes) : data_(std::move(bytes)) {}
    explicit Value(std::string text) : data_(std::move(text)) {}  ///< UTF-8, or encode() refuses
    explicit Value(std::string_view text) : data_(std::string(text)) {}
    explicit Value(const char* text) : data_(std::string(text)) {}
    explicit Value(Array array) : data_(std::move(array)) {}
    explicit Value(Map map) : data_(std::move(map)) {}
    explicit Value(Tag tag) : data_(std::move(tag)) {}

    static Value integer(std::int64_t value);
    static Value unsigned_integer(std::uint64_t value);
    /// -1 - n: reaches further than std::int64_t.
    static Value negative(std::uint64_t n);
    static Value tagged(std::uint64_t number, Value content);

    bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
    const bool* if_boolean() const { return std::get_if<bool>(&data_); }
    const Bytes* if_bytes() const { return std::get_if<Bytes>(&data_); }
    const std::string* if_text() const { return std::get_if<std::string>(&data_); }
    const Array* if_array() const { return std::get_if<Array>(&data_); }
    const Map* if_map() const { return std::get_if<Map>(&data_); }
    std::optional<std::uint64_t> if_u64() const;
    std::optional<std::int64_t> if_i64() const;
    /// n of an integer -1 - n.
    std::optional<std::uint64_t> if_negative() const;
    /// The content of a tag with this number, or null.
    const Value* if_tagged(std::uint64_t number) const;
    const Tag* if_tag() const { return std::get_if<Tag>(&data_); }

private:
    struct Integer {
        bool negative;
        std::uint64_t n;  ///< the value, or -1 - value
    };
    explicit Value(Integer integer) : data_(integer) {}

    std::variant<std::monostate, bool, Integer, Bytes, std::string, Array, Map, Tag> data_;
};

struct Member {
    Key key;
    Value value;
};

/// Parses exactly one item.
/// Errors: invalid_input "cbor.size", "cbor.depth", "cbor.truncated", "cbor.trailing_bytes", "cbor.not_shortest" (a head
/// with a shorter spelling), "cbor.indefinite" (indefinite length, or a break), "cbor.reserved", "cbor.float",
/// "cbor.simple", "cbor.utf8", "cbor.key" (neither integer nor text), "cbor.key_order", "cbor.duplicate_key".
Result<Value> parse(ByteView bytes, const Limits& limits = {});

/// Errors: invalid_input "cbor.utf8" (a text that is not), "cbor.depth", "cbor.tag" (not exactly one content).
Result<Bytes> encode(const Value& value, const Limits& limits = {});

}  // namespace iapp::cbor
