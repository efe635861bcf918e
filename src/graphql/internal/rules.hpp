#pragma once
// The rules between the parts of a document that need no schema (GraphQL October 2021, section 5). Not its grammar.
#include "graphql/document.hpp"

namespace iapp::graphql::internal {

/// Reasons: graphql.duplicate, graphql.operation, graphql.fragment, graphql.variable, graphql.directive, graphql.depth,
/// graphql.selections.
Outcome<void> check_rules(const Document& document, const Limits& limits);

/// How large the operations are once fragments stand where they are used, and that no fragment contains itself.
/// Reasons: graphql.fragment, graphql.depth, graphql.selections.
Outcome<void> check_expansion(const Document& document, const Limits& limits);

}  // namespace iapp::graphql::internal
