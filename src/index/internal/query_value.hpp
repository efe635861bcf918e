#pragma once
// Values between GraphQL and columns, by the kind of the field: BigInt and BigDecimal as text, ids and bytes in lower case.
#include "graphql/execution.hpp"
#include "index/internal/query_schema.hpp"
#include "index/internal/query_sql.hpp"

namespace iapp::index {

/// What the field's column would hold. Numbers beyond what a column can hold become the nearest thing that orders correctly
/// and equals nothing. `field` is no list; a reference takes the id of `subgraph`'s other entity.
/// Reasons: index.value.
graphql::Outcome<Parameter> to_parameter(const Subgraph& subgraph, const Entity& entity, const Field& field,
                                         const graphql::Value& value);

/// What a column holds, as text: digits, decimal fraction, or as it is. Errors: corrupt "index.number".
Result<std::string> from_column(FieldKind kind, const store::Rows& rows, int column);

/// The JSON of such a text.
void print_value(std::string& out, FieldKind kind, std::string_view text);
void print_string(std::string& out, std::string_view text);

}  // namespace iapp::index
