#include "index/internal/query_budget.hpp"

namespace iapp::index {

graphql::Outcome<void> Budget::take(std::size_t& left, std::size_t count, const char* what)
{
    if (count > left) return graphql::refuse("index.limit", std::string("this query asks for too many ") + what);
    left -= count;
    return {};
}

}  // namespace iapp::index
