#pragma once
// What the schema files share.
#include <span>
#include <string>

#include "store/database.hpp"

namespace iapp::index::internal {

/// A field that is a list of ids or values: <entity>_<field> (owner, position, value).
std::string list_table(std::string_view name);

std::string event_tables();
/// Columns that events got later.
std::string event_additions();
/// The interfaces of the subgraph: one view each, of all columns of its events.
std::string event_views();
std::span<const std::string_view> event_table_names();

store::Migration dataprotector_migration();
std::span<const std::string_view> growing_dataprotector_tables();

}  // namespace iapp::index::internal
