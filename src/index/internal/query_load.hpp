#pragma once
// Runs the statements of a plan: the rows of each level, batched over all rows above it.
#include <optional>
#include <unordered_map>
#include <vector>

#include "index/internal/query_plan.hpp"

namespace iapp::index {

/// One text per cell of the level; nothing for NULL.
using Row = std::vector<std::optional<std::string>>;

struct Related;

struct Table {
    std::vector<Row> rows;
    std::vector<Related> children;  ///< in the order of Level::children
};

/// The rows of a list or reference, and which of them belong to which id: a list's owner, or what a reference names.
struct Related {
    Table table;
    std::unordered_map<std::string, std::vector<std::uint32_t>> by_key;
};

/// What the rows of a child are found by: the reference's id, or the row's own.
const std::optional<std::string>& key_of(const Row& row, const Child& child);

/// Errors: those of store::Transaction::query; corrupt "index.number"; resource_exhausted "index.limit".
Result<Table> load(store::Transaction& transaction, Budget& budget, const Root& root);

/// The statement of a root, for whoever wants to see how the database would run it.
Sql root_statement(const Root& root);

}  // namespace iapp::index
