#include "policy/release.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "codec/base64.hpp"
#include "codec/bech32.hpp"

namespace iapp::policy {
namespace {

template <class Id>
Id filled(std::uint8_t byte)
{
    std::array<std::uint8_t, Id::kSize> raw;
    raw.fill(byte);
    return Id{raw};
}

const auto kHub = filled<eth::Address>(0x01);
const auto kApp = filled<eth::Address>(0x02);
const auto kDataset = filled<eth::Address>(0x03);
const auto kPool = filled<eth::Address>(0x04);
const auto kRequester = filled<eth::Address>(0x05);
const auto kGroup = filled<eth::Address>(0x06);
const auto kOther = filled<eth::Address>(0x07);
const auto kSigner = filled<eth::Address>(0x08);
const auto kRequestHash = filled<Hash256>(0x11);
const auto kDatasetHash = filled<Hash256>(0x12);
const auto kImage = filled<Hash256>(0x13);
const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::uint64_t kNowSeconds = 1'800'000'000;
constexpr std::uint64_t kIndex = 3;

std::string age_recipient() { return codec::encode_bech32("age", Bytes(32, 0x21)); }
std::string rsa_key() { return codec::base64(as_bytes("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----")); }

poco::DatasetOrder good_order(const eth::Address& dataset)
{
    poco::DatasetOrder order;
    order.dataset = dataset;
    order.volume = 1;
    order.tag = poco::tdx_tag();
    order.apprestrict = kApp;
    order.requesterrestrict = kRequester;
    return order;
}

DatasetFacts good_dataset(std::uint64_t position, const eth::Address& address)
{
    DatasetFacts dataset;
    dataset.position = position;
    dataset.address = address;
    dataset.order = good_order(address);
    dataset.order_hash = kDatasetHash;
    dataset.signature = poco::SignatureFact::valid;
    dataset.has_key = true;
    return dataset;
}

poco::Deal good_deal()
{
    poco::Deal deal;
    deal.app.pointer = kApp;
    deal.dataset.pointer = kDataset;
    deal.workerpool.pointer = kPool;
    deal.requester = kRequester;
    deal.beneficiary = kRequester;
    deal.tag = poco::tdx_tag();
    deal.params = R"({"iexec_args":"x"})";
    deal.bot_first = 2;
    deal.bot_size = 5;
    return deal;
}

ReleaseFacts good_facts()
{
    const poco::DealId deal = poco::deal_id(kRequestHash, 2);
    const poco::TaskId task = poco::task_id(deal, kIndex);
    ReleaseFacts facts{.operator_policy = {421614, kHub, false, kSigner}, .request = {421614, kHub, deal, task, kIndex}};
    facts.nonce = NonceState::open;
    facts.chain.deal = good_deal();
    facts.chain.task.status = poco::TaskStatus::active;
    facts.chain.task.deal = deal;
    facts.chain.task.index = kIndex;
    facts.chain.task.contribution_deadline = kNow + std::chrono::seconds(1);
    facts.chain.matched = MatchedOrders{Hash256::zero(), kDatasetHash, Hash256::zero(), kRequestHash};
    facts.chain.app_checksum = kImage;
    facts.now = kNow;
    facts.attestation =
        Attested{false, {Bytes{}, kImage, Bytes{}, 421614, kHub, Hash256(deal.bytes()), Hash256(task.bytes())}};
    facts.agent_believes = kSigner;
    facts.datasets.push_back(good_dataset(0, kDataset));
    return facts;
}

ReleaseFacts good_bulk_facts()
{
    ReleaseFacts facts = good_facts();
    facts.chain.deal.dataset = {};
    facts.chain.matched->dataset = Hash256::zero();
    facts.chain.deal.params = R"({"bulk_cid":"QmSAY4mYRkCvdDzcD3A3sDeN5nChyn82p88xt7HhYHqXfi"})";
    facts.datasets = {good_dataset(1, kDataset), good_dataset(2, kOther)};
    return facts;
}

/// The deal calls back, and everybody agreed to it.
ReleaseFacts callback_facts(ReleaseFacts facts)
{
    facts.chain.deal.callback = kOther;
    std::get<Attested>(facts.attestation).run.app_manifest = to_bytes(R"({"schema":"iapp-manifest/1","callback":true})");
    return facts;
}

Attested& attested(ReleaseFacts& facts) { return std::get<Attested>(facts.attestation); }
DatasetFacts& dataset(ReleaseFacts& facts) { return facts.datasets.back(); }

std::string_view refusal_of(const Decision& decision)
{
    const auto* refusal = std::get_if<Refusal>(&decision);
    return refusal == nullptr ? std::string_view() : refusal->id;
}

struct Case {
    const char* name;
    void (*bend)(ReleaseFacts&);  // one change to a good case
    std::string_view reason;      // "" means it must be released
};

// What concerns the task.
const Case kTaskCases[] = {
    {"good", [](ReleaseFacts&) {}, ""},
    {"nodes_disagree", [](ReleaseFacts& f) { f.chain.disagreement = "node b knows no such deal"; }, "policy.chain"},
    {"other_chain", [](ReleaseFacts& f) { f.request.chain_id = 1; }, "policy.chain"},
    {"other_hub", [](ReleaseFacts& f) { f.request.hub = kOther; }, "policy.chain"},
    {"unknown_nonce", [](ReleaseFacts& f) { f.nonce = NonceState::unknown; }, "policy.nonce"},
    {"used_nonce", [](ReleaseFacts& f) { f.nonce = NonceState::used; }, "policy.nonce"},
    {"expired_nonce", [](ReleaseFacts& f) { f.nonce = NonceState::expired; }, "policy.nonce"},
    {"no_deal", [](ReleaseFacts& f) { f.chain.deal = {}; }, "policy.deal_unknown"},
    {"index_before_deal", [](ReleaseFacts& f) { f.request.index = 1; }, "policy.task_mismatch"},
    {"index_behind_deal", [](ReleaseFacts& f) { f.request.index = 7; }, "policy.task_mismatch"},
    {"other_index", [](ReleaseFacts& f) { f.request.index = 4; }, "policy.task_mismatch"},
    {"other_task", [](ReleaseFacts& f) { f.request.task = filled<poco::TaskId>(9); }, "policy.task_mismatch"},
    {"chain_has_other_deal", [](ReleaseFacts& f) { f.chain.task.deal = filled<poco::DealId>(9); }, "policy.task_mismatch"},
    {"chain_has_other_index", [](ReleaseFacts& f) { f.chain.task.index = 4; }, "policy.task_mismatch"},
    {"not_initialized", [](ReleaseFacts& f) { f.chain.task = {}; }, "policy.task_not_active"},
    {"completed", [](ReleaseFacts& f) { f.chain.task.status = poco::TaskStatus::completed; }, "policy.task_not_active"},
    {"at_the_deadline", [](ReleaseFacts& f) { f.now = f.chain.task.contribution_deadline; }, "policy.task_deadline"},
    {"tag_without_tee", [](ReleaseFacts& f) { f.chain.deal.tag = poco::Tag::zero(); }, "policy.tag"},
    {"tag_of_tdx_without_tee", [](ReleaseFacts& f) { f.chain.deal.tag = poco::make_tag({poco::TagBit::tdx}); },
     "policy.tag"},
    {"tag_of_two_frameworks",
     [](ReleaseFacts& f) {
         f.chain.deal.tag = poco::make_tag({poco::TagBit::tee, poco::TagBit::scone, poco::TagBit::tdx});
     },
     "policy.tag"},
    {"tag_of_scone",
     [](ReleaseFacts& f) {
         f.chain.deal.tag = poco::make_tag({poco::TagBit::tee, poco::TagBit::scone});
     },
     "policy.tag"},
    {"nobody_requested", [](ReleaseFacts& f) { f.chain.deal.requester = eth::Address::zero(); }, "policy.requester"},
    {"match_not_seen", [](ReleaseFacts& f) { f.chain.matched.reset(); }, "policy.order_unknown"},
    {"match_of_other_deal", [](ReleaseFacts& f) { f.chain.matched->request = kImage; }, "policy.order_unknown"},
    {"match_without_dataset", [](ReleaseFacts& f) { f.chain.matched->dataset = Hash256::zero(); }, "policy.order_unknown"},
    {"no_evidence", [](ReleaseFacts& f) { f.attestation = NotAttested{}; }, "attest.evidence_kind"},
    {"bad_evidence",
     [](ReleaseFacts& f) {
         f.attestation = NotAttested{"attest.debug", "debug TD"};
     },
     "attest.debug"},
    {"simulated", [](ReleaseFacts& f) { attested(f).simulated = true; }, "policy.simulated_tee"},
    {"measured_other_chain", [](ReleaseFacts& f) { attested(f).run.chain_id = 1; }, "policy.chain"},
    {"measured_other_hub", [](ReleaseFacts& f) { attested(f).run.hub = kOther; }, "policy.chain"},
    {"measured_other_deal", [](ReleaseFacts& f) { attested(f).run.deal = kImage; }, "policy.task_mismatch"},
    {"measured_other_task", [](ReleaseFacts& f) { attested(f).run.task = kImage; }, "policy.task_mismatch"},
    {"agent_believes_another", [](ReleaseFacts& f) { f.agent_believes = kOther; }, "policy.agent_config"},
    {"agent_believes_nobody", [](ReleaseFacts& f) { f.agent_believes.reset(); }, "policy.agent_config"},
    {"no_signer_anywhere",
     [](ReleaseFacts& f) { f.agent_believes = f.operator_policy.ledger_signer = eth::Address::zero(); },
     "policy.agent_config"},
    {"measured_other_image", [](ReleaseFacts& f) { attested(f).run.image_digest = kRequestHash; }, "policy.image_digest"},
    {"no_image_anywhere", [](ReleaseFacts& f) { attested(f).run.image_digest = f.chain.app_checksum = Hash256::zero(); },
     "policy.image_digest"},
    {"unreadable_manifest", [](ReleaseFacts& f) { attested(f).run.app_manifest = to_bytes("{"); }, "policy.manifest"},
    {"bulk_list_missing", [](ReleaseFacts& f) { f.bulk_failure = "gateway answered 404"; }, "policy.bulk"},
    {"dataset_not_looked_up", [](ReleaseFacts& f) { f.datasets.clear(); }, "policy.order_unknown"},
    {"dataset_of_other_position", [](ReleaseFacts& f) { dataset(f).position = 1; }, "policy.order_unknown"},
    {"requester_secret_missing", [](ReleaseFacts& f) { f.chain.deal.params = R"({"iexec_secrets":{"1":"s"}})"; },
     "policy.secret_missing"},
    {"result_key_missing", [](ReleaseFacts& f) { f.chain.deal.params = R"({"iexec_result_encryption":true})"; },
     "policy.secret_missing"},
    {"encryption_lost_to_a_typing_error",
     [](ReleaseFacts& f) { f.chain.deal.params = R"({"iexec_result_encryption":true,"iexec_argz":"x"})"; }, "policy.params"},
    {"plain_text_arguments", [](ReleaseFacts& f) { f.chain.deal.params = "--year 2026"; }, ""},
    {"result_key_malformed",
     [](ReleaseFacts& f) {
         f.chain.deal.params = R"({"iexec_result_encryption":true})";
         f.secrets.result_key = "bm90IGEga2V5";
     },
     "policy.secret_missing"},
    {"encryption_of_a_callback",
     [](ReleaseFacts& f) {
         f = callback_facts(f);
         f.secrets.result_key = rsa_key();
         f.chain.deal.params = R"({"iexec_result_encryption":true})";
     },
     "policy.callback"},
    {"result_recipient_malformed", [](ReleaseFacts& f) { f.secrets.result_recipient = "age1x"; }, "policy.secret_missing"},
};

// What concerns one dataset: refuses a whole task when it is the deal's own, and only that dataset in bulk.
const Case kDatasetCases[] = {
    {"order_not_found", [](ReleaseFacts& f) { dataset(f).order.reset(); }, "policy.order_unknown"},
    {"order_of_other_dataset", [](ReleaseFacts& f) { dataset(f).order->dataset = kGroup; }, "policy.order_unknown"},
    {"signature_invalid", [](ReleaseFacts& f) { dataset(f).signature = poco::SignatureFact::invalid; },
     "policy.order_unknown"},
    {"signature_malformed", [](ReleaseFacts& f) { dataset(f).signature = poco::SignatureFact::malformed; },
     "policy.order_unknown"},
    {"incompatible", [](ReleaseFacts& f) { dataset(f).incompatible = "volume"; }, "policy.order_unknown"},
    {"revoked_here", [](ReleaseFacts& f) { dataset(f).revoked_here = true; }, "policy.revoked"},
    {"closed_on_chain", [](ReleaseFacts& f) { dataset(f).closed_on_chain = true; }, "policy.revoked"},
    {"owner_wants_sgx",
     [](ReleaseFacts& f) {
         dataset(f).order->tag = poco::make_tag({poco::TagBit::tee, poco::TagBit::gramine});
     },
     "policy.tag"},
    {"other_app", [](ReleaseFacts& f) { dataset(f).order->apprestrict = kOther; }, "policy.app"},
    {"not_in_app_group", [](ReleaseFacts& f) { dataset(f).order->apprestrict = kGroup; }, "policy.app"},
    {"other_workerpool", [](ReleaseFacts& f) { dataset(f).order->workerpoolrestrict = kOther; }, "policy.workerpool"},
    {"other_requester", [](ReleaseFacts& f) { dataset(f).order->requesterrestrict = kOther; }, "policy.requester"},
    {"policy_ended",
     [](ReleaseFacts& f) {
         dataset(f).policy = OwnerPolicy{kNowSeconds - 1, 5, 1};
     },
     "policy.expired"},
    {"no_release_left",
     [](ReleaseFacts& f) {
         dataset(f).policy = OwnerPolicy{kNowSeconds, 5, 1};
         dataset(f).releases = 5;
     },
     "policy.releases_exhausted"},
    {"policy_of_none",
     [](ReleaseFacts& f) {
         dataset(f).policy = OwnerPolicy{kNowSeconds, 0, 1};
     },
     "policy.releases_exhausted"},
    {"no_key", [](ReleaseFacts& f) { dataset(f).has_key = false; }, "policy.secret_missing"},
};

// What a callback demands on top. The facts have one, and are good.
const Case kCallbackCases[] = {
    {"app_without_manifest", [](ReleaseFacts& f) { attested(f).run.app_manifest = {}; }, "policy.callback"},
    {"manifest_says_no",
     [](ReleaseFacts& f) { attested(f).run.app_manifest = to_bytes(R"({"schema":"iapp-manifest/1","callback":false})"); },
     "policy.callback"},
    {"order_for_any_app", [](ReleaseFacts& f) { dataset(f).order->apprestrict = eth::Address::zero(); }, "policy.callback"},
    {"order_for_a_group_of_apps",
     [](ReleaseFacts& f) {
         dataset(f).order->apprestrict = kGroup;
         dataset(f).members.insert({kGroup, kApp});
     },
     "policy.callback"},
};

class ReleaseDecision : public testing::TestWithParam<Case> {};

TEST_P(ReleaseDecision, AnswersWithTheCheckThatFailed)
{
    ReleaseFacts facts = good_facts();
    GetParam().bend(facts);
    EXPECT_EQ(refusal_of(decide(facts)), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(Task, ReleaseDecision, testing::ValuesIn(kTaskCases),
                         [](const auto& test) { return std::string(test.param.name); });
INSTANTIATE_TEST_SUITE_P(Dataset, ReleaseDecision, testing::ValuesIn(kDatasetCases),
                         [](const auto& test) { return std::string(test.param.name); });

class BulkDecision : public testing::TestWithParam<Case> {};

TEST_P(BulkDecision, RefusesOnlyTheDatasetThatFailed)
{
    ReleaseFacts facts = good_bulk_facts();
    GetParam().bend(facts);

    const Decision decision = decide(facts);

    ASSERT_TRUE(std::holds_alternative<Release>(decision)) << refusal_of(decision);
    const auto& datasets = std::get<Release>(decision).datasets;
    ASSERT_EQ(datasets.size(), 2U);
    EXPECT_FALSE(datasets[0].refusal);
    ASSERT_TRUE(datasets[1].refusal);
    EXPECT_EQ(datasets[1].refusal->id, GetParam().reason);
    EXPECT_EQ(datasets[1].position, 2U);
}

TEST_P(BulkDecision, RefusesTheTaskWhenTheManifestDemandsAll)
{
    ReleaseFacts facts = good_bulk_facts();
    attested(facts).run.app_manifest = to_bytes(R"({"schema":"iapp-manifest/1","datasets":{"require":"all"}})");
    GetParam().bend(facts);
    EXPECT_EQ(refusal_of(decide(facts)), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(Dataset, BulkDecision, testing::ValuesIn(kDatasetCases),
                         [](const auto& test) { return std::string(test.param.name); });

class CallbackDecision : public testing::TestWithParam<Case> {};

TEST_P(CallbackDecision, RefusesTheTask)
{
    ReleaseFacts facts = callback_facts(good_facts());
    EXPECT_EQ(refusal_of(decide(facts)), "");
    GetParam().bend(facts);
    EXPECT_EQ(refusal_of(decide(facts)), GetParam().reason);
}

TEST_P(CallbackDecision, MattersOnlyWithACallback)
{
    ReleaseFacts facts = callback_facts(good_facts());
    GetParam().bend(facts);
    facts.chain.deal.callback = eth::Address::zero();
    EXPECT_EQ(refusal_of(decide(facts)), "");
}

TEST_P(CallbackDecision, RefusesInBulkWhatDidNotAgree)
{
    ReleaseFacts facts = callback_facts(good_bulk_facts());
    GetParam().bend(facts);
    const Decision decision = decide(facts);
    ASSERT_TRUE(std::holds_alternative<Release>(decision)) << refusal_of(decision);
    const auto& second = std::get<Release>(decision).datasets.at(1);
    EXPECT_EQ(second.refusal ? second.refusal->id : "", GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(Dataset, CallbackDecision, testing::ValuesIn(kCallbackCases),
                         [](const auto& test) { return std::string(test.param.name); });

/// Nobody's data is in it, and the secrets are of those who wrote the app and asked for the callback.
TEST(ReleaseDecisionRules, ACallbackWithoutProtectedDataNeedsNoManifest)
{
    ReleaseFacts facts = good_bulk_facts();
    facts.datasets.clear();
    facts.chain.deal.params = R"({"iexec_secrets":{"1":"s"}})";
    facts.secrets.requester_secrets = {"s"};
    facts.secrets.app_secret = true;
    facts.chain.deal.callback = kOther;
    EXPECT_EQ(refusal_of(decide(facts)), "");
}

TEST(ReleaseDecisionRules, MatchedOrderBindsTheOwnDatasetOnly)
{
    ReleaseFacts facts = good_facts();
    dataset(facts).order_hash = kImage;
    EXPECT_EQ(refusal_of(decide(facts)), "policy.order_unknown");

    facts = good_bulk_facts();
    dataset(facts).order_hash = kImage;  // bulk orders are never matched
    EXPECT_EQ(refusal_of(decide(facts)), "");
}

TEST(ReleaseDecisionRules, GroupMembersAreAdmitted)
{
    ReleaseFacts facts = good_facts();
    dataset(facts).order->apprestrict = kGroup;
    dataset(facts).members.insert({kGroup, kApp});
    EXPECT_EQ(refusal_of(decide(facts)), "");
}

TEST(ReleaseDecisionRules, ADealMayLeaveTheFrameworkOpen)
{
    ReleaseFacts facts = good_facts();
    facts.chain.deal.tag = poco::make_tag({poco::TagBit::tee});
    EXPECT_EQ(refusal_of(decide(facts)), "");
}

TEST(ReleaseDecisionRules, SimulatedTeeNeedsTheOperator)
{
    ReleaseFacts facts = good_facts();
    attested(facts).simulated = true;
    facts.operator_policy.dangerous_allow_simulated_tee = true;
    EXPECT_EQ(refusal_of(decide(facts)), "");
}

TEST(ReleaseDecisionRules, LastSecondOfAPolicyCounts)
{
    ReleaseFacts facts = good_facts();
    dataset(facts).policy = OwnerPolicy{kNowSeconds, 1, 1};
    EXPECT_EQ(refusal_of(decide(facts)), "");
}

TEST(ReleaseDecisionRules, AnOrderRepeatedInASliceCountsEveryTime)
{
    ReleaseFacts facts = good_bulk_facts();
    const DatasetFacts other_order = facts.datasets.back();
    dataset(facts) = facts.datasets.front();
    for (DatasetFacts& copy : facts.datasets) copy.policy = OwnerPolicy{kNowSeconds, 3, 1};
    facts.datasets.insert(facts.datasets.begin(), other_order);
    facts.datasets.insert(facts.datasets.begin(), 2, facts.datasets.back());
    facts.datasets.front().has_key = false;  // a refusal uses nothing up
    for (DatasetFacts& copy : facts.datasets) copy.releases = 1;
    const Decision decision = decide(facts);
    std::vector<std::string_view> decided;
    for (const DatasetDecision& one : std::get<Release>(decision).datasets)
        decided.push_back(one.refusal ? one.refusal->id : "");
    EXPECT_EQ(decided, (std::vector<std::string_view>{"policy.secret_missing", "", "", "", "policy.releases_exhausted"}));

    std::get<Attested>(facts.attestation).run.app_manifest =
        to_bytes(R"({"schema":"iapp-manifest/1","datasets":{"require":"all"}})");
    facts.datasets.front().has_key = true;
    EXPECT_EQ(refusal_of(decide(facts)), "policy.releases_exhausted");
}

TEST(ReleaseDecisionRules, ResultModeFollowsParamsThenRecipient)
{
    ReleaseFacts facts = good_facts();
    EXPECT_TRUE(std::holds_alternative<SealToNobody>(std::get<Release>(decide(facts)).result));

    facts.secrets.result_recipient = age_recipient();
    facts.secrets.result_key = rsa_key();
    EXPECT_TRUE(std::holds_alternative<SealToAge>(std::get<Release>(decide(facts)).result));

    facts.chain.deal.params = R"({"iexec_result_encryption":true})";
    const Decision decision = decide(facts);
    const auto& mode = std::get<Release>(decision).result;
    ASSERT_TRUE(std::holds_alternative<SealToRsa>(mode));
    EXPECT_TRUE(std::get<SealToRsa>(mode).public_key_pem.starts_with("-----BEGIN PUBLIC KEY-----"));
}

TEST(ReleaseDecisionRules, RequesterSecretsAreNamedByPosition)
{
    ReleaseFacts facts = good_facts();
    facts.chain.deal.params = R"({"iexec_secrets":{"1":"a","7":"b"}})";
    facts.secrets.requester_secrets = {"a", "b"};
    const Decision decision = decide(facts);
    EXPECT_EQ(std::get<Release>(decision).requester_secrets, (std::map<std::uint32_t, std::string>{{1, "a"}, {7, "b"}}));
}

TEST(ReleaseDecisionRules, NothingIsReleasedByDefault)
{
    const ReleaseFacts facts{.operator_policy = {1, kHub, true},
                             .request = {1, kHub, poco::DealId::zero(), poco::TaskId::zero(), 0}};
    EXPECT_EQ(refusal_of(decide(facts)), "policy.nonce");
}

/// Random mixtures of good and bent facts: a release happens only when no mandatory fact was bent.
TEST(ReleaseDecisionProperty, NeverReleasesWhenAMandatoryFactIsBad)
{
    std::mt19937 random(20261122);  // NOLINT(bugprone-random-generator-seed): the same cases in every run
    std::uniform_int_distribution<std::size_t> pick_task(0, std::size(kTaskCases) - 1);
    std::uniform_int_distribution<std::size_t> pick_dataset(0, std::size(kDatasetCases) - 1);
    std::uniform_int_distribution<int> count(0, 3);
    for (int round = 0; round < 20'000; ++round) {
        ReleaseFacts facts = good_facts();
        bool bent = false;
        const auto apply = [&](const Case& one) {
            if (std::holds_alternative<NotAttested>(facts.attestation) || facts.datasets.empty() || !dataset(facts).order ||
                !facts.chain.matched)
                return;  // an earlier bend removed what this one bends
            one.bend(facts);
            bent = bent || !one.reason.empty();
        };
        for (int i = count(random); i > 0; --i) apply(kDatasetCases[pick_dataset(random)]);
        for (int i = count(random); i > 0; --i) apply(kTaskCases[pick_task(random)]);
        // Some bends replace the params another one relies on, so only the forbidden direction is a property.
        if (bent && facts.chain.deal.params == good_deal().params && facts.chain.deal.exists()) {
            EXPECT_NE(refusal_of(decide(facts)), "") << "round " << round;
        }
        if (!bent) {
            EXPECT_EQ(refusal_of(decide(facts)), "") << "round " << round;
        }
    }
}

TEST(PolicyChecks, TableIsInOrderAndEveryReasonHasATest)
{
    std::size_t at = 0;
    for (const CheckInfo& check : all_checks()) {
        EXPECT_EQ(static_cast<std::size_t>(check.id), at++);
        EXPECT_EQ(find_check(check.reason)->id, check.id);
        const auto tests = [&](std::span<const Case> cases) {
            return std::ranges::any_of(cases, [&](const Case& one) { return one.reason == check.reason; });
        };
        EXPECT_TRUE(tests(kTaskCases) || tests(kDatasetCases)) << check.reason;
    }
    EXPECT_FALSE(find_check("policy.none"));
}

TEST(PolicyChecks, DocumentListsThemInOrder)
{
    std::ostringstream text;
    text << std::ifstream("docs/key-release.md").rdbuf();
    const std::string document = text.str();
    std::size_t at = 0;
    for (const CheckInfo& check : all_checks()) {
        at = document.find("| `" + std::string(check.reason) + "` |", at);
        ASSERT_NE(at, std::string::npos) << check.reason;
    }
}

}  // namespace
}  // namespace iapp::policy
