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

/// Names the rows of a list's other entity are known by, and how they hang on `owner`: " l ON …" and so on.
/// `FROM <from>`, and the column that holds the id of the owner.
struct Relation {
    std::string from;
    std::string owner_column;
};
Relation relation_of(const Field& field, const Entity& other, std::string_view alias);

}  // namespace iapp::index
