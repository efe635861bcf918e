// The entities of the DataProtector subgraph: core and sharing.
#include "index/internal/schema_parts.hpp"
#include "index/schema.hpp"

namespace iapp::index {
namespace {

constexpr std::string_view kEntities = R"sql(
    CREATE TABLE protected_data (
        id                          TEXT NOT NULL PRIMARY KEY,  -- the dataset
        owner                       TEXT NOT NULL,
        name                        TEXT NOT NULL,
        json_schema                 TEXT NOT NULL,              -- as announced
        collection                  TEXT,
        is_included_in_subscription INTEGER NOT NULL,
        is_rentable                 INTEGER NOT NULL,
        is_for_sale                 INTEGER NOT NULL,
        rental_params               TEXT,
        sale_params                 TEXT,
        multiaddr                   TEXT NOT NULL,
        checksum                    TEXT NOT NULL,
        creation_timestamp          INTEGER NOT NULL,
        transaction_hash            TEXT NOT NULL,
        block_number                INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX protected_data_owner ON protected_data (owner);
    CREATE INDEX protected_data_collection ON protected_data (collection);
    CREATE INDEX protected_data_newest ON protected_data (creation_timestamp);
    CREATE INDEX protected_data_block ON protected_data (block_number);
    CREATE TABLE schema_entry (
        id           TEXT NOT NULL PRIMARY KEY,  -- <path>:<type>
        path         TEXT NOT NULL,
        type         TEXT NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX schema_entry_block ON schema_entry (block_number);
    CREATE TABLE collection (
        id                  TEXT NOT NULL PRIMARY KEY,  -- decimal
        owner               TEXT NOT NULL,
        subscription_params TEXT,
        creation_timestamp  INTEGER NOT NULL,
        transaction_hash    TEXT NOT NULL,
        block_number        INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX collection_owner ON collection (owner);
    CREATE INDEX collection_newest ON collection (creation_timestamp);
    CREATE INDEX collection_block ON collection (block_number);
    CREATE TABLE subscription_param (
        id           TEXT NOT NULL PRIMARY KEY,  -- the collection
        duration     INTEGER NOT NULL,           -- seconds
        price        BLOB NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE rental_param (
        id           TEXT NOT NULL PRIMARY KEY,  -- the protected data
        duration     INTEGER NOT NULL,           -- seconds
        price        BLOB NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sale_param (
        id           TEXT NOT NULL PRIMARY KEY,  -- the protected data
        price        BLOB NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE collection_subscription (
        id                 TEXT NOT NULL PRIMARY KEY,  -- transaction hash and log index, nothing between
        collection         TEXT NOT NULL,
        subscriber         TEXT NOT NULL,
        end_date           INTEGER NOT NULL,
        creation_timestamp INTEGER NOT NULL,
        transaction_hash   TEXT NOT NULL,
        block_number       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX collection_subscription_collection ON collection_subscription (collection);
    CREATE INDEX collection_subscription_subscriber ON collection_subscription (subscriber);
    CREATE INDEX collection_subscription_block ON collection_subscription (block_number);
    CREATE TABLE rental (
        id                 TEXT NOT NULL PRIMARY KEY,
        renter             TEXT NOT NULL,
        protected_data     TEXT NOT NULL,
        collection         TEXT NOT NULL,
        rental_params      TEXT NOT NULL,
        end_date           INTEGER NOT NULL,
        creation_timestamp INTEGER NOT NULL,
        transaction_hash   TEXT NOT NULL,
        block_number       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rental_renter ON rental (renter);
    CREATE INDEX rental_protected_data ON rental (protected_data);
    CREATE INDEX rental_block ON rental (block_number);
    CREATE TABLE sale (
        id                 TEXT NOT NULL PRIMARY KEY,
        buyer              TEXT NOT NULL,
        protected_data     TEXT NOT NULL,
        collection         TEXT NOT NULL,
        sale_params        TEXT NOT NULL,
        creation_timestamp INTEGER NOT NULL,
        transaction_hash   TEXT NOT NULL,
        block_number       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sale_protected_data ON sale (protected_data);
    CREATE INDEX sale_block ON sale (block_number);
    CREATE TABLE consumption (
        id               TEXT NOT NULL PRIMARY KEY,
        deal_id          TEXT NOT NULL,
        protected_data   TEXT NOT NULL,
        collection       TEXT NOT NULL,
        mode             TEXT NOT NULL,  -- SUBSCRIPTION, RENTING
        transaction_hash TEXT NOT NULL,
        block_number     INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX consumption_protected_data ON consumption (protected_data);
    CREATE INDEX consumption_block ON consumption (block_number);
    CREATE TABLE add_only_app_whitelist (
        id           TEXT NOT NULL PRIMARY KEY,
        owner        TEXT NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX add_only_app_whitelist_owner ON add_only_app_whitelist (owner);
)sql";

constexpr std::string_view kGrowing[] = {
    "protected_data_schema",      "schema_entry", "collection_subscription", "rental", "sale", "consumption",
    "app_add_only_app_whitelists"};

}  // namespace

store::Migration internal::dataprotector_migration()
{
    static const std::string sql =
        std::string(kEntities) + list_table("protected_data_schema") + list_table("app_add_only_app_whitelists");
    return {"index_dataprotector", sql};
}

std::span<const std::string_view> internal::growing_dataprotector_tables() { return kGrowing; }

}  // namespace iapp::index
