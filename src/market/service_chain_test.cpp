// The book when things go wrong: a chain that changes its past, a node that is gone, a process that is killed, writers that
// race.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "support/fake_node.hpp"
#include "support/market_fixture.hpp"

namespace iapp::market {
namespace {

using eth::Address;
using support::Answer;
using support::MarketFixture;

class MarketTrouble : public MarketFixture, public testing::WithParamInterface<test::Engine> {
protected:
    test::Engine engine() const override { return GetParam(); }

    /// What the chain does from here on can be taken back with revert().
    std::string snapshot() { return chain_->node("evm_snapshot").value(); }
    void revert(const std::string& snapshot)
    {
        ASSERT_EQ(chain_->node("evm_revert", "[" + snapshot + "]").value(), "true");
        ASSERT_TRUE(chain_->node("evm_mine"));
    }
};

TEST_P(MarketTrouble, TakesBackWhatAForkTookBack)
{
    fund(provider_, 1'000);
    fund(requester_, 1'000);
    const Address app = make_app(owner_), dataset = make_dataset(owner_), pool = make_pool(provider_);
    const poco::OrderSet set{app_order(app, owner_, 1, 1), {}, pool_order(pool, provider_, 10, 3), [&] {
                                 auto order = request_order(app, requester_, 10, 1);
                                 order.appmaxprice = 1;
                                 poco::sign_order(order, separator(), requester_);
                                 return order;
                             }()};
    const auto kept = dataset_order(dataset, owner_), cancelled = dataset_order(dataset, owner_);
    ASSERT_EQ(publish("/apporders", set.app, owner_).status, 200);
    ASSERT_EQ(publish("/workerpoolorders", set.workerpool, provider_).status, 200);
    ASSERT_EQ(publish("/requestorders", set.request, requester_).status, 200);
    ASSERT_EQ(publish("/datasetorders", kept, owner_).status, 200);
    ASSERT_EQ(publish("/datasetorders", cancelled, owner_).status, 200);

    const std::string before = snapshot();
    transact(owner_, made().hub, poco::call::manage_dataset_order(cancelled, poco::Operation::close));
    const auto receipt = transact(requester_, made().hub, poco::call::match_orders(set));
    const auto deal = poco::find_event<poco::OrdersMatched>(receipt.logs, made().hub)->deal;
    transact(owner_, made().dataset_registry, poco::call::transfer_from(owner_.address(), stranger_.address(), dataset));
    EXPECT_EQ(status_of("/datasetorders", hash_of(cancelled)), "canceled");
    EXPECT_EQ(status_of("/datasetorders", hash_of(kept)), "dead");
    EXPECT_EQ(status_of("/requestorders", hash_of(set.request)), "filled");
    EXPECT_EQ(get("/deals/" + deal.hex()).status, 200);
    const std::int64_t categories = get("/categories").body.at("count").as_int64();

    revert(before);
    EXPECT_EQ(status_of("/datasetorders", hash_of(cancelled)), "open");
    EXPECT_EQ(get("/datasetorders/" + hash_of(cancelled).hex()).body.at("remaining").as_int64(), 10);
    EXPECT_EQ(status_of("/datasetorders", hash_of(kept)), "open");
    EXPECT_EQ(status_of("/requestorders", hash_of(set.request)), "open");
    EXPECT_EQ(get("/workerpoolorders/" + hash_of(set.workerpool).hex()).body.at("remaining").as_int64(), 3);
    EXPECT_EQ(get("/deals/" + deal.hex()).error(), "deal not found");
    EXPECT_EQ(get("/categories").body.at("count").as_int64(), categories);

    transact(requester_, made().hub, poco::call::match_orders(set));
    EXPECT_EQ(status_of("/apporders", hash_of(set.app)), "filled");
    EXPECT_EQ(get("/deals/" + deal.hex()).status, 200);
}

TEST_P(MarketTrouble, ARequestThatDiedOfAForkLivesAgain)
{
    fund(requester_, 1'000);
    const Address app = make_app(owner_);
    const auto offer = app_order(app, owner_);
    const auto request = request_order(app, requester_, 1);
    ASSERT_EQ(publish("/apporders", offer, owner_).status, 200);
    ASSERT_EQ(publish("/requestorders", request, requester_).status, 200);
    const std::string before = snapshot();
    transact(owner_, made().hub, poco::call::manage_app_order(offer, poco::Operation::close));
    EXPECT_EQ(status_of("/requestorders", hash_of(request)), "dead");
    revert(before);
    EXPECT_EQ(status_of("/requestorders", hash_of(request)), "open");

    // Its signer's own act is no part of the chain and is not taken back.
    const std::string again = snapshot();
    ASSERT_EQ(unpublish("/apporders", R"({"orderHash":")" + hash_of(offer).hex() + "\"}", owner_).status, 200);
    EXPECT_EQ(status_of("/requestorders", hash_of(request)), "dead");
    revert(again);
    EXPECT_EQ(status_of("/requestorders", hash_of(request)), "dead");
}

TEST_P(MarketTrouble, AnOrderClosedTwiceStaysClosedWhenTheSecondTimeIsTakenBack)
{
    const auto order = dataset_order(make_dataset(owner_), owner_);
    const auto close_it = [&] {
        transact(owner_, made().hub, poco::call::manage_dataset_order(order, poco::Operation::close));
    };
    close_it();
    EXPECT_EQ(publish("/datasetorders", order, owner_).error(), "order already consumed");
    const std::string once = snapshot();
    close_it();
    EXPECT_EQ(publish("/datasetorders", order, owner_).error(), "order already consumed");
    revert(once);
    EXPECT_EQ(publish("/datasetorders", order, owner_).error(), "order already consumed");
}

TEST_P(MarketTrouble, SaysRetryWhileTheNodeIsGone)
{
    const Address app = make_app(owner_);
    const auto order = app_order(app, owner_), other = app_order(app, owner_);
    ASSERT_EQ(publish("/apporders", order, owner_).status, 200);
    close();
    auto network = support::network_of(*chain_);
    network.rpc_url = "http://127.0.0.1:1";
    open(network);
    constexpr std::string_view kRetry = "Something went wrong, you should retry later.";
    for (const Answer& answer : {get("/apporders", "app=any"), get("/apporders/" + hash_of(order).hex()), get("/deals"),
                                 get("/metrics"), publish("/apporders", other, owner_)}) {
        EXPECT_EQ(answer.status, 500);
        EXPECT_FALSE(answer.body.at("ok").as_bool());
        EXPECT_EQ(answer.error(), kRetry);
    }
    EXPECT_EQ(get("/apporders", "x=y").error(), "app or appOwner is required");
    EXPECT_EQ(unpublish("/apporders", R"({"orderHash":")" + hash_of(order).hex() + "\"}", owner_).status, 200);
}

TEST_P(MarketTrouble, HashesOrdersInTheDomainTheHubNames)
{
    support::FakeNode next_version([](std::string_view method, std::string_view params) {
        std::string answer = chain_->node(std::string(method), std::string(params)).value();
        const std::size_t at = answer.find(hex(as_bytes("5.0.0")));
        const bool is_domain = method == "eth_call" && params.find("0xc2fb26a6") != params.npos && at != answer.npos;
        return is_domain ? answer.replace(at, 10, hex(as_bytes("6.0.0"))) : answer;
    });
    close();
    auto network = support::network_of(*chain_);
    network.rpc_url = next_version.client().url();
    open(network);

    eth::Eip712Domain domain = poco::hub_domain(made().chain_id, made().hub);
    domain.version = "6.0.0";
    const Hash256 next = eth::domain_separator(domain);
    auto order = app_order(make_app(owner_), owner_);
    EXPECT_EQ(publish("/apporders", order, owner_).error(), "invalid sign") << "signed in the domain of before";
    poco::sign_order(order, next, owner_);
    const Answer published = publish("/apporders", order, owner_);
    ASSERT_EQ(published.status, 200) << published.error();
    EXPECT_EQ(published.body.at_pointer("/published/orderHash").as_string(), poco::order_hash(next, order).hex());
}

TEST_P(MarketTrouble, KeepsItsOrdersAndCatchesUpAfterARestart)
{
    const Address dataset = make_dataset(owner_);
    const auto kept = dataset_order(dataset, owner_), cancelled = dataset_order(dataset, owner_);
    ASSERT_EQ(publish("/datasetorders", kept, owner_).status, 200);
    ASSERT_EQ(publish("/datasetorders", cancelled, owner_).status, 200);
    close();
    transact(owner_, made().hub, poco::call::manage_dataset_order(cancelled, poco::Operation::close));
    open();
    EXPECT_EQ(status_of("/datasetorders", hash_of(kept)), "open");
    EXPECT_EQ(status_of("/datasetorders", hash_of(cancelled)), "canceled");
}

TEST_P(MarketTrouble, KilledItLosesNothingItConfirmed)
{
    close();
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        open();
        const std::string line = origin_ + '\n';
        if (::write(pipe[1], line.data(), line.size()) < 0) ::_exit(1);
        while (true) ::pause();
    }
    std::array<char, 64> buffer{};
    const auto size = ::read(pipe[0], buffer.data(), buffer.size());
    ASSERT_GT(size, 1);
    origin_ = std::string(buffer.data(), static_cast<std::size_t>(size - 1));

    const Address app = make_app(owner_);
    std::vector<Hash256> confirmed;
    for (int i = 0; i < 20; ++i) {
        const auto order = app_order(app, owner_);
        if (publish("/apporders", order, owner_).status == 200) confirmed.push_back(hash_of(order));
    }
    EXPECT_EQ(confirmed.size(), 20U);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ::close(pipe[0]);
    ::close(pipe[1]);

    open();
    for (const Hash256& hash : confirmed) EXPECT_EQ(status_of("/apporders", hash), "open");
    EXPECT_EQ(get("/apporders", "app=" + app.hex()).body.at("count").as_int64(), 20);
}

TEST_P(MarketTrouble, ManyReadersAndWritersSeeOnlyTrueAnswers)
{
    const Address app = make_app(owner_);
    std::vector<poco::AppOrder> orders;
    orders.reserve(24);
    for (int i = 0; i < 24; ++i) orders.push_back(app_order(app, owner_));
    std::atomic<int> next = 0, published = 0, failures = 0;
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (int i = next++; i < static_cast<int>(orders.size()); i = next++) {
                const auto& order = orders[static_cast<std::size_t>(i)];
                if (publish("/apporders", order, owner_).status != 200) ++failures;
                const int at_least = ++published;
                // What was confirmed before the question is in the answer.
                if (get("/apporders", "app=" + app.hex() + "&pageSize=100").body.at("count").as_int64() < at_least)
                    ++failures;
                if (status_of("/apporders", hash_of(order)) != "open") ++failures;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(get("/metrics").body.at("apporders").as_int64(), 24);
}

TEST_P(MarketTrouble, TheSameOrderTwiceAtOnceIsPublishedOnce)
{
    const Address app = make_app(owner_);
    const auto order = app_order(app, owner_);
    std::atomic<int> taken = 0, refused = 0;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            const Answer answer = publish("/apporders", order, owner_);
            ++(answer.status == 200 ? taken : refused);
            EXPECT_EQ(answer.error(), answer.status == 200 ? "" : "order already published");
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(refused, 3);
}

INSTANTIATE_TEST_SUITE_P(Engines, MarketTrouble, test::kEngines, test::engine_name);

}  // namespace
}  // namespace iapp::market
