#include "codec/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <set>

namespace iapp::json {
namespace {

namespace bj = boost::json;

/// The limits Boost.JSON asks a handler for. Size is bounded before parsing starts.
struct Unlimited {
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;
};

/// Builds the value and counts members. Boost keeps the last of two equal members, so fewer in the value than read means a
/// duplicate.
struct Builder : Unlimited {
    explicit Builder(const bj::storage_ptr& storage) { stack.reset(storage); }

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_object_begin(bj::error_code&) { return true; }
    bool on_object_end(std::size_t n, bj::error_code&) { return stack.push_object(n), members += n, true; }
    bool on_array_begin(bj::error_code&) { return true; }
    bool on_array_end(std::size_t n, bj::error_code&) { return stack.push_array(n), true; }
    bool on_key_part(bj::string_view s, std::size_t, bj::error_code&) { return stack.push_chars(s), true; }
    bool on_key(bj::string_view s, std::size_t, bj::error_code&) { return stack.push_key(s), true; }
    bool on_string_part(bj::string_view s, std::size_t, bj::error_code&) { return stack.push_chars(s), true; }
    bool on_string(bj::string_view s, std::size_t, bj::error_code&) { return stack.push_string(s), true; }
    bool on_number_part(bj::string_view, bj::error_code&) { return true; }
    bool on_int64(std::int64_t v, bj::string_view, bj::error_code&) { return stack.push_int64(v), true; }
    bool on_uint64(std::uint64_t v, bj::string_view, bj::error_code&) { return stack.push_uint64(v), true; }
    bool on_double(double v, bj::string_view, bj::error_code&) { return stack.push_double(v), true; }
    bool on_bool(bool v, bj::error_code&) { return stack.push_bool(v), true; }
    bool on_null(bj::error_code&) { return stack.push_null(), true; }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

    bj::value_stack stack;
    std::size_t members = 0;
};

/// Second pass over a document that is known to repeat a member: finds its name, for the message.
struct DuplicateFinder : Unlimited {
    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_object_begin(bj::error_code&) { return open.emplace_back(), true; }
    bool on_object_end(std::size_t, bj::error_code&) { return open.pop_back(), true; }
    bool on_array_begin(bj::error_code&) { return true; }
    bool on_array_end(std::size_t, bj::error_code&) { return true; }
    bool on_key_part(bj::string_view s, std::size_t, bj::error_code&) { return key += std::string_view(s), true; }
    bool on_key(bj::string_view s, std::size_t, bj::error_code&)
    {
        key += std::string_view(s);
        if (!open.back().insert(key).second && found.empty()) found = key;
        key.clear();
        return true;
    }
    bool on_string_part(bj::string_view, std::size_t, bj::error_code&) { return true; }
    bool on_string(bj::string_view, std::size_t, bj::error_code&) { return true; }
    bool on_number_part(bj::string_view, bj::error_code&) { return true; }
    bool on_int64(std::int64_t, bj::string_view, bj::error_code&) { return true; }
    bool on_uint64(std::uint64_t, bj::string_view, bj::error_code&) { return true; }
    bool on_double(double, bj::string_view, bj::error_code&) { return true; }
    bool on_bool(bool, bj::error_code&) { return true; }
    bool on_null(bj::error_code&) { return true; }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

    std::vector<std::set<std::string>> open;
    std::string key;
    std::string found;
};

template <class Handler>
bj::error_code run(bj::basic_parser<Handler>& parser, std::string_view text)
{
    bj::error_code ec;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size()) ec = bj::error::extra_data;
    return ec;
}

bj::parse_options options(const Limits& limits)
{
    bj::parse_options out;
    out.max_depth = limits.max_depth;
    return out;
}

std::size_t count_members(const Value& value)
{
    std::size_t count = 0;
    if (const Array* array = value.if_array())
        for (const Value& element : *array) count += count_members(element);
    if (const Object* object = value.if_object()) {
        count = object->size();
        for (const auto& member : *object) count += count_members(member.value());
    }
    return count;
}

auto duplicate(std::string_view text, const Limits& limits)
{
    bj::basic_parser<DuplicateFinder> parser(options(limits));
    run(parser, text);
    return fail(ErrorKind::invalid_input, "json.duplicate_member",
                "member \"" + parser.handler().found + "\" appears twice in one object");
}

auto syntax(const bj::error_code& ec, const Limits& limits)
{
    if (ec == bj::error::too_deep)
        return fail(ErrorKind::invalid_input, "json.depth",
                    "nested deeper than " + std::to_string(limits.max_depth) + " levels");
    return fail(ErrorKind::invalid_input, "json.syntax", "not valid JSON: " + ec.message());
}

}  // namespace

Result<Value> parse(std::string_view text, const bj::storage_ptr& storage, const Limits& limits)
{
    if (text.size() > limits.max_bytes)
        return fail(ErrorKind::invalid_input, "json.size", "longer than " + std::to_string(limits.max_bytes) + " bytes");
    bj::basic_parser<Builder> parser(options(limits), storage);
    if (const bj::error_code ec = run(parser, text)) return syntax(ec, limits);
    Value value = parser.handler().stack.release();
    if (count_members(value) != parser.handler().members) return duplicate(text, limits);
    return value;
}

Result<Value> parse(std::string_view text, const Limits& limits) { return parse(text, {}, limits); }

std::string print(const Value& value) { return bj::serialize(value); }

}  // namespace iapp::json
