// The match explainer: for each check one case that breaks it and nothing else, then versions, groups, amounts and texts.
#include <gtest/gtest.h>

#include <algorithm>

#include "poco/compatibility.hpp"
#include "poco/internal/match_check.hpp"
#include "poco/internal/test_vectors.hpp"

namespace iapp::poco {
namespace {

using vectors::address;

struct Scene {
    OrderSet orders = vectors::orders();
    MatchFacts facts = good_facts();

    static ResourceFacts resource(std::uint8_t owner) { return {true, true, address(owner), SignatureFact::valid, U256{}}; }

    static MatchFacts good_facts()
    {
        MatchFacts facts;
        facts.category_count = 5U;
        facts.app = resource(0xa1);
        facts.dataset = resource(0xa2);
        facts.workerpool = resource(0xa3);
        facts.request_signature = SignatureFact::valid;
        facts.request_hash = *Hash256::from_hex("0x01ef6df3fc4ecc8651f4c9852df5ff5ee77500fba51a6d4910c7282c504e7a82");
        facts.payer = address(0x44);
        facts.payer_stake = 29U;
        facts.pool_owner_stake = 7U;
        return facts;
    }
};

struct Case {
    const char* name;
    void (*bend)(OrderSet& o, MatchFacts& f);
    std::string_view contract_reason;
};

class Match : public testing::TestWithParam<Case> {};

TEST_P(Match, StopsAtTheCheckThatIsBroken)
{
    Scene scene;
    GetParam().bend(scene.orders, scene.facts);

    const MatchVerdict verdict = explain(scene.orders, scene.facts);

    const MatchCheck* failure = verdict.first_failure();
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->id, "match." + std::string(GetParam().name));
    EXPECT_EQ(failure->contract_reason, GetParam().contract_reason);
    EXPECT_FALSE(failure->explanation.empty());
    EXPECT_FALSE(failure->fix.empty());
    EXPECT_EQ(std::ranges::count(verdict.checks, Outcome::fail, &MatchCheck::outcome), 1)
        << "the case must break one check only";
    EXPECT_FALSE(verdict.deal);
    if (!GetParam().contract_reason.empty()) {
        EXPECT_NE(find_reason(GetParam().contract_reason), nullptr);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Poco, Match,
    testing::Values(
        Case{"category", [](OrderSet& o, MatchFacts&) { o.workerpool.category = 1U; }, "iExecV5-matchOrders-0x00"},
        Case{"category_unknown", [](OrderSet&, MatchFacts& f) { f.category_count = 0U; }, "iExecV5-matchOrders-0x01"},
        Case{"trust", [](OrderSet& o, MatchFacts&) { o.request.trust = 1U; }, "iExecV5-matchOrders-0x02"},
        Case{"app_price", [](OrderSet& o, MatchFacts&) { o.request.appmaxprice = 2U; }, "iExecV5-matchOrders-0x03"},
        Case{"dataset_price", [](OrderSet& o, MatchFacts&) { o.request.datasetmaxprice = 0U; }, "iExecV5-matchOrders-0x04"},
        Case{"workerpool_price", [](OrderSet& o, MatchFacts&) { o.request.workerpoolmaxprice = 24U; },
             "iExecV5-matchOrders-0x05"},
        Case{"workerpool_tag", [](OrderSet& o, MatchFacts&) { o.request.tag = o.request.tag | make_tag({TagBit::gpu}); },
             "iExecV5-matchOrders-0x06"},
        Case{"app_tag", [](OrderSet& o, MatchFacts&) { o.app.tag = Tag::zero(); }, "iExecV5-matchOrders-0x07"},
        Case{"app", [](OrderSet& o, MatchFacts&) { o.request.app = address(1); }, "iExecV5-matchOrders-0x10"},
        Case{"dataset", [](OrderSet& o, MatchFacts&) { o.request.dataset = Address::zero(); }, "iExecV5-matchOrders-0x11"},
        Case{"request_workerpool", [](OrderSet& o, MatchFacts&) { o.request.workerpool = address(1); },
             "iExecV5-matchOrders-0x12"},
        Case{"app_dataset_restrict", [](OrderSet& o, MatchFacts&) { o.app.datasetrestrict = address(1); },
             "iExecV5-matchOrders-0x13"},
        Case{"app_workerpool_restrict", [](OrderSet& o, MatchFacts&) { o.app.workerpoolrestrict = address(1); },
             "iExecV5-matchOrders-0x14"},
        Case{"app_requester_restrict", [](OrderSet& o, MatchFacts&) { o.app.requesterrestrict = address(1); },
             "iExecV5-matchOrders-0x15"},
        Case{"dataset_app_restrict", [](OrderSet& o, MatchFacts&) { o.dataset.apprestrict = address(1); },
             "iExecV5-matchOrders-0x16"},
        Case{"dataset_workerpool_restrict", [](OrderSet& o, MatchFacts&) { o.dataset.workerpoolrestrict = address(1); },
             "iExecV5-matchOrders-0x17"},
        Case{"dataset_requester_restrict", [](OrderSet& o, MatchFacts&) { o.dataset.requesterrestrict = address(1); },
             "iExecV5-matchOrders-0x18"},
        Case{"workerpool_app_restrict", [](OrderSet& o, MatchFacts&) { o.workerpool.apprestrict = address(1); },
             "iExecV5-matchOrders-0x19"},
        Case{"workerpool_dataset_restrict", [](OrderSet& o, MatchFacts&) { o.workerpool.datasetrestrict = address(1); },
             "iExecV5-matchOrders-0x1a"},
        Case{"workerpool_requester_restrict", [](OrderSet& o, MatchFacts&) { o.workerpool.requesterrestrict = address(1); },
             "iExecV5-matchOrders-0x1b"},
        Case{"app_contract", [](OrderSet&, MatchFacts& f) { f.app.has_code = false; }, ""},
        Case{"app_registered", [](OrderSet&, MatchFacts& f) { f.app.registered = false; }, "iExecV5-matchOrders-0x20"},
        Case{"app_signature", [](OrderSet&, MatchFacts& f) { f.app.signature = SignatureFact::invalid; },
             "iExecV5-matchOrders-0x21"},
        Case{"dataset_contract", [](OrderSet&, MatchFacts& f) { f.dataset.has_code = false; }, ""},
        Case{"dataset_registered", [](OrderSet&, MatchFacts& f) { f.dataset.registered = false; },
             "iExecV5-matchOrders-0x30"},
        Case{"dataset_signature", [](OrderSet&, MatchFacts& f) { f.dataset.signature = SignatureFact::invalid; },
             "iExecV5-matchOrders-0x31"},
        Case{"dataset_signature", [](OrderSet&, MatchFacts& f) { f.dataset.signature = SignatureFact::malformed; },
             "invalid-signature-format"},
        Case{"workerpool_contract", [](OrderSet&, MatchFacts& f) { f.workerpool.has_code = false; }, ""},
        Case{"workerpool_registered", [](OrderSet&, MatchFacts& f) { f.workerpool.registered = false; },
             "iExecV5-matchOrders-0x40"},
        Case{"workerpool_signature", [](OrderSet&, MatchFacts& f) { f.workerpool.signature = SignatureFact::invalid; },
             "iExecV5-matchOrders-0x41"},
        Case{"request_signature", [](OrderSet&, MatchFacts& f) { f.request_signature = SignatureFact::invalid; },
             "iExecV5-matchOrders-0x50"},
        Case{"volume", [](OrderSet&, MatchFacts& f) { f.dataset.consumed = 1000U; }, "iExecV5-matchOrders-0x60"},
        Case{"payer", [](OrderSet&, MatchFacts& f) { f.payer = Address::zero(); },
             "IexecEscrow: Transfer from empty address"},
        Case{"payer_stake", [](OrderSet&, MatchFacts& f) { f.payer_stake = 28U; },
             "IexecEscrow: Transfer amount exceeds balance"},
        Case{"pool_stake", [](OrderSet&, MatchFacts& f) { f.pool_owner_stake = 6U; },
             "IexecEscrow: Transfer amount exceeds balance"},
        Case{"payer_stake", [](OrderSet& o, MatchFacts&) { o.app.appprice = o.request.appmaxprice = U256::max(); },
             "panic 0x11 (arithmetic overflow)"}),
    [](const auto& test) { return std::string(test.param.name) + "_" + std::to_string(test.index); });

TEST(MatchVerdict, PricesAndNamesADealThatWorks)
{
    Scene scene;
    const MatchVerdict verdict = explain(scene.orders, scene.facts);
    EXPECT_TRUE(verdict.ok());
    EXPECT_EQ(verdict.checks.size(), internal::kCheckCount);
    EXPECT_EQ(verdict.volume, U256{1U});
    EXPECT_EQ(verdict.cost_per_task, U256{29U});
    EXPECT_EQ(verdict.payer_lock, U256{29U});
    EXPECT_EQ(verdict.pool_lock, U256{7U});
    EXPECT_EQ(verdict.worker_stake, U256{7U});
    EXPECT_EQ(verdict.deal->hex(), "0xf1836e5b4b86d839aebe085cf1167292cdba99e98d4e048009665062a9e95811");
}

TEST(MatchVerdict, ReportsTheChecksInTheOrderOfTheHub)
{
    Scene scene;
    scene.facts = MatchFacts{};
    const MatchVerdict verdict = explain(scene.orders, scene.facts);
    for (std::size_t i = 0; i < verdict.checks.size(); ++i) EXPECT_EQ(verdict.checks[i].id, internal::match_reasons()[i].id);
    EXPECT_EQ(verdict.first_failure()->id, "match.category_unknown");
}

TEST(MatchVerdict, SkipsTheDatasetOfADealWithoutOne)
{
    Scene scene;
    scene.orders.dataset = DatasetOrder{};
    scene.orders.request.dataset = Address::zero();
    scene.facts.dataset = ResourceFacts{};
    const MatchVerdict verdict = explain(scene.orders, scene.facts);
    EXPECT_TRUE(verdict.ok()) << verdict.first_failure()->explanation;
    EXPECT_EQ(std::ranges::count(verdict.checks, Outcome::not_applicable, &MatchCheck::outcome), 3);
    EXPECT_EQ(verdict.cost_per_task, U256{28U});
}

TEST(MatchVerdict, TakesTheLeastRemainingVolume)
{
    Scene scene;
    scene.orders.request.volume = 10U;
    scene.facts.request_consumed = 2U;
    scene.facts.workerpool.consumed = 995U;
    EXPECT_EQ(explain(scene.orders, scene.facts).volume, U256{5U});
    scene.facts.request_consumed = 12U;
    EXPECT_EQ(explain(scene.orders, scene.facts).first_failure()->id, "match.volume");
}

TEST(MatchVerdict, ClearsDatasetFrameworkBitsFromVersion62On)
{
    Scene scene;
    EXPECT_EQ(deal_tag(scene.orders, HubVersion::v6_2), tdx_tag());
    EXPECT_TRUE(explain(scene.orders, scene.facts).ok());
    scene.facts.hub_version = HubVersion::v6_1;
    const MatchVerdict verdict = explain(scene.orders, scene.facts);
    EXPECT_EQ(verdict.first_failure()->id, "match.workerpool_tag");
    EXPECT_NE(verdict.first_failure()->explanation.find("missing: scone"), std::string::npos);
}

TEST(MatchVerdict, AsksGroupsAndBelievesThem)
{
    Scene scene;
    const Address group = address(0x70);
    scene.orders.dataset.apprestrict = group;
    EXPECT_EQ(group_questions(scene.orders), (std::vector{std::pair{group, address(0x11)}}));
    EXPECT_EQ(explain(scene.orders, scene.facts).first_failure()->id, "match.dataset_app_restrict");
    scene.facts.members.insert({group, address(0x11)});
    EXPECT_TRUE(explain(scene.orders, scene.facts).ok());
}

TEST(MatchVerdict, ChargesAPoolOwnerWhoPaysForBoth)
{
    Scene scene;
    scene.facts.payer = scene.facts.workerpool.owner;
    scene.facts.payer_stake = scene.facts.pool_owner_stake = 35U;
    EXPECT_EQ(explain(scene.orders, scene.facts).first_failure()->id, "match.pool_stake");
    scene.facts.payer_stake = scene.facts.pool_owner_stake = 36U;
    EXPECT_TRUE(explain(scene.orders, scene.facts).ok());
}

TEST(MatchVerdict, NeverFindsAnOverflowingPricePayable)
{
    Scene scene;
    scene.orders.app.appprice = scene.orders.request.appmaxprice = U256::max();
    EXPECT_EQ(explain(scene.orders, scene.facts).first_failure()->id, "match.payer_stake");
}

TEST(MatchVerdict, SaysBothValuesAndAFix)
{
    Scene scene;
    scene.orders.request.workerpoolmaxprice = 24U;
    const MatchCheck check = *explain(scene.orders, scene.facts).first_failure();
    EXPECT_EQ(check.explanation, "the workerpool order asks 25 nRLC per task, the request pays at most 24 nRLC");
    EXPECT_EQ(check.fix, "raise the request's workerpoolmaxprice to 25 or choose a cheaper workerpool order");
}

TEST(FindReason, KnowsRevertsThatNameNoCheck)
{
    EXPECT_EQ(find_reason("invalid-signature-format")->id, "match.signature_format");
    EXPECT_EQ(find_reason("iExecV5-matchOrders-0x60")->id, "match.volume");
    EXPECT_EQ(find_reason(""), nullptr);
    EXPECT_EQ(find_reason("something else"), nullptr);
}

struct CompatibilityCase {
    const char* name;
    void (*bend)(DatasetOrder& order, Deal& deal, CompatibilityFacts& facts);
    std::string_view reason;
};

TEST(Compatibility, NamesTheFirstBrokenRule)
{
    const CompatibilityCase cases[] = {
        {"good", [](auto&, auto&, auto&) {}, ""},
        {"consumed", [](auto&, auto&, auto& f) { f.consumed = 1000U; }, "compatibility.consumed"},
        {"signature", [](auto&, auto&, auto& f) { f.signature = SignatureFact::invalid; }, "compatibility.signature"},
        {"deal", [](auto&, auto& d, auto&) { d.requester = Address::zero(); }, "compatibility.deal_unknown"},
        {"dataset", [](auto&, auto& d, auto&) { d.dataset.pointer = address(1); }, "compatibility.has_dataset"},
        {"app", [](auto& o, auto&, auto&) { o.apprestrict = address(1); }, "compatibility.app"},
        {"workerpool", [](auto& o, auto&, auto&) { o.workerpoolrestrict = address(1); }, "compatibility.workerpool"},
        {"requester", [](auto& o, auto&, auto&) { o.requesterrestrict = address(1); }, "compatibility.requester"},
        {"group",
         [](auto& o, auto&, auto& f) {
             o.requesterrestrict = address(1);
             f.members.insert({address(1), address(0x44)});
         },
         ""},
        {"tag",
         [](auto& o, auto&, auto&) {
             o.tag = make_tag({TagBit::tee, TagBit::gpu});
         },
         "compatibility.tag"},
        {"scone on 6.1", [](auto&, auto&, auto& f) { f.hub_version = HubVersion::v6_1; }, "compatibility.tag"},
    };
    for (const auto& test : cases) {
        DatasetOrder order = vectors::dataset_order();
        Deal deal;
        deal.app.pointer = address(0x11);
        deal.workerpool.pointer = address(0x33);
        deal.requester = address(0x44);
        deal.tag = tdx_tag();
        CompatibilityFacts facts;
        facts.signature = SignatureFact::valid;
        test.bend(order, deal, facts);
        EXPECT_EQ(vectors::reason(check_compatibility(order, deal, facts)), test.reason) << test.name;
    }
}

TEST(Compatibility, KnowsTheRulesOfBulk)
{
    DatasetOrder order = vectors::dataset_order();
    EXPECT_EQ(vectors::reason(check_bulk_rules(order)), "compatibility.volume");
    order.volume = kLeastBulkVolume;
    EXPECT_EQ(vectors::reason(check_bulk_rules(order)), "compatibility.price");
    order.datasetprice = 0U;
    EXPECT_TRUE(check_bulk_rules(order));
}

}  // namespace
}  // namespace iapp::poco
