#pragma once
// What a database engine does for a Database: one connection, one transaction at a time. SQLite and PostgreSQL are the two.
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "store/database.hpp"

namespace iapp::store::internal {

/// The rows of one query. A column that is NULL reads as 0 or empty.
class Cursor {
public:
    virtual ~Cursor() = default;
    virtual Result<bool> next() = 0;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string text(int column) const = 0;
    virtual ByteView blob(int column) const = 0;  ///< until the next call of next()
};

class Connection {
public:
    Connection() = default;
    virtual ~Connection() = default;
    Connection(Connection&&) = delete;

    /// Held by the Transaction that is open. Cursors live inside a transaction, so they need no lock of their own.
    std::mutex& lock() { return mutex_; }

    virtual Status begin_write() = 0;
    virtual Status begin_read(std::optional<std::chrono::milliseconds> limit) = 0;
    virtual Status commit() = 0;
    virtual void rollback() = 0;

    virtual Result<std::int64_t> run(std::string_view sql, std::span<const Value> values) = 0;
    virtual Result<std::unique_ptr<Cursor>> query(std::string_view sql, std::span<const Value> values) = 0;

    virtual Status migrate(std::span<const Migration> migrations) = 0;

private:
    std::mutex mutex_;
};

/// The statements of a transaction took longer than they may.
std::unexpected<Error> too_slow();

/// The database has `applied` steps and this program knows fewer.
std::unexpected<Error> newer_schema(std::int64_t applied, std::size_t known);

/// Step `name` did not work.
std::unexpected<Error> broken_migration(std::string_view name, const Error& why);

}  // namespace iapp::store::internal
