#include "store/internal/sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <vector>

#include "store/internal/checkpointer.hpp"

namespace iapp::store::internal {
namespace {

constexpr std::size_t kMaxCachedStatements = 256;

/// How long bound bytes stay where they are: until the statement ends, or only until the call that binds them returns.
enum class Lent : unsigned char { for_the_statement, for_the_call };

struct Binder {
    sqlite3_stmt* statement;
    int index;
    sqlite3_destructor_type keep;

    int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t number) const { return sqlite3_bind_int64(statement, index, number); }
    int operator()(double number) const { return sqlite3_bind_double(statement, index, number); }
    int operator()(std::string_view text) const
    {
        const char* const data = text.data() ? text.data() : "";  // a null pointer would bind NULL
        return sqlite3_bind_text64(statement, index, data, text.size(), keep, SQLITE_UTF8);
    }
    int operator()(ByteView blob) const
    {
        const void* const data = blob.data() ? static_cast<const void*>(blob.data()) : "";
        return sqlite3_bind_blob64(statement, index, data, blob.size(), keep);
    }
};

int bind_all(sqlite3_stmt* statement, std::span<const Value> values, Lent lent)
{
    const sqlite3_destructor_type keep = lent == Lent::for_the_statement ? SQLITE_STATIC : SQLITE_TRANSIENT;
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != values.size()) return SQLITE_RANGE;
    int index = 0;
    for (const Value& value : values)
        if (const int code = std::visit(Binder{statement, ++index, keep}, value.variant()); code != SQLITE_OK) return code;
    return SQLITE_OK;
}

class SqliteConnection final : public Connection, public std::enable_shared_from_this<SqliteConnection> {
public:
    SqliteConnection(sqlite3* handle, const std::string& file) : handle_(handle), checkpointer_(file) {}
    ~SqliteConnection() override;

    Status begin_write() override { return control("BEGIN IMMEDIATE"); }
    Status begin_read(std::optional<std::chrono::milliseconds> limit) override
    {
        TRY_OK(control("BEGIN"));
        if (limit) end_at(std::chrono::steady_clock::now() + *limit);
        return {};
    }
    Status commit() override
    {
        end_at({});
        return control("COMMIT");
    }
    void rollback() override
    {
        end_at({});
        (void)control("ROLLBACK");  // fails only when SQLite has rolled back by itself
    }

    Result<std::int64_t> run(std::string_view sql, std::span<const Value> values) override;
    Result<std::unique_ptr<Cursor>> query(std::string_view sql, std::span<const Value> values) override;
    Status migrate(std::span<const Migration> migrations) override;

    Status configure(OpenOptions options);

    /// Gives a statement back to the cache.
    void release(std::string_view sql, sqlite3_stmt* statement);

    /// What the last failed call means to a caller.
    std::unexpected<Error> explain(int code) const;

private:
    /// Interrupts what still runs then; nothing for no end.
    void end_at(std::optional<std::chrono::steady_clock::time_point> end);
    bool is_late() const { return end_ && std::chrono::steady_clock::now() > *end_; }

    /// Statements without parameters or rows; `sql` may hold several.
    Status execute(const std::string& sql);
    Status control(std::string_view sql);
    Result<std::unique_ptr<Cursor>> start(std::string_view sql, std::span<const Value> values, Lent lent);
    Result<sqlite3_stmt*> prepare(std::string_view sql);
    Result<std::int64_t> number(const char* sql);

    sqlite3* handle_;
    std::optional<std::chrono::steady_clock::time_point> end_;
    Checkpointer checkpointer_;
    std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;  ///< prepared and not in use, by SQL text
};

class SqliteCursor final : public Cursor {
public:
    SqliteCursor(std::shared_ptr<SqliteConnection> connection, sqlite3_stmt* statement, std::string_view sql)
        : connection_(std::move(connection)), statement_(statement), sql_(sql)
    {
    }
    ~SqliteCursor() override { connection_->release(sql_, statement_); }

    Result<bool> next() override
    {
        const int code = sqlite3_step(statement_);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        return connection_->explain(code);
    }

    bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
    double real(int column) const override { return sqlite3_column_double(statement_, column); }
    std::string text(int column) const override
    {
        const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return data ? std::string(data, size) : std::string{};
    }
    ByteView blob(int column) const override
    {
        const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return data ? ByteView(data, size) : ByteView{};
    }

private:
    std::shared_ptr<SqliteConnection> connection_;
    sqlite3_stmt* statement_;
    std::string sql_;
};

}  // namespace

Result<std::shared_ptr<Connection>> open_sqlite(const std::string& file, OpenOptions options)
{
    if (file != kMemory) {  // made here because SQLite would make it readable for all; its journals take over the mode
        // A file that is there is left alone: closing it would give up the locks of this process's other connections.
        const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (made < 0 && errno != EEXIST)
            return fail(ErrorKind::unavailable, "store.open", "cannot open " + file + ": " + std::strerror(errno));
        if (made >= 0) ::close(made);
    }
    sqlite3* handle = nullptr;
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &handle, kFlags, nullptr);
    auto connection = std::make_shared<SqliteConnection>(handle, file);
    if (code != SQLITE_OK)
        return fail(ErrorKind::unavailable, "store.open", "cannot open " + file + ": " + sqlite3_errstr(code));
    TRY_OK(connection->configure(options));
    return connection;
}

SqliteConnection::~SqliteConnection()
{
    for (const auto& [sql, statements] : idle_)
        for (sqlite3_stmt* const statement : statements) sqlite3_finalize(statement);
    sqlite3_close_v2(handle_);
}

Status SqliteConnection::configure(OpenOptions options)
{
    sqlite3_busy_timeout(handle_, static_cast<int>(options.busy_timeout.count()));
    const auto hook = [](void* checkpointer, sqlite3* connection, const char*, int pages) {
        static_cast<Checkpointer*>(checkpointer)->on_commit(connection, pages);
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_, hook, &checkpointer_);  // instead of SQLite's own checkpoints
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);  // "x" is a column, never a string
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    return execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; "
        "PRAGMA cache_size = -65536;");  // KiB at most: who writes all over a file must not read each page again
}

void SqliteConnection::end_at(std::optional<std::chrono::steady_clock::time_point> end)
{
    constexpr int kSteps = 1'000;  ///< of SQLite's machine, some microseconds each at most
    if (!end && !end_) return;
    end_ = end;
    const auto stop = [](void* connection) {
        return static_cast<int>(static_cast<SqliteConnection*>(connection)->is_late());
    };
    sqlite3_progress_handler(handle_, end_ ? kSteps : 0, stop, this);
}

std::unexpected<Error> SqliteConnection::explain(int code) const
{
    const std::string text = sqlite3_errmsg(handle_);
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return fail(ErrorKind::conflict, "store.constraint", text);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(ErrorKind::unavailable, "store.busy", text + "; try again");
        case SQLITE_INTERRUPT:
            return too_slow();
        case SQLITE_FULL:
            return fail(ErrorKind::resource_exhausted, "store.full", text + "; make room on the disk");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(ErrorKind::corrupt, "store.corrupt", text + "; restore the file from a backup");
        default:
            return fail(ErrorKind::internal, "store.sql", text);
    }
}

Status SqliteConnection::execute(const std::string& sql)
{
    if (const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK)
        return explain(code);
    return {};
}

/// Begins and ends a transaction: statements that are prepared once.
Status SqliteConnection::control(std::string_view sql)
{
    TRY(const auto rows, start(sql, {}, Lent::for_the_statement));
    TRY_OK(rows->next());
    return {};
}

Result<sqlite3_stmt*> SqliteConnection::prepare(std::string_view sql)
{
    if (const auto cached = idle_.find(sql); cached != idle_.end() && !cached->second.empty()) {
        sqlite3_stmt* const statement = cached->second.back();
        cached->second.pop_back();
        return statement;
    }
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int code =
        sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, &rest);
    if (code != SQLITE_OK) return explain(code);
    const std::string_view after(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
    if (!statement || after.find_first_not_of(" \t\r\n;") != after.npos) {
        sqlite3_finalize(statement);
        return fail(ErrorKind::internal, "store.sql", "exactly one statement is expected");
    }
    return statement;
}

void SqliteConnection::release(std::string_view sql, sqlite3_stmt* statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    auto at = idle_.find(sql);
    if (at == idle_.end() && idle_.size() < kMaxCachedStatements) at = idle_.try_emplace(std::string(sql)).first;
    if (at == idle_.end()) sqlite3_finalize(statement);
    else at->second.push_back(statement);
}

Result<std::unique_ptr<Cursor>> SqliteConnection::query(std::string_view sql, std::span<const Value> values)
{
    return start(sql, values, Lent::for_the_call);
}

Result<std::unique_ptr<Cursor>> SqliteConnection::start(std::string_view sql, std::span<const Value> values, Lent lent)
{
    if (is_late()) return too_slow();
    TRY(sqlite3_stmt* const statement, prepare(sql));
    auto rows = std::make_unique<SqliteCursor>(shared_from_this(), statement, sql);
    const int code = bind_all(statement, values, lent);
    if (code == SQLITE_RANGE)
        return fail(ErrorKind::internal, "store.sql", "wrong number of values for: " + std::string(sql));
    if (code != SQLITE_OK) return explain(code);
    return rows;
}

Result<std::int64_t> SqliteConnection::run(std::string_view sql, std::span<const Value> values)
{
    const std::int64_t before = sqlite3_total_changes64(handle_);
    TRY(const auto rows, start(sql, values, Lent::for_the_statement));
    while (true) {
        TRY(const bool has_row, rows->next());
        if (!has_row) return sqlite3_total_changes64(handle_) - before;
    }
}

Result<std::int64_t> SqliteConnection::number(const char* sql)
{
    TRY(const auto rows, query(sql, {}));
    TRY(const bool has_row, rows->next());
    return has_row ? rows->integer(0) : 0;
}

Status SqliteConnection::migrate(std::span<const Migration> migrations)
{
    while (true) {
        TRY_OK(execute("BEGIN IMMEDIATE"));  // another process may migrate the same file right now
        const Result<std::int64_t> version = number("PRAGMA user_version");
        const bool is_done = version && *version >= static_cast<std::int64_t>(migrations.size());
        if (!version || is_done) {
            TRY_OK(execute("ROLLBACK"));
            if (!version) return std::unexpected(version.error());
            if (*version == static_cast<std::int64_t>(migrations.size())) return {};
            return newer_schema(*version, migrations.size());
        }
        const Migration& step = migrations[static_cast<std::size_t>(*version)];
        Status applied = execute(std::string(step.sql));
        if (applied) applied = execute("PRAGMA user_version = " + std::to_string(*version + 1));
        if (applied) applied = execute("COMMIT");
        if (applied) continue;
        if (!sqlite3_get_autocommit(handle_)) TRY_OK(execute("ROLLBACK"));
        return broken_migration(step.name, applied.error());
    }
}

}  // namespace iapp::store::internal
