#include "market/book.hpp"

#include "market/chain_sink.hpp"
#include "market/deals.hpp"
#include "market/page.hpp"

namespace iapp::market {
namespace {

// `rank` is the price, negated for requests: the best offer always sorts first. Partial indexes on open orders carry the
// lists.
constexpr std::string_view kSchema = R"sql(
    CREATE TABLE listing (
        hash          BLOB PRIMARY KEY,
        kind          INTEGER NOT NULL,
        status        INTEGER NOT NULL,
        signer        BLOB NOT NULL,
        app           BLOB NOT NULL,
        dataset       BLOB NOT NULL,
        workerpool    BLOB NOT NULL,
        requester     BLOB NOT NULL,
        beneficiary   BLOB NOT NULL,
        rank          INTEGER NOT NULL,
        app_max       INTEGER NOT NULL,
        dataset_max   INTEGER NOT NULL,
        volume        INTEGER NOT NULL,
        remaining     INTEGER NOT NULL,
        tag0          INTEGER NOT NULL,
        tag1          INTEGER NOT NULL,
        tag2          INTEGER NOT NULL,
        tag3          INTEGER NOT NULL,
        category      INTEGER NOT NULL,
        trust         INTEGER NOT NULL,
        published_at  INTEGER NOT NULL,  -- Unix milliseconds
        head          TEXT NOT NULL,     -- members "orderHash" and "order" as served
        tail          TEXT NOT NULL,     -- members "publicationTimestamp" and "signer" as served
        checked_block INTEGER NOT NULL,  -- chain facts were read at this block
        changed_block INTEGER NOT NULL,  -- the block that gave it its status; 0 when its signer did
        is_stale      INTEGER NOT NULL   -- the chain said something since
    ) STRICT;
    CREATE INDEX open_by_rank ON listing (kind, rank, published_at, hash) WHERE status = 0;
    CREATE INDEX open_by_app ON listing (app, kind, rank, published_at, hash) WHERE status = 0;
    CREATE INDEX open_by_dataset ON listing (dataset, kind, rank, published_at, hash) WHERE status = 0;
    CREATE INDEX open_by_workerpool ON listing (workerpool, kind, rank, published_at, hash) WHERE status = 0;
    CREATE INDEX open_by_signer ON listing (signer, kind, rank, published_at, hash) WHERE status = 0;
    CREATE INDEX stale ON listing (hash) WHERE is_stale = 1;
    CREATE TABLE chain_side (
        id       INTEGER PRIMARY KEY CHECK (id = 1),
        revision INTEGER NOT NULL
    ) STRICT;
    INSERT INTO chain_side (id, revision) VALUES (1, 0);
)sql";

constexpr std::string_view kColumns =
    "kind, hash, signer, status, app, dataset, workerpool, requester, rank, app_max, dataset_max, volume, tag0, tag1, tag2, "
    "tag3";

std::int64_t number(OrderKind kind) { return static_cast<std::int64_t>(kind); }
std::int64_t number(OrderStatus status) { return static_cast<std::int64_t>(status); }
std::int64_t rank_of(const Listing& listing)
{
    const auto price = static_cast<std::int64_t>(listing.price_nrlc);
    return listing.kind == OrderKind::request ? -price : price;
}

poco::Tag tag_of(std::array<std::int64_t, 4> words)
{
    std::array<std::uint8_t, 32> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes.at(i) = static_cast<std::uint8_t>(static_cast<std::uint64_t>(words.at(i / 8)) >> (56 - 8 * (i % 8)));
    return poco::Tag{bytes};
}

/// A row of kColumns.
Result<StoredListing> read_stored(const store::Rows& row)
{
    StoredListing out;
    Listing& listing = out.listing;
    listing.kind = static_cast<OrderKind>(row.integer(0));
    TRY(out.hash, row.id<Hash256>(1));
    TRY(out.signer, row.id<Address>(2));
    out.status = static_cast<OrderStatus>(row.integer(3));
    TRY(listing.app, row.id<Address>(4));
    TRY(listing.dataset, row.id<Address>(5));
    TRY(listing.workerpool, row.id<Address>(6));
    TRY(listing.requester, row.id<Address>(7));
    listing.price_nrlc = static_cast<std::uint64_t>(std::abs(row.integer(8)));
    listing.app_max_nrlc = static_cast<std::uint64_t>(row.integer(9));
    listing.dataset_max_nrlc = static_cast<std::uint64_t>(row.integer(10));
    listing.volume = static_cast<std::uint64_t>(row.integer(11));
    listing.tag = tag_of({row.integer(12), row.integer(13), row.integer(14), row.integer(15)});
    return out;
}

Result<std::vector<StoredListing>> read_all_stored(store::Rows rows)
{
    std::vector<StoredListing> out;
    while (true) {
        TRY(const bool more, rows.next());
        if (!more) return out;
        TRY(StoredListing listing, read_stored(rows));
        out.push_back(std::move(listing));
    }
}

/// The first column of the first row; nothing for no row or NULL.
Result<std::optional<std::int64_t>> maybe_number(store::Rows rows)
{
    TRY(const bool found, rows.next());
    if (!found || rows.is_null(0)) return std::optional<std::int64_t>{};
    return std::optional{rows.integer(0)};
}

Result<std::uint64_t> count(store::Rows rows)
{
    TRY(const auto counted, maybe_number(std::move(rows)));
    return static_cast<std::uint64_t>(counted.value_or(0));
}

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string head_of(const Hash256& hash, const Listing& listing)
{
    return "\"orderHash\":" + in_quotes(hash.hex()) + ",\"order\":" + listing.json;
}

std::string tail_of(UnixMillis published_at, const Address& signer)
{
    return "\"publicationTimestamp\":" + in_quotes(iso8601(published_at)) +
           ",\"signer\":" + in_quotes(eth::to_checksum(signer));
}

/// What one element of a list is made of.
struct Element {
    std::string head, tail;
    std::int64_t remaining, rank, volume;
};

constexpr std::string_view kElementColumns = "head, tail, remaining, rank, volume";

Element read_element(const store::Rows& row)
{
    return {row.text(0), row.text(1), row.integer(2), row.integer(3), row.integer(4)};
}

/// Dataset orders say whether they are good for bulk use.
void append_element(std::string& out, const Element& element, const std::string& chain_id, OrderKind kind)
{
    out += '{';
    out += element.head;
    out += ",\"chainId\":" + chain_id + ",\"remaining\":" + std::to_string(element.remaining) + ",\"status\":\"open\",";
    out += element.tail;
    if (kind == OrderKind::dataset) {
        const bool is_bulk = element.rank == 0 && element.volume >= static_cast<std::int64_t>(kMaxNumber - 1);
        out += is_bulk ? ",\"bulk\":true" : ",\"bulk\":false";
    }
    out += '}';
}

/// An order that comes back keeps the time it was first published. The open orders of a signer have different times, so that
/// there is a last one.
UnixMillis publication_time(UnixMillis now, const Held& held)
{
    if (held.published_at) return *held.published_at;
    return held.newest ? std::max(now, *held.newest + std::chrono::milliseconds(1)) : now;
}

UnixMillis time_of(std::int64_t milliseconds) { return UnixMillis{std::chrono::milliseconds{milliseconds}}; }

}  // namespace

std::span<const store::Migration> book_migrations()
{
    static const std::array kMigrations{chain::kFollowerMigration, store::Migration{"listings", kSchema}, kDealMigration,
                                        kSinkMigration};
    return kMigrations;
}

Result<std::unique_ptr<BookFile>> BookFile::open(const std::string& location)
{
    TRY(auto writing, store::Database::open(location, book_migrations()));
    TRY(auto reading, store::Database::open(location, book_migrations()));
    return std::make_unique<BookFile>(std::move(writing), std::move(reading));
}

Result<std::int64_t> chain_revision(store::Transaction& transaction)
{
    TRY(auto rows, transaction.query("SELECT revision FROM chain_side"));
    TRY(const auto revision, maybe_number(std::move(rows)));
    return revision.value_or(0);
}

Status bump_chain_revision(store::Transaction& transaction)
{
    TRY_OK(transaction.run("UPDATE chain_side SET revision = revision + 1"));
    return {};
}

Result<Held> find_held(store::Transaction& transaction, OrderKind kind, const Hash256& hash, const Address& signer)
{
    Held out{};
    {
        TRY(auto same, transaction.query("SELECT status, published_at FROM listing WHERE hash = ?", hash));
        TRY(const bool is_known, same.next());
        if (is_known) out.status = static_cast<OrderStatus>(same.integer(0));
        if (is_known) out.published_at = time_of(same.integer(1));
    }
    TRY(auto others,
        transaction.query("SELECT count(*), max(published_at) FROM listing WHERE status = 0 AND signer = ? AND kind = ?",
                          signer, number(kind)));
    TRY_OK(others.next());
    out.open_orders = static_cast<std::uint64_t>(others.integer(0));
    if (!others.is_null(1)) out.newest = time_of(others.integer(1));
    return out;
}

Result<std::string> put_open(store::Transaction& transaction, std::uint64_t chain_id, const Publication& publication,
                             const Held& held)
{
    const Listing& it = publication.listing;
    const auto tag = tag_words(it.tag);
    const UnixMillis published_at = publication_time(publication.now, held);
    const Element element{head_of(publication.hash, it), tail_of(published_at, publication.signer),
                          static_cast<std::int64_t>(publication.remaining), rank_of(it),
                          static_cast<std::int64_t>(it.volume)};
    if (held.status) TRY_OK(erase(transaction, publication.hash));
    TRY_OK(transaction.run(
        "INSERT INTO listing VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, "
        "?)",
        publication.hash, number(it.kind), publication.signer, it.app, it.dataset, it.workerpool, it.requester,
        it.beneficiary, element.rank, it.app_max_nrlc, it.dataset_max_nrlc, it.volume, publication.remaining, tag[0], tag[1],
        tag[2], tag[3], it.category, it.trust, published_at.time_since_epoch().count(), element.head, element.tail,
        publication.checked_block, publication.is_stale));
    std::string out;
    append_element(out, element, std::to_string(chain_id), it.kind);
    return out;
}

Result<std::uint64_t> count_open(store::Transaction& transaction, OrderKind kind)
{
    TRY(auto rows, transaction.query("SELECT count(*) FROM listing WHERE status = 0 AND kind = ?", number(kind)));
    return count(std::move(rows));
}

namespace {

Result<std::optional<std::uint64_t>> best_price(store::Rows rows)
{
    TRY(const auto price, maybe_number(std::move(rows)));
    return price ? std::optional{static_cast<std::uint64_t>(*price)} : std::nullopt;
}

}  // namespace

Result<std::optional<std::uint64_t>> best_app_price(store::Transaction& transaction, const Listing& request)
{
    const std::int64_t needs_tee = poco::has(request.tag, poco::TagBit::tee) ? 1 : 0;
    TRY(auto rows,
        transaction.query("SELECT min(rank) FROM listing WHERE status = 0 AND kind = 0 AND app = ?1 AND dataset IN (?5, ?2) "
                          "AND workerpool IN (?5, ?3) AND requester IN (?5, ?4) AND (tag3 & 1) >= ?6",
                          request.app, request.dataset, request.workerpool, request.requester, Address::zero(), needs_tee));
    return best_price(std::move(rows));
}

Result<std::optional<std::uint64_t>> best_dataset_price(store::Transaction& transaction, const Listing& request)
{
    TRY(auto rows,
        transaction.query("SELECT min(rank) FROM listing WHERE status = 0 AND kind = 1 AND dataset = ?1 AND app IN (?5, ?2) "
                          "AND workerpool IN (?5, ?3) AND requester IN (?5, ?4)",
                          request.dataset, request.app, request.workerpool, request.requester, Address::zero()));
    return best_price(std::move(rows));
}

Result<bool> is_orphan(store::Transaction& transaction, const Listing& request)
{
    TRY(const auto app, best_app_price(transaction, request));
    if (!app || *app > request.app_max_nrlc) return true;
    if (request.dataset.is_zero()) return false;
    TRY(const auto dataset, best_dataset_price(transaction, request));
    return !dataset || *dataset > request.dataset_max_nrlc;
}

Status kill_orphans(store::Transaction& transaction, OrderKind kind, const Address& resource, std::uint64_t block)
{
    if (kind != OrderKind::app && kind != OrderKind::dataset) return {};
    const std::string column(kind_info(kind).resource);
    TRY(auto rows, transaction.query("SELECT " + std::string(kColumns) + " FROM listing WHERE status = 0 AND kind = 3 AND " +
                                         column + " = ?",
                                     resource));
    TRY(const auto requests, read_all_stored(std::move(rows)));
    for (const StoredListing& request : requests) {
        TRY(const bool is_dead, is_orphan(transaction, request.listing));
        if (is_dead)
            TRY_OK(transaction.run("UPDATE listing SET status = ?, changed_block = ? WHERE hash = ?",
                                   number(OrderStatus::dead), block, request.hash));
    }
    return {};
}

Result<std::vector<StoredListing>> stale_listings(store::Transaction& transaction, std::size_t limit)
{
    TRY(auto rows, transaction.query(
                       "SELECT " + std::string(kColumns) + " FROM listing WHERE is_stale = 1 ORDER BY hash LIMIT ?", limit));
    return read_all_stored(std::move(rows));
}

Status settle(store::Transaction& transaction, const StoredListing& listing, const Standing& standing, std::uint64_t block)
{
    TRY_OK(
        transaction.run("UPDATE listing SET changed_block = CASE WHEN status = ?1 THEN changed_block ELSE ?3 END, status = "
                        "?1, remaining = ?2, "
                        "checked_block = ?3, is_stale = 0 WHERE hash = ?4",
                        number(standing.status), standing.remaining, block, listing.hash));
    return {};
}

Result<std::optional<std::string>> find_order(store::Transaction& transaction, std::uint64_t chain_id, OrderKind kind,
                                              const Hash256& hash)
{
    TRY(auto row, transaction.query("SELECT head, remaining, status, tail FROM listing WHERE hash = ? AND kind = ?", hash,
                                    number(kind)));
    TRY(const bool found, row.next());
    if (!found) return std::optional<std::string>{};
    return std::optional{"{\"ok\":true," + row.text(0) + ",\"chainId\":" + in_quotes(std::to_string(chain_id)) +
                         ",\"remaining\":" + std::to_string(row.integer(1)) + ",\"status\":" +
                         in_quotes(name(static_cast<OrderStatus>(row.integer(2)))) + ',' + row.text(3) + '}'};
}

Result<std::string> list_orders(store::Transaction& transaction, std::uint64_t chain_id, OrderKind kind,
                                const ListQuery& query)
{
    const std::string condition = " FROM listing WHERE status = 0 AND kind = " + std::to_string(number(kind)) + query.where;
    const std::string chain = std::to_string(chain_id);
    return answer_page(
        transaction, {"orders", kElementColumns, condition, "rank, published_at, hash"}, query,
        [&](std::string& out, const store::Rows& row) { append_element(out, read_element(row), chain, kind); });
}

namespace {

std::string owned_query(std::string_view condition)
{
    return "SELECT " + std::string(kColumns) + " FROM listing WHERE status = 0 AND kind = ? AND " + std::string(condition) +
           " ORDER BY published_at DESC, hash";
}

}  // namespace

Result<std::optional<StoredListing>> find_open(store::Transaction& transaction, OrderKind kind, const Hash256& hash)
{
    TRY(auto rows, transaction.query(owned_query("hash = ?"), number(kind), hash));
    TRY(auto found, read_all_stored(std::move(rows)));
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

Result<std::vector<StoredListing>> open_of(store::Transaction& transaction, OrderKind kind, const Address& signer,
                                           const Address& resource)
{
    TRY(auto rows, transaction.query(owned_query("signer = ? AND " + std::string(kind_info(kind).resource) + " = ?"),
                                     number(kind), signer, resource));
    return read_all_stored(std::move(rows));
}

Status erase(store::Transaction& transaction, const Hash256& hash)
{
    TRY_OK(transaction.run("DELETE FROM listing WHERE hash = ?", hash));
    return {};
}

}  // namespace iapp::market
