#pragma once
// A deployed PoCo with owners of every kind, and a notary that signs orders in every good and bad way.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "localchain/test_chain.hpp"
#include "poco/calls.hpp"
#include "poco/events.hpp"
#include "poco/order_hash.hpp"
#include "poco/registry.hpp"

namespace iapp::support {

using chain::TransactionRequest;
using eth::Address;
using eth::U256;
using localchain::TestChain;
using poco::Operation;

inline constexpr std::uint64_t kRlc = 1'000'000'000;  ///< nRLC

/// How an order is signed. `presigned` leaves it unsigned and tells the hub instead.
enum class Sign : unsigned char { good, wrong_key, low_v, high_s, compact, too_short, empty, garbage, presigned };

/// Positions in the arrays of SignedOrders.
enum Slot : std::size_t { kApp, kDataset, kWorkerpool, kRequest };

struct SignedOrders {
    poco::OrderSet orders;
    std::array<Sign, 4> sign{};
    std::array<bool, 4> closed{};
};

inline Hash256 random_hash(std::mt19937_64& rng)
{
    std::array<std::uint8_t, 32> raw{};
    for (auto& byte : raw) byte = static_cast<std::uint8_t>(rng());
    return Hash256{raw};
}

inline const U256& curve_order()
{
    static const U256 order = U256::from_hex("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").value();
    return order;
}

/// A chain on which everything can be tried: owners with keys, an owner that is a contract, groups, and accounts without
/// stake.
class World {
public:
    explicit World(TestChain& test_chain) : chain(test_chain) { build(); }

    Address signer(std::size_t i) const { return wallets[i].address(); }

    TestChain& chain;
    std::vector<eth::Wallet> wallets;            ///< app owner, dataset owner, pool owner, requester, stranger, poor
    Address vault = Address::zero();             ///< ERC-1271 contract that owns and requests
    Address members = Address::zero();           ///< group of every entry, the requester and the vault
    Address strangers = Address::zero();         ///< group of nobody we use
    std::vector<Address> apps, datasets, pools;  ///< of a key, of the vault, of a poor key
    std::map<Address, Address> owner_of;

private:
    void build()
    {
        for (std::size_t i = 1; i <= 6; ++i) wallets.push_back(localchain::dev_wallet(i));
        vault = chain.deploy_test_contract("ContractOwner", {}).value();
        const std::array<Address, 3> owners[] = {
            {signer(0), vault, signer(5)}, {signer(1), vault, signer(5)}, {signer(2), vault, signer(5)}};
        std::vector<TransactionRequest> requests;
        const auto& at = chain.deployment();
        const auto create = [&](const Address& registry, Bytes data) {
            requests.push_back({.to = registry, .data = std::move(data), .gas_limit = 2'000'000});
        };
        for (const Address& owner : owners[0])
            create(at.app_registry,
                   poco::call::create_app({owner, "app", "DOCKER", to_bytes("image"), Hash256::zero(), {}}));
        for (const Address& owner : owners[1])
            create(at.dataset_registry, poco::call::create_dataset({owner, "data", {}, Hash256::zero()}));
        for (const Address& owner : owners[2])
            create(at.workerpool_registry, poco::call::create_workerpool({owner, "pool"}));
        const auto receipts = chain.deployer().send_all(requests, TestChain::call()).value();
        for (std::size_t i = 0; i < receipts.size(); ++i) {
            const auto created = poco::find_event<poco::EntryTransfer>(receipts[i].logs, *receipts[i].to).value();
            (i < 3 ? apps : i < 6 ? datasets : pools).push_back(created.entry);
            owner_of.emplace(created.entry, created.to);
        }
        std::vector<Address> inside{signer(3), vault};
        for (const auto& [entry, owner] : owner_of) inside.push_back(entry);
        members = group(inside);
        strangers = group({signer(4)});
        const std::vector<localchain::Funding> fundings{
            {signer(2), {}, {}, 1'000'000 * kRlc}, {signer(3), {}, {}, 1'000'000 * kRlc}, {vault, {}, {}, 1'000'000 * kRlc}};
        EXPECT_TRUE(localchain::fund_accounts(chain.rpc(), chain.deployer(), at, fundings, TestChain::call()));
    }

    Address group(const std::vector<Address>& accounts)
    {
        std::vector<eth::AbiWriter> list;
        for (const Address& account : accounts) list.push_back(eth::AbiWriter{}.address(account));
        return chain.deploy_test_contract("Group", eth::AbiWriter{}.array(list).encode()).value();
    }
};

/// Signs the orders of a case and collects what the chain must be told before it is judged.
class Notary {
public:
    explicit Notary(World& world) : world_(world) {}

    void sign(SignedOrders& one)
    {
        sign_one(one.orders.app, owner(one.orders.app.app), one.sign[kApp], one.closed[kApp], poco::call::manage_app_order);
        if (one.orders.has_dataset())
            sign_one(one.orders.dataset, owner(one.orders.dataset.dataset), one.sign[kDataset], one.closed[kDataset],
                     poco::call::manage_dataset_order);
        sign_one(one.orders.workerpool, owner(one.orders.workerpool.workerpool), one.sign[kWorkerpool],
                 one.closed[kWorkerpool], poco::call::manage_workerpool_order);
        sign_one(one.orders.request, one.orders.request.requester, one.sign[kRequest], one.closed[kRequest],
                 poco::call::manage_request_order);
    }

    /// Tells the chain what the signatures so far need to be told. Call before the orders are judged.
    Status prepare_chain()
    {
        TRY_OK(world_.chain.deployer().send_all(preparations_, TestChain::call()));
        preparations_.clear();
        return {};
    }

private:
    Address owner(const Address& entry) const
    {
        const auto found = world_.owner_of.find(entry);
        return found == world_.owner_of.end() ? world_.signer(4) : found->second;
    }

    const eth::Wallet* wallet_of(const Address& account) const
    {
        for (const eth::Wallet& wallet : world_.wallets)
            if (wallet.address() == account) return &wallet;
        return nullptr;
    }

    template <class Order>
    void sign_one(Order& order, const Address& signer, Sign how, bool closed,
                  Bytes (*manage)(const Order&, Operation, ByteView))
    {
        const Hash256& separator = world_.chain.hub().separator();
        const Hash256 hash = poco::order_hash(separator, order);
        const eth::Wallet* wallet = wallet_of(signer);
        const auto tell = [&](Operation operation) {
            if (wallet == nullptr || signer == world_.signer(4)) return;  // nobody owns it
            const Hash256 digest = poco::operation_hash(separator, order, operation);
            prepare(world_.chain.deployment().hub, manage(order, operation, wallet->sign(digest).bytes()));
        };
        if (wallet == nullptr) {
            order.sign = {1};
            if (signer == world_.vault && how == Sign::good)
                prepare(world_.vault, eth::AbiWriter{}.bytes32(hash).call(eth::selector("approve(bytes32)")));
        } else {
            order.sign = signature(how == Sign::wrong_key ? world_.wallets[4] : *wallet, hash, how);
        }
        if (how == Sign::presigned) tell(Operation::sign);
        if (closed) tell(Operation::close);
    }

    static Bytes signature(const eth::Wallet& wallet, const Hash256& hash, Sign how)
    {
        Bytes raw = to_bytes(wallet.sign(hash).bytes());
        const std::uint8_t parity = raw[64] - 27;
        switch (how) {
            case Sign::good:
            case Sign::wrong_key:
                break;
            case Sign::low_v:
                raw[64] = parity;
                break;
            case Sign::high_s: {
                const U256 s = U256::from_be_bytes(ByteView(raw).subspan(32, 32)).value();
                std::ranges::copy(curve_order().sub(s).value().be(), raw.begin() + 32);
                raw[64] = 28 - parity;
                break;
            }
            case Sign::compact:
                raw.pop_back();
                raw[32] = static_cast<std::uint8_t>(raw[32] | (parity << 7));
                break;
            case Sign::too_short:
                raw.resize(63);
                break;
            case Sign::garbage:
                raw[10] ^= 1;
                break;
            case Sign::empty:
            case Sign::presigned:
                raw.clear();
                break;
        }
        return raw;
    }

    void prepare(const Address& to, Bytes data)
    {
        preparations_.push_back({.to = to, .data = std::move(data), .gas_limit = 300'000});
    }

    World& world_;
    std::vector<TransactionRequest> preparations_;
};

}  // namespace iapp::support
