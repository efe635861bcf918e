#pragma once
// What is wrong with a GraphQL request, in the form its answer takes (GraphQL October 2021, section 7.1.2).
// Not an Error: a client reads these, so the message is for it and says where in its document the mistake is.
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iapp::graphql {

/// Counted from 1; columns in code points.
struct Location {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

/// Reasons of this room:
///   graphql.request    the body is not a JSON object with a query        graphql.size       too many bytes
///   graphql.syntax     not in the grammar                                graphql.tokens     too many tokens
///   graphql.utf8       not UTF-8                                         graphql.depth      nested too deeply
///   graphql.executable a definition of a schema instead of a query       graphql.selections too many fields, fragments
///   expanded graphql.operation  not a query, none to run, or more than one        graphql.fragment   unknown, or cyclic
///   graphql.duplicate  two things of one name                            graphql.variable   undefined, or of another type
///   graphql.directive  unknown, misplaced, or of wrong arguments         graphql.conflict   two fields for one response key
struct Problem {
    std::string_view reason;  ///< stable id with static storage
    std::string message;
    std::vector<Location> locations;
};

template <class T>
using Outcome = std::expected<T, Problem>;

/// `return refuse("graphql.syntax", "expected a name", at);`
std::unexpected<Problem> refuse(std::string_view reason, std::string message, Location at);
std::unexpected<Problem> refuse(std::string_view reason, std::string message);

/// {"errors":[{"message":"…","locations":[{"line":1,"column":1}],"extensions":{"code":"graphql.syntax"}}]}
std::string print_errors(std::span<const Problem> problems);

}  // namespace iapp::graphql
