#pragma once
// PostgreSQL through libpq. A writer holds an exclusive lock on the table of migrations, so that writers take turns as they
// do in SQLite; readers see a snapshot and wait for nobody. No wait is without an end.
#include "store/internal/connection.hpp"

namespace iapp::store::internal {

/// "postgresql://..." or "postgres://...".
bool is_postgres_url(std::string_view location);

/// Errors: unavailable "store.open".
Result<std::shared_ptr<Connection>> open_postgres(const std::string& url, OpenOptions options);

}  // namespace iapp::store::internal
