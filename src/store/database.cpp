#include "store/database.hpp"

#include "store/internal/connection.hpp"
#include "store/internal/postgres.hpp"
#include "store/internal/sqlite.hpp"

namespace iapp::store {

// ---- Rows

Rows::Rows(std::unique_ptr<internal::Cursor> cursor) : cursor_(std::move(cursor)) {}
Rows::Rows(Rows&& other) noexcept = default;
Rows::~Rows() = default;

Result<bool> Rows::next() { return cursor_->next(); }
bool Rows::is_null(int column) const { return cursor_->is_null(column); }
std::int64_t Rows::integer(int column) const { return cursor_->integer(column); }
double Rows::real(int column) const { return cursor_->real(column); }
std::string Rows::text(int column) const { return cursor_->text(column); }
ByteView Rows::blob_view(int column) const { return cursor_->blob(column); }
Bytes Rows::blob(int column) const { return to_bytes(cursor_->blob(column)); }

// ---- Transaction

Transaction::Transaction(std::shared_ptr<internal::Connection> connection) : connection_(std::move(connection)) {}

Transaction::Transaction(Transaction&&) noexcept = default;

Transaction::~Transaction()
{
    if (!connection_) return;
    connection_->rollback();
    connection_->lock().unlock();
}

Result<std::int64_t> Transaction::run_values(std::string_view sql, std::span<const Value> values)
{
    return connection_->run(sql, values);
}

Result<Rows> Transaction::query_values(std::string_view sql, std::span<const Value> values)
{
    TRY(auto cursor, connection_->query(sql, values));
    return Rows(std::move(cursor));
}

Status Transaction::commit()
{
    TRY_OK(connection_->commit());
    const auto connection = std::exchange(connection_, nullptr);
    connection->lock().unlock();
    return {};
}

// ---- Database

Database::Database(std::shared_ptr<internal::Connection> connection) : connection_(std::move(connection)) {}

Result<Database> Database::open(const std::string& location, std::span<const Migration> migrations, OpenOptions options)
{
    const bool is_url = internal::is_postgres_url(location);
    TRY(auto connection, is_url ? internal::open_postgres(location, options) : internal::open_sqlite(location, options));
    TRY_OK(connection->migrate(migrations));
    return Database(std::move(connection));
}

Result<Database> Database::open_memory(std::span<const Migration> migrations)
{
    return open(std::string(internal::kMemory), migrations);
}

template <class Begin>
Result<Transaction> Database::begin_with(const Begin& begin)
{
    connection_->lock().lock();
    const Status begun = begin();
    if (begun) return Transaction(connection_);
    connection_->lock().unlock();
    return std::unexpected(begun.error());
}

Result<Transaction> Database::begin()
{
    return begin_with([this] { return connection_->begin_write(); });
}

Result<Transaction> Database::read(std::optional<std::chrono::milliseconds> limit)
{
    return begin_with([&] { return connection_->begin_read(limit); });
}

Result<std::int64_t> Database::run_once(std::string_view sql, std::span<const Value> values)
{
    TRY(Transaction transaction, begin());
    TRY(const std::int64_t changed, transaction.run_values(sql, values));
    TRY_OK(transaction.commit());
    return changed;
}

Result<std::int64_t> Database::run_values(std::string_view sql, std::span<const Value> values)
{
    constexpr int kAttempts = 3;
    for (int attempt = 1; true; ++attempt) {
        const auto changed = run_once(sql, values);
        if (changed || changed.error().reason != "store.serialization" || attempt == kAttempts) return changed;
    }
}

// ---- Migrations

namespace internal {

std::unexpected<Error> too_slow()
{
    return fail(ErrorKind::deadline_exceeded, "store.timeout", "the statements took longer than this transaction may");
}

std::unexpected<Error> newer_schema(std::int64_t applied, std::size_t known)
{
    return fail(ErrorKind::precondition_failed, "store.newer_schema",
                "the database has schema " + std::to_string(applied) + ", this program knows " + std::to_string(known) +
                    "; use a newer program");
}

std::unexpected<Error> broken_migration(std::string_view name, const Error& why)
{
    return fail(ErrorKind::internal, "store.migration", std::string(name) + ": " + why.detail);
}

}  // namespace internal

}  // namespace iapp::store
