// Sharing: collections, what their protected data is offered for, and who took up an offer. Protected data the index does
// not know (it was not announced by DataProtector) has no place here.
#include "index/internal/event_handlers.hpp"
#include "poco/sharing_events.hpp"

namespace iapp::index::internal {
namespace {

using namespace poco;

std::int64_t seconds(UnixSeconds time) { return time.time_since_epoch().count(); }

/// Ids of what happens more than once: no two logs share a place.
std::string occurrence_id(const Place& place) { return place.transaction + std::to_string(place.log); }

/// Changes one row of protected data; `change` is the SET clause.
template <class... Args>
Status change_data(Writer& writer, const Address& data, std::string_view change, const Args&... args)
{
    const std::string id = data.hex();
    TRY_OK(writer.keep("protected_data", id));
    TRY_OK(writer.run("UPDATE protected_data SET " + std::string(change) + " WHERE id = ?", args..., id));
    return {};
}

Status apply_one(const Scene& scene, const CollectionTransfer& event)
{
    Writer& writer = scene.writer;
    const std::string id = event.collection.to_dec(), owner = event.to.hex();
    TRY_OK(scene.ledger.touch(writer, event.to));
    TRY_OK(writer.keep("collection", id));
    TRY_OK(
        writer.run("INSERT INTO collection (id, owner, creation_timestamp, transaction_hash, block_number) VALUES (?, ?, "
                   "?, ?, ?) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner",
                   id, owner, writer.place().time, writer.place().transaction, writer.place().block));
    return {};
}

Status apply_one(const Scene& scene, const ProtectedDataTransfer& event)
{
    const bool leaves = event.new_collection.is_zero();
    return change_data(scene.writer, event.protected_data, "collection = ?",
                       leaves ? std::nullopt : std::optional(event.new_collection.to_dec()));
}

Status apply_one(const Scene& scene, const NewSubscriptionParams& event)
{
    Writer& writer = scene.writer;
    const std::string id = event.collection.to_dec();
    TRY_OK(writer.keep("subscription_param", id));
    TRY_OK(
        writer.run("INSERT INTO subscription_param (id, duration, price, block_number) VALUES (?, ?, ?, ?) ON CONFLICT "
                   "(id) DO UPDATE SET duration = excluded.duration, price = excluded.price",
                   id, event.terms.duration.count(), encode_number(event.terms.price_nrlc), writer.place().block));
    TRY_OK(writer.keep("collection", id));
    TRY_OK(writer.run("UPDATE collection SET subscription_params = ? WHERE id = ?", id, id));
    return {};
}

Status apply_one(const Scene& scene, const NewSubscription& event)
{
    Writer& writer = scene.writer;
    TRY_OK(scene.ledger.touch(writer, event.subscriber));
    TRY_OK(
        writer.run("INSERT INTO collection_subscription (id, collection, subscriber, end_date, creation_timestamp, "
                   "transaction_hash, block_number) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   occurrence_id(writer.place()), event.collection.to_dec(), event.subscriber.hex(), seconds(event.end),
                   writer.place().time, writer.place().transaction, writer.place().block));
    return {};
}

Status apply_one(const Scene& scene, const ProtectedDataAddedForSubscription& event)
{
    return change_data(scene.writer, event.protected_data, "is_included_in_subscription = 1");
}

Status apply_one(const Scene& scene, const ProtectedDataRemovedFromSubscription& event)
{
    return change_data(scene.writer, event.protected_data, "is_included_in_subscription = 0");
}

Status apply_one(const Scene& scene, const ProtectedDataAddedForRenting& event)
{
    Writer& writer = scene.writer;
    const std::string id = event.protected_data.hex();
    TRY(const bool known, writer.has("protected_data", id));
    if (!known) return {};
    TRY_OK(writer.keep("rental_param", id));
    TRY_OK(
        writer.run("INSERT INTO rental_param (id, duration, price, block_number) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO "
                   "UPDATE SET duration = excluded.duration, price = excluded.price",
                   id, event.terms.duration.count(), encode_number(event.terms.price_nrlc), writer.place().block));
    return change_data(writer, event.protected_data, "is_rentable = 1, rental_params = ?", id);
}

Status apply_one(const Scene& scene, const ProtectedDataRemovedFromRenting& event)
{
    return change_data(scene.writer, event.protected_data, "is_rentable = 0, rental_params = NULL");
}

Status apply_one(const Scene& scene, const NewRental& event)
{
    Writer& writer = scene.writer;
    TRY(const std::int64_t added,
        writer.run(
            "INSERT INTO rental (id, renter, protected_data, collection, rental_params, end_date, "
            "creation_timestamp, transaction_hash, block_number) SELECT ?, ?, id, ?, id, CAST(? AS BIGINT), CAST(? AS "
            "BIGINT), ?, CAST(? AS BIGINT) FROM rental_param WHERE id = ?",
            occurrence_id(writer.place()), event.renter.hex(), event.collection.to_dec(), seconds(event.end),
            writer.place().time, writer.place().transaction, writer.place().block, event.protected_data.hex()));
    return added == 0 ? Status{} : scene.ledger.touch(writer, event.renter);
}

Status apply_one(const Scene& scene, const ProtectedDataAddedForSale& event)
{
    Writer& writer = scene.writer;
    const std::string id = event.protected_data.hex();
    TRY(const bool known, writer.has("protected_data", id));
    if (!known) return {};
    TRY_OK(writer.keep("sale_param", id));
    TRY_OK(
        writer.run("INSERT INTO sale_param (id, price, block_number) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                   "price = excluded.price",
                   id, encode_number(event.price_nrlc), writer.place().block));
    return change_data(writer, event.protected_data, "is_for_sale = 1, sale_params = ?", id);
}

Status apply_one(const Scene& scene, const ProtectedDataRemovedFromSale& event)
{
    return change_data(scene.writer, event.protected_data, "is_for_sale = 0, sale_params = NULL");
}

Status apply_one(const Scene& scene, const ProtectedDataSold& event)
{
    Writer& writer = scene.writer;
    TRY(const std::int64_t added,
        writer.run("INSERT INTO sale (id, buyer, protected_data, collection, sale_params, creation_timestamp, "
                   "transaction_hash, block_number) SELECT ?, ?, id, ?, id, CAST(? AS BIGINT), ?, CAST(? AS BIGINT) FROM "
                   "sale_param WHERE id = ?",
                   occurrence_id(writer.place()), event.buyer.hex(), event.collection.to_dec(), writer.place().time,
                   writer.place().transaction, writer.place().block, event.protected_data.hex()));
    if (added == 0) return {};
    TRY_OK(scene.ledger.touch(writer, event.buyer));
    return change_data(writer, event.protected_data, "is_for_sale = 0");
}

Status apply_one(const Scene& scene, const ProtectedDataConsumed& event)
{
    Writer& writer = scene.writer;
    TRY_OK(
        writer.run("INSERT INTO consumption (id, deal_id, protected_data, collection, mode, transaction_hash, "
                   "block_number) SELECT ?, ?, id, collection, ?, ?, CAST(? AS BIGINT) FROM protected_data WHERE id = ? "
                   "AND collection IS NOT NULL",
                   occurrence_id(writer.place()), event.deal.hex(), name(event.mode), writer.place().transaction,
                   writer.place().block, event.protected_data.hex()));
    return {};
}

}  // namespace

Status apply_sharing(const Scene& scene, const eth::Log& log)
{
    TRY(const auto event, decode_sharing_event(log));
    if (!event) return {};
    return std::visit([&](const auto& one) { return apply_one(scene, one); }, *event);
}

Status apply_whitelist_registry(const Scene& scene, const eth::Log& log)
{
    if (!is<EntryTransfer>(log)) return {};
    TRY(const auto event, EntryTransfer::decode(log));
    Writer& writer = scene.writer;
    TRY_OK(scene.ledger.touch(writer, event.to));
    TRY_OK(writer.keep("add_only_app_whitelist", event.entry.hex()));
    TRY_OK(
        writer.run("INSERT INTO add_only_app_whitelist (id, owner, block_number) VALUES (?, ?, ?) ON CONFLICT (id) DO "
                   "UPDATE SET owner = excluded.owner",
                   event.entry.hex(), event.to.hex(), writer.place().block));
    return {};
}

Status apply_whitelist(const Scene& scene, const eth::Log& log)
{
    const auto event = NewAppAddedToAddOnlyAppWhitelist::decode(log);
    if (!event) return {};
    Writer& writer = scene.writer;
    const std::string whitelist = log.address.hex(), app = event->app.hex();
    TRY_OK(
        writer.run("INSERT INTO app_add_only_app_whitelists (owner, position, value, block_number) SELECT ?, count(*), ?, "
                   "CAST(? AS BIGINT) FROM app_add_only_app_whitelists WHERE owner = ?",
                   app, whitelist, writer.place().block, app));
    return {};
}

}  // namespace iapp::index::internal
