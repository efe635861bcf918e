// Topics against those of the published contract interface, decoders on logs as the contracts write them, and strictness.
#include "poco/sharing_events.hpp"

#include <gtest/gtest.h>

#include "poco/internal/test_vectors.hpp"

namespace iapp::poco {
namespace {

using eth::AbiWriter;
using vectors::address;
using vectors::reason;
using vectors::repeat;

const Address kData = address(0x22);
const U256 kCollection{7U};
const AccessTerms kTerms{U256{1'500U}, std::chrono::seconds(86'400)};
const UnixSeconds kEnd{std::chrono::seconds(1'800'000'000)};

AbiWriter terms() { return AbiWriter{}.uint(1'500U).uint(86'400U); }

template <class Event>
Log log_of(const AbiWriter& data, std::vector<Hash256> indexed = {})
{
    Log log;
    log.topics = {topic<Event>()};
    log.topics.insert(log.topics.end(), indexed.begin(), indexed.end());
    log.data = data.encode();
    return log;
}

Hash256 word(const AbiWriter& one) { return *Hash256::from_bytes(one.encode()); }

TEST(SharingTopics, MatchThePublishedOnes)
{
    EXPECT_EQ(topic<CollectionTransfer>(), topic<TokenTransfer>());
    EXPECT_EQ(topic<ProtectedDataTransfer>().hex(), "0x701e4990df91f34f0c6e42c039715e077aa32f81af006f9f5e8165cbda0fdddd");
    EXPECT_EQ(topic<NewSubscriptionParams>().hex(), "0xd33315cb494162d759f3ab7d813be7d0a6e0e70f717fc31c258f84a729004f78");
    EXPECT_EQ(topic<NewSubscription>().hex(), "0x2366234d2d402efc07153c0d03fc5ec74a9ef5496e1accadc4b1aaf51d7f73b9");
    EXPECT_EQ(topic<ProtectedDataAddedForSubscription>().hex(),
              "0x806e162c7ef4165a275b5df55317f9f7be1e2bb257c6cc87fbbb0fabb6b2f97b");
    EXPECT_EQ(topic<ProtectedDataRemovedFromSubscription>().hex(),
              "0x619bc890d3c88741caaba887a528d314fe6fa1c2ba35730eb1db180c8bdc1757");
    EXPECT_EQ(topic<ProtectedDataAddedForRenting>().hex(),
              "0x796fca2de82b5272091ddfd0ab5d10f279e96eb8f47150d0f63f8411399b32ac");
    EXPECT_EQ(topic<ProtectedDataRemovedFromRenting>().hex(),
              "0xb76a4377a20c8298064cd897c0095e802f478ccb93d1150d391a2dd268d7e5fb");
    EXPECT_EQ(topic<NewRental>().hex(), "0xe2d5d453d44004623a821ef386e026d37fccbac3f56cef0cb5918cab5c11dc88");
    EXPECT_EQ(topic<ProtectedDataAddedForSale>().hex(),
              "0xec81370602852d2a562027f306877d179384b7df480e4f2c68d233de886cfd92");
    EXPECT_EQ(topic<ProtectedDataRemovedFromSale>().hex(),
              "0x3fb0561a34a824ad00e49427875f49120aeba57a15999baef5fbae14e664d972");
    EXPECT_EQ(topic<ProtectedDataSold>().hex(), "0x39e9de3f8fb17aa9d0e1df99a67605205f5e86d0ac765ee0299fb8ea4f2baa21");
    EXPECT_EQ(topic<ProtectedDataConsumed>().hex(), "0x09bb563d4351a41cfcb2e1a9e3caabd85077d013afa5ef5b60cd460c56f7ff12");
    EXPECT_EQ(topic<NewAppAddedToAddOnlyAppWhitelist>().hex(),
              "0xf4ef25a4fef731446d3e674bcf3bd90bba639303a0b8f40a21401bf5cf8a19bd");
}

TEST(SharingEvents, DecodeCollectionsAndTransfers)
{
    const auto created = CollectionTransfer::decode(log_of<CollectionTransfer>(
        {}, {Hash256::zero(), word(AbiWriter{}.address(address(1))), word(AbiWriter{}.uint(7U))}));
    EXPECT_EQ(created->from, Address::zero());
    EXPECT_EQ(created->to, address(1));
    EXPECT_EQ(created->collection, kCollection);
    const auto moved = ProtectedDataTransfer::decode(
        log_of<ProtectedDataTransfer>(AbiWriter{}.address(kData).uint(7U).uint(6U).address(address(9))));
    EXPECT_EQ(moved->protected_data, kData);
    EXPECT_EQ(moved->new_collection, kCollection);
    EXPECT_EQ(moved->old_collection, U256{6U});
    EXPECT_EQ(moved->whitelist, address(9));
    const auto added =
        NewAppAddedToAddOnlyAppWhitelist::decode(log_of<NewAppAddedToAddOnlyAppWhitelist>(AbiWriter{}.address(address(3))));
    EXPECT_EQ(added->app, address(3));
}

TEST(SharingEvents, DecodeSubscriptionsAndRentals)
{
    const auto offer = NewSubscriptionParams::decode(log_of<NewSubscriptionParams>(AbiWriter{}.uint(7U).tuple(terms())));
    EXPECT_EQ(offer->collection, kCollection);
    EXPECT_EQ(offer->terms, kTerms);
    const auto subscribed = NewSubscription::decode(
        log_of<NewSubscription>(AbiWriter{}.uint(7U).uint(1'800'000'000U), {word(AbiWriter{}.address(address(4)))}));
    EXPECT_EQ(subscribed->collection, kCollection);
    EXPECT_EQ(subscribed->subscriber, address(4));
    EXPECT_EQ(subscribed->end, kEnd);
    const auto renting = ProtectedDataAddedForRenting::decode(
        log_of<ProtectedDataAddedForRenting>(AbiWriter{}.uint(7U).address(kData).tuple(terms())));
    EXPECT_EQ(renting->protected_data, kData);
    EXPECT_EQ(renting->terms, kTerms);
    const auto rented =
        NewRental::decode(log_of<NewRental>(AbiWriter{}.uint(7U).address(kData).address(address(5)).uint(1'800'000'000U)));
    EXPECT_EQ(rented->renter, address(5));
    EXPECT_EQ(rented->end, kEnd);
}

TEST(SharingEvents, DecodeSalesOffersAndConsumptions)
{
    const auto offer =
        ProtectedDataAddedForSale::decode(log_of<ProtectedDataAddedForSale>(AbiWriter{}.uint(7U).address(kData).uint(12U)));
    EXPECT_EQ(offer->price_nrlc, U256{12U});
    const auto sold =
        ProtectedDataSold::decode(log_of<ProtectedDataSold>(AbiWriter{}.uint(7U).address(address(6)).address(kData)));
    EXPECT_EQ(sold->buyer, address(6));
    EXPECT_EQ(sold->protected_data, kData);
    const auto included = ProtectedDataAddedForSubscription::decode(
        log_of<ProtectedDataAddedForSubscription>(AbiWriter{}.uint(7U).address(kData)));
    EXPECT_EQ(included->collection, kCollection);
    EXPECT_EQ(included->protected_data, kData);
    const auto consumed = ProtectedDataConsumed::decode(
        log_of<ProtectedDataConsumed>(AbiWriter{}.bytes32(repeat<DealId>(0xcd)).address(kData).uint(1U)));
    EXPECT_EQ(consumed->deal, repeat<DealId>(0xcd));
    EXPECT_EQ(name(consumed->mode), "RENTING");
    EXPECT_EQ(name(ConsumptionMode::subscription), "SUBSCRIPTION");
}

TEST(SharingEvents, RefuseWhatNoContractOfOursWrites)
{
    const DealId deal = repeat<DealId>(0xcd);
    EXPECT_EQ(reason(ProtectedDataConsumed::decode(
                  log_of<ProtectedDataConsumed>(AbiWriter{}.bytes32(deal).address(kData).uint(2U)))),
              "abi.range");
    EXPECT_EQ(reason(NewRental::decode(
                  log_of<NewRental>(AbiWriter{}.uint(7U).address(kData).address(address(5)).uint(std::uint64_t{1} << 63U)))),
              "abi.range");
    EXPECT_EQ(reason(ProtectedDataSold::decode(log_of<ProtectedDataSold>(AbiWriter{}.uint(7U)))), "abi.truncated");
    EXPECT_EQ(reason(ProtectedDataSold::decode(log_of<NewRental>({}))), "event.topic");
}

TEST(SharingEvents, DispatchByTopicAndItsCount)
{
    const auto event = decode_sharing_event(log_of<ProtectedDataRemovedFromSale>(AbiWriter{}.uint(7U).address(kData)));
    ASSERT_TRUE(event && *event);
    EXPECT_EQ(std::get<ProtectedDataRemovedFromSale>(**event).protected_data, kData);
    EXPECT_EQ(*decode_sharing_event(log_of<TokenTransfer>(AbiWriter{}.uint(3U), {Hash256::zero(), Hash256::zero()})),
              std::nullopt);
    EXPECT_EQ(*decode_sharing_event(Log{}), std::nullopt);
    EXPECT_EQ(reason(decode_sharing_event(log_of<NewRental>({}))), "abi.truncated");
}

}  // namespace
}  // namespace iapp::poco
