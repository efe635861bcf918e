#include "resultproxy/internal/book.hpp"

namespace iapp::resultproxy::internal {
namespace {

constexpr store::Migration kMigrations[] = {{"tokens, authorizations, results", R"(
CREATE TABLE token (wallet BLOB PRIMARY KEY, token TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE worker_authorization (
    task BLOB NOT NULL, wallet BLOB NOT NULL, enclave BLOB NOT NULL, PRIMARY KEY (task, wallet)
) STRICT;
CREATE TABLE result (task BLOB PRIMARY KEY, wallet BLOB NOT NULL, cid TEXT NOT NULL) STRICT;
)"}};

Status done(const Result<std::int64_t>& changed)
{
    if (!changed) return std::unexpected(changed.error());
    return {};
}

Result<std::optional<std::string>> find_text(store::Transaction& transaction, std::string_view sql, store::Value key)
{
    TRY(auto rows, transaction.query_values(sql, {&key, 1}));
    TRY(const bool found, rows.next());
    return found ? std::optional(rows.text(0)) : std::nullopt;
}

}  // namespace

Result<Book> Book::open(const std::filesystem::path& file)
{
    TRY(auto database, store::Database::open(file, kMigrations));
    return Book(std::move(database));
}

Result<std::optional<std::string>> Book::cid_of(const poco::TaskId& task)
{
    TRY(auto transaction, database_.read());
    return find_text(transaction, "SELECT cid FROM result WHERE task = ?", task);
}

Result<std::optional<eth::Address>> Book::wallet_of(std::string_view token)
{
    TRY(auto transaction, database_.read());
    TRY(auto rows, transaction.query("SELECT wallet FROM token WHERE token = ?", token));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<eth::Address>{};
    TRY(const auto wallet, rows.id<eth::Address>(0));
    return std::optional(wallet);
}

Result<std::optional<eth::Address>> Book::enclave_of(const poco::TaskId& task, const eth::Address& wallet)
{
    TRY(auto transaction, database_.read());
    TRY(auto rows,
        transaction.query("SELECT enclave FROM worker_authorization WHERE task = ? AND wallet = ?", task, wallet));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<eth::Address>{};
    TRY(const auto enclave, rows.id<eth::Address>(0));
    return std::optional(enclave);
}

Result<std::string> Book::grant(const eth::Address& wallet, const poco::TaskId& task, const eth::Address& enclave,
                                const std::function<std::string(std::optional<std::string>)>& choose)
{
    TRY(auto transaction, database_.begin());
    TRY(auto known, find_text(transaction, "SELECT token FROM token WHERE wallet = ?", wallet));
    std::string token = choose(std::move(known));
    TRY_OK(done(transaction.run("INSERT INTO token VALUES (?, ?) ON CONFLICT (wallet) DO UPDATE SET token = excluded.token",
                                wallet, token)));
    TRY_OK(
        done(transaction.run("INSERT INTO worker_authorization VALUES (?, ?, ?) ON CONFLICT (task, wallet) DO UPDATE SET "
                             "enclave = excluded.enclave",
                             task, wallet, enclave)));
    TRY_OK(transaction.commit());
    return token;
}

Status Book::store(const poco::TaskId& task, const eth::Address& wallet, std::string_view cid)
{
    TRY(auto transaction, database_.begin());
    TRY(const auto added, transaction.run("INSERT OR IGNORE INTO result VALUES (?, ?, ?)", task, wallet, cid));
    if (added == 0) return fail(ErrorKind::conflict, "result_proxy.exists", "the task has a result already");
    TRY_OK(done(transaction.run("DELETE FROM worker_authorization WHERE task = ? AND wallet = ?", task, wallet)));
    return transaction.commit();
}

}  // namespace iapp::resultproxy::internal
