// The journal as one small table. Nothing here talks to the chain.
#include "chain/journal.hpp"

namespace iapp::chain {
namespace {

/// Columns key, sender, nonce, hash, raw.
Result<std::optional<JournalEntry>> first_entry(store::Rows& rows)
{
    TRY(const bool found, rows.next());
    if (!found) return std::optional<JournalEntry>{};
    TRY(const eth::Address from, rows.id<eth::Address>(1));
    TRY(const Hash256 hash, rows.id<Hash256>(3));
    return std::optional{
        JournalEntry{std::string(rows.text(0)), from, static_cast<std::uint64_t>(rows.integer(2)), hash, rows.blob(4)}};
}

}  // namespace

const store::Migration kJournalMigration{"chain_journal", R"sql(
    CREATE TABLE chain_journal (
        key    TEXT PRIMARY KEY NOT NULL,
        sender BLOB NOT NULL,
        nonce  INTEGER NOT NULL,
        hash   BLOB NOT NULL,
        raw    BLOB NOT NULL
    ) STRICT;
)sql"};

Result<std::optional<JournalEntry>> StoredJournal::find(const std::string& key)
{
    TRY(store::Transaction transaction, database_.read());
    TRY(store::Rows rows, transaction.query("SELECT key, sender, nonce, hash, raw FROM chain_journal WHERE key = ?", key));
    return first_entry(rows);
}

Result<std::optional<JournalEntry>> StoredJournal::find(const eth::Address& from, std::uint64_t nonce)
{
    TRY(store::Transaction transaction, database_.read());
    TRY(store::Rows rows,
        transaction.query("SELECT key, sender, nonce, hash, raw FROM chain_journal WHERE sender = ? AND nonce = ?", from,
                          nonce));
    return first_entry(rows);
}

Status StoredJournal::record(const JournalEntry& entry)
{
    constexpr std::string_view kRecord =
        "INSERT INTO chain_journal (key, sender, nonce, hash, raw) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
        "sender = excluded.sender, nonce = excluded.nonce, hash = excluded.hash, raw = excluded.raw";
    TRY_OK(database_.run(kRecord, entry.key, entry.from, entry.nonce, entry.hash, entry.raw));
    return {};
}

Status StoredJournal::settle(const std::string& key)
{
    TRY_OK(database_.run("DELETE FROM chain_journal WHERE key = ?", key));
    return {};
}

}  // namespace iapp::chain
