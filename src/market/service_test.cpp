// The book over HTTP on a real chain: publish, list, find, unpublish, and what the chain does to orders.
#include "support/market_fixture.hpp"

namespace iapp::market {
namespace {

using eth::Address;
using support::Answer;
using support::MarketFixture;

class Market : public MarketFixture, public testing::WithParamInterface<test::Engine> {
protected:
    test::Engine engine() const override { return GetParam(); }
};

TEST_P(Market, SaysItsVersionToAnyone)
{
    const Answer answer = send("GET", "/version");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.at("ok").as_bool());
    EXPECT_FALSE(answer.body.at("version").as_string().empty());
}

TEST_P(Market, WantsTheChainItServes)
{
    for (const char* path : {"/challenge", "/apporders", "/deals", "/categories", "/metrics"}) {
        EXPECT_EQ(send("GET", path).error(), "chainId is a required field") << path;
        const Answer other = send("GET", std::string(path) + "?chainId=1");
        EXPECT_EQ(other.status, 400) << path;
        EXPECT_EQ(other.error(), "chainId 1 is not supported") << path;
    }
}

TEST_P(Market, PublishesAnAppOrderAndServesItAsPublished)
{
    const Address app = make_app(owner_);
    const poco::AppOrder order = app_order(app, owner_, 7, 9'007'199'254'740'991);
    const Answer published = publish("/apporders", order, owner_);
    ASSERT_EQ(published.status, 200) << json::print(published.body);
    const auto& record = published.body.at("published");
    EXPECT_EQ(record.at("orderHash").as_string(), hash_of(order).hex());
    EXPECT_EQ(json::print(record.at("order")), poco::encode(order, poco::Numbers::as_number));

    const Answer list = get("/apporders", "app=" + app.hex());
    ASSERT_EQ(list.status, 200);
    EXPECT_EQ(list.body.at("count").as_int64(), 1);
    EXPECT_FALSE(list.body.as_object().contains("nextPage"));
    const auto& listed = list.body.at_pointer("/orders/0");
    EXPECT_EQ(listed, record);
    EXPECT_EQ(listed.at("chainId").as_int64(), 421614);
    EXPECT_EQ(listed.at("remaining").as_int64(), 9'007'199'254'740'991);
    EXPECT_EQ(listed.at("status").as_string(), "open");
    EXPECT_EQ(listed.at("signer").as_string(), eth::to_checksum(owner_.address()));
    EXPECT_EQ(listed.at_pointer("/order/volume").as_int64(), 9'007'199'254'740'991);
    EXPECT_FALSE(listed.as_object().contains("bulk"));

    const Answer one = get("/apporders/" + hash_of(order).hex());
    EXPECT_EQ(one.status, 200);
    EXPECT_TRUE(one.body.at("ok").as_bool());
    EXPECT_EQ(one.body.at("chainId").as_string(), "421614");
    EXPECT_EQ(one.body.at("order"), listed.at("order"));
    EXPECT_EQ(get("/datasetorders/" + hash_of(order).hex()).error(), "datasetorder not found");
    EXPECT_EQ(publish("/apporders", order, owner_).error(), "order already published");
}

TEST_P(Market, RunsAWholeMatchThroughTheBook)
{
    fund(provider_, 1'000'000);
    fund(requester_, 1'000'000);
    const Address app = make_app(owner_), dataset = make_dataset(owner_), pool = make_pool(provider_);
    poco::OrderSet set{app_order(app, owner_, 1, 1), dataset_order(dataset, owner_, 2, 2),
                       pool_order(pool, provider_, 10, 3), request_order(app, requester_, 10, 1)};
    set.request.appmaxprice = 1;
    set.request.dataset = dataset;
    set.request.datasetmaxprice = 2;
    poco::sign_order(set.request, separator(), requester_);
    ASSERT_EQ(publish("/apporders", set.app, owner_).status, 200);
    ASSERT_EQ(publish("/datasetorders", set.dataset, owner_).status, 200);
    ASSERT_EQ(publish("/workerpoolorders", set.workerpool, provider_).status, 200);
    const Answer requested = publish("/requestorders", set.request, requester_);
    ASSERT_EQ(requested.status, 200) << requested.error();

    const auto receipt = transact(requester_, made().hub, poco::call::match_orders(set));
    const auto matched = poco::find_event<poco::OrdersMatched>(receipt.logs, made().hub);
    ASSERT_TRUE(matched);

    EXPECT_EQ(status_of("/apporders", hash_of(set.app)), "filled");
    EXPECT_EQ(status_of("/datasetorders", hash_of(set.dataset)), "open");
    EXPECT_EQ(get("/datasetorders/" + hash_of(set.dataset).hex()).body.at("remaining").as_int64(), 1);
    EXPECT_EQ(status_of("/workerpoolorders", hash_of(set.workerpool)), "open");
    EXPECT_EQ(status_of("/requestorders", hash_of(set.request)), "filled");

    const Answer deal = get("/deals/" + matched->deal.hex());
    ASSERT_EQ(deal.status, 200) << deal.error();
    EXPECT_EQ(deal.body.at_pointer("/app/pointer").as_string(), eth::to_checksum(app));
    EXPECT_EQ(deal.body.at_pointer("/workerpool/price").as_int64(), 10);
    EXPECT_EQ(deal.body.at("params").as_string(), set.request.params);
    EXPECT_EQ(deal.body.at("botFirst").as_int64(), 0);
    EXPECT_EQ(deal.body.at("botSize").as_int64(), 1);
    EXPECT_EQ(deal.body.at("volume").as_int64(), 1);
    EXPECT_EQ(deal.body.at("blockNumber").as_int64(), static_cast<std::int64_t>(receipt.block_number));
    EXPECT_EQ(deal.body.at("transactionHash").as_string(), receipt.transaction_hash.hex());
    const auto block = chain_->rpc().block(chain::BlockId::number(receipt.block_number), call());
    EXPECT_EQ(deal.body.at("blockTimestamp").as_string(), iso8601(UnixMillis{block->timestamp}));

    const Answer deals =
        get("/deals", "requestorderHash=" + hash_of(set.request).hex() + "&requester=" + requester_.address().hex());
    EXPECT_EQ(deals.body.at("count").as_int64(), 1);
    EXPECT_EQ(deals.body.at_pointer("/deals/0/dealid").as_string(), matched->deal.hex());
    EXPECT_EQ(get("/deals", "appOwner=" + stranger_.address().hex()).body.at("count").as_int64(), 0);
    EXPECT_EQ(get("/deals/" + salt().hex()).error(), "deal not found");
    EXPECT_EQ(get("/ohlc", "category=0").body.at_pointer("/ohlc/0/1").as_int64(), 10);
}

TEST_P(Market, TellsADealWhoseParametersAreNoText)
{
    using namespace std::string_literals;
    fund(provider_, 1'000'000);
    fund(requester_, 1'000'000);
    const Address app = make_app(owner_), pool = make_pool(provider_);
    poco::OrderSet set{
        app_order(app, owner_, 0, 1), {}, pool_order(pool, provider_, 10, 3), request_order(app, requester_, 10, 1)};
    set.request.params = "\xff\0x"s;
    poco::sign_order(set.request, separator(), requester_);
    const auto receipt = transact(requester_, made().hub, poco::call::match_orders(set));
    const auto matched = poco::find_event<poco::OrdersMatched>(receipt.logs, made().hub);
    ASSERT_TRUE(matched);
    const Answer deal = get("/deals/" + matched->deal.hex());
    ASSERT_EQ(deal.status, 200) << deal.error();
    EXPECT_EQ(deal.body.at("params").as_string(), "\xef\xbf\xbd\xef\xbf\xbdx");
}

TEST_P(Market, RemembersACancelledOrder)
{
    const Address dataset = make_dataset(owner_);
    const auto order = dataset_order(dataset, owner_);
    ASSERT_EQ(publish("/datasetorders", order, owner_).status, 200);
    transact(owner_, made().hub, poco::call::manage_dataset_order(order, poco::Operation::close));
    EXPECT_EQ(status_of("/datasetorders", hash_of(order)), "canceled");
    EXPECT_EQ(get("/datasetorders/" + hash_of(order).hex()).body.at("remaining").as_int64(), 0);
    EXPECT_EQ(get("/datasetorders", "dataset=" + dataset.hex()).body.at("count").as_int64(), 0);
    EXPECT_EQ(publish("/datasetorders", order, owner_).error(), "order already published");
}

TEST_P(Market, DropsOrdersOfAFormerOwner)
{
    const Address dataset = make_dataset(owner_);
    const auto order = dataset_order(dataset, owner_);
    const Answer first = publish("/datasetorders", order, owner_);
    ASSERT_EQ(first.status, 200);
    transact(owner_, made().dataset_registry, poco::call::transfer_from(owner_.address(), stranger_.address(), dataset));
    EXPECT_EQ(status_of("/datasetorders", hash_of(order)), "dead");
    EXPECT_EQ(publish("/datasetorders", order, owner_).error(),
              "only order signer " + eth::to_checksum(stranger_.address()) + " can publish an order");

    transact(stranger_, made().dataset_registry, poco::call::transfer_from(stranger_.address(), owner_.address(), dataset));
    EXPECT_EQ(status_of("/datasetorders", hash_of(order)), "dead");
    EXPECT_EQ(get("/datasetorders", "dataset=" + dataset.hex()).body.at("count").as_int64(), 0);
    clock_.ahead += std::chrono::seconds(5);
    const Answer again = publish("/datasetorders", order, owner_);
    EXPECT_EQ(again.status, 200) << again.error();
    EXPECT_EQ(again.body.at_pointer("/published/publicationTimestamp"),
              first.body.at_pointer("/published/publicationTimestamp"));
    EXPECT_EQ(status_of("/datasetorders", hash_of(order)), "open");
}

TEST_P(Market, DropsOrdersTheStakeNoLongerCovers)
{
    const eth::Wallet poor = eth::Wallet::generate();
    fund(poor, 100);
    const Address pool = make_pool(poor);
    const auto covered = pool_order(pool, poor, 10, 10), free = pool_order(pool, poor, 0, 10);
    ASSERT_EQ(publish("/workerpoolorders", covered, poor).status, 200);
    ASSERT_EQ(publish("/workerpoolorders", free, poor).status, 200);
    transact(poor, made().hub, poco::call::withdraw(71));
    EXPECT_EQ(status_of("/workerpoolorders", hash_of(covered)), "dead");
    EXPECT_EQ(status_of("/workerpoolorders", hash_of(free)), "open");
}

TEST_P(Market, UnpublishesByHashLastAndAll)
{
    const Address app = make_app(owner_);
    std::vector<poco::AppOrder> orders;
    for (int i = 0; i < 4; ++i) {
        orders.push_back(app_order(app, owner_));
        ASSERT_EQ(publish("/apporders", orders.back(), owner_).status, 200);
        clock_.ahead += std::chrono::milliseconds(5);
    }
    const auto hash = [&](std::size_t i) { return hash_of(orders[i]).hex(); };
    const auto removed = [](const Answer& answer) { return json::print(answer.body.at("unpublished")); };
    EXPECT_EQ(unpublish("/apporders", R"({"orderHash":")" + hash(0) + "\"}", stranger_).error(),
              "only order signer " + eth::to_checksum(owner_.address()) + " can unpublish an order");
    EXPECT_EQ(removed(unpublish("/apporders", R"({"orderHash":")" + hash(0) + "\"}", owner_)), "[\"" + hash(0) + "\"]");
    EXPECT_EQ(unpublish("/apporders", R"({"target":"unpublish_orderHash","orderHash":")" + hash(0) + "\"}", owner_).error(),
              "apporder with orderHash " + hash(0) + " is not published");
    EXPECT_EQ(get("/apporders/" + hash(0)).status, 404);
    const std::string of_app = R"(","app":")" + app.hex() + "\"}";
    EXPECT_EQ(removed(unpublish("/apporders", R"({"target":"unpublish_last)" + of_app, owner_)), "[\"" + hash(3) + "\"]");
    EXPECT_EQ(removed(unpublish("/apporders", R"({"target":"unpublish_all)" + of_app, owner_)),
              "[\"" + hash(2) + "\",\"" + hash(1) + "\"]");
    EXPECT_EQ(
        unpublish("/apporders", R"({"target":"unpublish_all)" + of_app, owner_).error(),
        "no open apporder published by signer " + eth::to_checksum(owner_.address()) + " for app " + eth::to_checksum(app));
    EXPECT_EQ(unpublish("/apporders", R"({"target":"x"})", owner_).status, 400);
    EXPECT_EQ(unpublish("/apporders", R"({"target":"unpublish_all"})", owner_).status, 400);
}

TEST_P(Market, KillsRequestsThatLostTheirLastMatch)
{
    fund(requester_, 1'000);
    const Address app = make_app(owner_);
    const auto cheap = app_order(app, owner_, 1), dear = app_order(app, owner_, 5);
    ASSERT_EQ(publish("/apporders", cheap, owner_).status, 200);
    ASSERT_EQ(publish("/apporders", dear, owner_).status, 200);
    auto request = request_order(app, requester_, 1);
    request.appmaxprice = 4;
    poco::sign_order(request, separator(), requester_);
    ASSERT_EQ(publish("/requestorders", request, requester_).status, 200);
    ASSERT_EQ(unpublish("/apporders", R"({"orderHash":")" + hash_of(dear).hex() + "\"}", owner_).status, 200);
    EXPECT_EQ(status_of("/requestorders", hash_of(request)), "open");
    transact(owner_, made().hub, poco::call::manage_app_order(cheap, poco::Operation::close));
    EXPECT_EQ(status_of("/requestorders", hash_of(request)), "dead");
}

TEST_P(Market, WantsAFreshProofForEachWrite)
{
    const Address app = make_app(owner_);
    const auto first = app_order(app, owner_), second = app_order(app, owner_);
    const auto post = [&](const poco::AppOrder& order, const std::string& authorization) {
        return send("POST", "/apporders?chainId=421614", "{\"order\":" + poco::encode(order) + '}', authorization);
    };
    const std::string proof = authorize(owner_);
    ASSERT_EQ(post(first, proof).status, 200);
    for (const std::string& bad : {proof, std::string(), std::string("0x00_0x00_0x00")}) {
        const Answer answer = post(second, bad);
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.error(), "invalid authorization");
    }
    EXPECT_EQ(send("POST", "/apporders?chainId=421614", "not json").error(), "invalid authorization");
    EXPECT_EQ(send("PUT", "/apporders?chainId=421614", "{}").error(), "invalid authorization");

    const std::string late = authorize(owner_);
    clock_.ahead += kChallengeLife;
    EXPECT_EQ(post(second, late).error(), "invalid authorization");
    EXPECT_EQ(get("/challenge").error(), "address is a required field");
    EXPECT_EQ(get("/challenge", "address=0x1").error(), "address is not a valid ethereum address");
}

TEST_P(Market, ARefusedOrderUsesUpItsProof)
{
    const Address app = make_app(owner_);
    const std::string proof = authorize(owner_);
    const std::string body = "{\"order\":" + poco::encode(app_order(app, stranger_)) + '}';
    EXPECT_EQ(send("POST", "/apporders?chainId=421614", body, proof).error(), "invalid sign");
    EXPECT_EQ(send("POST", "/apporders?chainId=421614", body, proof).error(), "invalid authorization");
}

TEST_P(Market, RefusesWhatTheChainDoesNotKnow)
{
    const Address app = make_app(owner_);
    EXPECT_EQ(publish("/apporders", app_order(stranger_.address(), owner_), owner_).error(), "Resource not deployed");
    EXPECT_EQ(publish("/datasetorders", dataset_order(app, owner_), owner_).error(), "Resource not deployed");
    EXPECT_EQ(publish("/apporders", app_order(app, stranger_), stranger_).error(),
              "only order signer " + eth::to_checksum(owner_.address()) + " can publish an order");
    const auto consumed = app_order(app, owner_);
    transact(owner_, made().hub, poco::call::manage_app_order(consumed, poco::Operation::close));
    EXPECT_EQ(publish("/apporders", consumed, owner_).error(), "order already consumed");
    const Answer bad = send("POST", "/apporders?chainId=421614", R"({"order":{"app":1,"sign":"0x"}})", authorize(owner_));
    EXPECT_EQ(bad.status, 400);
    EXPECT_NE(bad.error().find("app"), std::string::npos);

    const eth::Wallet poor = eth::Wallet::generate();
    fund(poor, 0);
    const Address pool = make_pool(poor);
    EXPECT_EQ(publish("/workerpoolorders", pool_order(pool, poor, 10), poor).error(),
              "workerpool owner's stake is too low to cover required workerpool lock");
    EXPECT_EQ(publish("/requestorders", request_order(app, poor, 10, 2), poor).error(),
              "requester stake is too low to cover requestorder payment, minimum stake required is 20 nRLC");
    EXPECT_EQ(publish("/requestorders", request_order(app, poor), poor).error(),
              "No tee enabled apporder published for app " + eth::to_checksum(app));
}

TEST_P(Market, TakesOrdersThatWereSignedOnChain)
{
    const Address app = make_app(owner_);
    auto order = app_order(app, owner_);
    order.sign.clear();
    EXPECT_EQ(publish("/apporders", order, owner_).error(), "invalid sign");
    transact(owner_, made().hub, poco::call::manage_app_order(order, poco::Operation::sign));
    const Answer published = publish("/apporders", order, owner_);
    EXPECT_EQ(published.status, 200) << published.error();
    EXPECT_EQ(published.body.at_pointer("/published/order/sign").as_string(), "0x");
}

TEST_P(Market, LimitsOpenOrdersOfOneSigner)
{
    close();
    open(Options{.max_open_orders = 2});
    const Address app = make_app(owner_);
    const auto first = app_order(app, owner_);
    ASSERT_EQ(publish("/apporders", first, owner_).status, 200);
    ASSERT_EQ(publish("/apporders", app_order(app, owner_), owner_).status, 200);
    EXPECT_EQ(publish("/apporders", app_order(app, owner_), owner_).error(),
              "maximum of 2 published open apporder has been reached for wallet " + eth::to_checksum(owner_.address()));
    EXPECT_EQ(publish("/datasetorders", dataset_order(make_dataset(owner_), owner_), owner_).status, 200);
    ASSERT_EQ(unpublish("/apporders", R"({"orderHash":")" + hash_of(first).hex() + "\"}", owner_).status, 200);
    EXPECT_EQ(publish("/apporders", app_order(app, owner_), owner_).status, 200);
}

TEST_P(Market, ListsCategories)
{
    const auto expected = localchain::categories();
    const Answer all = get("/categories");
    ASSERT_EQ(all.status, 200);
    EXPECT_EQ(all.body.at("count").as_int64(), static_cast<std::int64_t>(expected.size()));
    EXPECT_EQ(all.body.at_pointer("/categories/0/workClockTimeRef").as_int64(), localchain::kFastCategoryTime.count());
    const Answer one = get("/categories/1");
    EXPECT_EQ(one.body.at("name").as_string(), expected[1].name);
    EXPECT_EQ(one.body.at("blockTimestamp").as_string().size(), 24U);
    EXPECT_EQ(get("/categories", "minWorkClockTimeRef=1000").body.at("count").as_int64(),
              std::ranges::count_if(expected, [](const auto& category) { return category.work_time.count() >= 1000; }));
    EXPECT_EQ(get("/categories/99").error(), "category not found");
    EXPECT_EQ(get("/categories/x").status, 400);
}

TEST_P(Market, CountsInMetrics)
{
    const Address app = make_app(owner_);
    ASSERT_EQ(publish("/apporders", app_order(app, owner_), owner_).status, 200);
    const Answer metrics = get("/metrics");
    EXPECT_EQ(metrics.body.at("apporders").as_int64(), 1);
    EXPECT_EQ(metrics.body.at("requestorders").as_int64(), 0);
    EXPECT_EQ(metrics.body.at("lastBlock").as_int64(),
              static_cast<std::int64_t>(chain_->rpc().block_number(call()).value()));
}

INSTANTIATE_TEST_SUITE_P(Engines, Market, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::market
