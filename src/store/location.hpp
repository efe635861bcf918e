#pragma once
// Where a database is, as configurations say it. Opening it is database.hpp.
#include <string_view>

namespace iapp::store {

/// Whether Database::open() would ask a server; anything else is a file.
bool is_url(std::string_view location);

}  // namespace iapp::store
