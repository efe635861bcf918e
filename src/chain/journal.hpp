#pragma once
// What we signed, written down before it is sent, so that a crash between sending and the receipt never sends twice.
// Not a history: an entry goes when its transaction is settled.
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "eth/transaction.hpp"
#include "store/database.hpp"

namespace iapp::chain {

/// One signed transaction that may or may not have reached the chain.
struct JournalEntry {
    std::string key;  ///< the caller's name for the effect: "initialize 0x<deal> 3"
    eth::Address from;
    std::uint64_t nonce;
    Hash256 hash;
    Bytes raw;
};

class TransactionJournal {
public:
    virtual ~TransactionJournal() = default;

    /// The unsettled entry of `key`, the one with the highest nonce when fees were raised.
    virtual Result<std::optional<JournalEntry>> find(const std::string& key) = 0;

    /// The unsettled entry that takes `nonce` of `from`.
    virtual Result<std::optional<JournalEntry>> find(const eth::Address& from, std::uint64_t nonce) = 0;

    /// Durable when this returns success; called before the transaction is sent. Replaces the entry of the same key.
    virtual Status record(const JournalEntry& entry) = 0;

    /// The effect is on the chain, or the entry can never be mined.
    virtual Status settle(const std::string& key) = 0;
};

/// The table of StoredJournal; goes into the migrations of the database that holds it.
extern const store::Migration kJournalMigration;

class StoredJournal final : public TransactionJournal {
public:
    /// `database` must outlive the journal and have kJournalMigration.
    explicit StoredJournal(store::Database& database) : database_(database) {}

    Result<std::optional<JournalEntry>> find(const std::string& key) override;
    Result<std::optional<JournalEntry>> find(const eth::Address& from, std::uint64_t nonce) override;
    Status record(const JournalEntry& entry) override;
    Status settle(const std::string& key) override;

private:
    store::Database& database_;
};

}  // namespace iapp::chain
