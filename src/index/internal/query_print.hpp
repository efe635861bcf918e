#pragma once
// Loaded rows as the JSON of an answer.
#include "index/internal/query_load.hpp"

namespace iapp::index {

/// Appends the value of a root. Rows are printed as often as they are reached, so the text is what is bounded.
/// Errors: resource_exhausted "index.limit".
Status print_root(std::string& out, const Root& root, const Table& table, std::size_t most_bytes);

}  // namespace iapp::index
