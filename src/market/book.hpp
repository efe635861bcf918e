#pragma once
// The tables of the book: listings in every status, deals, categories. SQL lives here; who may write what is decided
// elsewhere. Texts are stored as they are served, so a page is answered by appending them.
#include <atomic>

#include "base/clock.hpp"
#include "market/filters.hpp"
#include "market/listing.hpp"
#include "market/standing.hpp"
#include "store/database.hpp"

namespace iapp::market {

std::span<const store::Migration> book_migrations();

/// The book's file. Readers have a connection of their own, so a commit on its way to the disk holds up no read.
struct BookFile {
    store::Database database;
    store::Database readers;
    std::atomic<std::uint64_t> writes{0};  ///< counts commits that change an answer; bumped after the commit

    BookFile(store::Database writing, store::Database reading) : database(std::move(writing)), readers(std::move(reading)) {}
    /// `location`: as store::Database::open takes it, which also names the errors.
    static Result<std::unique_ptr<BookFile>> open(const std::string& location);
};

/// A listing as it is stored, without the texts.
struct StoredListing {
    Listing listing;  ///< json, sign and struct_hash stay empty
    Hash256 hash = Hash256::zero();
    Address signer = Address::zero();
    OrderStatus status = OrderStatus::open;
};

// All functions write or read through the given transaction. Errors: those of store.

/// Counts what the chain changed in the book. Facts read at one revision are out of date at another.
Result<std::int64_t> chain_revision(store::Transaction& transaction);
Status bump_chain_revision(store::Transaction& transaction);

/// What the book holds before an order is published.
struct Held {
    std::optional<OrderStatus> status;       ///< of the order itself; nothing: it is new
    std::optional<UnixMillis> published_at;  ///< likewise
    std::uint64_t open_orders;               ///< of its signer, of its kind
    std::optional<UnixMillis> newest;        ///< when the newest of these was published
};
Result<Held> find_held(store::Transaction& transaction, OrderKind kind, const Hash256& hash, const Address& signer);

struct Publication {
    const Listing& listing;
    Hash256 hash;
    Address signer;
    std::uint64_t remaining;
    UnixMillis now;
    std::uint64_t checked_block;  ///< where the chain was asked about it
    bool is_stale;                ///< the chain side has another revision by now than it had then
};
/// Adds the order, or opens a dead one again under its old publication time. `held`: as it is in this transaction. Answers
/// the order as JSON for the publisher.
Result<std::string> put_open(store::Transaction& transaction, std::uint64_t chain_id, const Publication& publication,
                             const Held& held);

Result<std::uint64_t> count_open(store::Transaction& transaction, OrderKind kind);

/// The lowest price of an open app (dataset) order that would match the request, restrictions and tee bit included.
Result<std::optional<std::uint64_t>> best_app_price(store::Transaction& transaction, const Listing& request);
Result<std::optional<std::uint64_t>> best_dataset_price(store::Transaction& transaction, const Listing& request);

/// Whether no open app order (or dataset order, if it names a dataset) can satisfy the request at its price.
Result<bool> is_orphan(store::Transaction& transaction, const Listing& request);

/// Open requests for this app or dataset that became orphans are dead, since `block` (0: not the chain's doing).
Status kill_orphans(store::Transaction& transaction, OrderKind kind, const Address& resource, std::uint64_t block);

/// Listings whose chain facts are out of date, at most `limit`.
Result<std::vector<StoredListing>> stale_listings(store::Transaction& transaction, std::size_t limit);
/// Writes down what the chain says since `block`; the listing is not stale any more. One that was erased meanwhile stays
/// away.
Status settle(store::Transaction& transaction, const StoredListing& listing, const Standing& standing, std::uint64_t block);

/// {"ok":true,...} of one order in any status. Nothing when it is not known.
Result<std::optional<std::string>> find_order(store::Transaction& transaction, std::uint64_t chain_id, OrderKind kind,
                                              const Hash256& hash);
/// {"ok":true,"orders":[...],"count":n[,"nextPage":n]}
Result<std::string> list_orders(store::Transaction& transaction, std::uint64_t chain_id, OrderKind kind,
                                const ListQuery& query);

Result<std::optional<StoredListing>> find_open(store::Transaction& transaction, OrderKind kind, const Hash256& hash);
/// Open orders of one signer for one resource, newest first.
Result<std::vector<StoredListing>> open_of(store::Transaction& transaction, OrderKind kind, const Address& signer,
                                           const Address& resource);
Status erase(store::Transaction& transaction, const Hash256& hash);

}  // namespace iapp::market
