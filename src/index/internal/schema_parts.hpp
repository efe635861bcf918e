#pragma once
// What the schema files share.
#include <span>
#include <string>

#include "store/database.hpp"

namespace iapp::index::internal {

/// A field that is a list of ids or values: <entity>_<field> (owner, position, value).
std::string list_table(std::string_view name);

std::string event_tables();
std::span<const std::string_view> event_table_names();

store::Migration dataprotector_migration();
std::span<const std::string_view> growing_dataprotector_tables();

}  // namespace iapp::index::internal
