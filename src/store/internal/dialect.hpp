#pragma once
// SQLite's SQL in PostgreSQL's words, as far as the two differ in what our statements use. Pure, by tokens; not a parser:
// what it does not know passes unchanged and the server judges it.
#include <string>
#include <string_view>

namespace iapp::store::internal {

struct PostgresQuery {
    std::string sql;
    std::size_t parameters;  ///< how many values the statement takes
};

/// One statement of a program: `?` and `?N` become $n, INSERT OR IGNORE becomes ON CONFLICT DO NOTHING, and the types of
/// CAST are PostgreSQL's.
PostgresQuery postgres_query(std::string_view sql);

/// The statements of a migration: INTEGER, REAL, BLOB and TEXT become BIGINT, DOUBLE PRECISION, BYTEA and TEXT that sorts by
/// bytes; INTEGER PRIMARY KEY counts by itself; STRICT, WITHOUT ROWID and AUTOINCREMENT go.
std::string postgres_schema(std::string_view sql);

}  // namespace iapp::store::internal
