// The scheduler's watcher on a node that lags or swallows transactions.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "crypto/random.hpp"
#include "scheduler/service.hpp"
#include "support/fake_node.hpp"
#include "support/oci_builder.hpp"
#include "support/poco_world.hpp"

namespace iapp::scheduler {
namespace {

using support::World;

class SchedulerFaults : public testing::Test {
protected:
    void SetUp() override
    {
        auto started = localchain::TestChain::start();
        ASSERT_TRUE(started) << started.error().detail;
        chain_ = *std::move(started);
        world_ = std::make_unique<World>(*chain_);
        node_ = std::make_unique<support::FakeNode>(
            [this](std::string_view method, std::string_view params) { return answer(method, params); });
        const auto& made = chain_->deployment();
        wire::Network network{.name = "test",
                              .chain_id = made.chain_id,
                              .rpc_url = node_->client().url(),
                              .rpc_witness_urls = {},
                              .start_block = made.start_block,
                              .contracts = {made.hub,
                                            made.rlc,
                                            made.app_registry,
                                            made.dataset_registry,
                                            made.workerpool_registry,
                                            made.dataprotector,
                                            {}},
                              .services = {"http://127.0.0.1:1", "", "", "", "", "", "http://127.0.0.1:1", {}, {}, {}},
                              .workerpool = world_->pools[0],
                              .trust = {}};
        auto service = Service::start(Options{.database = folder_.path("scheduler.db"), .workers = {}}, std::move(network),
                                      localchain::dev_wallet(3), system_clock());
        ASSERT_TRUE(service) << service.error().detail;
        service_ = *std::move(service);
    }
    void TearDown() override { service_.reset(); }  // before the node it asks

    std::string answer(std::string_view method, std::string_view params)
    {
        if (method == "eth_sendRawTransaction" && swallows_) return '"' + Hash256::zero().hex() + '"';
        if (method == "eth_call" && lags_ > 0 && params.contains(view_deal_)) {
            --lags_;
            return no_deal_;
        }
        const auto real = chain_->rpc().call({std::string(method), std::string(params)}, call());
        return real ? *real : R"(!{"code":-32000,"message":"no"})";
    }

    poco::DealId match()
    {
        const Hash256& separator = chain_->hub().separator();
        poco::OrderSet set;
        set.app.app = world_->apps[0];
        set.workerpool.workerpool = world_->pools[0];
        set.request.app = world_->apps[0];
        set.request.requester = set.request.beneficiary = world_->wallets[3].address();
        set.app.volume = set.workerpool.volume = set.request.volume = 1;
        set.app.tag = set.workerpool.tag = set.request.tag = poco::tdx_tag();
        set.app.salt = set.workerpool.salt = set.request.salt = crypto::random_fixed<Hash256>();
        poco::sign_order(set.app, separator, world_->wallets[0]);
        poco::sign_order(set.workerpool, separator, world_->wallets[2]);
        poco::sign_order(set.request, separator, world_->wallets[3]);
        const auto receipt =
            chain_->deployer().send({.to = chain_->deployment().hub, .data = poco::call::match_orders(set)}, call());
        EXPECT_TRUE(receipt) << receipt.error().detail;
        return poco::find_event<poco::OrdersMatched>(receipt->logs, chain_->deployment().hub)->deal;
    }

    static net::CallContext call() { return localchain::TestChain::call(); }

    bool becomes(const poco::DealId& deal, std::string_view state) const
    {
        const std::string url = service_->origin() + "/tasks/" + poco::task_id(deal, 0).hex();
        for (int tries = 0; tries < 400; ++tries) {
            const auto told = http_.get(url, call().deadline);
            if (told && told->status == 200 && told->body.contains("\"currentStatus\":\"" + std::string(state) + '"'))
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }

    std::unique_ptr<localchain::TestChain> chain_;
    std::unique_ptr<World> world_;
    std::atomic<bool> swallows_ = false;
    std::atomic<int> lags_ = 0;
    std::string view_deal_ = hex0x(poco::call::view_deal(poco::DealId::zero())).substr(0, 10);
    std::string no_deal_;
    std::unique_ptr<support::FakeNode> node_;
    test::TempFolder folder_;
    net::HttpClient http_;
    std::unique_ptr<Service> service_;
};

TEST_F(SchedulerFaults, ATransactionThatIsNotMinedKeepsNoOtherTaskFromItsTurn)
{
    swallows_ = true;
    const auto stuck = match();
    EXPECT_TRUE(becomes(stuck, "RECEIVED"));
    const auto other = match();
    ASSERT_TRUE(chain_->deployer().send({.to = chain_->deployment().hub, .data = poco::call::initialize(other, 0)}, call()));
    EXPECT_TRUE(becomes(other, "INITIALIZED"));
    swallows_ = false;
    EXPECT_TRUE(becomes(stuck, "INITIALIZED"));
}

TEST_F(SchedulerFaults, ADealTheNodeDoesNotKnowYetStaysNew)
{
    const auto unknown = chain_->rpc().call(
        {"eth_call", R"([{"to":")" + chain_->deployment().hub.hex() + R"(","data":")" +
                         hex0x(poco::call::view_deal(poco::DealId{std::array<std::uint8_t, 32>{9}})) + R"("},"latest"])"},
        call());
    ASSERT_TRUE(unknown);
    no_deal_ = *unknown;
    lags_ = 3;
    const auto deal = match();
    EXPECT_TRUE(becomes(deal, "INITIALIZED"));
    EXPECT_EQ(lags_, 0);
}

}  // namespace
}  // namespace iapp::scheduler
