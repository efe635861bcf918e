// poco::explain() and poco::check_compatibility() against the contract: the same verdict and the same reason for hundreds of
// random orders, each a good one with none to three things changed. Seeded, so a failure names a case that can be run again.
#include <functional>
#include <set>

#include "poco/compatibility.hpp"
#include "poco/match.hpp"
#include "support/poco_world.hpp"

namespace iapp::localchain {
namespace {

using poco::OrderSet;
using support::kDataset;
using support::kRlc;
using support::Notary;
using support::random_hash;
using support::Sign;
using support::World;
using Rng = std::mt19937_64;

constexpr std::uint64_t kSeed = 20261122;
constexpr std::size_t kCases = 700, kSent = 24, kBulkOrders = 300;

net::CallContext call() { return TestChain::call(); }

struct Case : support::SignedOrders {
    std::optional<Address> sponsor;
    std::string changes;
};

using Change = std::function<void(Case&, World&, Rng&)>;
struct NamedChange {
    const char* name;
    Change apply;
};

template <class T>
const T& pick(const std::vector<T>& from, Rng& rng)
{
    return from[rng() % from.size()];
}

/// A restriction that may or may not let `subject` pass.
Address restriction(const Address& subject, const World& world, Rng& rng)
{
    const std::vector<Address> choices{Address::zero(),
                                       subject,
                                       world.members,
                                       world.strangers,
                                       world.signer(4),
                                       world.apps[0],
                                       world.chain.deployment().hub};
    return pick(choices, rng);
}

poco::Tag low_bits(Rng& rng)
{
    std::array<std::uint8_t, 32> raw{};
    raw[31] = static_cast<std::uint8_t>(rng() % 16);
    raw[30] = static_cast<std::uint8_t>(rng() % 8 == 0);
    return poco::Tag{raw};
}

Sign any_sign(Rng& rng) { return static_cast<Sign>(rng() % 9); }

#define CHANGE(name, body) \
    NamedChange { name, []([[maybe_unused]] Case & c, [[maybe_unused]] World & w, [[maybe_unused]] Rng & r) body }

std::vector<NamedChange> price_and_term_changes()
{
    return {
        CHANGE("request category", { c.orders.request.category = r() % 7; }),
        CHANGE("both categories", { c.orders.request.category = c.orders.workerpool.category = r() % 8; }),
        CHANGE("category 6", { c.orders.request.category = c.orders.workerpool.category = 6; }),
        CHANGE("category 5", { c.orders.request.category = c.orders.workerpool.category = 5; }),
        CHANGE("trust",
               {
                   c.orders.request.trust = r() % 4;
                   c.orders.workerpool.trust = r() % 4;
               }),
        CHANGE("trust above",
               {
                   c.orders.request.trust = 5;
                   c.orders.workerpool.trust = 4;
               }),
        CHANGE("app price", { c.orders.app.appprice = r() % 8; }),
        CHANGE("dataset price", { c.orders.dataset.datasetprice = r() % 8; }),
        CHANGE("dataset price above",
               {
                   c.orders.dataset.datasetprice = 9;
                   c.orders.request.datasetmaxprice = 8;
               }),
        CHANGE("pool price", { c.orders.workerpool.workerpoolprice = r() % 40; }),
        CHANGE("pool price above",
               {
                   c.orders.workerpool.workerpoolprice = 31;
                   c.orders.request.workerpoolmaxprice = 30;
               }),
        CHANGE("beyond the payer's stake", { c.orders.app.appprice = c.orders.request.appmaxprice = 2'000'000 * kRlc; }),
        CHANGE("beyond the pool owner's stake",
               { c.orders.workerpool.workerpoolprice = c.orders.request.workerpoolmaxprice = 4'000'000 * kRlc; }),
        CHANGE("tags",
               {
                   c.orders.app.tag = low_bits(r);
                   c.orders.dataset.tag = low_bits(r);
                   c.orders.workerpool.tag = low_bits(r);
                   c.orders.request.tag = low_bits(r);
               }),
        CHANGE("pool without tag",
               {
                   c.orders.workerpool.tag = poco::Tag::zero();
                   c.orders.request.tag = poco::tdx_tag();
               }),
        CHANGE("tee request of another app",
               {
                   c.orders.app.tag = poco::Tag::zero();
                   c.orders.request.tag = c.orders.workerpool.tag = poco::tdx_tag();
               }),
        CHANGE("dataset tag", { c.orders.dataset.tag = low_bits(r); }),
        CHANGE("prices beyond all numbers", { c.orders.app.appprice = c.orders.request.appmaxprice = U256::max(); }),
        CHANGE("prices beyond all sums",
               { c.orders.workerpool.workerpoolprice = c.orders.request.workerpoolmaxprice = U256::power_of_two(255); }),
        CHANGE("app volume", { c.orders.app.volume = r() % 2; }),
        CHANGE("dataset volume", { c.orders.dataset.volume = r() % 2; }),
        CHANGE("pool volume", { c.orders.workerpool.volume = r() % 2; }),
        CHANGE("request volume", { c.orders.request.volume = r() % 3; }),
        CHANGE("no volume", { c.orders.request.volume = 0; }),
        CHANGE("large volume",
               {
                   c.orders.app.volume = c.orders.dataset.volume = c.orders.workerpool.volume = c.orders.request.volume =
                       poco::kInfiniteVolume;
               }),
    };
}

std::vector<NamedChange> party_changes()
{
    return {
        CHANGE("request names another app", { c.orders.request.app = pick(w.apps, r); }),
        CHANGE("request names no app", { c.orders.request.app = Address::zero(); }),
        CHANGE("request names another dataset", { c.orders.request.dataset = pick(w.datasets, r); }),
        CHANGE("request names no dataset", { c.orders.request.dataset = Address::zero(); }),
        CHANGE("no dataset",
               {
                   c.orders.dataset = {};
                   c.orders.request.dataset = Address::zero();
               }),
        CHANGE("no dataset but a price",
               {
                   c.orders.dataset = {};
                   c.orders.dataset.datasetprice = r() % 8;
                   c.orders.request.dataset = Address::zero();
               }),
        CHANGE("no dataset order", { c.orders.dataset = {}; }),
        CHANGE("request wants a pool", { c.orders.request.workerpool = restriction(c.orders.workerpool.workerpool, w, r); }),
        CHANGE("app wants a dataset", { c.orders.app.datasetrestrict = restriction(c.orders.dataset.dataset, w, r); }),
        CHANGE("app wants a dataset, none there",
               {
                   c.orders.app.datasetrestrict = w.members;
                   c.orders.dataset = {};
                   c.orders.request.dataset = Address::zero();
               }),
        CHANGE("app wants a pool", { c.orders.app.workerpoolrestrict = restriction(c.orders.workerpool.workerpool, w, r); }),
        CHANGE("app wants a requester", { c.orders.app.requesterrestrict = restriction(c.orders.request.requester, w, r); }),
        CHANGE("dataset wants an app", { c.orders.dataset.apprestrict = restriction(c.orders.app.app, w, r); }),
        CHANGE("dataset wants a pool",
               { c.orders.dataset.workerpoolrestrict = restriction(c.orders.workerpool.workerpool, w, r); }),
        CHANGE("dataset wants a requester",
               { c.orders.dataset.requesterrestrict = restriction(c.orders.request.requester, w, r); }),
        CHANGE("pool wants an app", { c.orders.workerpool.apprestrict = restriction(c.orders.app.app, w, r); }),
        CHANGE("pool wants a dataset",
               { c.orders.workerpool.datasetrestrict = restriction(c.orders.dataset.dataset, w, r); }),
        CHANGE("pool wants a requester",
               { c.orders.workerpool.requesterrestrict = restriction(c.orders.request.requester, w, r); }),
        CHANGE("app is an account", { c.orders.app.app = c.orders.request.app = w.signer(0); }),
        CHANGE("app is not registered", { c.orders.app.app = c.orders.request.app = w.chain.deployment().hub; }),
        CHANGE("app is a dataset", { c.orders.app.app = c.orders.request.app = w.datasets[0]; }),
        CHANGE("dataset is not registered", { c.orders.dataset.dataset = c.orders.request.dataset = w.apps[0]; }),
        CHANGE("dataset is an account", { c.orders.dataset.dataset = c.orders.request.dataset = w.signer(1); }),
        CHANGE("pool is not registered", { c.orders.workerpool.workerpool = w.chain.deployment().app_registry; }),
        CHANGE("pool is an account", { c.orders.workerpool.workerpool = w.signer(2); }),
        CHANGE("another app", { c.orders.app.app = c.orders.request.app = pick(w.apps, r); }),
        CHANGE("another dataset", { c.orders.dataset.dataset = c.orders.request.dataset = pick(w.datasets, r); }),
        CHANGE("another pool", { c.orders.workerpool.workerpool = pick(w.pools, r); }),
        CHANGE("pool owner without stake", { c.orders.workerpool.workerpool = w.pools[2]; }),
        CHANGE("requester without stake", { c.orders.request.requester = w.signer(5); }),
        CHANGE("requester is a contract", { c.orders.request.requester = w.vault; }),
        CHANGE("requester is nobody", { c.orders.request.requester = Address::zero(); }),
        CHANGE("a sponsor pays", { c.sponsor = w.signer(2); }),
        CHANGE("a sponsor without stake", { c.sponsor = w.signer(4); }),
        CHANGE("a sponsor for nobody",
               {
                   c.sponsor = w.vault;
                   c.orders.request.requester = Address::zero();
               }),
        CHANGE("vault owns all",
               {
                   c.orders.app.app = c.orders.request.app = w.apps[1];
                   c.orders.dataset.dataset = c.orders.request.dataset = w.datasets[1];
                   c.orders.workerpool.workerpool = w.pools[1];
               }),
    };
}

std::vector<NamedChange> signature_changes()
{
    std::vector<NamedChange> out;
    static constexpr const char* kSigned[] = {"app signature", "dataset signature", "pool signature", "request signature"};
    static constexpr const char* kWrong[] = {"app of a stranger", "dataset of a stranger", "pool of a stranger",
                                             "request of a stranger"};
    static constexpr const char* kPresigned[] = {"app presigned", "dataset presigned", "pool presigned",
                                                 "request presigned"};
    static constexpr const char* kClosed[] = {"app closed", "dataset closed", "pool closed", "request closed"};
    static constexpr const char* kEmpty[] = {"app unsigned", "dataset unsigned", "pool unsigned", "request unsigned"};
    for (std::size_t slot = 0; slot < 4; ++slot) {
        out.push_back({kSigned[slot], [slot](Case& c, World&, Rng& r) { c.sign[slot] = any_sign(r); }});
        out.push_back({kWrong[slot], [slot](Case& c, World&, Rng&) { c.sign[slot] = Sign::wrong_key; }});
        out.push_back({kPresigned[slot], [slot](Case& c, World&, Rng&) { c.sign[slot] = Sign::presigned; }});
        out.push_back({kClosed[slot], [slot](Case& c, World&, Rng&) { c.closed[slot] = true; }});
        out.push_back({kEmpty[slot], [slot](Case& c, World&, Rng&) { c.sign[slot] = Sign::empty; }});
    }
    return out;
}

Case good_case(const World& world, Rng& rng)
{
    Case one;
    auto& [app, dataset, workerpool, request] = one.orders;
    app.app = request.app = world.apps[0];
    app.appprice = request.appmaxprice = 3;
    dataset.dataset = request.dataset = world.datasets[0];
    dataset.datasetprice = request.datasetmaxprice = 1;
    workerpool.workerpool = world.pools[0];
    workerpool.workerpoolprice = request.workerpoolmaxprice = 25;
    app.volume = dataset.volume = workerpool.volume = 1000;
    request.volume = 2;
    request.requester = request.beneficiary = world.signer(3);
    request.params = R"({"iexec_args":"hello"})";
    app.salt = random_hash(rng);
    dataset.salt = random_hash(rng);
    workerpool.salt = random_hash(rng);
    request.salt = random_hash(rng);
    if (rng() % 2 == 0) app.tag = workerpool.tag = request.tag = poco::tdx_tag();
    return one;
}

/// Every change alone, then random combinations.
std::vector<Case> make_cases(World& world)
{
    Rng rng(kSeed);
    std::vector<NamedChange> changes = price_and_term_changes();
    for (auto&& more : {party_changes(), signature_changes()}) changes.insert(changes.end(), more.begin(), more.end());
    std::vector<Case> cases;
    const auto add = [&](std::initializer_list<const NamedChange*> applied) {
        Case one = good_case(world, rng);
        for (const NamedChange* change : applied) {
            change->apply(one, world, rng);
            one.changes += std::string(one.changes.empty() ? "" : " + ") + change->name;
        }
        cases.push_back(std::move(one));
    };
    for (int i = 0; i < 20; ++i) add({});
    for (const NamedChange& change : changes)
        for (int i = 0; i < 3; ++i) add({&change});
    while (cases.size() < kCases) {
        const auto* a = &pick(changes, rng);
        const auto* b = &pick(changes, rng);
        const auto* c = &pick(changes, rng);
        if (rng() % 2 == 0) add({a, b});
        else add({a, b, c});
    }
    return cases;
}

std::string describe(const poco::MatchVerdict& verdict)
{
    const poco::MatchCheck* failed = verdict.first_failure();
    return failed == nullptr ? "accepted"
                             : "\"" + std::string(failed->contract_reason) + "\" (" + std::string(failed->id) + ")";
}

std::string describe(const chain::CallOutcome& outcome)
{
    return outcome.reverted ? "\"" + outcome.reason() + "\"" : "accepted";
}

bool agree(const poco::MatchVerdict& verdict, const chain::CallOutcome& outcome)
{
    if (verdict.ok() || !outcome.reverted) return verdict.ok() && !outcome.reverted;
    return verdict.first_failure()->contract_reason == outcome.reason();
}

class MatchOnChain : public testing::Test {
protected:
    void SetUp() override
    {
        auto started = TestChain::start();
        ASSERT_TRUE(started) << started.error().detail;
        chain_ = *std::move(started);
        world_ = std::make_unique<World>(*chain_);
    }

    std::vector<chain::CallOutcome> ask_the_contract(const std::vector<Case>& cases) const
    {
        std::vector<chain::ContractCall> calls;
        for (const Case& one : cases) {
            const Bytes data =
                one.sponsor ? poco::call::sponsor_match_orders(one.orders) : poco::call::match_orders(one.orders);
            calls.push_back({chain_->deployment().hub, data, one.sponsor.value_or(world_->signer(4))});
        }
        return chain_->rpc().eth_call_many(calls, call()).value();
    }

    poco::MatchVerdict ask_ourselves(const Case& one) const
    {
        const auto facts = chain_->hub().match_facts(one.orders, call(), one.sponsor);
        EXPECT_TRUE(facts) << one.changes << ": " << facts.error().detail;
        return poco::explain(one.orders, facts.value());
    }

    std::unique_ptr<TestChain> chain_;
    std::unique_ptr<World> world_;
};

TEST_F(MatchOnChain, ExplainsWhatTheContractDoes)
{
    std::vector<Case> cases = make_cases(*world_);
    Notary notary(*world_);
    for (Case& one : cases) notary.sign(one);
    const auto prepared = notary.prepare_chain();
    ASSERT_TRUE(prepared) << prepared.error().reason << ": " << prepared.error().detail;

    const auto outcomes = ask_the_contract(cases);
    std::set<std::string> reasons;
    std::vector<const Case*> accepted;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto verdict = ask_ourselves(cases[i]);
        EXPECT_TRUE(agree(verdict, outcomes[i])) << "case " << i << " (" << cases[i].changes << "): the contract says "
                                                 << describe(outcomes[i]) << ", we say " << describe(verdict);
        reasons.insert(outcomes[i].reverted ? outcomes[i].reason() : "accepted");
        if (!outcomes[i].reverted) accepted.push_back(&cases[i]);
    }
    EXPECT_GE(cases.size(), 500U);
    EXPECT_GE(accepted.size(), 100U);
    for (const char* code : {"00", "01", "02", "03", "04", "05", "06", "07", "10", "11", "12", "13", "14", "15",
                             "16", "17", "18", "19", "1a", "1b", "20", "21", "30", "31", "40", "41", "50", "60"})
        EXPECT_TRUE(reasons.contains("iExecV5-matchOrders-0x" + std::string(code))) << "no case reached 0x" << code;
    for (const char* reason : {"", "invalid-signature-format", "IexecEscrow: Transfer amount exceeds balance"})
        EXPECT_TRUE(reasons.contains(reason)) << "no case reached \"" << reason << '"';
}

TEST_F(MatchOnChain, WhatItAcceptsBecomesTheDealItForetold)
{
    Rng rng(kSeed + 1);
    Notary notary(*world_);
    auto stranger = chain_->sender(world_->wallets[4]);
    for (std::size_t i = 0; i < kSent; ++i) {
        Case one = good_case(*world_, rng);
        one.orders.request.volume = 1 + rng() % 5;
        one.orders.workerpool.workerpoolprice = one.orders.request.workerpoolmaxprice = rng() % 1000;
        if (i % 3 == 0) one.orders.dataset = {}, one.orders.request.dataset = Address::zero();
        notary.sign(one);
        const auto verdict = ask_ourselves(one);
        ASSERT_TRUE(verdict.ok()) << describe(verdict);

        const auto payer = chain_->hub().view_account(world_->signer(3), call()).value();
        const auto pool = chain_->hub().view_account(world_->signer(2), call()).value();
        const auto receipt =
            stranger.send({.to = chain_->deployment().hub, .data = poco::call::match_orders(one.orders)}, call());
        ASSERT_TRUE(receipt) << receipt.error().detail;

        const auto matched = poco::find_event<poco::OrdersMatched>(receipt->logs, chain_->deployment().hub);
        ASSERT_TRUE(matched);
        EXPECT_EQ(matched->deal, verdict.deal);
        EXPECT_EQ(matched->volume, verdict.volume);
        EXPECT_EQ(chain_->hub().view_account(world_->signer(3), call())->locked,
                  payer.locked.add(verdict.payer_lock).value());
        EXPECT_EQ(chain_->hub().view_account(world_->signer(2), call())->locked, pool.locked.add(verdict.pool_lock).value());
        const auto deal = chain_->hub().view_deal(matched->deal, call());
        ASSERT_TRUE(deal);
        EXPECT_EQ(deal->worker_stake, verdict.worker_stake);
        EXPECT_EQ(deal->params, one.orders.request.params);
        EXPECT_EQ(chain_->hub().view_consumed(matched->request_hash, call()).value(), verdict.volume);

        const auto again = ask_the_contract({one});  // the request is used up now
        EXPECT_TRUE(agree(ask_ourselves(one), again[0])) << describe(again[0]);
        EXPECT_TRUE(again[0].reverted);
    }
}

/// What the hub says for each of our reasons. A signature it cannot read, and a dataset without code, stop it in its own
/// way.
const std::map<std::string_view, std::set<std::string>> kCompatibilityWords{
    {"compatibility.consumed", {"IncompatibleDatasetOrder: Dataset order is revoked or fully consumed"}},
    {"compatibility.signature",
     {"IncompatibleDatasetOrder: Invalid dataset order signature", "invalid-signature-format", ""}},
    {"compatibility.deal_unknown", {"IncompatibleDatasetOrder: Deal not found"}},
    {"compatibility.has_dataset", {"IncompatibleDatasetOrder: Deal already has a dataset"}},
    {"compatibility.app", {"IncompatibleDatasetOrder: App restriction not satisfied"}},
    {"compatibility.workerpool", {"IncompatibleDatasetOrder: Workerpool restriction not satisfied"}},
    {"compatibility.requester", {"IncompatibleDatasetOrder: Requester restriction not satisfied"}},
    {"compatibility.tag", {"IncompatibleDatasetOrder: Tag compatibility not satisfied"}}};

class BulkOnChain : public MatchOnChain {
protected:
    /// A deal of a good case, with or without its dataset.
    poco::DealId match(bool with_dataset, Rng& rng)
    {
        Case one = good_case(*world_, rng);
        one.orders.app.tag = one.orders.workerpool.tag = one.orders.request.tag = poco::tdx_tag();
        if (!with_dataset) one.orders.dataset = {}, one.orders.request.dataset = Address::zero();
        Notary(*world_).sign(one);
        const auto receipt =
            chain_->deployer().send({.to = chain_->deployment().hub, .data = poco::call::match_orders(one.orders)}, call());
        return poco::find_event<poco::OrdersMatched>(receipt.value().logs, chain_->deployment().hub).value().deal;
    }

    /// A dataset order that may or may not fit, and what was done to it.
    Case dataset_case(Rng& rng)
    {
        Case one = good_case(*world_, rng);
        poco::DatasetOrder& order = one.orders.dataset;
        order.datasetprice = 0;
        order.volume = poco::kInfiniteVolume;
        const std::vector<std::pair<const char*, std::function<void()>>> changes{
            {"nothing", [] {}},
            {"signature", [&] { one.sign[kDataset] = any_sign(rng); }},
            {"closed", [&] { one.closed[kDataset] = true; }},
            {"no volume", [&] { order.volume = 0; }},
            {"app", [&] { order.apprestrict = restriction(world_->apps[0], *world_, rng); }},
            {"workerpool", [&] { order.workerpoolrestrict = restriction(world_->pools[0], *world_, rng); }},
            {"requester", [&] { order.requesterrestrict = restriction(world_->signer(3), *world_, rng); }},
            {"tag", [&] { order.tag = low_bits(rng); }},
            {"dataset", [&] { order.dataset = pick(world_->datasets, rng); }},
            {"account", [&] { order.dataset = world_->signer(1); }}};
        for (std::uint64_t left = 1 + rng() % 2; left > 0; --left) {
            const auto& [name, apply] = pick(changes, rng);
            apply();
            one.changes += std::string(" ") + name;
        }
        return one;
    }
};

TEST_F(BulkOnChain, CompatibilityIsWhatTheContractSays)
{
    Rng rng(kSeed + 2);
    const std::vector<poco::DealId> deals{match(false, rng), match(false, rng), match(false, rng), match(true, rng),
                                          poco::DealId::zero()};
    std::vector<Case> cases;
    Notary notary(*world_);
    for (std::size_t i = 0; i < kBulkOrders; ++i) {
        cases.push_back(dataset_case(rng));
        notary.sign(cases.back());
    }
    ASSERT_TRUE(notary.prepare_chain());

    std::set<std::string_view> reasons;
    for (const Case& one : cases) {
        const poco::DealId& id = pick(deals, rng);
        const auto& hub = chain_->hub();
        const poco::Deal deal = hub.view_deal(id, call()).value();
        const auto facts = hub.compatibility_facts(one.orders.dataset, deal, call());
        ASSERT_TRUE(facts) << facts.error().detail;
        const auto ours = poco::check_compatibility(one.orders.dataset, deal, *facts);
        const auto theirs = hub.assert_compatible(one.orders.dataset, id, call());
        reasons.insert(ours ? "compatible" : ours.error().reason);
        EXPECT_EQ(ours.has_value(), theirs.has_value()) << one.changes;
        if (ours || theirs) continue;
        EXPECT_EQ(theirs.error().reason, "hub.incompatible");
        EXPECT_TRUE(kCompatibilityWords.at(ours.error().reason).contains(theirs.error().detail))
            << one.changes << ": the contract says \"" << theirs.error().detail << "\", we say " << ours.error().reason;
    }
    EXPECT_EQ(reasons.size(), kCompatibilityWords.size() + 1) << "some rule was never the first to break";
}

}  // namespace
}  // namespace iapp::localchain
