#include "store/database.hpp"

#include "store/internal/connection.hpp"

namespace iapp::store {

// ---- Rows

Rows::Rows(std::shared_ptr<internal::Connection> connection, sqlite3_stmt* statement, std::string_view sql)
    : connection_(std::move(connection)), statement_(statement), sql_(sql)
{
}

Rows::Rows(Rows&& other) noexcept
    : connection_(std::move(other.connection_)),
      statement_(std::exchange(other.statement_, nullptr)),
      sql_(std::move(other.sql_))
{
}

Rows::~Rows()
{
    if (statement_) connection_->release(sql_, statement_);
}

Result<bool> Rows::next()
{
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return connection_->explain(code);
}

bool Rows::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Rows::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Rows::text(int column) const
{
    const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data ? std::string(data, size) : std::string{};
}

ByteView Rows::blob_view(int column) const
{
    const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data ? ByteView(data, size) : ByteView{};
}

Bytes Rows::blob(int column) const { return to_bytes(blob_view(column)); }

// ---- Transaction

Transaction::Transaction(std::shared_ptr<internal::Connection> connection) : connection_(std::move(connection)) {}

Transaction::Transaction(Transaction&&) noexcept = default;

Transaction::~Transaction()
{
    if (!connection_) return;
    (void)connection_->execute("ROLLBACK");  // fails only when SQLite has rolled back by itself
    connection_->lock().unlock();
}

Result<std::int64_t> Transaction::run_values(std::string_view sql, std::span<const Value> values)
{
    return connection_->run(sql, values);
}

Result<Rows> Transaction::query_values(std::string_view sql, std::span<const Value> values)
{
    return connection_->query(sql, values);
}

std::int64_t Transaction::last_insert_id() const { return connection_->last_insert_id(); }

Status Transaction::commit()
{
    TRY_OK(connection_->run("COMMIT", {}));
    const auto connection = std::exchange(connection_, nullptr);
    connection->lock().unlock();
    return {};
}

// ---- Database

Database::Database(std::shared_ptr<internal::Connection> connection) : connection_(std::move(connection)) {}

Result<Database> Database::open(const std::filesystem::path& file, std::span<const Migration> migrations,
                                OpenOptions options)
{
    TRY(auto connection, internal::Connection::open(file.string(), options));
    TRY_OK(connection->migrate(migrations));
    return Database(std::move(connection));
}

Result<Database> Database::open_memory(std::span<const Migration> migrations) { return open(internal::kMemory, migrations); }

namespace {

Status begin_with(internal::Connection& connection, std::string_view sql)
{
    connection.lock().lock();
    const auto begun = connection.run(sql, {});
    if (begun) return {};
    connection.lock().unlock();
    return std::unexpected(begun.error());
}

}  // namespace

Result<Transaction> Database::begin()
{
    TRY_OK(begin_with(*connection_, "BEGIN IMMEDIATE"));
    return Transaction(connection_);
}

Result<Transaction> Database::read()
{
    TRY_OK(begin_with(*connection_, "BEGIN"));
    return Transaction(connection_);
}

}  // namespace iapp::store
