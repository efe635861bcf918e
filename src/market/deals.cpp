#include "market/deals.hpp"

#include "codec/json.hpp"
#include "codec/utf8.hpp"
#include "market/listing.hpp"
#include "market/page.hpp"

namespace iapp::market {

// `body` holds the members that stand between the braces, without those of the block.
const store::Migration kDealMigration{"deals", R"sql(
    CREATE TABLE deal (
        id               BLOB PRIMARY KEY,
        block            INTEGER NOT NULL,
        transaction_hash BLOB NOT NULL,
        app_hash         BLOB NOT NULL,
        dataset_hash     BLOB NOT NULL,
        workerpool_hash  BLOB NOT NULL,
        request_hash     BLOB NOT NULL,
        volume           INTEGER NOT NULL,
        app              BLOB,
        app_owner        BLOB,
        dataset          BLOB,
        dataset_owner    BLOB,
        workerpool       BLOB,
        workerpool_owner BLOB,
        requester        BLOB,
        beneficiary      BLOB,
        category         INTEGER,
        price            TEXT,           -- workerpoolprice as served
        body             TEXT            -- members as served, but those of the block; NULL until viewDeal was asked
    ) STRICT;
    CREATE INDEX deal_newest ON deal (block DESC, id);
    CREATE INDEX deal_unknown ON deal (block) WHERE body IS NULL;
    CREATE INDEX deal_by_request ON deal (request_hash);
    CREATE INDEX deal_by_app_order ON deal (app_hash);
    CREATE INDEX deal_by_dataset_order ON deal (dataset_hash);
    CREATE INDEX deal_by_workerpool_order ON deal (workerpool_hash);
    CREATE INDEX deal_by_requester ON deal (requester, block DESC, id);
    CREATE TABLE category (
        id               INTEGER PRIMARY KEY,
        block            INTEGER NOT NULL,
        transaction_hash BLOB NOT NULL,
        name             TEXT NOT NULL,
        description      TEXT NOT NULL,
        work_time        INTEGER NOT NULL  -- seconds
    ) STRICT;
    CREATE TABLE block (
        number INTEGER PRIMARY KEY,
        time   INTEGER                     -- Unix seconds; NULL until the node was asked
    ) STRICT;
    CREATE INDEX block_unknown ON block (number) WHERE time IS NULL;
)sql"};

namespace {

/// A number every client can carry, else text.
json::Value number(const U256& value)
{
    if (value <= U256{kMaxNumber}) return json::Value(value.clamp_u64());
    return json::Value(value.to_dec());
}

std::int64_t sql_number(const U256& value)
{
    constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(value.clamp_u64(), kLargest));
}

std::string json_text(std::string_view text) { return json::print(json::Value(text)); }

Status note_block(store::Transaction& transaction, const eth::Log& log)
{
    TRY_OK(transaction.run("INSERT OR IGNORE INTO block (number) VALUES (?)", log.block_number));
    return {};
}

json::Object resource_json(const poco::DealResource& resource)
{
    return {{"pointer", eth::to_checksum(resource.pointer)},
            {"price", number(resource.price)},
            {"owner", eth::to_checksum(resource.owner)}};
}

/// "dealid" to "workerStake": what the announcement and viewDeal say.
std::string deal_members(const poco::DealId& id, std::uint64_t chain_id, const poco::Deal& deal,
                         const std::string& announced)
{
    const json::Object members{{"dealid", id.hex()},
                               {"chainId", chain_id},
                               {"app", resource_json(deal.app)},
                               {"dataset", resource_json(deal.dataset)},
                               {"workerpool", resource_json(deal.workerpool)},
                               {"requester", eth::to_checksum(deal.requester)},
                               {"beneficiary", eth::to_checksum(deal.beneficiary)},
                               {"callback", eth::to_checksum(deal.callback)},
                               {"params", codec::storable_text(deal.params)},
                               {"category", number(deal.category)},
                               {"tag", deal.tag.hex()},
                               {"trust", number(deal.trust)},
                               {"startTime", deal.start_time.time_since_epoch().count()},
                               {"botFirst", number(deal.bot_first)},
                               {"botSize", number(deal.bot_size)},
                               {"schedulerRewardRatio", number(deal.scheduler_reward_ratio)},
                               {"workerStake", number(deal.worker_stake)}};
    const std::string text = json::print(members);
    return text.substr(1, text.size() - 2) + announced;
}

/// Hashes and volume of the log, as members.
std::string announced_members(const store::Rows& row)
{
    std::string out;
    int column = 0;
    for (const std::string_view name : {"appHash", "datasetHash", "workerpoolHash", "requestHash"})
        out += ",\"" + std::string(name) + "\":\"" + hex0x(row.blob(column++)) + '"';
    return out + ",\"volume\":" + std::to_string(row.integer(column));
}

UnixMillis time_at(const store::Rows& row, int column) { return UnixSeconds{std::chrono::seconds{row.integer(column)}}; }

std::string block_members(const store::Rows& row, int number, int time, int transaction)
{
    return ",\"blockNumber\":" + std::to_string(row.integer(number)) +
           ",\"blockTimestamp\":" + json_text(iso8601(time_at(row, time))) +
           ",\"transactionHash\":" + json_text(hex0x(row.blob(transaction)));
}

constexpr std::string_view kDealColumns = "body, block, time, transaction_hash";
constexpr std::string_view kDeals =
    " FROM deal JOIN block ON block.number = deal.block WHERE body IS NOT NULL AND time IS NOT NULL";

void append_deal(std::string& out, const store::Rows& row) { out += row.text(0) + block_members(row, 1, 2, 3); }

constexpr std::string_view kCategoryColumns = "id, name, description, work_time, block, time, transaction_hash";
constexpr std::string_view kCategories = " FROM category JOIN block ON block.number = category.block WHERE time IS NOT NULL";

void append_category(std::string& out, const store::Rows& row, const std::string& chain_id)
{
    out += "\"catid\":" + std::to_string(row.integer(0)) + ",\"chainId\":" + chain_id +
           ",\"name\":" + json_text(row.text(1)) + ",\"description\":" + json_text(row.text(2)) +
           ",\"workClockTimeRef\":" + std::to_string(row.integer(3)) + block_members(row, 4, 5, 6);
}

std::string select(std::string_view columns, std::string_view source, std::string_view more)
{
    std::string sql = "SELECT ";
    return sql.append(columns).append(source).append(more);
}

}  // namespace

Status announce_deal(store::Transaction& transaction, const poco::OrdersMatched& event, const eth::Log& log)
{
    TRY_OK(transaction.run("DELETE FROM deal WHERE id = ?", event.deal));
    TRY_OK(
        transaction.run("INSERT INTO deal (id, block, transaction_hash, app_hash, dataset_hash, workerpool_hash, "
                        "request_hash, volume) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        event.deal, log.block_number, log.transaction_hash, event.app_hash, event.dataset_hash,
                        event.workerpool_hash, event.request_hash, sql_number(event.volume)));
    return note_block(transaction, log);
}

Status announce_category(store::Transaction& transaction, const poco::CreateCategory& event, const eth::Log& log)
{
    TRY_OK(transaction.run("DELETE FROM category WHERE id = ?", sql_number(event.id)));
    TRY_OK(transaction.run(
        "INSERT INTO category (id, block, transaction_hash, name, description, work_time) VALUES "
        "(?, ?, ?, ?, ?, ?)",
        sql_number(event.id), log.block_number, log.transaction_hash, codec::storable_text(event.category.name),
        codec::storable_text(event.category.description), event.category.work_time.count()));
    return note_block(transaction, log);
}

Status forget_deals(store::Transaction& transaction, std::uint64_t first_bad)
{
    for (const std::string_view sql : {"DELETE FROM deal WHERE block >= ?", "DELETE FROM category WHERE block >= ?",
                                       "DELETE FROM block WHERE number >= ?"})
        TRY_OK(transaction.run(sql, first_bad));
    return {};
}

Result<Gaps> find_gaps(store::Transaction& transaction, std::size_t limit)
{
    Gaps out;
    TRY(auto deals, transaction.query("SELECT id FROM deal WHERE body IS NULL ORDER BY block LIMIT ?", limit));
    while (true) {
        TRY(const bool more, deals.next());
        if (!more) break;
        TRY(const auto id, deals.id<poco::DealId>(0));
        out.deals.push_back(id);
    }
    TRY(auto blocks,
        transaction.query(
            "SELECT number FROM block WHERE time IS NULL AND number NOT IN (SELECT block FROM deal) ORDER BY number LIMIT ?",
            limit));
    while (true) {
        TRY(const bool more, blocks.next());
        if (!more) return out;
        out.blocks.push_back(static_cast<std::uint64_t>(blocks.integer(0)));
    }
}

Result<std::uint64_t> matched_volume(store::Transaction& transaction, OrderKind kind, const Hash256& order)
{
    constexpr std::array<std::string_view, 4> kColumns{"app_hash", "dataset_hash", "workerpool_hash", "request_hash"};
    const std::string column(kColumns.at(static_cast<std::size_t>(kind)));
    TRY(auto rows, transaction.query("SELECT sum(volume) FROM deal WHERE " + column + " = ?", order));
    TRY_OK(rows.next());
    return static_cast<std::uint64_t>(rows.integer(0));
}

Status fill_deal(store::Transaction& transaction, const poco::DealId& id, std::uint64_t chain_id, const poco::Deal& deal)
{
    std::string announced;
    {
        TRY(auto row,
            transaction.query("SELECT app_hash, dataset_hash, workerpool_hash, request_hash, volume FROM deal WHERE id = ?",
                              id));
        TRY(const bool found, row.next());
        if (!found) return {};
        announced = announced_members(row);
    }
    TRY_OK(transaction.run(
        "UPDATE deal SET app = ?, app_owner = ?, dataset = ?, dataset_owner = ?, workerpool = ?, workerpool_owner = ?, "
        "requester = ?, beneficiary = ?, category = ?, price = ?, body = ? WHERE id = ?",
        deal.app.pointer, deal.app.owner, deal.dataset.pointer, deal.dataset.owner, deal.workerpool.pointer,
        deal.workerpool.owner, deal.requester, deal.beneficiary, sql_number(deal.category),
        json::print(number(deal.workerpool.price)), deal_members(id, chain_id, deal, announced), id));
    TRY_OK(transaction.run("UPDATE block SET time = ? WHERE number = (SELECT block FROM deal WHERE id = ?)",
                           deal.start_time.time_since_epoch().count(), id));
    return {};
}

Status fill_block_time(store::Transaction& transaction, std::uint64_t block, UnixSeconds time)
{
    TRY_OK(transaction.run("UPDATE block SET time = ? WHERE number = ?", time.time_since_epoch().count(), block));
    return {};
}

Result<std::optional<std::string>> find_deal(store::Transaction& transaction, const poco::DealId& id)
{
    TRY(auto row, transaction.query(select(kDealColumns, kDeals, " AND id = ?"), id));
    TRY(const bool found, row.next());
    if (!found) return std::optional<std::string>{};
    std::string out = "{\"ok\":true,";
    append_deal(out, row);
    return std::optional{out + '}'};
}

Result<std::string> list_deals(store::Transaction& transaction, const ListQuery& query)
{
    return answer_page(transaction, {"deals", kDealColumns, std::string(kDeals) + query.where, "block DESC, id"}, query,
                       [](std::string& out, const store::Rows& row) {
                           out += '{';
                           append_deal(out, row);
                           out += '}';
                       });
}

Result<std::optional<std::string>> find_category(store::Transaction& transaction, std::uint64_t chain_id, std::uint64_t id)
{
    TRY(auto row, transaction.query(select(kCategoryColumns, kCategories, " AND id = ?"), id));
    TRY(const bool found, row.next());
    if (!found) return std::optional<std::string>{};
    std::string out = "{\"ok\":true,";
    append_category(out, row, json_text(std::to_string(chain_id)));
    return std::optional{out + '}'};
}

Result<std::string> list_categories(store::Transaction& transaction, std::uint64_t chain_id, const ListQuery& query)
{
    const std::string chain = std::to_string(chain_id);
    return answer_page(transaction,
                       {"categories", kCategoryColumns, std::string(kCategories) + query.where, "work_time, id"}, query,
                       [&](std::string& out, const store::Rows& row) {
                           out += '{';
                           append_category(out, row, chain);
                           out += '}';
                       });
}

Result<std::string> list_prices(store::Transaction& transaction, std::uint64_t category)
{
    TRY(auto rows, transaction.query(select("time, price, volume", kDeals,
                                            " AND category = ? ORDER BY block DESC, CAST(price AS INTEGER), id LIMIT 100"),
                                     category));
    std::string out;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) break;
        out += (out.empty() ? "[" : ",[") + json_text(iso8601(time_at(rows, 0))) + ',' + rows.text(1) + ',' +
               std::to_string(rows.integer(2)) + ']';
    }
    return "{\"ok\":true,\"ohlc\":[" + out + "]}";
}

}  // namespace iapp::market
