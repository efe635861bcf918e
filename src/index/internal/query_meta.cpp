// `_meta`: how far the index is.
#include "base/result.hpp"
#include "index/internal/query_plan.hpp"

namespace iapp::index {
namespace {

using graphql::CollectedField;
using graphql::Outcome;

/// The JSON of one field, or nothing when there is no such field.
using PrintField = std::function<Outcome<std::optional<std::string>>(const CollectedField&)>;

std::string json_string(std::string_view text)
{
    std::string out;
    print_string(out, text);
    return out;
}

std::optional<std::string> block_field(const IndexedHead& head, std::string_view name)
{
    if (name == "number") return std::to_string(head.number);
    if (name == "hash") return json_string(head.hash);
    if (name == "timestamp") return std::to_string(head.timestamp);
    return std::nullopt;
}

Outcome<std::string> print_object(const QueryContext& context, const graphql::Document& document,
                                  const CollectedField& field, std::string_view type, const PrintField& print)
{
    if (field.first().selections.empty())
        return graphql::refuse("index.field", "'" + field.first().name + "' needs a selection of fields", field.first().at);
    TRY(const auto members, graphql::collect_fields(document, field.selections(), {type}, context.variables));
    std::string out = "{";
    for (const CollectedField& member : members) {
        TRY(auto value, print(member));
        if (member.first().name == "__typename") value = json_string(type);
        if (!value || !member.first().arguments.empty())
            return graphql::refuse("index.field", std::string(type) + " has no field '" + member.first().name + "'",
                                   member.first().at);
        out += (out.size() > 1 ? "," : "") + json_string(member.response_key) + ":" + *value;
    }
    return out + "}";
}

Outcome<std::optional<std::string>> leaf(const CollectedField& field, std::optional<std::string> value)
{
    if (!field.first().selections.empty())
        return graphql::refuse("index.field", "'" + field.first().name + "' has no fields", field.first().at);
    return value;
}

}  // namespace

Outcome<std::string> plan_meta(const QueryContext& context, const IndexedHead& head, const graphql::Document& document,
                               const CollectedField& field)
{
    TRY_OK(only_arguments(field.first(), {"block"}));
    TRY_OK(check_block(context, head, field.first()));
    const PrintField of_block = [&](const CollectedField& member) {
        return leaf(member, block_field(head, member.first().name));
    };
    const PrintField of_meta = [&](const CollectedField& member) -> Outcome<std::optional<std::string>> {
        if (member.first().name == "block") return print_object(context, document, member, "_Block_", of_block);
        if (member.first().name == "deployment") return leaf(member, json_string(context.subgraph.name));
        if (member.first().name == "hasIndexingErrors") return leaf(member, "false");
        return leaf(member, std::nullopt);
    };
    return print_object(context, document, field, "_Meta_", of_meta);
}

}  // namespace iapp::index
