#include "index/internal/query_plan.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace iapp::index {
namespace {

using graphql::CollectedField;
using graphql::Outcome;

constexpr Field kTypeName = field::text("typeName");

class Planner {
public:
    Planner(const QueryContext& context, const IndexedHead& head, const graphql::Document& document)
        : context_(context), head_(head), document_(document)
    {
    }

    Outcome<Root> root(const CollectedField& field)
    {
        const graphql::Field& first = field.first();
        Root root{std::string(field.response_key), Root::What::type_name, {}, {}, {}};
        if (first.name == "__typename") return root;
        if (first.name == "_meta") {
            root.what = Root::What::meta;
            TRY(root.meta, plan_meta(context_, head_, document_, field));
            return root;
        }
        for (const Entity& entity : context_.subgraph.entities) {
            if (first.name == entity.singular) return root_one(std::move(root), entity, field);
            if (first.name == entity.plural) return root_many(std::move(root), entity, field);
        }
        return no_field("Query", first);
    }

private:
    static std::unexpected<graphql::Problem> no_field(std::string_view type, const graphql::Field& field)
    {
        const bool introspection = field.name == "__schema" || field.name == "__type";
        return graphql::refuse("index.field",
                               introspection ? "this service does not describe its schema"
                                             : std::string(type) + " has no field '" + field.name + "'",
                               field.at);
    }

    Outcome<Root> root_one(Root root, const Entity& entity, const CollectedField& field)
    {
        root.what = Root::What::one;
        TRY_OK(only_arguments(field.first(), {"id", "block", "subgraphError"}));
        TRY_OK(check_block(context_, head_, field.first()));
        const graphql::Value* id = find_argument(context_, field.first(), "id");
        if (id == nullptr)
            return graphql::refuse("index.argument", "'" + field.first().name + "' needs an id", field.first().at);
        TRY(Parameter parameter, to_parameter(context_.subgraph, entity, *entity.find("id"), *id));
        root.page.where = Sql("t.\"id\" = ");
        root.page.where.bind(std::move(parameter));
        root.page.order = "t.\"id\"";
        root.page.first = 1;
        TRY(root.level, level(entity, field));
        return root;
    }

    Outcome<Root> root_many(Root root, const Entity& entity, const CollectedField& field)
    {
        root.what = Root::What::many;
        TRY_OK(context_.budget.root(std::max<std::size_t>(entity.types.size(), 1)));
        TRY_OK(only_arguments(field.first(),
                              {"where", "first", "skip", "orderBy", "orderDirection", "block", "subgraphError"}));
        TRY_OK(check_block(context_, head_, field.first()));
        TRY(root.page, plan_page(context_, entity, field.first()));
        TRY(root.level, level(entity, field));
        return root;
    }

    Outcome<Level> level(const Entity& entity, const CollectedField& field)
    {
        if (field.first().selections.empty())
            return graphql::refuse("index.field", "'" + field.first().name + "' needs a selection of fields",
                                   field.first().at);
        TRY_OK(context_.budget.relation());
        Level level{&entity, {entity.find("id")}, {}, {}};
        if (!entity.is_interface()) {
            TRY(level.variants.emplace_back(), variant(level, entity, {}, field));
            return level;
        }
        level.cells.push_back(&kTypeName);
        for (const std::string_view type : entity.types) {
            TRY(level.variants.emplace_back(), variant(level, context_.subgraph.get(type), entity.types, field));
        }
        return level;
    }

    /// The outputs of rows that are `entity`; `siblings` are the types of the other rows.
    Outcome<Variant> variant(Level& into, const Entity& entity, std::span<const std::string_view> siblings,
                             const CollectedField& field)
    {
        const auto interfaces = context_.subgraph.interfaces_of(entity);
        TRY(const auto members,
            graphql::collect_fields(document_, field.selections(), {entity.name, interfaces, siblings}, context_.variables));
        Variant variant{entity.name, {}};
        for (const CollectedField& member : members) {
            TRY(variant.outputs.emplace_back(), output(into, entity, member));
        }
        return variant;
    }

    Outcome<Output> output(Level& into, const Entity& entity, const CollectedField& member)
    {
        const graphql::Field& first = member.first();
        const Field* field = entity.find(first.name);
        const bool is_type_name = first.name == "__typename";
        if (field == nullptr && !is_type_name) return no_field(entity.name, first);
        if (is_type_name || is_scalar(field->kind)) {
            TRY_OK(only_arguments(first, {}));
            if (!first.selections.empty())
                return graphql::refuse("index.field", "'" + first.name + "' has no fields", first.at);
        }
        Output out{std::string(member.response_key), Output::What::type_name, 0};
        if (!is_type_name) {
            const bool is_cell = is_scalar(field->kind);
            out.what = is_cell ? Output::What::cell : Output::What::child;
            if (is_cell) {
                out.index = cell(into, *field);
            } else {
                TRY(out.index, child(into, *field, member));
            }
        }
        return out;
    }

    static std::size_t cell(Level& into, const Field& field)
    {
        const auto found = std::ranges::find(into.cells, field.name, &Field::name);
        const auto at = static_cast<std::size_t>(found - into.cells.begin());
        if (found == into.cells.end()) into.cells.push_back(&field);
        return at;
    }

    /// Where the child is. The types of an interface share what the query says of all of them at once.
    Outcome<std::size_t> child(Level& into, const Field& field, const CollectedField& member)
    {
        const auto known = std::ranges::find(into.children, member.fields, &Child::asked);
        if (known != into.children.end()) return static_cast<std::size_t>(known - into.children.begin());
        const Entity& other = context_.subgraph.get(field.entity);
        Child child{&field, member.fields, 0, {}, {}};
        if (field.kind == FieldKind::one || field.kind == FieldKind::only) {
            TRY_OK(only_arguments(member.first(), {}));
            child.page.order = "t.\"id\"";
            child.page.first = 1;
        } else {
            TRY_OK(only_arguments(member.first(), {"where", "first", "skip", "orderBy", "orderDirection"}));
            TRY(child.page, plan_page(context_, other, member.first()));
        }
        if (field.kind == FieldKind::one) child.cell = cell(into, field);
        TRY(child.level, level(other, member));
        into.children.push_back(std::move(child));
        return into.children.size() - 1;
    }

    const QueryContext& context_;
    const IndexedHead& head_;
    const graphql::Document& document_;
};

}  // namespace

bool Child::is_in_parent() const
{
    return field->kind == FieldKind::one && field->required && level.cells.size() == 1 && level.children.empty();
}

Outcome<std::vector<Root>> plan(const QueryContext& context, const IndexedHead& head, const graphql::Document& document,
                                const graphql::Operation& operation)
{
    const std::array sets{std::span<const graphql::Selection>(operation.selections)};
    TRY(const auto fields, graphql::collect_fields(document, sets, {"Query"}, context.variables));
    Planner planner(context, head, document);
    std::vector<Root> roots;
    for (const CollectedField& field : fields) {
        TRY(roots.emplace_back(), planner.root(field));
    }
    return roots;
}

}  // namespace iapp::index
