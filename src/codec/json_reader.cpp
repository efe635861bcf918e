#include <algorithm>

#include "codec/base64.hpp"
#include "codec/json.hpp"

namespace iapp::json {
namespace {

std::string_view kind_name(const Value& value)
{
    switch (value.kind()) {
        case boost::json::kind::null:
            return "null";
        case boost::json::kind::bool_:
            return "a boolean";
        case boost::json::kind::int64:
        case boost::json::kind::uint64:
            return "an integer";
        case boost::json::kind::double_:
            return "a number with a fraction, an exponent or more than 64 bits";
        case boost::json::kind::string:
            return "text";
        case boost::json::kind::array:
            return "an array";
        case boost::json::kind::object:
            return "an object";
    }
    return "nothing";
}

auto wrong_type(const std::string& path, std::string_view expected, const Value& value)
{
    return fail(ErrorKind::invalid_input, "json.type",
                path + " must be " + std::string(expected) + ", got " + std::string(kind_name(value)));
}

Result<std::string_view> as_text(const Value& value, const std::string& path)
{
    const auto* text = value.if_string();
    if (text == nullptr) return wrong_type(path, "text", value);
    return std::string_view(text->data(), text->size());
}

Result<bool> as_boolean(const Value& value, const std::string& path)
{
    if (const bool* flag = value.if_bool()) return *flag;
    return wrong_type(path, "true or false", value);
}

Result<std::uint64_t> as_u64(const Value& value, const std::string& path, std::uint64_t max)
{
    if (!value.is_int64() && !value.is_uint64()) return wrong_type(path, "an integer", value);
    const bool negative = value.is_int64() && value.get_int64() < 0;
    const std::uint64_t number = value.is_int64() ? static_cast<std::uint64_t>(value.get_int64()) : value.get_uint64();
    if (negative || number > max)
        return fail(ErrorKind::invalid_input, "json.range",
                    path + " must be between 0 and " + std::to_string(max) + ", got " + print(value));
    return number;
}

}  // namespace

Result<ObjectReader> ObjectReader::of(const Value& value, std::string path)
{
    const Object* object = value.if_object();
    if (object == nullptr) return wrong_type(path, "an object", value);
    return ObjectReader{*object, std::move(path)};
}

Status ObjectReader::only(std::initializer_list<std::string_view> names) const
{
    for (const auto& member : *object_) {
        const std::string_view key(member.key().data(), member.key().size());
        if (std::ranges::find(names, key) == names.end())
            return fail(ErrorKind::invalid_input, "json.unknown_member",
                        path_ + "." + std::string(key) + " is not a member of this document; remove it");
    }
    return {};
}

const Value* ObjectReader::find(std::string_view name) const
{
    const Value* value = object_->if_contains({name.data(), name.size()});
    return value == nullptr || value->is_null() ? nullptr : value;
}

bool ObjectReader::has(std::string_view name) const { return object_->contains({name.data(), name.size()}); }

Result<const Value*> ObjectReader::value(std::string_view name) const
{
    if (const Value* value = object_->if_contains({name.data(), name.size()})) return value;
    return fail(ErrorKind::invalid_input, "json.missing", member_path(name) + " is missing");
}

std::unexpected<Error> ObjectReader::malformed(std::string_view name, const Error& why) const
{
    return fail(ErrorKind::invalid_input, "json.text", member_path(name) + ": " + why.detail);
}

Result<std::string_view> ObjectReader::text(std::string_view name) const
{
    TRY(const Value* const member, value(name));
    if (const auto* string = member->if_string()) return std::string_view(string->data(), string->size());
    return wrong_type(member_path(name), "text", *member);
}

Result<bool> ObjectReader::boolean(std::string_view name) const
{
    TRY(const Value* const member, value(name));
    return as_boolean(*member, member_path(name));
}

Result<std::uint64_t> ObjectReader::u64(std::string_view name, std::uint64_t max) const
{
    TRY(const Value* const member, value(name));
    return as_u64(*member, member_path(name), max);
}

Result<ObjectReader> ObjectReader::object(std::string_view name) const
{
    TRY(const Value* const member, value(name));
    return of(*member, member_path(name));
}

Result<ArrayReader> ObjectReader::array(std::string_view name) const
{
    TRY(const Value* const member, value(name));
    return ArrayReader::of(*member, member_path(name));
}

Result<Bytes> ObjectReader::bytes_hex(std::string_view name) const
{
    TRY(const std::string_view digits, text(name));
    auto bytes = parse_hex0x(digits);
    if (!bytes) return malformed(name, bytes.error());
    return bytes;
}

Result<Bytes> ObjectReader::bytes_base64(std::string_view name) const
{
    TRY(const std::string_view digits, text(name));
    auto bytes = codec::parse_base64(digits);
    if (!bytes) return malformed(name, bytes.error());
    return bytes;
}

// An absent member and null are the same to the find_* family.
#define IAPP_FIND(Type, expression)                 \
    if (find(name) == nullptr) return std::nullopt; \
    TRY(Type found, expression);                    \
    return std::optional<Type>(std::move(found))

Result<std::optional<std::string_view>> ObjectReader::find_text(std::string_view name) const
{
    IAPP_FIND(std::string_view, text(name));
}
Result<std::optional<bool>> ObjectReader::find_boolean(std::string_view name) const { IAPP_FIND(bool, boolean(name)); }
Result<std::optional<std::uint64_t>> ObjectReader::find_u64(std::string_view name, std::uint64_t max) const
{
    IAPP_FIND(std::uint64_t, u64(name, max));
}
Result<std::optional<ObjectReader>> ObjectReader::find_object(std::string_view name) const
{
    IAPP_FIND(ObjectReader, object(name));
}
Result<std::optional<ArrayReader>> ObjectReader::find_array(std::string_view name) const
{
    IAPP_FIND(ArrayReader, array(name));
}

Result<ArrayReader> ArrayReader::of(const Value& value, std::string path)
{
    const Array* array = value.if_array();
    if (array == nullptr) return wrong_type(path, "an array", value);
    return ArrayReader{*array, std::move(path)};
}

Result<const Value*> ArrayReader::value(std::size_t index) const
{
    if (index < array_->size()) return &(*array_)[index];
    return fail(ErrorKind::invalid_input, "json.missing",
                at(index) + " is missing: the array has " + std::to_string(array_->size()) + " elements");
}

std::unexpected<Error> ArrayReader::malformed(std::size_t index, const Error& why) const
{
    return fail(ErrorKind::invalid_input, "json.text", at(index) + ": " + why.detail);
}

Result<std::string_view> ArrayReader::text(std::size_t index) const
{
    TRY(const Value* const element, value(index));
    return as_text(*element, at(index));
}

Result<std::uint64_t> ArrayReader::u64(std::size_t index, std::uint64_t max) const
{
    TRY(const Value* const element, value(index));
    return as_u64(*element, at(index), max);
}

Result<ObjectReader> ArrayReader::object(std::size_t index) const
{
    TRY(const Value* const element, value(index));
    return ObjectReader::of(*element, at(index));
}

}  // namespace iapp::json
