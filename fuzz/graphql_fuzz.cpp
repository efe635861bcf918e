// rooms: graphql
// What anyone may send to a subgraph: refused with a message, or read within the limits and executed as far as fields go.
#include <cstdlib>

#include "graphql/execution.hpp"
#include "graphql/request.hpp"

namespace {

using namespace iapp;

void check(bool ok)
{
    if (!ok) std::abort();
}

void check_problem(const graphql::Problem& problem)
{
    check(problem.reason.starts_with("graphql.") && !problem.message.empty());
    check(graphql::print_errors({&problem, 1}).contains(problem.reason));
}

/// Fields of one level and of everything below: as many as the limit of selections at most.
std::size_t count_fields(const graphql::Document& document, std::span<const std::span<const graphql::Selection>> sets,
                         const graphql::Variables& variables)
{
    const auto fields = graphql::collect_fields(document, sets, {.name = "T"}, variables);
    if (!fields) return check_problem(fields.error()), 0;
    std::size_t count = 0;
    for (const graphql::CollectedField& field : *fields) count += 1 + count_fields(document, field.selections(), variables);
    return count;
}

void execute(const graphql::Document& document, const graphql::Value& given)
{
    for (const graphql::Operation& operation : document.operations) {
        const auto variables = graphql::coerce_variables(
            operation, given, [](std::string_view name) { return static_cast<graphql::InputKind>(name.size() % 4); });
        if (!variables) {
            check_problem(variables.error());
            continue;
        }
        const std::array sets{std::span<const graphql::Selection>(operation.selections)};
        check(count_fields(document, sets, *variables) <= graphql::Limits{}.max_selections);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    graphql::Value no_variables;
    no_variables.kind = graphql::ValueKind::object;
    if (const auto document = graphql::parse(text)) execute(*document, no_variables);
    else check_problem(document.error());
    if (const auto request = graphql::parse_request(text)) execute(request->document, request->variables);
    else check_problem(request.error());
    return 0;
}
