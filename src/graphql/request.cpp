#include "graphql/request.hpp"

#include "codec/json.hpp"

namespace iapp::graphql {
namespace {

std::string number_text(const json::Value& json) { return json::print(json); }

Value from_json(const json::Value& json);

Value list_from(const json::Array& array)
{
    Value list;
    list.kind = ValueKind::list;
    for (const json::Value& item : array) list.items.push_back(from_json(item));
    return list;
}

Value object_from(const json::Object& object)
{
    Value read;
    read.kind = ValueKind::object;
    for (const auto& [name, value] : object) read.members.push_back({std::string(name), {}, from_json(value)});
    return read;
}

Value scalar(ValueKind kind, std::string text)
{
    Value value;
    value.kind = kind;
    value.text = std::move(text);
    return value;
}

Value from_json(const json::Value& json)
{
    switch (json.kind()) {
        case boost::json::kind::null:
            return {};
        case boost::json::kind::bool_:
            return scalar(ValueKind::boolean, json.get_bool() ? "true" : "false");
        case boost::json::kind::int64:
        case boost::json::kind::uint64:
            return scalar(ValueKind::integer, number_text(json));
        case boost::json::kind::double_:
            return scalar(ValueKind::floating, number_text(json));
        case boost::json::kind::string:
            return scalar(ValueKind::string, std::string(json.get_string()));
        case boost::json::kind::array:
            return list_from(json.get_array());
        case boost::json::kind::object:
            return object_from(json.get_object());
    }
    return {};
}

std::unexpected<Problem> malformed(const Error& why) { return refuse("graphql.request", "the body: " + why.detail); }

Result<Value> read_variables(const json::ObjectReader& body)
{
    TRY(const auto given, body.find_object("variables"));
    return given ? object_from(given->raw()) : object_from({});
}

/// The body without its document, which is returned beside it.
Result<std::string_view> read_envelope(const json::ObjectReader& body, Request& into)
{
    TRY(const auto operation_name, body.find_text("operationName"));
    into.operation_name = operation_name.value_or("");
    TRY(into.variables, read_variables(body));
    return body.text("query");
}

}  // namespace

Outcome<Request> parse_request(std::string_view body, const Limits& limits)
{
    const auto json = json::parse(body, {.max_bytes = 2 * limits.max_bytes, .max_depth = limits.max_value_depth + 2});
    if (!json) return malformed(json.error());
    const auto object = json::ObjectReader::of(*json);
    if (!object) return malformed(object.error());
    Request request;
    const auto query = read_envelope(*object, request);
    if (!query) return malformed(query.error());
    TRY(request.document, parse(*query, limits));
    return request;
}

}  // namespace iapp::graphql
