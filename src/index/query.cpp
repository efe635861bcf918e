#include "index/query.hpp"

#include "base/log.hpp"
#include "graphql/request.hpp"
#include "index/internal/query_print.hpp"

namespace iapp::index {
namespace {

using graphql::InputKind;
using graphql::Outcome;

constexpr std::size_t kLargestAnswer = std::size_t{32} << 20U;

GraphqlAnswer refusal(const graphql::Problem& problem)
{
    return {problem.reason == "graphql.size" ? 413 : 400, graphql::print_errors({&problem, 1})};
}

/// `Deal_filter`, `Deal_orderBy`, and the scalars and enums of The Graph.
InputKind input_kind(const Subgraph& subgraph, std::string_view name)
{
    for (const std::string_view scalar : {"BigInt", "BigDecimal", "Bytes"})
        if (name == scalar) return InputKind::scalar;
    for (const std::string_view enumeration :
         {"OrderDirection", "TaskStatus", "ContributionStatus", "_SubgraphErrorPolicy_"})
        if (name == enumeration) return InputKind::enumeration;
    if (name == "Block_height") return InputKind::object;
    const std::size_t cut = name.rfind('_');
    if (cut == std::string_view::npos || subgraph.find(name.substr(0, cut)) == nullptr) return InputKind::unknown;
    if (name.substr(cut) == "_filter") return InputKind::object;
    return name.substr(cut) == "_orderBy" ? InputKind::enumeration : InputKind::unknown;
}

Status print_value_of(std::string& out, store::Transaction& transaction, Budget& budget, const Root& root)
{
    if (root.what == Root::What::type_name) return print_string(out, "Query"), Status{};
    if (root.what == Root::What::meta) return out += root.meta, Status{};
    TRY(const Table table, load(transaction, budget, root));
    return print_root(out, root, table, kLargestAnswer);
}

Result<std::string> print_data(store::Transaction& transaction, Budget& budget, const std::vector<Root>& roots)
{
    std::string out = R"({"data":{)";
    for (const Root& root : roots) {
        if (&root != &roots.front()) out += ',';
        print_string(out, root.key);
        out += ':';
        TRY_OK(print_value_of(out, transaction, budget, root));
    }
    out += "}}";
    return out;
}

/// A request with everything about it known before the first statement runs.
struct Prepared {
    graphql::Request request;  ///< the roots' names point into it
    std::vector<Root> roots;
};

Outcome<Prepared> prepare(const Subgraph& subgraph, const IndexedHead& head, std::string_view body, Budget& budget)
{
    Prepared prepared;
    TRY(prepared.request, graphql::parse_request(body));
    const graphql::Request& request = prepared.request;
    TRY(const graphql::Operation* operation, graphql::find_operation(request.document, request.operation_name));
    TRY(const auto variables, graphql::coerce_variables(*operation, request.variables,
                                                        [&](std::string_view name) { return input_kind(subgraph, name); }));
    TRY(prepared.roots, plan({subgraph, variables, budget}, head, request.document, *operation));
    return prepared;
}

/// A statement the database does not take is of this query alone: others are answered.
bool is_of_query(const Error& error) { return error.reason == "store.sql" || error.reason == "store.constraint"; }

GraphqlAnswer refused_by_database(const Error& error)
{
    log::warning("a query was refused by the database", {{"reason", error.reason}, {"detail", error.detail}});
    return refusal({"index.statement", "the database does not take this query", {}});
}

}  // namespace

Result<GraphqlAnswer> answer_graphql(store::Database& database, const Subgraph& subgraph, const IndexedHead& head,
                                     std::string_view body, std::chrono::milliseconds limit)
{
    Budget budget;
    const auto prepared = prepare(subgraph, head, body, budget);
    if (!prepared) return refusal(prepared.error());
    TRY(auto transaction, database.read(limit));
    auto data = print_data(transaction, budget, prepared->roots);
    if (data) return GraphqlAnswer{200, std::move(*data)};
    if (data.error().reason == "index.limit") return refusal({"index.limit", data.error().detail, {}});
    if (data.error().reason == "store.timeout") return refusal({"index.limit", "this query takes too long", {}});
    if (is_of_query(data.error())) return refused_by_database(data.error());
    return std::unexpected(std::move(data).error());
}

}  // namespace iapp::index
