// Every flow of sharing on a real node with the real hub, through the decoders of its events, and what each call costs: gas
// of receipts against contracts/gas.txt. The refusals are forge's (contracts/forge); here those that clients must tell
// apart.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>

#include "crypto/hash.hpp"
#include "localchain/test_chain.hpp"
#include "poco/calls.hpp"
#include "poco/contribution.hpp"
#include "poco/registry.hpp"
#include "poco/sharing_events.hpp"
#include "support/sharing_calls.hpp"

namespace iapp::localchain {
namespace {

using eth::AbiWriter;
using support::call_of;
using support::sharing_call;

constexpr std::uint64_t kPrice = 1'000, kDuration = 86'400, kMoney = 1'000'000;
const poco::AccessTerms kTerms{U256{kPrice}, std::chrono::seconds(kDuration)};

net::CallContext call() { return TestChain::call(); }
AbiWriter terms() { return support::terms(kPrice, kDuration); }

/// Lines "gas name" of contracts/gas.txt.
std::map<std::string, std::uint64_t> recorded_gas()
{
    std::map<std::string, std::uint64_t> out;
    std::ifstream file(IAPP_GAS_FILE);
    std::string name;
    for (std::uint64_t gas = 0; file >> gas && std::getline(file >> std::ws, name);) out.emplace(name, gas);
    return out;
}

/// An owner with a collection, a white-list and an app in it, a customer with money, and a free workerpool.
class Sharing : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        auto started = TestChain::start();
        ASSERT_TRUE(started) << started.error().detail;
        chain_ = std::move(*started).release();
    }
    static void TearDownTestSuite()
    {
        delete chain_;
        chain_ = nullptr;
    }

    void SetUp() override
    {
        const Funding money[] = {{customer_.address(), {}, {}, U256{kMoney}}, {owner_.address(), {}, {}, U256{1U}}};
        ASSERT_TRUE(fund_accounts(chain_->rpc(), chain_->deployer(), at(), money, call()));
        if (!std::exchange(is_used_, true)) {  // a contract's first call pays for slots that were zero
            prepare();
            new_data(owner_);
        }
        gas_.clear();
        prepare();
    }

    void prepare()
    {
        collection_ = must_find<poco::CollectionTransfer>(
                          run("createCollection", owner_, at().sharing,
                              sharing_call("createCollection(address)", AbiWriter{}.address(owner_.address()))),
                          at().sharing)
                          .collection;
        whitelist_ = must_find<poco::EntryTransfer>(
                         run("createAddOnlyAppWhitelist", owner_, at().app_whitelist_registry,
                             sharing_call("createAddOnlyAppWhitelist(address)", AbiWriter{}.address(owner_.address()))),
                         at().app_whitelist_registry)
                         .entry;
        add_app();
        data_ = new_data(owner_);
        add_data();
    }

    /// What a call costs may change on purpose only. Calldata costs less where an address or salt has zero bytes.
    void TearDown() override
    {
        constexpr double kTolerance = 0.02;
        const auto recorded = recorded_gas();
        for (const auto& [name, gas] : gas_) {
            const auto found = recorded.find(name);
            const double expected = found == recorded.end() ? 0 : static_cast<double>(found->second);
            EXPECT_NEAR(static_cast<double>(gas), expected, expected * kTolerance)
                << "a line of contracts/gas.txt should read: " << gas << " " << name;
        }
    }

    static const Deployment& at() { return chain_->deployment(); }

    /// Sends, expects success, and notes the gas under `name`: the first use of a name counts.
    eth::Receipt run(const std::string& name, const eth::Wallet& from, const Address& to, Bytes data)
    {
        auto receipt = chain_->sender(from).send({.to = to, .data = std::move(data)}, call());
        if (!receipt) throw std::runtime_error(name + ": " + receipt.error().detail);
        gas_.emplace(name, receipt->gas_used);
        return *std::move(receipt);
    }

    eth::Receipt run_on(const std::string& function, const eth::Wallet& from)
    {
        return run(function, from, at().sharing, call_of(function, data_));
    }

    /// Why the call would be refused: the error's four bytes and arguments, as a client gets them.
    std::string refusal(const eth::Wallet& from, const Address& to, Bytes data)
    {
        const auto receipt = chain_->sender(from).send({.to = to, .data = std::move(data)}, call());
        return receipt ? "accepted" : receipt.error().detail;
    }

    template <class Event>
    static Event must_find(const eth::Receipt& receipt, const Address& emitter)
    {
        const auto event = poco::find_event<Event>(receipt.logs, emitter);
        if (!event) throw std::runtime_error("no such event: " + std::string(Event::kSignature));
        return *event;
    }

    template <class Event>
    static Event of_sharing(const eth::Receipt& receipt)
    {
        return must_find<Event>(receipt, at().sharing);
    }

    Address new_data(const eth::Wallet& owner)
    {
        const auto receipt =
            run("createDatasetWithSchema", owner, at().dataprotector,
                poco::call::create_dataset_with_schema({owner.address(), next_name(), {}, Hash256::zero()}, "{}"));
        return must_find<poco::DatasetSchema>(receipt, at().dataprotector).dataset;
    }

    void add_app()
    {
        const auto receipt =
            run("createApp", owner_, at().app_registry,
                poco::call::create_app({owner_.address(), next_name(), "DOCKER", to_bytes("image"), Hash256::zero(), {}}));
        app_ = must_find<poco::EntryTransfer>(receipt, at().app_registry).entry;
        run("give the app", owner_, at().app_registry, poco::call::safe_transfer_from(owner_.address(), at().sharing, app_));
        run("addApp", owner_, whitelist_, call_of("addApp", app_));
    }

    void add_data()
    {
        run("approve the data", owner_, at().dataset_registry,
            sharing_call("approve(address,uint256)", AbiWriter{}.address(at().sharing).address(data_)));
        const auto receipt = run("addProtectedDataToCollection", owner_, at().sharing,
                                 support::add_to_collection(collection_, data_, whitelist_));
        const auto moved = of_sharing<poco::ProtectedDataTransfer>(receipt);
        EXPECT_EQ(moved.protected_data, data_);
        EXPECT_EQ(moved.new_collection, collection_);
        EXPECT_EQ(moved.whitelist, whitelist_);
    }

    eth::Receipt offer_for_rent()
    {
        return run("setProtectedDataToRenting", owner_, at().sharing, support::set_to_renting(data_, terms()));
    }

    Bytes rent() const { return support::rent(data_, terms()); }

    /// Pays as the clients do when they have no allowance yet.
    eth::Receipt pay(const std::string& name, const Bytes& what)
    {
        return run(name, customer_, at().hub, poco::call::approve_and_call(at().sharing, U256{kPrice}, what));
    }

    poco::WorkerpoolOrder free_order()
    {
        if (workerpool_ == Address::zero()) {
            auto sender = chain_->sender(pool_owner_);
            workerpool_ = create_workerpool(sender, at(), next_name(), {}, call()).value();
        }
        poco::WorkerpoolOrder order;
        order.workerpool = workerpool_;
        order.volume = U256{1U};
        order.tag = poco::tdx_tag();
        order.salt = *Hash256::from_bytes(AbiWriter{}.uint(++names_).encode());
        order.sign = to_bytes(pool_owner_.sign(poco::order_hash(chain_->hub().separator(), order)).bytes());
        return order;
    }

    Bytes consume(const poco::WorkerpoolOrder& order) const { return support::consume(data_, order, app_); }

    /// What a call to `to` inside the transaction used, as the node traces it.
    std::uint64_t gas_inside(const eth::Receipt& receipt, const Address& to)
    {
        const std::string trace =
            chain_->node("debug_traceTransaction", "[\"" + receipt.transaction_hash.hex() + R"(",{"tracer":"callTracer"}])")
                .value();
        const std::regex call_to(R"re("gasUsed":"(0x[0-9a-f]+)","to":")re" + to.hex());
        std::smatch found;
        return std::regex_search(trace, found, call_to) ? std::stoull(found[1], nullptr, 16) : 0;
    }

    U256 stake_of(const eth::Wallet& wallet) { return chain_->hub().view_account(wallet.address(), call()).value().stake; }
    Address owner_call_of() { return chain_->hub().owner_of(data_, call()).value(); }

    static std::string next_name() { return "entry " + std::to_string(++names_); }

    static inline TestChain* chain_ = nullptr;
    static inline std::uint64_t names_ = 0;
    static inline bool is_used_ = false;
    std::map<std::string, std::uint64_t> gas_;
    const eth::Wallet owner_ = dev_wallet(1);
    const eth::Wallet customer_ = dev_wallet(2);
    const eth::Wallet pool_owner_ = dev_wallet(3);
    U256 collection_;
    Address whitelist_ = Address::zero();
    Address app_ = Address::zero();
    Address data_ = Address::zero();
    Address workerpool_ = Address::zero();
};

TEST_F(Sharing, RentsAndConsumes)
{
    EXPECT_EQ(of_sharing<poco::ProtectedDataAddedForRenting>(offer_for_rent()).terms, kTerms);
    const U256 earned = stake_of(owner_);
    const auto rental = of_sharing<poco::NewRental>(pay("rentProtectedData by approveAndCall", rent()));
    EXPECT_EQ(rental.renter, customer_.address());
    EXPECT_EQ(rental.collection, collection_);
    EXPECT_EQ(stake_of(owner_), earned.add(U256{kPrice}).value());

    const auto receipt = run("consumeProtectedData, first use of the app", customer_, at().sharing, consume(free_order()));
    const auto consumed = of_sharing<poco::ProtectedDataConsumed>(receipt);
    EXPECT_EQ(consumed.mode, poco::ConsumptionMode::renting);
    const auto deal = chain_->hub().view_deal(consumed.deal, call()).value();
    EXPECT_EQ(deal.dataset.pointer, data_);
    EXPECT_EQ(deal.app.pointer, app_);
    EXPECT_EQ(deal.requester, at().sharing);
    EXPECT_EQ(deal.beneficiary, customer_.address());
    EXPECT_EQ(deal.tag, poco::tdx_tag());
    run("consumeProtectedData", customer_, at().sharing, consume(free_order()));

    of_sharing<poco::ProtectedDataRemovedFromRenting>(run_on("removeProtectedDataFromRenting", owner_));
    EXPECT_EQ(refusal(owner_, at().sharing, call_of("removeProtectedDataFromCollection", data_)).substr(0, 10),
              "0xfc891e36");
}

TEST_F(Sharing, SubscribesAndConsumes)
{
    const auto offer =
        run("setSubscriptionParams", owner_, at().sharing,
            sharing_call("setSubscriptionParams(uint256,(uint72,uint40))", AbiWriter{}.uint(collection_).tuple(terms())));
    EXPECT_EQ(of_sharing<poco::NewSubscriptionParams>(offer).terms, kTerms);
    of_sharing<poco::ProtectedDataAddedForSubscription>(run_on("setProtectedDataToSubscription", owner_));
    EXPECT_EQ(refusal(customer_, at().sharing, consume(free_order())).substr(0, 10), "0x0e39d6b3");

    run("approve the price", customer_, at().hub, poco::call::approve(at().sharing, U256{kPrice}));
    const auto receipt =
        run("subscribeToCollection", customer_, at().sharing,
            sharing_call("subscribeToCollection(uint256,(uint72,uint40))", AbiWriter{}.uint(collection_).tuple(terms())));
    EXPECT_EQ(of_sharing<poco::NewSubscription>(receipt).subscriber, customer_.address());
    const auto consumed = of_sharing<poco::ProtectedDataConsumed>(
        run("consumeProtectedData by subscription", customer_, at().sharing, consume(free_order())));
    EXPECT_EQ(consumed.mode, poco::ConsumptionMode::subscription);

    ASSERT_TRUE(chain_->node("evm_increaseTime", "[" + std::to_string(kDuration + 1) + "]"));
    ASSERT_TRUE(chain_->node("evm_mine"));
    of_sharing<poco::ProtectedDataRemovedFromSubscription>(run_on("removeProtectedDataFromSubscription", owner_));
}

TEST_F(Sharing, SellsAndTheOwnerWithdraws)
{
    const auto sale = sharing_call("setProtectedDataForSale(address,uint72)", AbiWriter{}.address(data_).uint(kPrice));
    EXPECT_EQ(
        of_sharing<poco::ProtectedDataAddedForSale>(run("setProtectedDataForSale", owner_, at().sharing, sale)).price_nrlc,
        U256{kPrice});
    of_sharing<poco::ProtectedDataRemovedFromSale>(run_on("removeProtectedDataForSale", owner_));
    run("setProtectedDataForSale", owner_, at().sharing, sale);

    const auto receipt = pay("buyProtectedData by approveAndCall",
                             sharing_call("buyProtectedData(address,address,uint72)",
                                          AbiWriter{}.address(data_).address(customer_.address()).uint(kPrice)));
    const auto sold = of_sharing<poco::ProtectedDataSold>(receipt);
    EXPECT_EQ(sold.buyer, customer_.address());
    EXPECT_EQ(of_sharing<poco::ProtectedDataTransfer>(receipt).old_collection, collection_);
    EXPECT_EQ(owner_call_of(), customer_.address());

    const U256 earned = stake_of(owner_);
    run("withdraw the earnings", owner_, at().hub, poco::call::withdraw(earned));
    EXPECT_TRUE(stake_of(owner_).is_zero());
    EXPECT_TRUE(chain_->hub().view_account(at().sharing, call()).value().stake.is_zero());
}

TEST_F(Sharing, GivesDataBackAndBurnsACollection)
{
    EXPECT_EQ(refusal(owner_, at().sharing, sharing_call("burn(uint256)", AbiWriter{}.uint(collection_))).substr(0, 10),
              "0x86acf7fd");
    const auto receipt = run_on("removeProtectedDataFromCollection", owner_);
    EXPECT_EQ(of_sharing<poco::ProtectedDataTransfer>(receipt).new_collection, U256{});
    EXPECT_EQ(owner_call_of(), owner_.address());
    const auto burned = run("burn", owner_, at().sharing, sharing_call("burn(uint256)", AbiWriter{}.uint(collection_)));
    EXPECT_EQ(of_sharing<poco::CollectionTransfer>(burned).to, Address::zero());
}

TEST_F(Sharing, RefusesByNameWhatClientsTellApart)
{
    offer_for_rent();
    EXPECT_EQ(refusal(customer_, at().sharing, rent()).substr(0, 10),
              eth::selector("PaymentRefused(address,uint256)").hex());
    EXPECT_EQ(refusal(customer_, at().sharing, support::rent(data_, support::terms(kPrice, 1))).substr(0, 10), "0x46aa9515");
    EXPECT_EQ(refusal(customer_, at().sharing, call_of("setProtectedDataToSubscription", data_)).substr(0, 10),
              "0x73ed0187");
    poco::WorkerpoolOrder dear = free_order();
    dear.workerpoolprice = U256{1U};
    EXPECT_EQ(refusal(customer_, at().sharing, consume(dear)).substr(0, 10), "0x85461e9b");
    EXPECT_EQ(refusal(customer_, whitelist_, call_of("addApp", app_)).substr(0, 10), "0xd0c8b1ce");
}

/// A task of an app whose results an oracle contract trusts, from deal to the callback inside the finalizing transaction.
TEST_F(Sharing, ACallbackArrivesWithinTheHubsGas)
{
    const Address app =
        must_find<poco::EntryTransfer>(
            run("createApp", owner_, at().app_registry,
                poco::call::create_app({owner_.address(), next_name(), "DOCKER", to_bytes("image"), Hash256::zero(), {}})),
            at().app_registry)
            .entry;
    poco::OrderSet orders;
    orders.workerpool = free_order();
    const Address oracle =
        chain_
            ->deploy_test_contract("ValueOracle",
                                   AbiWriter{}
                                       .address(at().hub)
                                       .tuple(AbiWriter{}.address(app).address(workerpool_).address(customer_.address()))
                                       .encode())
            .value();
    orders.app.app = orders.request.app = app;
    orders.app.tag = orders.request.tag = poco::tdx_tag();
    orders.app.volume = orders.request.volume = U256{1U};
    orders.request.workerpool = workerpool_;
    orders.request.requester = customer_.address();
    orders.request.callback = oracle;
    orders.request.params = R"({"iexec_args":")" + std::string(183, 'x') + R"("})";
    const Hash256& separator = chain_->hub().separator();
    orders.app.sign = to_bytes(owner_.sign(poco::order_hash(separator, orders.app)).bytes());
    orders.request.sign = to_bytes(customer_.sign(poco::order_hash(separator, orders.request)).bytes());
    const auto matched =
        must_find<poco::OrdersMatched>(run("matchOrders", customer_, at().hub, poco::call::match_orders(orders)), at().hub);
    const poco::TaskId task = poco::task_id(matched.deal, 0);
    run("initialize", customer_, at().hub, poco::call::initialize(matched.deal, 0));

    const eth::Wallet enclave = dev_wallet(9);
    const eth::Wallet worker = dev_wallet(8);
    const Bytes result = AbiWriter{}.uint(1'700'000'000U).uint(42U).encode();
    const Hash256 digest = crypto::keccak256(result);
    const auto sign = [](const eth::Wallet& wallet, const Hash256& message) {
        return to_bytes(wallet.sign_personal(message).bytes());
    };
    const std::string link = R"({ "storage": "ethereum", "location": ")" + oracle.hex() + R"(" })";
    const Bytes finalize = poco::call::contribute_and_finalize(
        {.task = task,
         .result_digest = digest,
         .results = to_bytes(link),
         .results_callback = result,
         .enclave_challenge = enclave.address(),
         .enclave_sign = sign(enclave, poco::enclave_message(worker.address(), task, digest)),
         .authorization_sign = sign(pool_owner_, poco::authorization_hash(worker.address(), task, enclave.address()))});
    auto sender = chain_->sender(worker);
    const auto receipt = sender.send({.to = at().hub, .data = finalize, .gas_extra = 100'000}, call());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    gas_.emplace("contributeAndFinalize with the example's callback", receipt->gas_used);
    gas_.emplace("the example's callback, params of 200 bytes", gas_inside(*receipt, oracle));
    const auto value = chain_->rpc().eth_call({oracle, sharing_call("value()", {})}, call());
    EXPECT_EQ(eth::AbiReader(*value).uint().value(), U256{42U});
    EXPECT_EQ(refusal(customer_, oracle, sharing_call("fetchResult(bytes32)", AbiWriter{}.bytes32(task))).substr(0, 10),
              eth::selector("AlreadyDelivered(bytes32)").hex());
}

}  // namespace
}  // namespace iapp::localchain
