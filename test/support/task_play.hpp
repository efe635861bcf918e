#pragma once
// Deals and tasks played on a real chain: what services that follow the hub are tested with.
#include "poco/contribution.hpp"
#include "support/poco_world.hpp"

namespace iapp::support {

/// A match that happened.
struct PlayedDeal {
    poco::DealId id;
    poco::OrderSet orders;

    poco::TaskId task(std::uint64_t index) const { return poco::task_id(id, index); }
};

/// Acts with the keys of a World. The worker is the stranger; it gets stake first.
class TaskPlay {
public:
    explicit TaskPlay(World& world) : world_(world), notary_(world), rng_(20261129)
    {
        const std::vector<localchain::Funding> stake{{worker().address(), {}, {}, 1'000 * kRlc}};
        EXPECT_TRUE(localchain::fund_accounts(chain().rpc(), chain().deployer(), chain().deployment(), stake, call()));
    }

    const eth::Wallet& app_owner() const { return world_.wallets[0]; }
    const eth::Wallet& pool_owner() const { return world_.wallets[2]; }
    const eth::Wallet& requester() const { return world_.wallets[3]; }
    const eth::Wallet& worker() const { return world_.wallets[4]; }
    TestChain& chain() const { return world_.chain; }
    static net::CallContext call() { return TestChain::call(); }

    /// Orders that match: prices 3, 1 and 25 nRLC, the fast category, trust 1.
    poco::OrderSet good_orders(std::uint64_t volume)
    {
        poco::OrderSet orders;
        auto& [app, dataset, workerpool, request] = orders;
        app.app = request.app = world_.apps[0];
        app.appprice = request.appmaxprice = 3;
        dataset.dataset = request.dataset = world_.datasets[0];
        dataset.datasetprice = request.datasetmaxprice = 1;
        workerpool.workerpool = world_.pools[0];
        workerpool.workerpoolprice = request.workerpoolmaxprice = 25;
        workerpool.category = request.category = localchain::kFastCategory;
        app.volume = dataset.volume = workerpool.volume = 1000;
        request.volume = volume;
        request.requester = request.beneficiary = requester().address();
        request.params = R"({"iexec_args":"hello"})";
        for (Hash256* salt : {&app.salt, &dataset.salt, &workerpool.salt, &request.salt}) *salt = random_hash(rng_);
        return orders;
    }

    PlayedDeal match(poco::OrderSet orders)
    {
        SignedOrders one{std::move(orders), {}, {}};
        notary_.sign(one);
        const auto receipt = send(requester(), poco::call::match_orders(one.orders));
        const auto event = poco::find_event<poco::OrdersMatched>(receipt.logs, hub());
        EXPECT_TRUE(event);
        return {event ? event->deal : poco::DealId::zero(), one.orders};
    }

    void initialize(const PlayedDeal& deal, std::uint64_t index)
    {
        send(pool_owner(), poco::call::initialize(deal.id, index));
    }
    void contribute(const poco::TaskId& task, const Hash256& digest)
    {
        send(worker(), poco::call::contribute({task,
                                               poco::result_hash(task, digest),
                                               poco::result_seal(worker().address(), task, digest),
                                               Address::zero(),
                                               {},
                                               authorization(task)}));
    }
    void reveal(const poco::TaskId& task, const Hash256& digest) { send(worker(), poco::call::reveal(task, digest)); }
    void finalize(const poco::TaskId& task)
    {
        send(pool_owner(), poco::call::finalize(task, as_bytes(R"({"storage":"ipfs"})"), {}));
    }
    void contribute_and_finalize(const poco::TaskId& task, const Hash256& digest)
    {
        send(worker(), poco::call::contribute_and_finalize(
                           {task, digest, to_bytes(R"({"storage":"ipfs"})"), {}, Address::zero(), {}, authorization(task)}));
    }
    void reopen(const poco::TaskId& task) { send(pool_owner(), poco::call::reopen(task)); }
    void claim(const poco::TaskId& task) { send(requester(), poco::call::claim(task)); }

    /// Lets chain time pass.
    void wait(std::chrono::seconds time)
    {
        EXPECT_TRUE(chain().node("evm_increaseTime", '[' + std::to_string(time.count()) + ']'));
        EXPECT_TRUE(chain().node("evm_mine"));
    }

    eth::Receipt send(const eth::Wallet& from, Bytes data) { return send_to(from, hub(), std::move(data)); }
    eth::Receipt send_to(const eth::Wallet& from, const Address& to, Bytes data)
    {
        auto receipt = chain().sender(from).send({.to = to, .data = std::move(data), .gas_limit = 2'000'000}, call());
        EXPECT_TRUE(receipt) << receipt.error().detail;
        return receipt ? *receipt : eth::Receipt{};
    }

private:
    const Address& hub() const { return chain().deployment().hub; }
    Bytes authorization(const poco::TaskId& task) const
    {
        const Hash256 hash = poco::authorization_hash(worker().address(), task, Address::zero());
        return to_bytes(pool_owner().sign_personal(hash).bytes());
    }

    World& world_;
    Notary notary_;
    std::mt19937_64 rng_;
};

}  // namespace iapp::support
