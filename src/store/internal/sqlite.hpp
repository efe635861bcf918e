#pragma once
// SQLite with WAL, synchronous=FULL, foreign keys: one connection with its prepared statements.
#include "store/internal/connection.hpp"

namespace iapp::store::internal {

/// The name of a database without a file.
inline constexpr std::string_view kMemory = ":memory:";

/// Errors: unavailable "store.open"; corrupt "store.corrupt".
Result<std::shared_ptr<Connection>> open_sqlite(const std::string& file, OpenOptions options);

}  // namespace iapp::store::internal
