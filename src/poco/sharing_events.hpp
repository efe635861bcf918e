#pragma once
// Events of the sharing contract and of the app white-lists: topics from their signatures, strict decoders.
// Prices are nRLC. An end date is the last second of a rental or subscription. Check `log.address` before trusting an event.
#include "base/clock.hpp"
#include "poco/events.hpp"

namespace iapp::poco {

// Each event as in events.hpp: kSignature, kTopics, members in the order of the signature, decode().
// Errors of every decode(): invalid_input "event.topic" (another event); corrupt "abi.*".

/// What a rental or a subscription costs and how long it lasts.
struct AccessTerms {
    U256 price_nrlc;
    std::chrono::seconds duration{0};
    friend bool operator==(const AccessTerms&, const AccessTerms&) = default;
};

/// ERC-721 Transfer of the sharing contract. `from` zero: created; `to` zero: burned.
struct CollectionTransfer {
    static constexpr std::string_view kSignature = "Transfer(address,address,uint256)";
    static constexpr std::size_t kTopics = 4;
    Address from;
    Address to;
    U256 collection;
    static Result<CollectionTransfer> decode(const Log& log);
};

/// `old_collection` zero: the data came into sharing. `new_collection` zero: it left, `whitelist` is zero too.
struct ProtectedDataTransfer {
    static constexpr std::string_view kSignature = "ProtectedDataTransfer(address,uint256,uint256,address)";
    static constexpr std::size_t kTopics = 1;
    Address protected_data;
    U256 new_collection;
    U256 old_collection;
    Address whitelist;
    static Result<ProtectedDataTransfer> decode(const Log& log);
};

/// A duration of zero: the collection takes no new subscribers.
struct NewSubscriptionParams {
    static constexpr std::string_view kSignature = "NewSubscriptionParams(uint256,(uint72,uint40))";
    static constexpr std::size_t kTopics = 1;
    U256 collection;
    AccessTerms terms;
    static Result<NewSubscriptionParams> decode(const Log& log);
};

struct NewSubscription {
    static constexpr std::string_view kSignature = "NewSubscription(uint256,address,uint48)";
    static constexpr std::size_t kTopics = 2;
    U256 collection;
    Address subscriber;
    UnixSeconds end;
    static Result<NewSubscription> decode(const Log& log);
};

struct ProtectedDataAddedForRenting {
    static constexpr std::string_view kSignature = "ProtectedDataAddedForRenting(uint256,address,(uint72,uint40))";
    static constexpr std::size_t kTopics = 1;
    U256 collection;
    Address protected_data;
    AccessTerms terms;
    static Result<ProtectedDataAddedForRenting> decode(const Log& log);
};

struct NewRental {
    static constexpr std::string_view kSignature = "NewRental(uint256,address,address,uint48)";
    static constexpr std::size_t kTopics = 1;
    U256 collection;
    Address protected_data;
    Address renter;
    UnixSeconds end;
    static Result<NewRental> decode(const Log& log);
};

struct ProtectedDataAddedForSale {
    static constexpr std::string_view kSignature = "ProtectedDataAddedForSale(uint256,address,uint72)";
    static constexpr std::size_t kTopics = 1;
    U256 collection;
    Address protected_data;
    U256 price_nrlc;
    static Result<ProtectedDataAddedForSale> decode(const Log& log);
};

/// Follows the ProtectedDataTransfer that took the data out of its collection.
struct ProtectedDataSold {
    static constexpr std::string_view kSignature = "ProtectedDataSold(uint256,address,address)";
    static constexpr std::size_t kTopics = 1;
    U256 collection;
    Address buyer;
    Address protected_data;
    static Result<ProtectedDataSold> decode(const Log& log);
};

enum class OfferChange : unsigned char {
    added_for_subscription,
    removed_from_subscription,
    removed_from_renting,
    removed_from_sale
};

constexpr std::string_view offer_event_signature(OfferChange change)
{
    constexpr std::string_view kNames[] = {
        "ProtectedDataAddedForSubscription(uint256,address)", "ProtectedDataRemovedFromSubscription(uint256,address)",
        "ProtectedDataRemovedFromRenting(uint256,address)", "ProtectedDataRemovedFromSale(uint256,address)"};
    return kNames[static_cast<std::size_t>(change)];
}

/// Protected data is offered, or no longer offered, in a way that needs no terms of its own.
template <OfferChange Change>
struct OfferEvent {
    static constexpr std::string_view kSignature = offer_event_signature(Change);
    static constexpr std::size_t kTopics = 1;
    static constexpr OfferChange kChange = Change;
    U256 collection;
    Address protected_data;
    static Result<OfferEvent> decode(const Log& log);
};
using ProtectedDataAddedForSubscription = OfferEvent<OfferChange::added_for_subscription>;
using ProtectedDataRemovedFromSubscription = OfferEvent<OfferChange::removed_from_subscription>;
using ProtectedDataRemovedFromRenting = OfferEvent<OfferChange::removed_from_renting>;
using ProtectedDataRemovedFromSale = OfferEvent<OfferChange::removed_from_sale>;

enum class ConsumptionMode : unsigned char { subscription, renting };
std::string_view name(ConsumptionMode mode);  ///< "SUBSCRIPTION" "RENTING"

struct ProtectedDataConsumed {
    static constexpr std::string_view kSignature = "ProtectedDataConsumed(bytes32,address,uint8)";
    static constexpr std::size_t kTopics = 1;
    DealId deal;
    Address protected_data;
    ConsumptionMode mode;
    static Result<ProtectedDataConsumed> decode(const Log& log);
};

/// Emitted by a white-list itself. A white-list is what the registry of white-lists created: its EntryTransfer names it.
struct NewAppAddedToAddOnlyAppWhitelist {
    static constexpr std::string_view kSignature = "NewAppAddedToAddOnlyAppWhitelist(address)";
    static constexpr std::size_t kTopics = 1;
    Address app;
    static Result<NewAppAddedToAddOnlyAppWhitelist> decode(const Log& log);
};

/// Every event of the sharing contract that changes what an index shows.
using SharingEvent =
    std::variant<CollectionTransfer, ProtectedDataTransfer, NewSubscriptionParams, NewSubscription,
                 ProtectedDataAddedForSubscription, ProtectedDataRemovedFromSubscription, ProtectedDataAddedForRenting,
                 ProtectedDataRemovedFromRenting, NewRental, ProtectedDataAddedForSale, ProtectedDataRemovedFromSale,
                 ProtectedDataSold, ProtectedDataConsumed>;

/// nullopt for an event that is none of these. Errors: corrupt "abi.*".
Result<std::optional<SharingEvent>> decode_sharing_event(const Log& log);

}  // namespace iapp::poco
