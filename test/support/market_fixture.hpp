#pragma once
// A running order book on a real chain with PoCo: what tests of the book and of its restarts share.
#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "localchain/test_chain.hpp"
#include "market/challenge.hpp"
#include "market/service.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/order_hash.hpp"
#include "support/oci_builder.hpp"
#include "support/store_engines.hpp"

namespace iapp::support {

using eth::Address;

/// A network document of a test chain; services are of no interest to the book.
inline wire::Network network_of(const localchain::TestChain& chain)
{
    const localchain::Deployment& made = chain.deployment();
    return {.name = "test",
            .chain_id = made.chain_id,
            .rpc_url = chain.rpc().url(),
            .rpc_witness_urls = {},
            .start_block = made.start_block,
            .contracts = {made.hub, made.rlc, made.app_registry, made.dataset_registry, made.workerpool_registry,
                          made.dataprotector, made.sharing},
            .services = {},
            .workerpool = Address::zero(),
            .trust = {}};
}

/// An answer with its body as JSON.
struct Answer {
    int status;
    json::Value body;

    std::string error() const
    {
        return body.is_object() && body.as_object().contains("error") ? std::string(body.at("error").as_string()) : "";
    }
};

/// A clock tests can move.
class TestClock final : public Clock {
public:
    UnixMillis now() const override { return system_clock().now() + ahead; }
    std::chrono::milliseconds ahead{0};
};

class MarketFixture : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        auto started = localchain::TestChain::start();
        ASSERT_TRUE(started) << started.error().detail;
        chain_ = *std::move(started);
    }
    static void TearDownTestSuite() { chain_.reset(); }

    /// Where the book is; a case of another engine overrides it.
    virtual test::Engine engine() const { return test::Engine::sqlite; }

    void SetUp() override
    {
        location_ = engine() == test::Engine::sqlite ? folder_.path("market.db") : test::fresh_location(engine());
        if (location_.empty()) GTEST_SKIP() << test::kNoServer;
        open();
    }
    void TearDown() override { close(); }

    void open(const market::Options& options = {}) { open(network_of(*chain_), options); }
    void open(const wire::Network& network, const market::Options& options = {})
    {
        auto opened = market::Service::open(location_, network, http_, clock_, options);
        ASSERT_TRUE(opened) << opened.error().detail;
        service_ = *std::move(opened);
        server_ = std::make_unique<net::HttpServer>(market::serving({}));
        service_->add_routes(*server_);
        ASSERT_TRUE(server_->start());
        origin_ = server_->origin();
    }
    void close()
    {
        server_.reset();
        service_.reset();
    }

    static net::CallContext call() { return localchain::TestChain::call(); }
    static const localchain::Deployment& made() { return chain_->deployment(); }
    static const Hash256& separator() { return chain_->hub().separator(); }

    // HTTP.
    Answer send(const std::string& method, const std::string& target, const std::string& body = {},
                const std::string& authorization = {})
    {
        net::Request request;
        request.method = method;
        request.target = origin_ + target;
        request.body = body;
        if (!authorization.empty()) request.headers.set("authorization", authorization);
        const auto response = http_.send(request, call());
        EXPECT_TRUE(response) << response.error().detail;
        if (!response) return {0, {}};
        EXPECT_EQ(response->headers.find("Content-Type").value_or(""), "application/json");
        return {response->status, json::parse(response->body).value()};
    }
    Answer get(const std::string& path, const std::string& query = {})
    {
        return send("GET", path + "?chainId=421614" + (query.empty() ? "" : "&" + query));
    }
    std::string authorize(const eth::Wallet& wallet)
    {
        const Answer answer = get("/challenge", "address=" + eth::to_checksum(wallet.address()));
        const std::string text(answer.body.at_pointer("/data/message/challenge").as_string());
        const Hash256 digest = market::Challenges(421614).digest(text);
        return digest.hex() + '_' + hex0x(wallet.sign(digest).bytes()) + '_' + eth::to_checksum(wallet.address());
    }
    template <class Order>
    Answer publish(const std::string& path, const Order& order, const eth::Wallet& wallet)
    {
        return send("POST", path + "?chainId=421614", "{\"order\":" + poco::encode(order) + '}', authorize(wallet));
    }
    Answer unpublish(const std::string& path, const std::string& body, const eth::Wallet& wallet)
    {
        return send("PUT", path + "?chainId=421614", body, authorize(wallet));
    }
    std::string status_of(const std::string& path, const Hash256& hash)
    {
        const Answer answer = get(path + '/' + hash.hex());
        return answer.status == 200 ? std::string(answer.body.at("status").as_string()) : answer.error();
    }

    // The chain.
    static eth::Receipt transact(const eth::Wallet& wallet, const Address& to, Bytes data)
    {
        auto receipt = chain_->sender(wallet).send({.to = to, .data = std::move(data)}, call());
        EXPECT_TRUE(receipt) << receipt.error().detail;
        return receipt ? *receipt : eth::Receipt{};
    }
    static Address created(const eth::Receipt& receipt, const Address& registry)
    {
        const auto event = poco::find_event<poco::EntryTransfer>(receipt.logs, registry);
        EXPECT_TRUE(event);
        return event ? event->entry : Address::zero();
    }
    static std::string fresh_name()
    {
        static int number = 0;
        return "entry " + std::to_string(++number);
    }
    static Address make_app(const eth::Wallet& owner)
    {
        poco::AppEntry entry;
        entry.owner = owner.address();
        entry.name = fresh_name();
        return created(transact(owner, made().app_registry, poco::call::create_app(entry)), made().app_registry);
    }
    static Address make_dataset(const eth::Wallet& owner)
    {
        poco::DatasetEntry entry;
        entry.owner = owner.address();
        entry.name = fresh_name();
        return created(transact(owner, made().dataset_registry, poco::call::create_dataset(entry)), made().dataset_registry);
    }
    static Address make_pool(const eth::Wallet& owner)
    {
        auto sender = chain_->sender(owner);
        return localchain::create_workerpool(sender, made(), fresh_name(), {}, call()).value();
    }
    static void fund(const eth::Wallet& wallet, std::uint64_t stake_nrlc)
    {
        ASSERT_TRUE(localchain::fund_account(chain_->rpc(), chain_->deployer(), made(),
                                             {wallet.address(), eth::U256{5'000'000'000'000'000'000}, {}, stake_nrlc},
                                             call()));
    }

    // Signed orders with nothing special about them.
    static Hash256 salt()
    {
        static std::uint8_t number = 0;
        std::array<std::uint8_t, 32> bytes{};
        bytes[31] = ++number;
        return Hash256{bytes};
    }
    static poco::AppOrder app_order(const Address& app, const eth::Wallet& owner, std::uint64_t price = 0,
                                    std::uint64_t volume = 10)
    {
        poco::AppOrder order;
        order.app = app;
        order.appprice = price;
        order.volume = volume;
        order.tag = poco::tdx_tag();
        order.salt = salt();
        poco::sign_order(order, separator(), owner);
        return order;
    }
    static poco::DatasetOrder dataset_order(const Address& dataset, const eth::Wallet& owner, std::uint64_t price = 0,
                                            std::uint64_t volume = 10)
    {
        poco::DatasetOrder order;
        order.dataset = dataset;
        order.datasetprice = price;
        order.volume = volume;
        order.tag = poco::tdx_tag();
        order.salt = salt();
        poco::sign_order(order, separator(), owner);
        return order;
    }
    static poco::WorkerpoolOrder pool_order(const Address& pool, const eth::Wallet& owner, std::uint64_t price = 0,
                                            std::uint64_t volume = 10)
    {
        poco::WorkerpoolOrder order;
        order.workerpool = pool;
        order.workerpoolprice = price;
        order.volume = volume;
        order.tag = poco::tdx_tag();
        order.salt = salt();
        poco::sign_order(order, separator(), owner);
        return order;
    }
    static poco::RequestOrder request_order(const Address& app, const eth::Wallet& requester, std::uint64_t pool_price = 0,
                                            std::uint64_t volume = 1)
    {
        poco::RequestOrder order;
        order.app = app;
        order.workerpoolmaxprice = pool_price;
        order.requester = requester.address();
        order.beneficiary = requester.address();
        order.volume = volume;
        order.tag = poco::tdx_tag();
        order.params = R"({"iexec_args":"a \"b\""})";
        order.salt = salt();
        poco::sign_order(order, separator(), requester);
        return order;
    }
    template <class Order>
    static Hash256 hash_of(const Order& order)
    {
        return poco::order_hash(separator(), order);
    }

    static inline std::unique_ptr<localchain::TestChain> chain_;
    test::TempFolder folder_;
    std::string location_;
    TestClock clock_;
    net::HttpClient http_;
    std::unique_ptr<market::Service> service_;
    std::unique_ptr<net::HttpServer> server_;
    std::string origin_;  ///< of the server that send() talks to

    eth::Wallet provider_ = localchain::dev_wallet(1);
    eth::Wallet owner_ = localchain::dev_wallet(2);
    eth::Wallet requester_ = localchain::dev_wallet(3);
    eth::Wallet stranger_ = localchain::dev_wallet(4);
};

}  // namespace iapp::support
