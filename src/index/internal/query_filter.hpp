#pragma once
// `where` of a list: an input object of The Graph's filters, as a condition of SQL.
#include "index/internal/query_budget.hpp"
#include "index/internal/query_value.hpp"

namespace iapp::index {

/// What every step of planning looks at.
struct QueryContext {
    const Subgraph& subgraph;
    const graphql::Variables& variables;
    Budget& budget;
};

/// A condition over the rows of `entity` that the statement calls `alias`. All members must hold. A member is a field
/// (equality), a field and an operator (`creationTimestamp_gte`), a relation and "_" with a filter of the other entity,
/// `and` or `or` with a list of filters. null is the absence of a value; other comparisons never hold for it. Reasons:
/// index.filter, index.value, index.limit, graphql.depth.
graphql::Outcome<Sql> to_condition(const QueryContext& context, const Entity& entity, std::string_view alias,
                                   const graphql::Value& filter);

/// How the rows of a reference or list are reached: `FROM <from> WHERE <owner_column> = <the id here>`, where they are
/// called `alias`. For a reference, the id here is the one it names.
struct Relation {
    std::string from;
    std::string owner_column;
};
Relation relation_of(const Field& field, const Entity& other, std::string_view alias);

}  // namespace iapp::index
