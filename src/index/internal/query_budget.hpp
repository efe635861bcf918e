#pragma once
// What one request may cost, counted as it is planned and run.
#include <cstddef>

#include "graphql/problem.hpp"

namespace iapp::index {

class Budget {
public:
    /// Each answers an index.limit when that was too much.
    /// A list of the query itself may read whole tables: one, or those of an interface's types.
    graphql::Outcome<void> root(std::size_t tables) { return take(relations_, tables, "lists and references"); }
    graphql::Outcome<void> relation() { return take(relations_, 1, "lists and references"); }
    graphql::Outcome<void> condition() { return take(conditions_, 1, "conditions in filters"); }
    /// Looks into a text, where no index helps: counted beside its condition.
    graphql::Outcome<void> text_match() { return take(conditions_, 9, "conditions in filters"); }
    graphql::Outcome<void> values(std::size_t count) { return take(values_, count, "values in filters"); }
    graphql::Outcome<void> memory(std::size_t bytes) { return take(bytes_, bytes, "bytes in the answer"); }

private:
    static graphql::Outcome<void> take(std::size_t& left, std::size_t count, const char* what);

    std::size_t relations_ = 100;
    std::size_t conditions_ = 500;
    std::size_t values_ = 5'000;
    std::size_t bytes_ = std::size_t{32} << 20U;
};

}  // namespace iapp::index
