// Orders in the bytes of a transaction: found wherever a wallet put them, believed only by their hashes.
#include "poco/match_call.hpp"

#include <gtest/gtest.h>

#include "poco/calls.hpp"
#include "poco/order_hash.hpp"
#include "poco/registry.hpp"

namespace iapp::poco {
namespace {

template <class Id>
Id filled(std::uint8_t with)
{
    std::array<std::uint8_t, Id::kSize> raw{};
    raw.fill(with);
    return Id{raw};
}

const Hash256 kSeparator = filled<Hash256>(1);

struct Matched {
    OrderSet orders;
    OrdersMatched event{DealId::zero(), Hash256::zero(), Hash256::zero(), Hash256::zero(), Hash256::zero(), 1U};

    explicit Matched(bool with_dataset)
    {
        orders.app.app = orders.request.app = filled<Address>(2);
        orders.app.appprice = 3;
        orders.app.sign = Bytes(65, 3);
        if (with_dataset) {
            orders.dataset.dataset = filled<Address>(4);
            orders.dataset.volume = 7;
            orders.dataset.sign = Bytes(65, 5);
            event.dataset_hash = order_hash(kSeparator, orders.dataset);
        }
        orders.workerpool.workerpool = filled<Address>(6);
        orders.workerpool.trust = 8;
        orders.request.params = "x";
        orders.request.callback = filled<Address>(9);
        event.app_hash = order_hash(kSeparator, orders.app);
        event.workerpool_hash = order_hash(kSeparator, orders.workerpool);
        event.request_hash = order_hash(kSeparator, orders.request);
    }
};

bool finds(const Matched& match, ByteView input)
{
    const auto found = find_match_call(input, kSeparator, match.event);
    return found && found->app == match.orders.app && found->dataset == match.orders.dataset &&
           found->workerpool == match.orders.workerpool && found->request == match.orders.request;
}

TEST(MatchCall, ShowsEveryOrderWhateverIsAroundIt)
{
    for (const bool with_dataset : {true, false}) {
        const Matched match(with_dataset);
        const Bytes plain = call::match_orders(match.orders);
        EXPECT_TRUE(finds(match, plain));
        EXPECT_TRUE(finds(match, call::sponsor_match_orders(match.orders)));
        EXPECT_TRUE(finds(match, call::approve_and_call(filled<Address>(2), 1, plain)));
    }
}

TEST(MatchCall, OrdersOfOtherHashesAreNotThoseOfTheMatch)
{
    const Matched match(true);
    const Bytes data = call::match_orders(match.orders);
    for (Hash256 OrdersMatched::*const hash : {&OrdersMatched::app_hash, &OrdersMatched::dataset_hash,
                                               &OrdersMatched::workerpool_hash, &OrdersMatched::request_hash}) {
        OrdersMatched other = match.event;
        other.*hash = filled<Hash256>(2);
        EXPECT_FALSE(find_match_call(data, kSeparator, other));
    }
    EXPECT_FALSE(find_match_call(data, filled<Hash256>(2), match.event));
    EXPECT_FALSE(find_match_call(ByteView(data).first(200), kSeparator, match.event));
    EXPECT_FALSE(find_match_call({}, kSeparator, match.event));
}

TEST(MatchCall, TheDatasetOrderIsFoundByItsHashAlone)
{
    const Matched match(true);
    const Bytes data = call::match_orders(match.orders);
    const Hash256 hash = match.event.dataset_hash;
    EXPECT_EQ(find_matched_dataset_order(data, kSeparator, hash), match.orders.dataset);
    EXPECT_EQ(find_matched_dataset_order(call::approve_and_call(filled<Address>(2), 1, data), kSeparator, hash),
              match.orders.dataset);
    EXPECT_FALSE(find_matched_dataset_order(data, filled<Hash256>(2), hash));
    EXPECT_FALSE(find_matched_dataset_order(ByteView(data).first(200), kSeparator, hash));
    EXPECT_FALSE(find_matched_dataset_order({}, kSeparator, hash));
}

TEST(MatchCall, ManyFalseStartsEndTheSearch)
{
    const Matched match(true);
    const Bytes call = call::match_orders(match.orders);
    const auto behind = [&](int false_starts) {
        Bytes data;
        for (int i = 0; i < false_starts; ++i) data.insert(data.end(), call.begin(), call.begin() + 4);
        data.insert(data.end(), call.begin(), call.end());
        return data;
    };
    EXPECT_TRUE(finds(match, behind(255)));
    EXPECT_FALSE(finds(match, behind(256)));
}

}  // namespace
}  // namespace iapp::poco
