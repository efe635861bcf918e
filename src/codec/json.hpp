#pragma once
// Strict JSON (RFC 8259, I-JSON RFC 7493): UTF-8, no duplicate member, bounded depth and size, nothing after the value.
// Readers name the path of the member that is wrong. The only header of the tree that shows Boost.JSON; include it from .cpp
// files.
#include <boost/json/value.hpp>
#include <initializer_list>
#include <limits>
#include <optional>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"

namespace iapp::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct Limits {
    std::size_t max_bytes = 16U << 20U;
    std::size_t max_depth = 32;
};

/// Errors: invalid_input "json.syntax", "json.duplicate_member", "json.depth", "json.size".
Result<Value> parse(std::string_view text, const Limits& limits = {});

/// As above, every allocation from `storage` (for hot paths: a monotonic_resource over a stack buffer).
Result<Value> parse(std::string_view text, const boost::json::storage_ptr& storage, const Limits& limits = {});

/// Compact text, members in insertion order.
std::string print(const Value& value);

/// RFC 8785 (JCS) for documents we sign or hash: members sorted by UTF-16 code units, integers within +-(2^53 - 1) only.
/// Errors: invalid_input "json.number" (a fraction, an exponent or a larger integer), "json.utf8".
Result<std::string> canonical(const Value& value);

class ArrayReader;

/// Typed access to one object. Every error names the path ("$.deal.botSize").
/// Errors of all accessors: invalid_input "json.missing", "json.type", "json.range"; `id`, `bytes_hex` and `bytes_base64`
/// add "json.text" when the text itself is malformed. find_* answer nullopt for an absent member and for null.
/// The reader keeps views into the Value, which must outlive it.
class ObjectReader {
public:
    /// Errors: invalid_input "json.type".
    static Result<ObjectReader> of(const Value& value, std::string path = "$");

    /// Refuses members outside `names`. Errors: invalid_input "json.unknown_member".
    Status only(std::initializer_list<std::string_view> names) const;

    bool has(std::string_view name) const;
    Result<const Value*> value(std::string_view name) const;
    Result<std::string_view> text(std::string_view name) const;
    Result<bool> boolean(std::string_view name) const;
    Result<std::uint64_t> u64(std::string_view name, std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) const;
    Result<ObjectReader> object(std::string_view name) const;
    Result<ArrayReader> array(std::string_view name) const;
    Result<Bytes> bytes_hex(std::string_view name) const;  ///< "0x…"
    Result<Bytes> bytes_base64(std::string_view name) const;

    /// A FixedBytes: exactly its size in hex digits after "0x".
    template <class Id>
    Result<Id> id(std::string_view name) const
    {
        TRY(const std::string_view digits, text(name));
        auto parsed = Id::from_hex(digits);
        if (!parsed) return malformed(name, parsed.error());
        return *parsed;
    }

    Result<std::optional<std::string_view>> find_text(std::string_view name) const;
    Result<std::optional<bool>> find_boolean(std::string_view name) const;
    Result<std::optional<std::uint64_t>> find_u64(std::string_view name,
                                                  std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) const;
    Result<std::optional<ObjectReader>> find_object(std::string_view name) const;
    Result<std::optional<ArrayReader>> find_array(std::string_view name) const;

    const Object& raw() const { return *object_; }
    const std::string& path() const { return path_; }

private:
    ObjectReader(const Object& object, std::string path) : object_(&object), path_(std::move(path)) {}

    std::string member_path(std::string_view name) const { return path_ + "." + std::string(name); }
    const Value* find(std::string_view name) const;
    std::unexpected<Error> malformed(std::string_view name, const Error& why) const;

    const Object* object_;
    std::string path_;
};

/// Typed access to one array; same errors, paths like "$.eventLog[2]".
class ArrayReader {
public:
    /// Errors: invalid_input "json.type".
    static Result<ArrayReader> of(const Value& value, std::string path = "$");

    std::size_t size() const { return array_->size(); }
    Result<const Value*> value(std::size_t index) const;
    Result<std::string_view> text(std::size_t index) const;
    Result<std::uint64_t> u64(std::size_t index, std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) const;
    Result<ObjectReader> object(std::size_t index) const;

    template <class Id>
    Result<Id> id(std::size_t index) const
    {
        TRY(const std::string_view digits, text(index));
        auto parsed = Id::from_hex(digits);
        if (!parsed) return malformed(index, parsed.error());
        return *parsed;
    }

    const std::string& path() const { return path_; }

private:
    ArrayReader(const Array& array, std::string path) : array_(&array), path_(std::move(path)) {}
    std::string at(std::size_t index) const { return path_ + "[" + std::to_string(index) + "]"; }
    std::unexpected<Error> malformed(std::size_t index, const Error& why) const;

    const Array* array_;
    std::string path_;

    friend class ObjectReader;
};

}  // namespace iapp::json
