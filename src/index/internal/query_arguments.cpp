// Arguments of fields: pages of lists, and the block a query means.
#include <algorithm>
#include <charconv>

#include "base/result.hpp"
#include "index/internal/query_plan.hpp"

namespace iapp::index {
namespace {

using graphql::Outcome;
using graphql::Value;
using graphql::ValueKind;

constexpr std::int64_t kLargestPage = 1'000;
constexpr std::int64_t kLargestSkip = 2'147'483'647;  // as at a node of one's own; hosted ones stop at 5,000

std::optional<std::uint64_t> whole_number(const Value& value)
{
    std::uint64_t number = 0;
    const char* const last = value.text.data() + value.text.size();
    const auto [end, error] = std::from_chars(value.text.data(), last, number);
    if (value.kind != ValueKind::integer || error != std::errc{} || end != last) return std::nullopt;
    return number;
}

Outcome<std::int64_t> count_of(const QueryContext& context, const graphql::Field& field, std::string_view name,
                               std::int64_t otherwise, std::int64_t most)
{
    const Value* value = find_argument(context, field, name);
    if (value == nullptr) return otherwise;
    const auto number = whole_number(*value);
    if (!number || *number > static_cast<std::uint64_t>(most))
        return graphql::refuse("index.argument", std::string(name) + " is a number from 0 to " + std::to_string(most),
                               field.at);
    return static_cast<std::int64_t>(*number);
}

/// What rows are ordered by: a column of theirs, or `reference__field`, a column of the row a reference names.
struct OrderKey {
    std::string expression;
    bool nullable;
};

std::optional<OrderKey> order_key(const QueryContext& context, const Entity& entity, std::string_view name)
{
    const std::size_t cut = name.find("__");
    const Field* field = entity.find(name.substr(0, cut));
    if (field == nullptr || is_derived(field->kind)) return std::nullopt;
    if (cut == std::string_view::npos) return OrderKey{"t." + column_of(field->name), !field->required};
    if (field->kind != FieldKind::one) return std::nullopt;
    const Entity& other = context.subgraph.get(field->entity);
    const Field* inner = other.find(name.substr(cut + 2));
    if (inner == nullptr || is_derived(inner->kind)) return std::nullopt;
    return OrderKey{"(SELECT o." + column_of(inner->name) + " FROM " + quoted(other.table) + " o WHERE o.\"id\" = t." +
                        column_of(field->name) + ")",
                    !field->required || !inner->required};
}

Outcome<std::string> direction_of(const QueryContext& context, const graphql::Field& field)
{
    const Value* value = find_argument(context, field, "orderDirection");
    if (value == nullptr) return "";
    if (value->kind == ValueKind::enumeration && value->text == "asc") return "";
    if (value->kind == ValueKind::enumeration && value->text == "desc") return " DESC";
    return graphql::refuse("index.argument", "orderDirection is asc or desc", field.at);
}

/// Absent values come last, or first when the direction is turned; equal values in the order of their ids.
Outcome<std::string> order_of(const QueryContext& context, const Entity& entity, const graphql::Field& field)
{
    TRY(const std::string direction, direction_of(context, field));
    std::string by_id = "t.\"id\"" + direction;
    const Value* value = find_argument(context, field, "orderBy");
    if (value == nullptr || value->text == "id") return by_id;
    const auto key = value->kind == ValueKind::enumeration ? order_key(context, entity, value->text) : std::nullopt;
    if (!key)
        return graphql::refuse("index.argument", std::string(entity.name) + " cannot be ordered by '" + value->text + "'",
                               field.at);
    const std::string nulls = key->nullable ? "(" + key->expression + " IS NULL)" + direction + ", " : "";
    return nulls + key->expression + direction + ", " + by_id;
}

Outcome<void> check_block_member(const graphql::Member& member, const Value& value, const IndexedHead& head)
{
    const auto number = whole_number(value);
    const bool is_head = (member.name == "number" && number == head.number) ||
                         (member.name == "number_gte" && number && *number <= head.number) ||
                         (member.name == "hash" && value.kind == ValueKind::string && value.text == head.hash);
    if (is_head) return {};
    return graphql::refuse(
        "index.block", "only the newest state is kept, that of block " + std::to_string(head.number) + "; leave out 'block'",
        member.at);
}

}  // namespace

const Value* find_argument(const QueryContext& context, const graphql::Field& field, std::string_view name)
{
    const auto found = std::ranges::find(field.arguments, name, &graphql::Argument::name);
    if (found == field.arguments.end()) return nullptr;
    const Value* value = graphql::resolve(found->value, context.variables);
    return value == nullptr || value->kind == ValueKind::null ? nullptr : value;
}

Outcome<void> only_arguments(const graphql::Field& field, std::initializer_list<std::string_view> names)
{
    for (const graphql::Argument& argument : field.arguments)
        if (std::ranges::find(names, argument.name) == names.end())
            return graphql::refuse("index.argument", "'" + field.name + "' has no argument '" + argument.name + "'",
                                   argument.at);
    return {};
}

Outcome<Page> plan_page(const QueryContext& context, const Entity& entity, const graphql::Field& field)
{
    Page page;
    TRY(page.first, count_of(context, field, "first", page.first, kLargestPage));
    TRY(page.skip, count_of(context, field, "skip", page.skip, kLargestSkip));
    TRY(page.order, order_of(context, entity, field));
    if (const Value* where = find_argument(context, field, "where")) {
        TRY(page.where, to_condition(context, entity, "t", *where));
    }
    return page;
}

Outcome<void> check_block(const QueryContext& context, const IndexedHead& head, const graphql::Field& field)
{
    const Value* block = find_argument(context, field, "block");
    if (block == nullptr) return {};
    for (const graphql::Member& member : block->members) {
        const Value* value = graphql::resolve(member.value, context.variables);
        if (value != nullptr && value->kind != ValueKind::null) TRY_OK(check_block_member(member, *value, head));
    }
    if (block->kind != ValueKind::object) return graphql::refuse("index.block", "block is an object", block->at);
    return {};
}

}  // namespace iapp::index
