// The publishing rules: each broken alone, with the message the npm clients show; and what a body may be.
#include "market/publish.hpp"

#include <gtest/gtest.h>

#include "poco/order_hash.hpp"

namespace iapp::market {
namespace {

Address address(std::uint8_t last)
{
    std::array<std::uint8_t, 20> bytes{};
    bytes[19] = last;
    return Address{bytes};
}

const Address kSigner = address(1);
const Address kOther = address(2);
const Address kApp = address(0xa);
const Address kDataset = address(0xd);

/// An order that passes every rule of its kind with the facts below.
Listing good_listing(OrderKind kind)
{
    Listing out{.kind = kind};
    out.app = kApp;
    out.dataset = kDataset;
    out.requester = kSigner;
    out.volume = 3;
    if (kind == OrderKind::workerpool) out.price_nrlc = 10;
    if (kind == OrderKind::request) {
        out.price_nrlc = 100;
        out.app_max_nrlc = 20;
        out.dataset_max_nrlc = 3;
    }
    return out;
}

PublishFacts good_facts()
{
    PublishFacts out;
    out.authenticated = kSigner;
    out.is_registered = true;
    out.owner = kSigner;
    out.is_signature_valid = true;
    out.consumed = 1;
    out.stake = 246;
    out.best_app_nrlc = 20;
    out.best_dataset_nrlc = 3;
    return out;
}

struct Case {
    const char* name;
    OrderKind kind;
    void (*bend)(Listing&, PublishFacts&);
    std::string_view reason;
    std::string message;
};
class Publish : public testing::TestWithParam<Case> {};

TEST_P(Publish, AnswersWithTheRuleThatFailed)
{
    Listing listing = good_listing(GetParam().kind);
    PublishFacts facts = good_facts();
    GetParam().bend(listing, facts);
    const auto decided = decide(listing, facts);
    if (GetParam().reason.empty()) {
        ASSERT_TRUE(decided) << decided.error().detail;
        EXPECT_EQ(*decided, 2U);
        return;
    }
    ASSERT_FALSE(decided);
    EXPECT_EQ(decided.error().reason, GetParam().reason);
    EXPECT_EQ(decided.error().detail, GetParam().message);
    EXPECT_EQ(decided.error().kind, ErrorKind::permission_denied);
}

const std::string kSignerText = eth::to_checksum(kSigner);
const std::string kOtherText = eth::to_checksum(kOther);
const std::string kAppText = eth::to_checksum(kApp);
const std::string kDatasetText = eth::to_checksum(kDataset);
void leave(Listing&, PublishFacts&) {}

INSTANTIATE_TEST_SUITE_P(
    Rules, Publish,
    testing::Values(
        Case{"good_app", OrderKind::app, leave, "", ""}, Case{"good_dataset", OrderKind::dataset, leave, "", ""},
        Case{"good_workerpool", OrderKind::workerpool, leave, "", ""},
        Case{"good_request", OrderKind::request, leave, "", ""},
        Case{"open_already", OrderKind::app, [](Listing&, PublishFacts& f) { f.known = OrderStatus::open; },
             "market.published", "order already published"},
        Case{"filled_already", OrderKind::app, [](Listing&, PublishFacts& f) { f.known = OrderStatus::filled; },
             "market.published", "order already published"},
        Case{"canceled_already", OrderKind::app, [](Listing&, PublishFacts& f) { f.known = OrderStatus::canceled; },
             "market.published", "order already published"},
        Case{"dead_comes_back", OrderKind::app, [](Listing&, PublishFacts& f) { f.known = OrderStatus::dead; }, "", ""},
        Case{"not_deployed", OrderKind::dataset, [](Listing&, PublishFacts& f) { f.is_registered = false; },
             "market.not_deployed", "Resource not deployed"},
        Case{"not_the_owner", OrderKind::dataset, [](Listing&, PublishFacts& f) { f.owner = kOther; }, "market.not_signer",
             "only order signer " + kOtherText + " can publish an order"},
        Case{"invalid_sign", OrderKind::request, [](Listing&, PublishFacts& f) { f.is_signature_valid = false; },
             "market.signature", "invalid sign"},
        Case{"too_many", OrderKind::app, [](Listing&, PublishFacts& f) { f.open_orders = 50; }, "market.too_many",
             "maximum of 50 published open apporder has been reached for wallet " + kSignerText},
        Case{"one_more_fits", OrderKind::app, [](Listing&, PublishFacts& f) { f.open_orders = 49; }, "", ""},
        Case{"consumed", OrderKind::app, [](Listing&, PublishFacts& f) { f.consumed = 3; }, "market.consumed",
             "order already consumed"},
        Case{"consumed_beyond", OrderKind::app, [](Listing&, PublishFacts& f) { f.consumed = UINT64_MAX; },
             "market.consumed", "order already consumed"},
        Case{"pool_stake", OrderKind::workerpool, [](Listing&, PublishFacts& f) { f.stake = 5; }, "market.pool_stake",
             "workerpool owner's stake is too low to cover required workerpool lock"},
        Case{"pool_stake_exact", OrderKind::workerpool, [](Listing&, PublishFacts& f) { f.stake = 6; }, "", ""},
        Case{"pool_stake_is_floored_per_task", OrderKind::workerpool,
             [](Listing& l, PublishFacts& f) { l.price_nrlc = 3, f.stake = 0; }, "", ""},
        Case{"requester_stake", OrderKind::request, [](Listing&, PublishFacts& f) { f.stake = 245; },
             "market.requester_stake",
             "requester stake is too low to cover requestorder payment, minimum stake required is 246 nRLC"},
        Case{"no_app_order", OrderKind::request, [](Listing&, PublishFacts& f) { f.best_app_nrlc.reset(); },
             "market.no_app_order", "No apporder published for app " + kAppText},
        Case{"no_tee_app_order", OrderKind::request,
             [](Listing& l, PublishFacts& f) { l.tag = poco::tdx_tag(), f.best_app_nrlc.reset(); }, "market.no_app_order",
             "No tee enabled apporder published for app " + kAppText},
        Case{"app_price", OrderKind::request, [](Listing&, PublishFacts& f) { f.best_app_nrlc = 21; }, "market.app_price",
             "appmaxprice for app " + kAppText + " is too low, actual best price is 21 nRLC"},
        Case{"no_dataset_order", OrderKind::request, [](Listing&, PublishFacts& f) { f.best_dataset_nrlc.reset(); },
             "market.no_dataset_order", "No datasetorder published for dataset " + kDatasetText},
        Case{"no_dataset_wanted", OrderKind::request,
             [](Listing& l, PublishFacts& f) { l.dataset = Address::zero(), f.best_dataset_nrlc.reset(); }, "", ""},
        Case{"dataset_price", OrderKind::request, [](Listing&, PublishFacts& f) { f.best_dataset_nrlc = 4; },
             "market.dataset_price",
             "datasetmaxprice for dataset " + kDatasetText + " is too low, actual best price is 4 nRLC"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Publish, TellsTheFirstRuleThatFails)
{
    Listing listing = good_listing(OrderKind::request);
    PublishFacts facts = good_facts();
    facts.best_dataset_nrlc.reset();
    struct Step {
        void (*bend)(PublishFacts&);
        std::string_view reason;
    };
    constexpr std::array kSteps{
        Step{[](PublishFacts&) {}, "market.no_dataset_order"},
        Step{[](PublishFacts& f) { f.best_app_nrlc = 21; }, "market.app_price"},
        Step{[](PublishFacts& f) { f.best_app_nrlc.reset(); }, "market.no_app_order"},
        Step{[](PublishFacts& f) { f.stake = 0; }, "market.requester_stake"},
        Step{[](PublishFacts& f) { f.consumed = 3; }, "market.consumed"},
        Step{[](PublishFacts& f) { f.open_orders = 50; }, "market.too_many"},
        Step{[](PublishFacts& f) { f.is_signature_valid = false; }, "market.signature"},
        Step{[](PublishFacts& f) { f.owner = kOther; }, "market.not_signer"},
        Step{[](PublishFacts& f) { f.is_registered = false; }, "market.not_deployed"},
        Step{[](PublishFacts& f) { f.known = OrderStatus::open; }, "market.published"},
    };
    for (const Step& step : kSteps) {
        step.bend(facts);
        EXPECT_EQ(decide(listing, facts).error().reason, step.reason);
    }
}

// ---- Standing

struct StandingCase {
    const char* name;
    OrderKind kind;
    OrderStatus before;
    OrderFacts facts;
    Standing expected;
};
class Standings : public testing::TestWithParam<StandingCase> {};

TEST_P(Standings, FollowTheFacts)
{
    const auto& test = GetParam();
    EXPECT_EQ(judge(good_listing(test.kind), kSigner, test.before, test.facts), test.expected);
}

constexpr auto kOpen = OrderStatus::open;
constexpr auto kDead = OrderStatus::dead;
INSTANTIATE_TEST_SUITE_P(
    Orders, Standings,
    testing::Values(
        StandingCase{"untouched", OrderKind::app, kOpen, {0, false, kSigner, 0}, {kOpen, 3}},
        StandingCase{"partly_consumed", OrderKind::app, kOpen, {2, false, kSigner, 0}, {kOpen, 1}},
        StandingCase{"consumed", OrderKind::app, kOpen, {3, false, kSigner, 0}, {OrderStatus::filled, 0}},
        StandingCase{"closed", OrderKind::app, kOpen, {3, true, kSigner, 0}, {OrderStatus::canceled, 0}},
        StandingCase{"closed_by_a_former_owner", OrderKind::app, kOpen, {3, true, kOther, 0}, {OrderStatus::canceled, 0}},
        StandingCase{"another_owner", OrderKind::dataset, kOpen, {0, false, kOther, 0}, {kDead, 3}},
        StandingCase{"dead_stays_dead", OrderKind::dataset, kDead, {0, false, kSigner, 0}, {kDead, 3}},
        StandingCase{
            "dead_is_matched_elsewhere", OrderKind::dataset, kDead, {3, false, kSigner, 0}, {OrderStatus::filled, 0}},
        StandingCase{"pool_stake_covers", OrderKind::workerpool, kOpen, {1, false, kSigner, 6}, {kOpen, 2}},
        StandingCase{"pool_stake_falls_short", OrderKind::workerpool, kOpen, {1, false, kSigner, 5}, {kDead, 2}},
        StandingCase{"requester_stake_covers", OrderKind::request, kOpen, {2, false, kSigner, 123}, {kOpen, 1}},
        StandingCase{"requester_stake_falls_short", OrderKind::request, kOpen, {2, false, kSigner, 122}, {kDead, 1}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RequiredStake, OfTheLargestNumbersIsExact)
{
    Listing listing{.kind = OrderKind::request};
    listing.price_nrlc = listing.app_max_nrlc = listing.dataset_max_nrlc = kMaxNumber;
    EXPECT_EQ(required_stake(listing, kMaxNumber), *U256{kMaxNumber}.mul(U256{kMaxNumber})->mul(3));
    EXPECT_EQ(required_stake(Listing{.kind = OrderKind::app}, 5), U256{});
}

// ---- Bodies

std::string body_with(std::string_view member, std::string_view value)
{
    poco::DatasetOrder order;
    order.dataset = kDataset;
    order.volume = 5;
    order.sign = Bytes{1, 2};
    std::string text = "{\"order\":" + poco::encode(order) + '}';
    const std::string key = '"' + std::string(member) + "\":";
    const std::size_t at = text.find(key) + key.size();
    const std::size_t end = text.find_first_of(",}", at);
    return member.empty() ? text : text.replace(at, end - at, value);
}

struct BodyCase {
    const char* name;
    std::string body;
    std::string_view says;  ///< part of the message; empty: it is taken
};
class Bodies : public testing::TestWithParam<BodyCase> {};

TEST_P(Bodies, AreTakenOrRefusedWithTheMember)
{
    const auto listing = parse_publish_body(OrderKind::dataset, GetParam().body);
    if (GetParam().says.empty()) {
        ASSERT_TRUE(listing) << listing.error().detail;
        return;
    }
    ASSERT_FALSE(listing);
    EXPECT_EQ(listing.error().reason, "market.body");
    EXPECT_NE(listing.error().detail.find(GetParam().says), std::string::npos) << listing.error().detail;
}
INSTANTIATE_TEST_SUITE_P(
    Publish, Bodies,
    testing::Values(
        BodyCase{"good", body_with("", ""), ""}, BodyCase{"number", body_with("volume", "5"), ""},
        BodyCase{"largest", body_with("volume", "\"9007199254740991\""), ""},
        BodyCase{"zero_price", body_with("datasetprice", "0"), ""}, BodyCase{"empty_sign", body_with("sign", "\"0x\""), ""},
        BodyCase{"upper_case_salt", body_with("salt", "\"0x" + std::string(64, 'A') + '"'), ""},
        BodyCase{"more_members", R"({"also":1,)" + body_with("", "").substr(1), ""}, BodyCase{"not_json", "{", "JSON"},
        BodyCase{"not_an_object", "[]", "object"}, BodyCase{"no_order", "{}", "order"},
        BodyCase{"twice", R"({"order":1,)" + body_with("", "").substr(1), "twice"},
        BodyCase{"zero_volume", body_with("volume", "0"), "order.volume must be between 1"},
        BodyCase{"volume_too_large", body_with("volume", "\"9007199254740992\""), "order.volume"},
        BodyCase{"price_too_large", body_with("datasetprice", "\"9007199254740992\""), "order.datasetprice"},
        BodyCase{"negative_price", body_with("datasetprice", "-1"), "datasetprice"},
        BodyCase{"fraction", body_with("volume", "1.5"), "volume"},
        BodyCase{"bad_address", body_with("dataset", "\"0x12\""), "dataset"},
        BodyCase{"bad_tag", body_with("tag", "\"0x09\""), "tag"},
        BodyCase{"bad_sign", body_with("sign", "\"1234\""), "sign"}, BodyCase{"no_sign", body_with("sign", "null"), "sign"},
        BodyCase{"null_salt", body_with("salt", "null"), "salt"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Bodies, OfEveryKindBecomeListings)
{
    poco::RequestOrder request;
    request.app = kApp;
    request.dataset = kDataset;
    request.requester = kSigner;
    request.workerpool = kOther;
    request.beneficiary = kOther;
    request.appmaxprice = 1;
    request.datasetmaxprice = 2;
    request.workerpoolmaxprice = 3;
    request.volume = 4;
    request.category = 5;
    request.trust = 6;
    request.params = "{\"iexec_args\":\"\\u00e0\"}";
    const auto listing = parse_publish_body(OrderKind::request, "{\"order\":" + poco::encode(request) + '}');
    ASSERT_TRUE(listing) << listing.error().detail;
    EXPECT_EQ(listing->struct_hash, poco::struct_hash(request));
    EXPECT_EQ(listing->json, poco::encode(request, poco::Numbers::as_number));
    EXPECT_EQ(listing->resource(), kSigner);
    EXPECT_EQ(std::tuple(listing->app_max_nrlc, listing->dataset_max_nrlc, listing->price_nrlc, listing->volume,
                         listing->category, listing->trust),
              std::tuple(1U, 2U, 3U, 4U, 5U, 6U));

    poco::WorkerpoolOrder pool;
    pool.workerpool = kOther;
    pool.volume = 1;
    pool.category = kMaxNumber + 1;
    EXPECT_FALSE(parse_publish_body(OrderKind::workerpool, "{\"order\":" + poco::encode(pool) + '}'));
    pool.category = 2;
    EXPECT_EQ(parse_publish_body(OrderKind::workerpool, "{\"order\":" + poco::encode(pool) + '}').value().resource(),
              kOther);
    EXPECT_FALSE(parse_publish_body(OrderKind::app, "{\"order\":" + poco::encode(pool) + '}'));
}

}  // namespace
}  // namespace iapp::market
