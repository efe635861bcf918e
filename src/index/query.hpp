#pragma once
// The subgraphs over the tables of schema.hpp: one GraphQL request in, one JSON answer out, in the dialect of The Graph that
// the clients speak. Not HTTP, and no chain: the caller waits for the head.
#include <cstdint>
#include <string>

#include "store/database.hpp"

namespace iapp::index {

struct Subgraph;
const Subgraph& poco_subgraph();
const Subgraph& dataprotector_subgraph();

/// The last block whose events are in the tables.
struct IndexedHead {
    std::uint64_t number = 0;
    std::string hash;  ///< lower hex, 0x
    std::uint64_t timestamp = 0;
};

struct GraphqlAnswer {
    int status;        ///< 200 with data, 400 with errors; 413 when the query itself is too large
    std::string body;  ///< JSON
};

/// What the statements of one query may take together: on one connection, others wait for them.
constexpr std::chrono::milliseconds kQueryLimit{5'000};

/// Answers the body of a POST from one consistent view, which is opened when the whole request is understood.
/// What is wrong with the request is an answer (graphql/problem.hpp and the reasons below), an Error is ours: those of
/// store::Database::read and store::Transaction::query.
///   index.field     the entity has no such field           index.argument  unknown, or not in its range
///   index.filter    no such filter                         index.value     not a value of the field's type
///   index.block     another block than the indexed one     index.limit     the answer or the work for it would be too large
///   index.statement the database refuses what the query became
Result<GraphqlAnswer> answer_graphql(store::Database& database, const Subgraph& subgraph, const IndexedHead& head,
                                     std::string_view body, std::chrono::milliseconds limit = kQueryLimit);

}  // namespace iapp::index
