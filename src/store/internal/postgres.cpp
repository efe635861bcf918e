#include "store/internal/postgres.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <map>
#include <thread>
#include <vector>

#include "store/internal/dialect.hpp"
#include "store/internal/postgres_link.hpp"

namespace iapp::store::internal {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxPrepared = 256;
constexpr milliseconds kMigrationTimeout{600'000};
constexpr Oid kBigint = 20, kText = 25, kDouble = 701, kBytea = 17;

/// The values of one statement as libpq takes them: binary, each with its type, so that nothing is quoted or parsed.
class Binding {
public:
    explicit Binding(std::span<const Value> values)
    {
        numbers_.reserve(values.size());
        for (const Value& value : values) std::visit([this](const auto& v) { add(v); }, value.variant());
    }

    int count() const { return static_cast<int>(types_.size()); }
    const Oid* types() const { return types_.data(); }
    const char* const* data() const { return data_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

    /// Tells apart statements of the same text whose values have other types.
    std::string signature() const
    {
        std::string out;
        for (const Oid type : types_)
            out += type == kBigint ? 'i' : type == kText ? 't' : type == kDouble ? 'd' : type ? 'b' : '0';
        return out;
    }

private:
    void add(std::nullptr_t) { push(0, nullptr, 0); }
    void add(std::int64_t number) { push_number(kBigint, static_cast<std::uint64_t>(number)); }
    void add(double number) { push_number(kDouble, std::bit_cast<std::uint64_t>(number)); }
    void add(std::string_view text) { push(kText, text.data(), text.size()); }
    void add(ByteView blob) { push(kBytea, reinterpret_cast<const char*>(blob.data()), blob.size()); }

    void push_number(Oid type, std::uint64_t bits)
    {
        std::array<char, 8>& wire = numbers_.emplace_back();
        for (std::size_t i = 0; i < wire.size(); ++i) wire[i] = static_cast<char>(bits >> (56 - 8 * i));
        push(type, wire.data(), wire.size());
    }

    void push(Oid type, const char* data, std::size_t size)
    {
        types_.push_back(type);
        data_.push_back(type != 0 && !data ? "" : data);  // a null pointer would be NULL
        lengths_.push_back(static_cast<int>(size));
        formats_.push_back(1);
    }

    std::vector<std::array<char, 8>> numbers_;
    std::vector<Oid> types_;
    std::vector<const char*> data_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

/// A whole result in memory. Columns are text on the wire.
class PostgresCursor final : public Cursor {
public:
    explicit PostgresCursor(Answer answer) : answer_(std::move(answer)) {}

    Result<bool> next() override
    {
        blobs_.clear();
        return ++row_ < libpq().ntuples(answer_.get());
    }

    bool is_null(int column) const override { return libpq().getisnull(answer_.get(), row_, column) != 0; }

    std::int64_t integer(int column) const override
    {
        const std::string_view digits = value(column);
        if (digits == "t") return 1;
        std::int64_t out = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return out;
    }

    double real(int column) const override
    {
        const std::string_view digits = value(column);
        double out = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return out;
    }

    std::string text(int column) const override
    {
        return libpq().ftype(answer_.get(), column) == kBytea ? to_text(blob(column)) : std::string(value(column));
    }

    ByteView blob(int column) const override
    {
        if (libpq().ftype(answer_.get(), column) != kBytea || is_null(column)) return as_bytes(value(column));
        Bytes& bytes = blobs_[column];
        std::size_t size = 0;
        unsigned char* const raw = libpq().unescape_bytea(
            reinterpret_cast<const unsigned char*>(libpq().getvalue(answer_.get(), row_, column)), &size);
        if (raw) bytes.assign(raw, raw + size);
        libpq().freemem(raw);
        return bytes;
    }

private:
    std::string_view value(int column) const
    {
        return {libpq().getvalue(answer_.get(), row_, column),
                static_cast<std::size_t>(libpq().getlength(answer_.get(), row_, column))};
    }

    Answer answer_;
    int row_ = -1;
    mutable std::map<int, Bytes> blobs_;  ///< of the current row, as far as they were asked for
};

class PostgresConnection final : public Connection {
public:
    PostgresConnection(const std::string& url, OpenOptions options) : link_(url, options), options_(options) {}

    Status connect()
    {
        prepared_.clear();
        return link_.connect();
    }

    Status begin_write() override;
    Status begin_read(std::optional<milliseconds> limit) override;
    Status commit() override;
    void rollback() override;
    Result<std::int64_t> run(std::string_view sql, std::span<const Value> values) override;
    Result<std::unique_ptr<Cursor>> query(std::string_view sql, std::span<const Value> values) override;
    Status migrate(std::span<const Migration> migrations) override;

private:
    struct Prepared {
        std::string name;
        std::size_t parameters;
    };
    Status begin(const char* sql);
    Status limit_next(Clock::time_point end);
    Result<Answer> execute(std::string_view sql, std::span<const Value> values);
    Result<const Prepared*> prepare(std::string_view sql, const Binding& binding);
    Result<std::string> scalar(const char* sql, std::span<const Value> values = {});
    Status settle(const std::string& transaction, const Error& why);
    Result<std::vector<std::string>> applied_steps();
    Result<bool> apply_next(std::span<const Migration> migrations);

    PostgresLink link_;
    OpenOptions options_;
    bool is_writing_ = false;
    std::optional<Clock::time_point> end_;                   ///< of a transaction with a limit
    std::map<std::string, Prepared, std::less<>> prepared_;  ///< by types and text
};

/// LOCK waits before the snapshot is taken, so the writer sees what the one before it committed.
constexpr const char* kBeginWrite = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE iapp_migrations IN EXCLUSIVE MODE";
constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

Status PostgresConnection::begin_write()
{
    is_writing_ = true;
    end_.reset();
    return begin(kBeginWrite);
}

Status PostgresConnection::begin_read(std::optional<milliseconds> limit)
{
    is_writing_ = false;
    end_.reset();
    TRY_OK(begin(kBeginRead));
    if (limit) end_ = Clock::now() + *limit;
    return {};
}

Status PostgresConnection::begin(const char* sql)
{
    if (link_.is_up()) {
        Status begun = link_.simple(sql);
        if (begun) return {};
        rollback();
        if (link_.is_up()) return begun;  // the server is there and said no
    }
    TRY_OK(connect());
    const Status begun = link_.simple(sql);
    if (!begun) rollback();
    return begun;
}

void PostgresConnection::rollback()
{
    if (link_.is_in_transaction())
        (void)link_.simple("ROLLBACK");  // fails only when the server is gone, and with it the rest
}

Status PostgresConnection::commit()
{
    std::string transaction;
    if (is_writing_) {
        TRY(transaction, scalar("SELECT CAST(pg_current_xact_id_if_assigned() AS TEXT)"));
    }
    Status committed = link_.simple("COMMIT");
    if (committed || link_.is_up() || transaction.empty()) return committed;
    return settle(transaction, committed.error());
}

/// The server went away between our COMMIT and its answer: asks it, as soon as it is back, what became of the transaction.
Status PostgresConnection::settle(const std::string& transaction, const Error& why)
{
    constexpr int kAttempts = 20;
    constexpr milliseconds kPause{250};
    const Value id(transaction);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        if (!link_.is_up() && !connect()) {
            std::this_thread::sleep_for(kPause);
            continue;
        }
        const auto status = scalar("SELECT pg_xact_status(CAST(CAST(? AS TEXT) AS xid8))", {&id, 1});
        if (status == "committed") return {};
        if (status == "aborted") return std::unexpected(why);
        std::this_thread::sleep_for(kPause);
    }
    return fail(ErrorKind::unavailable, "store.unknown",
                "the server went away during a commit and did not come back: " + why.detail);
}

Result<const PostgresConnection::Prepared*> PostgresConnection::prepare(std::string_view sql, const Binding& binding)
{
    std::string key = binding.signature() + ":" + std::string(sql);
    if (const auto known = prepared_.find(key); known != prepared_.end()) return &known->second;
    if (prepared_.size() >= kMaxPrepared) {
        TRY_OK(link_.simple("DEALLOCATE ALL"));
        prepared_.clear();
    }
    const PostgresQuery query = postgres_query(sql);
    if (query.parameters != static_cast<std::size_t>(binding.count()))
        return fail(ErrorKind::internal, "store.sql", "wrong number of values for: " + std::string(sql));
    const std::string name = "s" + std::to_string(prepared_.size());
    TRY_OK(link_.exchange([&](PGconn* connection) {
        return libpq().send_prepare(connection, name.c_str(), query.sql.c_str(), binding.count(), binding.types());
    }));
    return &prepared_.emplace(std::move(key), Prepared{name, query.parameters}).first->second;
}

/// Lets the server end the next statement by then.
Status PostgresConnection::limit_next(Clock::time_point end)
{
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    if (left <= milliseconds::zero()) return too_slow();
    const auto limit = std::min(left, options_.statement_timeout);
    return link_.simple(("SET LOCAL statement_timeout = " + std::to_string(limit.count())).c_str());
}

Result<Answer> PostgresConnection::execute(std::string_view sql, std::span<const Value> values)
{
    if (end_) TRY_OK(limit_next(*end_));
    const Binding binding(values);
    TRY(const Prepared* const prepared, prepare(sql, binding));
    return link_.exchange([&](PGconn* connection) {
        return libpq().send_query_prepared(connection, prepared->name.c_str(), binding.count(), binding.data(),
                                           binding.lengths(), binding.formats(), 0);
    });
}

Result<std::unique_ptr<Cursor>> PostgresConnection::query(std::string_view sql, std::span<const Value> values)
{
    TRY(Answer answer, execute(sql, values));
    return std::make_unique<PostgresCursor>(std::move(answer));
}

Result<std::int64_t> PostgresConnection::run(std::string_view sql, std::span<const Value> values)
{
    TRY(const Answer answer, execute(sql, values));
    if (libpq().result_status(answer.get()) == PGRES_TUPLES_OK &&
        std::string_view(libpq().cmd_status(answer.get())).starts_with("SELECT"))
        return 0;
    const std::string_view changed(libpq().cmd_tuples(answer.get()));
    std::int64_t out = 0;
    std::from_chars(changed.data(), changed.data() + changed.size(), out);
    return out;
}

Result<std::string> PostgresConnection::scalar(const char* sql, std::span<const Value> values)
{
    TRY(const auto rows, query(sql, values));
    TRY(const bool has_row, rows->next());
    return has_row ? rows->text(0) : std::string{};
}

Result<std::vector<std::string>> PostgresConnection::applied_steps()
{
    std::vector<std::string> out;
    TRY(const auto rows, query("SELECT name FROM iapp_migrations ORDER BY step", {}));
    while (true) {
        TRY(const bool has_row, rows->next());
        if (!has_row) return out;
        out.push_back(rows->text(0));
    }
}

/// Inside a transaction that holds the lock of migrations. False when nothing is left to do.
Result<bool> PostgresConnection::apply_next(std::span<const Migration> migrations)
{
    TRY_OK(link_.simple("CREATE TABLE IF NOT EXISTS iapp_migrations(step BIGINT PRIMARY KEY, name TEXT NOT NULL)"));
    TRY(const auto applied, applied_steps());
    if (applied.size() > migrations.size()) return newer_schema(std::ssize(applied), migrations.size());
    for (std::size_t i = 0; i < applied.size(); ++i)
        if (applied[i] != migrations[i].name)
            return fail(ErrorKind::precondition_failed, "store.other_schema",
                        "step " + std::to_string(i + 1) + " of this database is \"" + applied[i] + "\", not \"" +
                            std::string(migrations[i].name) + "\"; give each service a database or schema of its own");
    if (applied.size() == migrations.size()) return false;
    const Migration& step = migrations[applied.size()];
    Status done = link_.simple(postgres_schema(step.sql).c_str());
    const std::array<Value, 2> row{Value(applied.size() + 1), Value(step.name)};
    if (done) {
        const auto noted = run("INSERT INTO iapp_migrations(step, name) VALUES (?, ?)", row);
        if (!noted) done = std::unexpected(noted.error());
    }
    if (!done) return broken_migration(step.name, done.error());
    return true;
}

Status PostgresConnection::migrate(std::span<const Migration> migrations)
{
    const auto patience = link_.with_timeout(kMigrationTimeout);
    while (true) {
        // Another process may migrate the same database right now. The key is "iappstor" as a number.
        Status begun =
            link_.simple("BEGIN; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(7593470532498059122)");
        if (!begun) {
            rollback();
            return begun;
        }
        const Result<bool> applied = apply_next(migrations);
        if (!applied) {
            rollback();
            return std::unexpected(applied.error());
        }
        TRY_OK(link_.simple("COMMIT"));
        if (!*applied) return {};
    }
}

}  // namespace

bool is_postgres_url(std::string_view location)
{
    return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

Result<std::shared_ptr<Connection>> open_postgres(const std::string& url, OpenOptions options)
{
    auto connection = std::make_shared<PostgresConnection>(url, options);
    TRY_OK(connection->connect());
    return connection;
}

}  // namespace iapp::store::internal
