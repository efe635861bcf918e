// The facts a release rests on, read from a real chain: a fresh anvil with PoCo.
#include "sms/hub_facts.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "localchain/test_chain.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/order_hash.hpp"
#include "poco/registry.hpp"
#include "sms/internal/broadcast_order.hpp"
#include "support/fake_node.hpp"
#include "support/sharing_calls.hpp"
#include "support/sms_world.hpp"

namespace iapp::sms {
namespace {

using localchain::TestChain;
using test::filled;
using test::must;

constexpr std::uint64_t kRlc = 1'000'000'000;  // nRLC
const auto kImage = filled<Hash256>(0x1a);
const auto kChecksum = filled<Hash256>(0x1b);

const std::string kUnknownBlock = R"(!{"code":-32000,"message":"header not found"})";

net::CallContext call() { return TestChain::call(); }

/// Owners, entries and orders on a fresh chain. Account 1 owns the app, 2 the data, 3 the pool, 4 requests.
class HubFactsTest : public testing::Test {
protected:
    HubFactsTest() : chain(must(TestChain::start()))
    {
        for (std::size_t i = 1; i <= 5; ++i) wallets.push_back(localchain::dev_wallet(i));
        const auto& at = chain->deployment();
        app = create(at.app_registry,
                     poco::call::create_app({address(0), "app", "DOCKER", to_bytes("host:1/app:1"), kImage, {}}));
        dataset = create(at.dataset_registry,
                         poco::call::create_dataset({address(1), "data", to_bytes("https://example.org/x"), kChecksum}));
        pool = create(at.workerpool_registry, poco::call::create_workerpool({address(2), "pool"}));
        const localchain::Funding funding{address(2), {}, {}, 1000 * kRlc};
        must(localchain::fund_account(chain->rpc(), chain->deployer(), at, funding, call()));
        network.rpc_url = chain->anvil().url();
        network.start_block = at.start_block;
        network.contracts.hub = at.hub;
        network.contracts.dataset_registry = at.dataset_registry;
        facts = open();
    }

    const eth::Address& address(std::size_t i) const { return wallets[i].address(); }

    std::unique_ptr<ChainFacts> open()
    {
        return must(open_hub_facts(http, network, files / ("chain" + std::to_string(++opened) + ".db"), system_clock()));
    }

    eth::Address create(const eth::Address& registry, Bytes data)
    {
        const auto receipt = must(chain->deployer().send({.to = registry, .data = std::move(data)}, call()));
        return poco::find_event<poco::EntryTransfer>(receipt.logs, registry).value().entry;
    }

    poco::OrderSet orders(bool with_dataset = true)
    {
        poco::OrderSet set;
        const poco::Tag tag = poco::tdx_tag();
        set.app = {.app = app, .appprice = {}, .volume = 100, .tag = tag, .salt = filled<Hash256>(1), .sign = {}};
        set.workerpool.workerpool = pool;
        set.workerpool.volume = 100;
        set.workerpool.tag = tag;
        set.request.app = app;
        set.request.workerpool = pool;
        set.request.requester = set.request.beneficiary = address(3);
        set.request.volume = 2;
        set.request.tag = tag;
        set.request.params = R"({"iexec_args":"x"})";
        set.request.salt = filled<Hash256>(static_cast<std::uint8_t>(++salts));
        if (with_dataset) {
            set.dataset = dataset_order();
            set.request.dataset = dataset;
        }
        const Hash256& separator = chain->hub().separator();
        poco::sign_order(set.app, separator, wallets[0]);
        poco::sign_order(set.workerpool, separator, wallets[2]);
        poco::sign_order(set.request, separator, wallets[3]);
        return set;
    }

    poco::DatasetOrder dataset_order()
    {
        poco::DatasetOrder order;
        order.dataset = dataset;
        order.volume = poco::kInfiniteVolume;
        order.tag = poco::tdx_tag();
        order.apprestrict = app;
        poco::sign_order(order, chain->hub().separator(), wallets[1]);
        return order;
    }

    poco::DealId match(const poco::OrderSet& set, Bytes (*encode)(const poco::OrderSet&) = poco::call::match_orders)
    {
        const auto receipt = must(chain->deployer().send({.to = chain->deployment().hub, .data = encode(set)}, call()));
        return poco::find_event<poco::OrdersMatched>(receipt.logs, chain->deployment().hub).value().deal;
    }

    void initialize(const poco::DealId& deal, std::uint64_t index)
    {
        must(chain->deployer().send({.to = chain->deployment().hub, .data = poco::call::initialize(deal, index)}, call()));
    }

    /// What the chain answers, as a FakeNode says it.
    std::string pass_on(std::string_view method, std::string_view params) const
    {
        const auto answer = chain->node(std::string(method), std::string(params));
        return answer ? *answer : R"(!{"code":3,"message":"execution reverted"})";
    }

    void send_as(std::size_t wallet, const eth::Address& to, Bytes data)
    {
        auto sender = chain->sender(wallets[wallet]);
        must(sender.send({.to = to, .data = std::move(data)}, call()));
    }

    test::TempDirectory files;
    net::HttpClient http;
    std::unique_ptr<TestChain> chain;
    std::vector<eth::Wallet> wallets;
    eth::Address app = eth::Address::zero();
    eth::Address dataset = eth::Address::zero();
    eth::Address pool = eth::Address::zero();
    wire::Network network = test::test_network({{}, eth::Address::zero(), "", false, ""});
    std::unique_ptr<ChainFacts> facts;
    int opened = 0;
    int salts = 0;
};

TEST_F(HubFactsTest, FindsTheOrderThatASharingContractMade)
{
    const auto& at = chain->deployment();
    const eth::Address& owner = address(1);
    send_as(1, at.sharing, support::call_of("createCollection", owner));
    const auto whitelist = create(at.app_whitelist_registry, support::call_of("createAddOnlyAppWhitelist", owner));
    send_as(1, whitelist, support::call_of("addApp", app));
    send_as(0, at.app_registry, poco::call::safe_transfer_from(address(0), at.sharing, app));
    send_as(1, at.dataset_registry,
            support::sharing_call("approve(address,uint256)", eth::AbiWriter{}.address(at.sharing).address(dataset)));
    send_as(1, at.sharing, support::add_to_collection(1, dataset, whitelist));
    send_as(1, at.sharing, support::set_to_renting(dataset, support::terms(0, 60)));
    send_as(3, at.sharing, support::rent(dataset, support::terms(0, 60)));
    auto sender = chain->sender(wallets[3]);
    const auto receipt =
        must(sender.send({.to = at.sharing, .data = support::consume(dataset, orders(false).workerpool, app)}, call()));
    const poco::DealId deal = poco::find_event<poco::OrdersMatched>(receipt.logs, at.hub).value().deal;
    initialize(deal, 0);

    const TaskSituation seen = must(facts->task(deal, poco::task_id(deal, 0), call()));
    ASSERT_TRUE(seen.dataset_order);
    EXPECT_EQ(seen.dataset_order->apprestrict, whitelist);
    EXPECT_EQ(seen.dataset_order->requesterrestrict, at.sharing);
    const DatasetSituation data = must(facts->dataset(*seen.dataset_order, deal, seen.view.deal, false, call()));
    EXPECT_EQ(data.order_hash, seen.view.matched.value().dataset);
    EXPECT_EQ(data.signature, poco::SignatureFact::valid);
    EXPECT_TRUE(data.members.contains({whitelist, app}));
}

TEST_F(HubFactsTest, ReadsDealTaskAppAndTheMatchedOrder)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set);
    initialize(deal, 1);
    const poco::TaskId task = poco::task_id(deal, 1);

    const TaskSituation seen = must(facts->task(deal, task, call()));
    EXPECT_FALSE(seen.view.disagreement);
    EXPECT_EQ(seen.view.deal.app.pointer, app);
    EXPECT_EQ(seen.view.deal.dataset.pointer, dataset);
    EXPECT_EQ(seen.view.deal.bot_size, 2U);
    EXPECT_EQ(seen.view.task.status, poco::TaskStatus::active);
    EXPECT_EQ(seen.view.task.index, 1U);
    EXPECT_EQ(seen.view.app_checksum, kImage);
    EXPECT_EQ(seen.category_time, std::chrono::seconds(300));
    ASSERT_TRUE(seen.view.matched);
    const Hash256& separator = chain->hub().separator();
    EXPECT_EQ(seen.view.matched->request, poco::order_hash(separator, set.request));
    EXPECT_EQ(seen.view.matched->dataset, poco::order_hash(separator, set.dataset));
    EXPECT_EQ(poco::deal_id(seen.view.matched->request, seen.view.deal.bot_first), deal);
    EXPECT_EQ(seen.dataset_order, set.dataset);
    EXPECT_GE(seen.now, seen.view.deal.start_time);
    EXPECT_EQ(must(facts->standing(task, call())).deal.workerpool.owner, address(2));
}

TEST_F(HubFactsTest, KnowsNothingOfWhatIsNotThere)
{
    const auto deal = filled<poco::DealId>(9);
    const TaskSituation seen = must(facts->task(deal, poco::task_id(deal, 0), call()));
    EXPECT_FALSE(seen.view.deal.exists());
    EXPECT_FALSE(seen.view.task.exists());
    EXPECT_FALSE(must(facts->standing(poco::task_id(deal, 0), call())).task.exists());
    EXPECT_EQ(must(facts->owner_of(dataset, call())), address(1));
    EXPECT_FALSE(facts->owner_of(filled<eth::Address>(9), call()));
}

TEST_F(HubFactsTest, FindsTheOrderInASponsoredMatch)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set, poco::call::sponsor_match_orders);
    EXPECT_EQ(must(facts->task(deal, poco::task_id(deal, 0), call())).dataset_order, set.dataset);
}

TEST_F(HubFactsTest, SeesAnOrderClosedAMomentAgo)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set);
    const auto look = [&] {
        const TaskSituation seen = must(facts->task(deal, poco::task_id(deal, 0), call()));
        return must(facts->dataset(*seen.dataset_order, deal, seen.view.deal, false, call()));
    };
    const DatasetSituation before = look();
    EXPECT_FALSE(before.closed);
    EXPECT_EQ(before.signature, poco::SignatureFact::valid);
    EXPECT_EQ(before.name, "data");
    EXPECT_EQ(before.url, "https://example.org/x");
    EXPECT_EQ(before.checksum, kChecksum);
    send_as(1, chain->deployment().hub, poco::call::manage_dataset_order(set.dataset, poco::Operation::close));
    EXPECT_TRUE(look().closed);
}

TEST_F(HubFactsTest, TakesBackWhatAReorganisationTookBack)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set);
    const poco::Deal recorded = must(facts->task(deal, poco::task_id(deal, 0), call())).view.deal;
    const std::string snapshot = must(chain->node("evm_snapshot"));
    send_as(1, chain->deployment().hub, poco::call::manage_dataset_order(set.dataset, poco::Operation::close));
    must(facts->task(deal, poco::task_id(deal, 0), call()));
    EXPECT_TRUE(must(facts->dataset(set.dataset, deal, recorded, false, call())).closed);
    must(chain->node("evm_revert", "[" + snapshot + "]"));
    must(chain->node("anvil_mine", "[\"0x3\"]"));
    must(facts->task(deal, poco::task_id(deal, 0), call()));
    EXPECT_FALSE(must(facts->dataset(set.dataset, deal, recorded, false, call())).closed);
}

TEST_F(HubFactsTest, OldOwnersOrderIsNotSignedByTheNewOwner)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set);
    send_as(1, chain->deployment().dataset_registry, poco::call::transfer_from(address(1), address(4), dataset));
    const TaskSituation seen = must(facts->task(deal, poco::task_id(deal, 0), call()));
    EXPECT_NE(must(facts->dataset(set.dataset, deal, seen.view.deal, false, call())).signature, poco::SignatureFact::valid);
}

TEST_F(HubFactsTest, BulkOrdersAreHeldAgainstTheDeal)
{
    const poco::DealId deal = match(orders(false));
    const poco::Deal recorded = must(facts->task(deal, poco::task_id(deal, 0), call())).view.deal;
    EXPECT_FALSE(recorded.has_dataset());
    const auto why_not = [&](const poco::DatasetOrder& order) {
        return must(facts->dataset(order, deal, recorded, true, call())).incompatible;
    };
    const Hash256& separator = chain->hub().separator();
    EXPECT_EQ(why_not(dataset_order()), std::nullopt);

    poco::DatasetOrder small = dataset_order();
    small.volume = 5;
    poco::sign_order(small, separator, wallets[1]);
    EXPECT_TRUE(why_not(small)) << "a bulk order needs an unlimited volume";
    poco::DatasetOrder other_app = dataset_order();
    other_app.apprestrict = pool;
    poco::sign_order(other_app, separator, wallets[1]);
    EXPECT_TRUE(why_not(other_app));
    poco::DatasetOrder forged = dataset_order();
    poco::sign_order(forged, separator, wallets[3]);
    EXPECT_TRUE(why_not(forged));
    send_as(1, chain->deployment().hub, poco::call::manage_dataset_order(dataset_order(), poco::Operation::close));
    must(facts->task(deal, poco::task_id(deal, 0), call()));
    EXPECT_TRUE(why_not(dataset_order()));
}

TEST_F(HubFactsTest, UnregisteredDatasetIsAnError)
{
    const poco::DealId deal = match(orders(false));
    const poco::Deal recorded = must(facts->task(deal, poco::task_id(deal, 0), call())).view.deal;
    poco::DatasetOrder order = dataset_order();
    order.dataset = app;
    EXPECT_EQ(facts->dataset(order, deal, recorded, true, call()).error().reason, "sms.dataset");
}

TEST_F(HubFactsTest, WitnessOnTheSameChainAgreesAndAStrangerDoesNot)
{
    const poco::DealId deal = match(orders());
    initialize(deal, 0);
    network.rpc_witness_urls = {chain->anvil().url()};
    EXPECT_FALSE(must(open()->task(deal, poco::task_id(deal, 0), call())).view.disagreement);
    EXPECT_EQ(must(open()->owner_of(dataset, call())), address(1));

    const auto stranger = must(TestChain::start());
    network.rpc_witness_urls = {stranger->anvil().url()};
    const auto doubted = open();
    const auto silent = doubted->task(deal, poco::task_id(deal, 0), call());
    ASSERT_FALSE(silent);
    EXPECT_TRUE(is_outage(silent.error())) << "it does not know the block: " << silent.error().reason;
    EXPECT_FALSE(doubted->owner_of(dataset, call()));
}

TEST_F(HubFactsTest, WitnessIsGivenAMomentToKnowTheBlock)
{
    const poco::DealId deal = match(orders());
    initialize(deal, 0);
    std::atomic<int> unknown = 2;
    const support::FakeNode witness([&](std::string_view method, std::string_view params) {
        return method == "eth_call" && unknown-- > 0 ? kUnknownBlock : pass_on(method, params);
    });
    network.rpc_witness_urls = {witness.url()};
    EXPECT_FALSE(must(open()->task(deal, poco::task_id(deal, 0), call())).view.disagreement);
    EXPECT_LT(unknown, 0);
}

TEST_F(HubFactsTest, WitnessThatContradictsIsHeardWhoeverIsSilent)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set);
    initialize(deal, 0);
    const support::FakeNode silent([](std::string_view, std::string_view) { return kUnknownBlock; });
    const support::FakeNode other([&](std::string_view method, std::string_view params) {
        const bool is_checksum =
            params.contains(hex(poco::call::app_checksum())) || params.contains(hex(poco::call::dataset_checksum()));
        return is_checksum ? '"' + filled<Hash256>(0x33).hex() + '"' : pass_on(method, params);
    });
    network.rpc_witness_urls = {silent.url(), other.url()};
    const auto doubted = open();
    const TaskSituation seen = must(doubted->task(deal, poco::task_id(deal, 0), call()));
    EXPECT_TRUE(seen.view.disagreement);
    EXPECT_EQ(doubted->dataset(set.dataset, deal, seen.view.deal, false, call()).error().reason, kChainDisagrees);

    network.rpc_witness_urls = {silent.url()};
    const auto unsure = open();
    EXPECT_TRUE(is_outage(unsure->dataset(set.dataset, deal, seen.view.deal, false, call()).error()));
}

TEST_F(HubFactsTest, WitnessThatHasNoSuchDatasetContradicts)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set);
    const poco::Deal recorded = must(facts->task(deal, poco::task_id(deal, 0), call())).view.deal;
    const support::FakeNode witness([&](std::string_view method, std::string_view params) {
        return params.contains(hex(poco::call::dataset_name())) ? R"("0x")" : pass_on(method, params);
    });
    network.rpc_witness_urls = {witness.url()};
    EXPECT_EQ(open()->dataset(set.dataset, deal, recorded, false, call()).error().reason, kChainDisagrees);
}

TEST_F(HubFactsTest, NodeThatLostTheBlockIsAnOutage)
{
    const poco::OrderSet set = orders();
    const poco::DealId deal = match(set);
    const poco::Deal recorded = must(facts->task(deal, poco::task_id(deal, 0), call())).view.deal;
    std::string lost;
    const support::FakeNode node([&](std::string_view method, std::string_view params) {
        return method == lost ? kUnknownBlock : pass_on(method, params);
    });
    network.rpc_url = node.url();
    const auto behind = open();
    must(behind->task(deal, poco::task_id(deal, 0), call()));
    lost = "eth_call";
    EXPECT_EQ(behind->dataset(set.dataset, deal, recorded, false, call()).error().reason, "rpc.state");
    EXPECT_EQ(behind->task(deal, poco::task_id(deal, 0), call()).error().reason, "rpc.state");
}

TEST_F(HubFactsTest, NodeThatLostTheMatchIsAnOutage)
{
    const poco::DealId deal = match(orders());
    std::map<std::string_view, std::string, std::less<>> told{{"eth_getTransactionByHash", "null"}};
    const support::FakeNode node([&](std::string_view method, std::string_view params) {
        const auto found = told.find(method);
        return found == told.end() ? pass_on(method, params) : found->second;
    });
    network.rpc_url = node.url();
    const auto behind = open();
    const auto reason = [&] { return behind->task(deal, poco::task_id(deal, 0), call()).error().reason; };
    EXPECT_EQ(reason(), "rpc.state");
    told = {{"eth_getTransactionByHash", R"({"input":"0x"})"}, {"eth_getTransactionReceipt", "null"}};
    EXPECT_EQ(reason(), "rpc.state");
    told.erase("eth_getTransactionReceipt");
    EXPECT_FALSE(must(behind->task(deal, poco::task_id(deal, 0), call())).dataset_order) << "it was seen, and has no order";
}

TEST_F(HubFactsTest, DatasetWhoseAddressCannotBeReadIsAtFault)
{
    const poco::DealId deal = match(orders(false));
    const poco::Deal recorded = must(facts->task(deal, poco::task_id(deal, 0), call())).view.deal;
    poco::DatasetOrder order = dataset_order();
    order.dataset = create(chain->deployment().dataset_registry,
                           poco::call::create_dataset({address(1), "data", Bytes{0xff}, kChecksum}));
    EXPECT_EQ(facts->dataset(order, deal, recorded, true, call()).error().reason, "sms.dataset");
}

TEST_F(HubFactsTest, OutageIsUnavailable)
{
    network.rpc_url = "http://127.0.0.1:1";
    const auto facts_of_nothing = open();
    EXPECT_EQ(facts_of_nothing->owner_of(dataset, call()).error().kind, ErrorKind::unavailable);
    EXPECT_EQ(facts_of_nothing->task(filled<poco::DealId>(1), filled<poco::TaskId>(1), call()).error().kind,
              ErrorKind::unavailable);
}

TEST(BroadcastOrder, IsFoundInTheHubsBroadcastOnly)
{
    poco::DatasetOrder order;
    order.dataset = filled<eth::Address>(1);
    order.volume = poco::kInfiniteVolume;
    const Hash256 separator = filled<Hash256>(1);
    const Hash256 hash = poco::order_hash(separator, order);
    const auto hub = filled<eth::Address>(9);
    const auto tuple = eth::AbiWriter{}
                           .address(order.dataset)
                           .uint(order.datasetprice)
                           .uint(order.volume)
                           .bytes32(order.tag)
                           .address(order.apprestrict)
                           .address(order.workerpoolrestrict)
                           .address(order.requesterrestrict)
                           .bytes32(order.salt)
                           .bytes(order.sign);
    eth::Log log;
    log.address = hub;
    log.topics = {*Hash256::from_hex("0xc56d982ad2fd39ebadca073cc88d9bdaee0f4c8e7b2b6be50227169daefc7b3f")};
    log.data = eth::AbiWriter{}.tuple(tuple).encode();
    EXPECT_EQ(internal::find_broadcast_order({&log, 1}, hub, separator, hash), order);
    EXPECT_FALSE(internal::find_broadcast_order({&log, 1}, filled<eth::Address>(8), separator, hash));
    EXPECT_FALSE(internal::find_broadcast_order({&log, 1}, hub, separator, filled<Hash256>(7)));
    log.data.resize(100);
    EXPECT_FALSE(internal::find_broadcast_order({&log, 1}, hub, separator, hash));
    EXPECT_FALSE(internal::find_broadcast_order({}, hub, separator, hash));
}

}  // namespace
}  // namespace iapp::sms
