#include "attest/internal/ear_schema.hpp"

#include <algorithm>

#include "attest/internal/ear_schema_table.hpp"
#include "codec/base64.hpp"

namespace iapp::attest {
namespace {

using namespace schema;

cbor::Key key_of(const Field& field)
{
    if (field.label) return *field.label;
    return std::string(field.name);
}

// --- the two encodings as one kind of node
// -----------------------------------------------------------------------------------------------------------

template <class Node>
using NamedNodes = std::vector<std::pair<std::string, Node>>;

struct JsonNode {
    const json::Value* value;

    std::optional<std::string> text() const
    {
        const auto* found = value->if_string();
        if (found == nullptr) return std::nullopt;
        return std::string(found->data(), found->size());
    }
    std::optional<std::int64_t> integer() const
    {
        if (const auto* found = value->if_int64()) return *found;
        return std::nullopt;  // an uint64 is beyond every bound of the table
    }
    std::optional<bool> boolean() const { return value->is_bool() ? std::optional(value->get_bool()) : std::nullopt; }
    std::optional<Bytes> bytes() const
    {
        const auto digits = text();
        if (!digits) return std::nullopt;
        auto parsed = codec::parse_base64url(*digits);
        return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
    }
    std::optional<std::int64_t> word(std::span<const Word> words) const
    {
        const auto found = std::ranges::find(words, text(), [](const Word& word) { return std::optional(word.text); });
        return found == words.end() ? std::nullopt : std::optional(found->number);
    }
    std::optional<std::vector<JsonNode>> elements() const
    {
        const json::Array* array = value->if_array();
        if (array == nullptr) return std::nullopt;
        std::vector<JsonNode> out;
        for (const json::Value& element : *array) out.push_back({&element});
        return out;
    }
    std::optional<NamedNodes<JsonNode>> members() const
    {
        const json::Object* object = value->if_object();
        if (object == nullptr) return std::nullopt;
        NamedNodes<JsonNode> out;
        for (const auto& member : *object)
            out.emplace_back(std::string(member.key().data(), member.key().size()), JsonNode{&member.value()});
        return out;
    }
    bool has_fields() const { return value->is_object(); }
    std::optional<JsonNode> field(const Field& field, bool older) const
    {
        const json::Object& object = value->get_object();
        const json::Value* found = object.if_contains({field.name.data(), field.name.size()});
        if (found == nullptr && older && !field.older_name.empty())
            found = object.if_contains({field.older_name.data(), field.older_name.size()});
        return found == nullptr ? std::nullopt : std::optional(JsonNode{found});
    }
};

struct CborNode {
    const cbor::Value* value;

    template <class T>
    static std::optional<T> copy(const T* found)
    {
        return found == nullptr ? std::nullopt : std::optional(*found);
    }
    std::optional<std::string> text() const { return copy(value->if_text()); }
    std::optional<std::int64_t> integer() const { return value->if_i64(); }
    std::optional<bool> boolean() const { return copy(value->if_boolean()); }
    std::optional<Bytes> bytes() const { return copy(value->if_bytes()); }
    std::optional<std::int64_t> word(std::span<const Word> words) const
    {
        const auto number = integer();
        const bool known = number && std::ranges::find(words, *number, &Word::number) != words.end();
        return known ? number : std::nullopt;
    }
    std::optional<std::vector<CborNode>> elements() const
    {
        const cbor::Array* array = value->if_array();
        if (array == nullptr) return std::nullopt;
        std::vector<CborNode> out;
        for (const cbor::Value& element : *array) out.push_back({&element});
        return out;
    }
    std::optional<NamedNodes<CborNode>> members() const
    {
        const cbor::Map* map = value->if_map();
        if (map == nullptr) return std::nullopt;
        NamedNodes<CborNode> out;
        for (const cbor::Member& member : map->members()) {
            const auto* name = std::get_if<std::string>(&member.key);
            if (name == nullptr) return std::nullopt;
            out.emplace_back(*name, CborNode{&member.value});
        }
        return out;
    }
    bool has_fields() const { return value->if_map() != nullptr; }
    std::optional<CborNode> field(const Field& field, bool) const
    {
        const cbor::Value* found = value->if_map()->find(key_of(field));
        return found == nullptr ? std::nullopt : std::optional(CborNode{found});
    }
};

// --- reading
// -----------------------------------------------------------------------------------------------------------------------

std::unexpected<Error> bad(const std::string& path, std::string_view what)
{
    return fail(ErrorKind::invalid_input, "attest.ear_format", path + " " + std::string(what));
}

bool fits(const Schema& schema, std::size_t size)
{
    return std::cmp_greater_equal(size, schema.least) && std::cmp_less_equal(size, schema.most);
}

std::string path_of(const std::string& map, std::string_view member) { return map + "." + std::string(member); }

template <class Node>
struct Reading {
    bool older;

    Result<cbor::Value> text(Node node, const Schema& schema, const std::string& path) const
    {
        auto text = node.text();
        if (!text || !fits(schema, text->size())) return bad(path, "is not a text of the size it may have");
        return cbor::Value(std::move(*text));
    }

    Result<cbor::Value> integer(Node node, const Schema& schema, const std::string& path) const
    {
        const auto number = node.integer();
        if (!number || *number < schema.least || *number > schema.most) return bad(path, "is not an integer in its range");
        return cbor::Value::integer(*number);
    }

    Result<cbor::Value> boolean(Node node, const std::string& path) const
    {
        const auto flag = node.boolean();
        if (!flag) return bad(path, "is not true or false");
        return cbor::Value(*flag);
    }

    Result<cbor::Value> bytes(Node node, const Schema& schema, const std::string& path) const
    {
        auto bytes = node.bytes();
        if (!bytes || !fits(schema, bytes->size())) return bad(path, "is not a byte string of the size it may have");
        return cbor::Value(std::move(*bytes));
    }

    Result<cbor::Value> word(Node node, const Schema& schema, const std::string& path) const
    {
        const auto number = node.word(schema.words);
        if (!number) return bad(path, "is not one of its words");
        return cbor::Value::integer(*number);
    }

    Result<cbor::Value> list(Node node, const Schema& schema, const Schema& element, const std::string& path) const
    {
        const auto elements = node.elements();
        if (!elements || !fits(schema, elements->size())) return bad(path, "is not a list of the size it may have");
        cbor::Array out;
        for (std::size_t i = 0; i < elements->size(); ++i) {
            TRY(cbor::Value value, read((*elements)[i], element, path + "[" + std::to_string(i) + "]"));
            out.push_back(std::move(value));
        }
        return cbor::Value(std::move(out));
    }

    /// Older drafts name one policy, as text.
    Result<cbor::Value> texts(Node node, const Schema& schema, const std::string& path) const
    {
        if (!older || !node.text()) return list(node, schema, kText, path);
        TRY(cbor::Value one, text(node, kText, path));
        cbor::Array out;
        out.push_back(std::move(one));
        return cbor::Value(std::move(out));
    }

    Result<cbor::Value> map(Node node, const Schema& schema, const std::string& path) const
    {
        const auto members = node.members();
        if (!members || !fits(schema, members->size())) return bad(path, "is not a map with names, of the size it may have");
        cbor::Map out;
        for (const auto& [name, member] : *members) {
            if (name.size() > kMaxName) return bad(path, "has a name that is too long");
            TRY(cbor::Value value, read(member, *schema.element, path_of(path, name)));
            out.set(name, std::move(value));
        }
        return cbor::Value(std::move(out));
    }

    Result<cbor::Value> fields(Node node, const Schema& schema, const std::string& path) const
    {
        if (!node.has_fields()) return bad(path, "is not a map");
        cbor::Map out;
        for (const Field& field : schema.fields) {
            const std::string member_path = path_of(path, field.name);
            const auto member = node.field(field, older);
            if (!member && field.required) return bad(member_path, "is missing");
            if (!member) continue;
            TRY(cbor::Value value, read(*member, *field.schema, member_path));
            out.set(key_of(field), std::move(value));
        }
        return cbor::Value(std::move(out));
    }

    Result<cbor::Value> read(Node node, const Schema& schema, const std::string& path) const
    {
        switch (schema.shape) {
            case Shape::text:
                return text(node, schema, path);
            case Shape::integer:
                return integer(node, schema, path);
            case Shape::boolean:
                return boolean(node, path);
            case Shape::bytes:
                return bytes(node, schema, path);
            case Shape::word:
                return word(node, schema, path);
            case Shape::texts:
                return texts(node, schema, path);
            case Shape::list:
                return list(node, schema, *schema.element, path);
            case Shape::map:
                return map(node, schema, path);
            case Shape::fields:
                break;
        }
        return fields(node, schema, path);
    }
};

// --- writing
// -----------------------------------------------------------------------------------------------------------------------

json::Value to_json(const cbor::Value& value, const Schema& schema);

json::Value list_to_json(const cbor::Value& value, const Schema& element)
{
    json::Array out;
    for (const cbor::Value& each : *value.if_array()) out.push_back(to_json(each, element));
    return out;
}

json::Value map_to_json(const cbor::Value& value, const Schema& schema)
{
    json::Object out;
    for (const cbor::Member& member : value.if_map()->members())
        out[std::get<std::string>(member.key)] = to_json(member.value, *schema.element);
    return out;
}

json::Value fields_to_json(const cbor::Value& value, const Schema& schema)
{
    json::Object out;
    for (const Field& field : schema.fields)
        if (const cbor::Value* member = value.if_map()->find(key_of(field)))
            out[{field.name.data(), field.name.size()}] = to_json(*member, *field.schema);
    return out;
}

json::Value word_to_json(const cbor::Value& value, const Schema& schema)
{
    const auto found = std::ranges::find(schema.words, *value.if_i64(), &Word::number);
    return json::Value(found->text);
}

json::Value to_json(const cbor::Value& value, const Schema& schema)
{
    switch (schema.shape) {
        case Shape::text:
            return json::Value(*value.if_text());
        case Shape::integer:
            return json::Value(*value.if_i64());
        case Shape::boolean:
            return json::Value(*value.if_boolean());
        case Shape::bytes:
            return json::Value(codec::base64url(*value.if_bytes()));
        case Shape::word:
            return word_to_json(value, schema);
        case Shape::texts:
            return list_to_json(value, kText);
        case Shape::list:
            return list_to_json(value, *schema.element);
        case Shape::map:
            return map_to_json(value, schema);
        case Shape::fields:
            break;
    }
    return fields_to_json(value, schema);
}

}  // namespace

Result<cbor::Value> claims_from_json(const json::Value& json, bool older)
{
    return Reading<JsonNode>{older}.read({&json}, kEar, "$");
}

Result<cbor::Value> claims_from_cbor(const cbor::Value& cbor, bool older)
{
    return Reading<CborNode>{older}.read({&cbor}, kEar, "$");
}

json::Value claims_to_json(const cbor::Value& tree) { return to_json(tree, kEar); }

}  // namespace iapp::attest
