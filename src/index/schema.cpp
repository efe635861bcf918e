// The entities of the PoCo subgraph, and the order of all migrations. Its events are in schema_events.cpp.
#include "index/schema.hpp"

#include <array>
#include <string>
#include <vector>

#include "chain/follower.hpp"
#include "index/internal/schema_parts.hpp"

namespace iapp::index {
namespace {

// Tables with many indexes have row numbers: each index entry would repeat the long id otherwise.
constexpr std::string_view kEntities = R"sql(
    CREATE TABLE index_scope (
        id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
        scope TEXT NOT NULL              -- which contracts, from which block
    ) STRICT;
    CREATE TABLE account (
        id           TEXT NOT NULL PRIMARY KEY,
        balance      BLOB NOT NULL,      -- free stake
        frozen       BLOB NOT NULL,      -- locked stake
        score        INTEGER NOT NULL,   -- of a worker
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE protocol (
        id                    TEXT NOT NULL PRIMARY KEY,  -- "iExec", the only row
        tvl                   BLOB NOT NULL,              -- all stake there is
        apps_count            INTEGER NOT NULL,
        datasets_count        INTEGER NOT NULL,
        workerpools_count     INTEGER NOT NULL,
        categories_count      INTEGER NOT NULL,
        deals_count           INTEGER NOT NULL,
        tasks_count           INTEGER NOT NULL,           -- of all deals, initialised or not
        completed_tasks_count INTEGER NOT NULL,
        block_number          INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE app (
        id                   TEXT NOT NULL PRIMARY KEY,
        owner                TEXT NOT NULL,
        name                 TEXT NOT NULL,
        type                 TEXT NOT NULL,
        multiaddr            TEXT NOT NULL,
        checksum             TEXT NOT NULL,
        mrenclave            TEXT NOT NULL,
        timestamp            INTEGER NOT NULL,
        usage_count          INTEGER NOT NULL,  -- tasks of its deals
        last_usage_timestamp INTEGER NOT NULL,  -- 0: never
        block_number         INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX app_owner ON app (owner);
    CREATE INDEX app_newest ON app (timestamp);
    CREATE INDEX app_block ON app (block_number);
    CREATE TABLE dataset (
        id                   TEXT NOT NULL PRIMARY KEY,
        owner                TEXT NOT NULL,
        name                 TEXT NOT NULL,
        multiaddr            TEXT NOT NULL,
        checksum             TEXT NOT NULL,
        timestamp            INTEGER NOT NULL,
        usage_count          INTEGER NOT NULL,
        last_usage_timestamp INTEGER NOT NULL,
        block_number         INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX dataset_owner ON dataset (owner);
    CREATE INDEX dataset_newest ON dataset (timestamp);
    CREATE INDEX dataset_block ON dataset (block_number);
    CREATE TABLE workerpool (
        id                     TEXT NOT NULL PRIMARY KEY,
        owner                  TEXT NOT NULL,
        description            TEXT NOT NULL,
        worker_stake_ratio     BLOB NOT NULL,
        scheduler_reward_ratio BLOB NOT NULL,
        timestamp              INTEGER NOT NULL,
        usage_count            INTEGER NOT NULL,
        last_usage_timestamp   INTEGER NOT NULL,
        block_number           INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX workerpool_owner ON workerpool (owner);
    CREATE INDEX workerpool_newest ON workerpool (timestamp);
    CREATE INDEX workerpool_block ON workerpool (block_number);
    CREATE TABLE category (
        id                  TEXT NOT NULL PRIMARY KEY,  -- decimal
        name                TEXT NOT NULL,
        description         TEXT NOT NULL,
        work_clock_time_ref BLOB NOT NULL,
        timestamp           INTEGER NOT NULL,
        block_number        INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE deal (
        id                     TEXT NOT NULL PRIMARY KEY,
        app                    TEXT NOT NULL,
        app_owner              TEXT NOT NULL,
        app_price              BLOB NOT NULL,
        dataset                TEXT,
        dataset_owner          TEXT NOT NULL,
        dataset_price          BLOB NOT NULL,
        workerpool             TEXT NOT NULL,
        workerpool_owner       TEXT NOT NULL,
        workerpool_price       BLOB NOT NULL,
        trust                  BLOB NOT NULL,
        category               TEXT NOT NULL,
        tag                    TEXT NOT NULL,
        requester              TEXT NOT NULL,
        beneficiary            TEXT NOT NULL,
        callback               TEXT NOT NULL,
        params                 TEXT NOT NULL,
        start_time             INTEGER NOT NULL,
        bot_first              BLOB NOT NULL,
        bot_size               BLOB NOT NULL,
        completed_tasks_count  INTEGER NOT NULL,
        claimed_tasks_count    INTEGER NOT NULL,
        worker_stake           BLOB NOT NULL,
        scheduler_reward_ratio BLOB NOT NULL,
        sponsor                TEXT NOT NULL,
        timestamp              INTEGER NOT NULL,
        apporder               TEXT NOT NULL,
        datasetorder           TEXT,
        workerpoolorder        TEXT NOT NULL,
        requestorder           TEXT NOT NULL,
        bulk                   TEXT,              -- names the deal itself when the deal is a bulk
        block_number           INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX deal_app ON deal (app);
    CREATE INDEX deal_dataset ON deal (dataset);
    CREATE INDEX deal_workerpool ON deal (workerpool);
    CREATE INDEX deal_requester ON deal (requester);
    CREATE INDEX deal_beneficiary ON deal (beneficiary);
    CREATE INDEX deal_callback ON deal (callback);
    CREATE INDEX deal_category ON deal (category);
    CREATE INDEX deal_apporder ON deal (apporder);
    CREATE INDEX deal_datasetorder ON deal (datasetorder);
    CREATE INDEX deal_workerpoolorder ON deal (workerpoolorder);
    CREATE INDEX deal_requestorder ON deal (requestorder);
    CREATE INDEX deal_newest ON deal (timestamp);
    CREATE INDEX deal_block ON deal (block_number);
    CREATE TABLE bulk (
        id           TEXT NOT NULL PRIMARY KEY,  -- the deal's
        deal         TEXT NOT NULL,
        hash         TEXT NOT NULL,              -- CID of the root
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX bulk_block ON bulk (block_number);
    CREATE TABLE bulk_slice (
        id           TEXT NOT NULL PRIMARY KEY,  -- <deal>-<index>
        bulk         TEXT NOT NULL,
        hash         TEXT NOT NULL,              -- CID of the slice
        task         TEXT NOT NULL,              -- there may be no such row yet
        "index"      BLOB NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX bulk_slice_bulk ON bulk_slice (bulk);
    CREATE INDEX bulk_slice_task ON bulk_slice (task);
    CREATE INDEX bulk_slice_block ON bulk_slice (block_number);
    CREATE TABLE bulk_fetch (
        deal          TEXT NOT NULL PRIMARY KEY,
        cid           TEXT NOT NULL,
        attempts      INTEGER NOT NULL,
        next_attempt  INTEGER NOT NULL,          -- Unix milliseconds
        block_number  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX bulk_fetch_next ON bulk_fetch (next_attempt);
    CREATE TABLE task (
        id                    TEXT NOT NULL PRIMARY KEY,
        status                TEXT NOT NULL,     -- ACTIVE, REVEALING, COMPLETED, FAILLED
        deal                  TEXT NOT NULL,
        "index"               BLOB NOT NULL,
        requester             TEXT NOT NULL,
        consensus             TEXT,
        result_digest         TEXT,
        results               TEXT,              -- hex of the link's text
        results_callback      TEXT,
        contribution_deadline INTEGER NOT NULL,
        reveal_deadline       INTEGER,
        final_deadline        INTEGER NOT NULL,
        timestamp             INTEGER NOT NULL,  -- of the last change
        block_number          INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX task_deal ON task (deal);
    CREATE INDEX task_requester ON task (requester);
    CREATE INDEX task_newest ON task (timestamp);
    CREATE INDEX task_block ON task (block_number);
    CREATE TABLE contribution (
        id           TEXT NOT NULL PRIMARY KEY,  -- <task>-<worker>
        status       TEXT NOT NULL,              -- CONTRIBUTED, PROVED, REJECTED
        timestamp    INTEGER NOT NULL,
        task         TEXT NOT NULL,
        worker       TEXT NOT NULL,
        hash         TEXT NOT NULL,
        seal         TEXT NOT NULL,
        challenge    TEXT NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX contribution_task ON contribution (task);
    CREATE INDEX contribution_worker ON contribution (worker);
    CREATE INDEX contribution_block ON contribution (block_number);
    CREATE TABLE "transaction" (
        id           TEXT NOT NULL PRIMARY KEY,
        timestamp    INTEGER NOT NULL,
        block_number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX transaction_block ON "transaction" (block_number);
)sql";

// Members of an order that the chain does not repeat are NULL unless the match's calldata showed them.
constexpr std::string_view kOrders = R"sql(
    CREATE TABLE app_order (
        id                 TEXT NOT NULL PRIMARY KEY,
        app                TEXT NOT NULL,
        appprice           BLOB NOT NULL,
        volume             BLOB,
        tag                TEXT,
        datasetrestrict    TEXT,
        workerpoolrestrict TEXT,
        requesterrestrict  TEXT,
        salt               TEXT,
        sign               TEXT,
        block_number       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX app_order_app ON app_order (app);
    CREATE INDEX app_order_block ON app_order (block_number);
    CREATE TABLE dataset_order (
        id                 TEXT NOT NULL PRIMARY KEY,  -- in a bulk: <task>-<position>
        dataset            TEXT NOT NULL,
        datasetprice       BLOB NOT NULL,
        volume             BLOB,
        tag                TEXT,
        apprestrict        TEXT,
        workerpoolrestrict TEXT,
        requesterrestrict  TEXT,
        salt               TEXT,
        sign               TEXT,
        block_number       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX dataset_order_dataset ON dataset_order (dataset);
    CREATE INDEX dataset_order_block ON dataset_order (block_number);
    CREATE TABLE workerpool_order (
        id                TEXT NOT NULL PRIMARY KEY,
        workerpool        TEXT NOT NULL,
        workerpoolprice   BLOB NOT NULL,
        volume            BLOB,
        tag               TEXT,
        category          TEXT,
        trust             BLOB,
        apprestrict       TEXT,
        datasetrestrict   TEXT,
        requesterrestrict TEXT,
        salt              TEXT,
        sign              TEXT,
        block_number      INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX workerpool_order_workerpool ON workerpool_order (workerpool);
    CREATE INDEX workerpool_order_block ON workerpool_order (block_number);
    CREATE TABLE request_order (
        id                 TEXT NOT NULL PRIMARY KEY,
        requester          TEXT NOT NULL,
        app                TEXT,
        appmaxprice        BLOB,
        dataset            TEXT,
        datasetmaxprice    BLOB,
        workerpool         TEXT,
        workerpoolmaxprice BLOB,
        volume             BLOB,
        tag                TEXT,
        category           TEXT,
        trust              BLOB,
        beneficiary        TEXT,
        callback           TEXT,
        params             TEXT,
        salt               TEXT,
        sign               TEXT,
        block_number       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX request_order_requester ON request_order (requester);
    CREATE INDEX request_order_beneficiary ON request_order (beneficiary);
    CREATE INDEX request_order_callback ON request_order (callback);
    CREATE INDEX request_order_block ON request_order (block_number);
)sql";

// Rows of an index that was made before these columns are indexed again (see the scope of Tracker).
constexpr std::string_view kSenders = R"sql(
    DROP TABLE "transaction";
    CREATE TABLE "transaction" (
        id           TEXT NOT NULL PRIMARY KEY,
        timestamp    INTEGER NOT NULL,
        block_number INTEGER NOT NULL,
        "from"       TEXT NOT NULL,
        "to"         TEXT,
        value        BLOB NOT NULL,      -- wei, as are gas prices
        gas_limit    BLOB NOT NULL,
        gas_used     BLOB NOT NULL,
        gas_price    BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX transaction_block ON "transaction" (block_number);
    CREATE INDEX transaction_from ON "transaction" ("from");
    ALTER TABLE protocol ADD COLUMN claimed_tasks_count INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE undo_protocol ADD COLUMN claimed_tasks_count INTEGER;
)sql";

constexpr ChangingTable kChanging[] = {
    {"account", "id, balance, frozen, score, block_number"},
    {"protocol",
     "id, tvl, apps_count, datasets_count, workerpools_count, categories_count, deals_count, tasks_count, "
     "completed_tasks_count, block_number, claimed_tasks_count"},
    {"app",
     "id, owner, name, type, multiaddr, checksum, mrenclave, timestamp, usage_count, last_usage_timestamp, block_number"},
    {"dataset", "id, owner, name, multiaddr, checksum, timestamp, usage_count, last_usage_timestamp, block_number"},
    {"workerpool",
     "id, owner, description, worker_stake_ratio, scheduler_reward_ratio, timestamp, usage_count, last_usage_timestamp, "
     "block_number"},
    {"deal",
     "id, app, app_owner, app_price, dataset, dataset_owner, dataset_price, workerpool, workerpool_owner, workerpool_price, "
     "trust, category, tag, requester, beneficiary, callback, params, start_time, bot_first, bot_size, "
     "completed_tasks_count, claimed_tasks_count, worker_stake, scheduler_reward_ratio, sponsor, timestamp, apporder, "
     "datasetorder, workerpoolorder, requestorder, bulk, block_number"},
    {"task",
     R"(id, status, deal, "index", requester, consensus, result_digest, results, results_callback, contribution_deadline, reveal_deadline, final_deadline, timestamp, block_number)"},
    {"contribution", "id, status, timestamp, task, worker, hash, seal, challenge, block_number"},
    {"protected_data",
     "id, owner, name, json_schema, collection, is_included_in_subscription, is_rentable, is_for_sale, rental_params, "
     "sale_params, multiaddr, checksum, creation_timestamp, transaction_hash, block_number"},
    {"collection", "id, owner, subscription_params, creation_timestamp, transaction_hash, block_number"},
    {"subscription_param", "id, duration, price, block_number"},
    {"rental_param", "id, duration, price, block_number"},
    {"sale_param", "id, price, block_number"},
    {"add_only_app_whitelist", "id, owner, block_number"}};

std::string lists()
{
    return internal::list_table("bulk_slice_datasets") + internal::list_table("bulk_slice_dataset_orders");
}

/// Not STRICT, because it takes the shape of the table it keeps.
std::string undo_tables()
{
    std::string out;
    for (const ChangingTable& changing : kChanging) {
        const std::string_view table = changing.name;
        out.append("CREATE TABLE undo_").append(table).append(" AS SELECT CAST(0 AS BIGINT) AS undo_block, t.* FROM ");
        out.append(table).append(" t WHERE 1 = 0;\nCREATE UNIQUE INDEX undo_").append(table).append("_key ON undo_");
        out.append(table).append(" (id, undo_block);\nCREATE INDEX undo_").append(table).append("_block ON undo_");
        out.append(table).append(" (undo_block);\n");
    }
    return out;
}

std::vector<std::string_view> find_growing_tables()
{
    std::vector<std::string_view> out{"category",
                                      "bulk",
                                      "bulk_slice",
                                      "bulk_fetch",
                                      "app_order",
                                      "dataset_order",
                                      "workerpool_order",
                                      "request_order",
                                      "\"transaction\"",
                                      "bulk_slice_datasets",
                                      "bulk_slice_dataset_orders"};
    for (const auto more : {internal::event_table_names(), internal::growing_dataprotector_tables()})
        out.insert(out.end(), more.begin(), more.end());
    return out;
}

}  // namespace

std::span<const store::Migration> migrations()
{
    static const std::string event_sql = internal::event_tables(), list_sql = lists(), undo_sql = undo_tables(),
                             more_sql = std::string(kSenders) + internal::event_additions() + internal::event_views();
    static const std::array all{chain::kFollowerMigration,
                                store::Migration{"index_poco_entities", kEntities},
                                store::Migration{"index_poco_orders", kOrders},
                                store::Migration{"index_poco_events", event_sql},
                                store::Migration{"index_poco_lists", list_sql},
                                internal::dataprotector_migration(),
                                store::Migration{"index_undo", undo_sql},
                                store::Migration{"index_interfaces", more_sql}};
    return all;
}

std::span<const ChangingTable> changing_tables() { return kChanging; }

std::span<const std::string_view> growing_tables()
{
    static const std::vector<std::string_view> all = find_growing_tables();
    return all;
}

}  // namespace iapp::index
