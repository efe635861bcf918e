#pragma once
// One SQLite connection with its lock and its prepared statements.
#include <sqlite3.h>

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "store/database.hpp"

namespace iapp::store::internal {

/// The name of a database without a file.
inline constexpr std::string_view kMemory = ":memory:";

class Connection : public std::enable_shared_from_this<Connection> {
public:
    static Result<std::shared_ptr<Connection>> open(const std::string& file, OpenOptions options);
    ~Connection();
    Connection(Connection&&) = delete;

    /// Held by the Transaction that is open. Rows live inside a transaction, so they need no lock of their own.
    std::mutex& lock() { return mutex_; }

    /// Statements without parameters or rows; `sql` may hold several.
    Status execute(const std::string& sql);
    Result<std::int64_t> run(std::string_view sql, std::span<const Value> values);
    Result<Rows> query(std::string_view sql, std::span<const Value> values);
    std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }

    Status migrate(std::span<const Migration> migrations);

    /// Gives a statement back to the cache.
    void release(std::string_view sql, sqlite3_stmt* statement);

    /// What the last failed call means to a caller.
    std::unexpected<Error> explain(int code) const;

private:
    explicit Connection(sqlite3* handle) : handle_(handle) {}
    Result<sqlite3_stmt*> prepare(std::string_view sql);
    Status configure(OpenOptions options);
    Result<std::int64_t> number(const char* sql);

    sqlite3* handle_;
    std::mutex mutex_;
    std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;  ///< prepared and not in use, by SQL text
};

}  // namespace iapp::store::internal
