#include "poco/sharing_events.hpp"

#include "poco/internal/event_fields.hpp"

namespace iapp::poco {
namespace {

using internal::Fields;
using internal::open;

/// An unsigned number of at most 63 bits, which is what a signed count of seconds holds.
Result<std::int64_t> read_seconds(Fields& fields)
{
    TRY(const std::uint64_t value, fields.data.uint64());
    if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
        return fail(ErrorKind::corrupt, "abi.range", "more seconds than a time holds");
    return static_cast<std::int64_t>(value);
}

Result<UnixSeconds> read_time(Fields& fields)
{
    TRY(const std::int64_t seconds, read_seconds(fields));
    return UnixSeconds(std::chrono::seconds(seconds));
}

Result<AccessTerms> read_terms(Fields& fields)
{
    TRY(const U256 price, fields.data.uint());
    TRY(const std::int64_t seconds, read_seconds(fields));
    return AccessTerms{price, std::chrono::seconds(seconds)};
}

Result<ConsumptionMode> read_mode(Fields& fields)
{
    TRY(const std::uint64_t value, fields.data.uint64());
    if (value > 1) return fail(ErrorKind::corrupt, "abi.range", "consumption mode " + std::to_string(value));
    return static_cast<ConsumptionMode>(value);
}

}  // namespace

Result<CollectionTransfer> CollectionTransfer::decode(const Log& log)
{
    TRY(Fields fields, open<CollectionTransfer>(log));
    TRY(const Address from, fields.indexed_address());
    TRY(const Address to, fields.indexed_address());
    TRY(const U256 collection, fields.indexed_uint());
    return CollectionTransfer{from, to, collection};
}

Result<ProtectedDataTransfer> ProtectedDataTransfer::decode(const Log& log)
{
    TRY(Fields fields, open<ProtectedDataTransfer>(log));
    TRY(const Address data, fields.data.address());
    TRY(const U256 new_collection, fields.data.uint());
    TRY(const U256 old_collection, fields.data.uint());
    TRY(const Address whitelist, fields.data.address());
    return ProtectedDataTransfer{data, new_collection, old_collection, whitelist};
}

Result<NewSubscriptionParams> NewSubscriptionParams::decode(const Log& log)
{
    TRY(Fields fields, open<NewSubscriptionParams>(log));
    TRY(const U256 collection, fields.data.uint());
    TRY(const AccessTerms terms, read_terms(fields));
    return NewSubscriptionParams{collection, terms};
}

Result<NewSubscription> NewSubscription::decode(const Log& log)
{
    TRY(Fields fields, open<NewSubscription>(log));
    TRY(const Address subscriber, fields.indexed_address());
    TRY(const U256 collection, fields.data.uint());
    TRY(const UnixSeconds end, read_time(fields));
    return NewSubscription{collection, subscriber, end};
}

Result<ProtectedDataAddedForRenting> ProtectedDataAddedForRenting::decode(const Log& log)
{
    TRY(Fields fields, open<ProtectedDataAddedForRenting>(log));
    TRY(const U256 collection, fields.data.uint());
    TRY(const Address data, fields.data.address());
    TRY(const AccessTerms terms, read_terms(fields));
    return ProtectedDataAddedForRenting{collection, data, terms};
}

Result<NewRental> NewRental::decode(const Log& log)
{
    TRY(Fields fields, open<NewRental>(log));
    TRY(const U256 collection, fields.data.uint());
    TRY(const Address data, fields.data.address());
    TRY(const Address renter, fields.data.address());
    TRY(const UnixSeconds end, read_time(fields));
    return NewRental{collection, data, renter, end};
}

Result<ProtectedDataAddedForSale> ProtectedDataAddedForSale::decode(const Log& log)
{
    TRY(Fields fields, open<ProtectedDataAddedForSale>(log));
    TRY(const U256 collection, fields.data.uint());
    TRY(const Address data, fields.data.address());
    TRY(const U256 price, fields.data.uint());
    return ProtectedDataAddedForSale{collection, data, price};
}

Result<ProtectedDataSold> ProtectedDataSold::decode(const Log& log)
{
    TRY(Fields fields, open<ProtectedDataSold>(log));
    TRY(const U256 collection, fields.data.uint());
    TRY(const Address buyer, fields.data.address());
    TRY(const Address data, fields.data.address());
    return ProtectedDataSold{collection, buyer, data};
}

template <OfferChange Change>
Result<OfferEvent<Change>> OfferEvent<Change>::decode(const Log& log)
{
    TRY(Fields fields, open<OfferEvent>(log));
    TRY(const U256 collection, fields.data.uint());
    TRY(const Address data, fields.data.address());
    return OfferEvent{collection, data};
}
template struct OfferEvent<OfferChange::added_for_subscription>;
template struct OfferEvent<OfferChange::removed_from_subscription>;
template struct OfferEvent<OfferChange::removed_from_renting>;
template struct OfferEvent<OfferChange::removed_from_sale>;

std::string_view name(ConsumptionMode mode) { return mode == ConsumptionMode::renting ? "RENTING" : "SUBSCRIPTION"; }

Result<ProtectedDataConsumed> ProtectedDataConsumed::decode(const Log& log)
{
    TRY(Fields fields, open<ProtectedDataConsumed>(log));
    TRY(const DealId deal, fields.data.bytes32<DealId>());
    TRY(const Address data, fields.data.address());
    TRY(const ConsumptionMode mode, read_mode(fields));
    return ProtectedDataConsumed{deal, data, mode};
}

Result<NewAppAddedToAddOnlyAppWhitelist> NewAppAddedToAddOnlyAppWhitelist::decode(const Log& log)
{
    TRY(Fields fields, open<NewAppAddedToAddOnlyAppWhitelist>(log));
    TRY(const Address app, fields.data.address());
    return NewAppAddedToAddOnlyAppWhitelist{app};
}

Result<std::optional<SharingEvent>> decode_sharing_event(const Log& log)
{
    return internal::decode_one_of<SharingEvent>(log);
}

}  // namespace iapp::poco
