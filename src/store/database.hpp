#pragma once
// Durable state: SQLite with WAL, synchronous=FULL, foreign keys and STRICT tables, or PostgreSQL. The transaction is the
// lock. Not an ORM: SQL stays visible at the caller; this gives it types, lifetimes and errors. What SQL runs on both
// engines is in docs/adr/0012-one-store-two-engines.md.
#include <chrono>
#include <concepts>
#include <filesystem>  // a path is a location, too: callers pass one
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/fixed_bytes.hpp"
#include "base/result.hpp"

namespace iapp::store {

/// Something to bind. Views must live until the call that takes them returns.
class Value {
public:
    Value(std::nullptr_t) : v_(nullptr) {}
    template <std::integral I>
    Value(I number) : v_(static_cast<std::int64_t>(number))
    {
    }
    Value(double number) : v_(number) {}
    Value(std::string_view text) : v_(text) {}
    Value(const std::string& text) : v_(std::string_view(text)) {}
    Value(const char* text) : v_(std::string_view(text)) {}
    Value(ByteView blob) : v_(blob) {}
    Value(const Bytes& blob) : v_(ByteView(blob)) {}
    template <std::size_t N, class Tag>
    Value(const FixedBytes<N, Tag>& blob) : v_(ByteView(blob.bytes()))
    {
    }
    template <class T>
    Value(const std::optional<T>& maybe) : Value(maybe ? Value(*maybe) : Value(nullptr))
    {
    }

    using Variant = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, ByteView>;
    const Variant& variant() const { return v_; }

private:
    Variant v_;
};

namespace internal {
class Connection;
class Cursor;
}  // namespace internal

/// Rows of one query, inside the transaction that made it. `while (true) { TRY(const bool row, rows.next()); if (!row)
/// break; ... }`
class Rows {
public:
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) = delete;
    ~Rows();

    /// Goes to the next row; false at the end. Errors: as Transaction::run.
    Result<bool> next();

    // Columns of the current row, from 0. A NULL reads as 0 or empty; ask is_null() where NULL has a meaning.
    bool is_null(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    Bytes blob(int column) const;

    /// A FixedBytes stored as blob. Errors: corrupt "store.column" on another length.
    template <class Id>
    Result<Id> id(int column) const
    {
        if (auto parsed = Id::from_bytes(blob_view(column))) return *parsed;
        return fail(ErrorKind::corrupt, "store.column", "column " + std::to_string(column) + " has the wrong length");
    }

private:
    friend class Transaction;
    explicit Rows(std::unique_ptr<internal::Cursor> cursor);
    ByteView blob_view(int column) const;

    std::unique_ptr<internal::Cursor> cursor_;
};

/// Exclusive use of the database's connection, between BEGIN and COMMIT. Rolls back unless committed.
/// Transactions of one Database wait for each other; a second one in the same thread deadlocks.
/// A statement that failed leaves nothing behind; on PostgreSQL only ROLLBACK TO a savepoint or the end can follow it.
class Transaction {
public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// Runs one statement and returns the number of rows it changed.
    /// Errors: conflict "store.constraint"; unavailable "store.busy" (another writer; try again), "store.serialization" (a
    /// writer
    ///         that does not take our lock came between; try again), "store.lost" (the server went away); deadline_exceeded
    ///         "store.timeout"; resource_exhausted "store.full"; corrupt "store.corrupt"; internal "store.sql".
    template <class... Args>
    Result<std::int64_t> run(std::string_view sql, const Args&... args)
    {
        const std::initializer_list<Value> values{Value(args)...};
        return run_values(sql, {values.begin(), values.size()});
    }

    template <class... Args>
    Result<Rows> query(std::string_view sql, const Args&... args)
    {
        const std::initializer_list<Value> values{Value(args)...};
        return query_values(sql, {values.begin(), values.size()});
    }

    Result<std::int64_t> run_values(std::string_view sql, std::span<const Value> values);
    Result<Rows> query_values(std::string_view sql, std::span<const Value> values);

    /// Durable when this returns success, and undone when it fails. Errors: as run; unavailable "store.unknown" when a
    /// server went away while it committed and could not be asked since.
    Status commit();

private:
    friend class Database;
    explicit Transaction(std::shared_ptr<internal::Connection> connection);
    std::shared_ptr<internal::Connection> connection_;  ///< locked while this is set
};

/// One step of the schema's history. Steps are only ever appended; the database remembers which it has.
struct Migration {
    std::string_view name;
    std::string_view sql;  ///< one or more statements in SQLite's words; tables are STRICT
};

struct OpenOptions {
    std::chrono::milliseconds busy_timeout{5'000};        ///< for locks of other processes
    std::chrono::milliseconds statement_timeout{15'000};  ///< PostgreSQL: each statement, and each wait for the server
};

/// One connection, shared by the threads of a service. A connection that broke is made again by the next transaction.
class Database {
public:
    /// `location`: a file, opened or created (mode 0600); or "postgresql://user@host:port/name?options" as libpq reads it,
    /// a database (or with ?options=-csearch_path%3DNAME a schema) of this service alone. Migrates.
    /// Errors: unavailable "store.open"; precondition_failed "store.newer_schema", "store.other_schema" (not ours);
    ///         internal "store.migration"; corrupt "store.corrupt".
    static Result<Database> open(const std::string& location, std::span<const Migration> migrations,
                                 OpenOptions options = {});

    /// For tests and caches: the same, gone with the object.
    static Result<Database> open_memory(std::span<const Migration> migrations);

    /// Takes the write lock of the whole database now, so that a later write cannot fail on it.
    Result<Transaction> begin();

    /// A consistent view for reads; waits for no writer of another Database. `limit` is what all its statements may take
    /// together, counted from when it begins: one that takes longer, or begins later, is deadline_exceeded "store.timeout".
    Result<Transaction> read(std::optional<std::chrono::milliseconds> limit = {});

    /// One statement in its own transaction; tried again when a stranger's write came between (PostgreSQL).
    template <class... Args>
    Result<std::int64_t> run(std::string_view sql, const Args&... args)
    {
        const std::initializer_list<Value> values{Value(args)...};
        return run_values(sql, {values.begin(), values.size()});
    }

    Result<std::int64_t> run_values(std::string_view sql, std::span<const Value> values);

private:
    explicit Database(std::shared_ptr<internal::Connection> connection);
    template <class Begin>
    Result<Transaction> begin_with(const Begin& begin);
    Result<std::int64_t> run_once(std::string_view sql, std::span<const Value> values);
    std::shared_ptr<internal::Connection> connection_;
};

}  // namespace iapp::store
