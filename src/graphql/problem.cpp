#include "graphql/problem.hpp"

#include "codec/json.hpp"

namespace iapp::graphql {
namespace {

json::Object error_object(const Problem& problem)
{
    json::Object error{{"message", problem.message}};
    json::Array locations;
    for (const Location at : problem.locations) locations.push_back(json::Object{{"line", at.line}, {"column", at.column}});
    if (!locations.empty()) error["locations"] = std::move(locations);
    error["extensions"] = json::Object{{"code", problem.reason}};
    return error;
}

}  // namespace

std::unexpected<Problem> refuse(std::string_view reason, std::string message, Location at)
{
    return std::unexpected(Problem{reason, std::move(message), {at}});
}

std::unexpected<Problem> refuse(std::string_view reason, std::string message)
{
    return std::unexpected(Problem{reason, std::move(message), {}});
}

std::string print_errors(std::span<const Problem> problems)
{
    json::Array errors;
    for (const Problem& problem : problems) errors.push_back(error_object(problem));
    return json::print(json::Object{{"errors", std::move(errors)}});
}

}  // namespace iapp::graphql
