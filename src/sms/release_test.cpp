// Key release end to end over HTTP: a test agent with simulated evidence asks, opens the sealed reply, and checks the
// ledger. Each way to be refused has a test here that changes one thing of a good request; the whole table of facts is
// policy's test.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <latch>
#include <random>
#include <thread>

#include "attest/report_data.hpp"
#include "codec/base64.hpp"
#include "codec/bech32.hpp"
#include "crypto/hpke.hpp"
#include "crypto/merkle.hpp"
#include "poco/contribution.hpp"
#include "poco/legacy_message.hpp"
#include "sms/internal/refusal_budget.hpp"
#include "support/sample_run.hpp"
#include "support/sms_world.hpp"
#include "wire/agent_api.hpp"
#include "wire/agent_process.hpp"
#include "wire/errors.hpp"
#include "wire/ledger_api.hpp"
#include "wire/sms_api.hpp"

namespace iapp::sms {
namespace {

using crypto::SecretAccess;
using test::filled;
using test::must;

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::uint64_t kNowSeconds = 1'800'000'000;
constexpr std::uint64_t kIndex = 2;
const auto kImage = filled<Hash256>(0x1a);
const auto kRequestHash = filled<Hash256>(0x41);
const auto kDatasetHash = filled<Hash256>(0x42);
const auto kApp = filled<eth::Address>(0x51);
const auto kDataset = filled<eth::Address>(0x52);
const auto kOther = filled<eth::Address>(0x53);
const auto kPool = filled<eth::Address>(0x54);
const auto kRequester = filled<eth::Address>(0x55);
const poco::DealId kDeal = poco::deal_id(kRequestHash, 0);
const poco::TaskId kTask = poco::task_id(kDeal, kIndex);
const std::string kKey = codec::base64(Bytes(32, 0x99));

wire::NetworkTrust trust_of(const iapp::test::SampleRun& run, const std::filesystem::path& collateral)
{
    test::write_file(collateral, attest::encode_collateral(run.collateral));
    return {{run.parts.body.mr_td}, filled<eth::Address>(1), run.authority.root.to_pem(), true, collateral.string()};
}

poco::DatasetOrder order_for(const eth::Address& dataset)
{
    poco::DatasetOrder order;
    order.dataset = dataset;
    order.volume = poco::kInfiniteVolume;
    order.tag = poco::tdx_tag();
    order.apprestrict = kApp;
    order.sign = Bytes(65, 1);
    return order;
}

DatasetSituation good_dataset(const Hash256& order_hash)
{
    return {.name = "data",
            .url = "/ipfs/QmSAY4mYRkCvdDzcD3A3sDeN5nChyn82p88xt7HhYHqXfi",
            .checksum = filled<Hash256>(0x61),
            .order_hash = order_hash,
            .signature = poco::SignatureFact::valid,
            .members = {},
            .closed = false,
            .incompatible = {}};
}

TaskSituation good_situation()
{
    TaskSituation out;
    out.view.deal.app.pointer = kApp;
    out.view.deal.dataset.pointer = kDataset;
    out.view.deal.workerpool.pointer = kPool;
    out.view.deal.requester = kRequester;
    out.view.deal.beneficiary = kRequester;
    out.view.deal.tag = poco::tdx_tag();
    out.view.deal.params = R"({"iexec_args":"x"})";
    out.view.deal.bot_size = 5;
    out.view.task.status = poco::TaskStatus::active;
    out.view.task.deal = kDeal;
    out.view.task.index = kIndex;
    out.view.task.contribution_deadline = kNow + std::chrono::hours(1);
    out.view.matched = policy::MatchedOrders{Hash256::zero(), kDatasetHash, Hash256::zero(), kRequestHash};
    out.view.app_checksum = kImage;
    out.now = kNow;
    out.category_time = std::chrono::seconds(300);
    out.dataset_order = order_for(kDataset);
    return out;
}

/// An agent: keys of its own, and evidence over whatever its request says.
struct Agent {
    explicit Agent(iapp::test::SampleRun& sample)
        : run(sample), hpke(crypto::HpkeKeyPair::generate()), enclave(eth::Wallet::generate())
    {
    }

    wire::ReleaseRequest request(const wire::ReleaseNonce& nonce)
    {
        run.binding = {.nonce = nonce.array(),
                       .hpke_public_key = hpke.public_key().array(),
                       .enclave = enclave.address(),
                       .chain_id = 421614,
                       .hub = filled<eth::Address>(0x03),
                       .deal = Hash256(kDeal.bytes()),
                       .task = Hash256(kTask.bytes())};
        namespace op = attest::op;
        run.set_log({{op::kAgentConfig, to_bytes(config())},
                     {op::kAppImage, attest::image_payload(kImage)},
                     {op::kAppManifest, manifest},
                     {op::kDeal, attest::deal_payload(421614, run.binding.hub, run.binding.deal)},
                     {op::kTask, to_bytes(kTask.bytes())},
                     {op::kReady, {}}});
        run.parts.body.report_data = attest::report_data(run.binding);
        return {421614,
                run.binding.hub,
                kDeal,
                kTask,
                kIndex,
                filled<eth::Address>(0x71),
                nonce,
                hpke.public_key(),
                enclave.address(),
                run.evidence(),
                run.log};
    }

    /// The line a worker wrote to it.
    std::string config() const
    {
        return wire::encode(wire::AgentConfig{.chain_id = 421614,
                                              .hub = filled<eth::Address>(0x03),
                                              .deal = kDeal,
                                              .task = kTask,
                                              .index = kIndex,
                                              .worker = filled<eth::Address>(0x71),
                                              .image = "registry.example/app:1",
                                              .image_digest = "sha256:" + hex(kImage.bytes()),
                                              .sms_url = "https://sms.example",
                                              .ipfs_gateway_url = "https://ipfs.example",
                                              .ipfs_api_url = "https://ipfs.example",
                                              .work_dir = "/run",
                                              .deadline = kNow,
                                              .ledger_signer = believes,
                                              .evidence = "simulated"});
    }

    iapp::test::SampleRun& run;
    crypto::HpkeKeyPair hpke;
    eth::Wallet enclave;
    Bytes manifest;
    eth::Address believes = eth::Address::zero();  ///< set to the service's signer
};

class Release : public testing::Test {
protected:
    Release()
        : run(iapp::test::make_sample_run(kNow)),
          world(kNow, trust_of(run, files / "collateral.json")),
          owner(eth::Wallet::generate()),
          agent(run)
    {
        agent.believes = world.network.trust->ledger_signer;
        world.chain.situation = good_situation();
        world.chain.datasets.emplace(kDataset, good_dataset(kDatasetHash));
        world.chain.owners.emplace(kDataset, owner.address());
        push_key(kDataset, kKey);
    }

    void push_key(const eth::Address& dataset, const std::string& value)
    {
        world.chain.owners.insert_or_assign(dataset, owner.address());
        const auto answer =
            world.send("POST", "/secrets/web3?secretAddress=" + dataset.hex(), value,
                       {{"Authorization", owner.sign_personal(poco::web3_secret_message(dataset, value)).hex()}});
        ASSERT_EQ(answer.status, 204);
    }
    void push_web2(const eth::Wallet& wallet, const std::string& name, const std::string& value)
    {
        const auto message = poco::web2_secret_message(wallet.address(), name, value);
        const auto answer =
            world.send("POST", "/secrets/web2?ownerAddress=" + wallet.address().hex() + "&secretName=" + name, value,
                       {{"Authorization", wallet.sign_personal(message).hex()}});
        ASSERT_EQ(answer.status, 204);
    }

    wire::ReleaseNonce nonce()
    {
        const auto answer = world.send("POST", std::string(wire::kNoncePath), wire::encode(wire::NonceRequest{kTask}));
        EXPECT_EQ(answer.status, 200);
        return must(wire::parse_nonce_reply(answer.body)).nonce;
    }

    net::Response post(const std::string& body) { return world.send("POST", std::string(wire::kReleasePath), body); }
    net::Response ask() { return post(wire::encode(agent.request(nonce()))); }

    wire::ReleaseBundle open(const std::string& body, const net::Response& answer)
    {
        const auto sealed = must(wire::parse_sealed_reply(answer.body));
        const auto digest = wire::reply_digest(421614, filled<eth::Address>(0x03), body, sealed.enc, sealed.ciphertext);
        EXPECT_TRUE(eth::verify(digest, sealed.signature.bytes(), world.network.trust->ledger_signer));
        const auto text = must(crypto::hpke_open(agent.hpke, sealed.enc, wire::key_release_info(kTask),
                                                 crypto::sha256(as_bytes(body)).bytes(), sealed.ciphertext));
        return must(wire::parse_release_bundle(text.reveal(SecretAccess{})));
    }

    /// Asks, expects a release, opens it.
    wire::ReleaseBundle released()
    {
        const std::string body = wire::encode(agent.request(nonce()));
        const net::Response answer = post(body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return open(body, answer);
    }

    attest::DecisionLeaf leaf(std::uint64_t index)
    {
        const auto page =
            must(wire::parse_ledger_leaves(world.send("GET", "/v1/ledger/leaf/" + std::to_string(index)).body));
        return must(attest::parse_leaf(page.leaves.at(0)));
    }
    std::uint64_t ledger_size() { return must(wire::parse_tree_head(world.send("GET", "/v1/ledger/head").body)).size; }

    /// The answer is a refusal with this id, and the ledger says the same.
    void expect_refusal(const net::Response& answer, std::string_view id)
    {
        ASSERT_EQ(answer.status, 403) << answer.body;
        EXPECT_EQ(answer.headers.find("content-type").value_or(""), "application/json");
        const auto body = must(wire::parse_error_body(answer.body));
        EXPECT_EQ(body.id, id) << body.message;
        ASSERT_TRUE(body.leaf);
        const attest::DecisionLeaf recorded = leaf(*body.leaf);
        EXPECT_FALSE(recorded.released);
        EXPECT_EQ(recorded.reason, id);
        EXPECT_EQ(recorded.task, Hash256(kTask.bytes()));
    }

    std::string signed_policy(std::uint64_t not_after, std::uint64_t max_releases, std::uint64_t issued_at,
                              const eth::Wallet& signer)
    {
        const wire::GrantPolicy policy{kDatasetHash, kDataset, not_after, max_releases, issued_at};
        return wire::encode(wire::Signed<wire::GrantPolicy>{policy, signer.sign(wire::signing_digest(policy, 421614))});
    }
    std::string signed_revocation(const eth::Wallet& signer, std::uint64_t issued_at = kNowSeconds)
    {
        const wire::RevokeGrant revocation{kDatasetHash, kDataset, issued_at};
        return wire::encode(
            wire::Signed<wire::RevokeGrant>{revocation, signer.sign(wire::signing_digest(revocation, 421614))});
    }

    test::TempDirectory files;
    iapp::test::SampleRun run;
    test::World world;
    eth::Wallet owner;
    Agent agent;
};

TEST_F(Release, SealsTheKeyToTheAgentAndProvesTheDecision)
{
    const wire::ReleaseBundle bundle = released();

    ASSERT_EQ(bundle.datasets.size(), 1U);
    const auto& dataset = std::get<wire::ReleasedDataset>(bundle.datasets[0]);
    EXPECT_EQ(dataset.position, 0U);
    EXPECT_EQ(dataset.address, kDataset);
    EXPECT_EQ(dataset.checksum, filled<Hash256>(0x61));
    EXPECT_EQ(to_bytes(dataset.key.reveal(SecretAccess{})), Bytes(32, 0x99));
    EXPECT_EQ(bundle.deal, world.chain.situation.view.deal);
    EXPECT_EQ(bundle.category_time, std::chrono::seconds(300));
    EXPECT_EQ(bundle.orders.request, kRequestHash);
    EXPECT_TRUE(std::holds_alternative<wire::SealToNobody>(bundle.result));
    EXPECT_FALSE(bundle.app_secret);
    EXPECT_FALSE(bundle.verdict.empty());
    EXPECT_EQ(attest::encode_collateral(bundle.collateral), attest::encode_collateral(run.collateral));

    const attest::Decision& decision = bundle.decision;
    const Hash256 leaf_hash = crypto::merkle_leaf_hash(decision.leaf);
    EXPECT_TRUE(crypto::merkle_verify_inclusion(leaf_hash, decision.index, decision.tree_head.size, decision.inclusion,
                                                decision.tree_head.root));
    const auto digest =
        attest::tree_head_digest(421614, decision.tree_head.size, decision.tree_head.root, decision.tree_head.timestamp);
    EXPECT_TRUE(eth::verify(digest, decision.tree_head.signature.bytes(), world.network.trust->ledger_signer));
    const auto recorded = must(attest::parse_leaf(decision.leaf));
    EXPECT_TRUE(recorded.released);
    EXPECT_EQ(recorded.datasets, std::vector<eth::Address>{kDataset});
    EXPECT_EQ(recorded.enclave, agent.enclave.address());
    EXPECT_EQ(recorded.mr_td, hex(run.parts.body.mr_td.bytes()));
}

TEST_F(Release, OpensForNobodyElse)
{
    const std::string body = wire::encode(agent.request(nonce()));
    const net::Response answer = post(body);
    ASSERT_EQ(answer.status, 200);
    const auto sealed = must(wire::parse_sealed_reply(answer.body));
    const auto aad = crypto::sha256(as_bytes(body));
    const auto info = wire::key_release_info(kTask);
    EXPECT_FALSE(crypto::hpke_open(crypto::HpkeKeyPair::generate(), sealed.enc, info, aad.bytes(), sealed.ciphertext));
    EXPECT_FALSE(crypto::hpke_open(agent.hpke, sealed.enc, wire::key_release_info(filled<poco::TaskId>(1)), aad.bytes(),
                                   sealed.ciphertext));
    EXPECT_FALSE(
        crypto::hpke_open(agent.hpke, sealed.enc, info, crypto::sha256(as_bytes("other")).bytes(), sealed.ciphertext));
    EXPECT_EQ(answer.body.find(kKey), std::string::npos);
}

TEST_F(Release, SecretsAndResultModeTravelWithTheKey)
{
    const auto requester = eth::Wallet::generate();
    world.chain.situation.view.deal.requester = world.chain.situation.view.deal.beneficiary = requester.address();
    world.chain.situation.view.deal.params = R"({"iexec_secrets":{"1":"first","3":"third"}})";
    for (const std::string name : {"first", "third"}) {
        const auto message = poco::requester_secret_message(requester.address(), name, "value of " + name);
        ASSERT_EQ(world
                      .send("POST", "/requesters/" + requester.address().hex() + "/secrets/" + name, "value of " + name,
                            {{"Authorization", requester.sign_personal(message).hex()}})
                      .status,
                  204);
    }
    world.chain.owners.emplace(kApp, owner.address());
    ASSERT_EQ(world
                  .send("POST", "/apps/" + kApp.hex() + "/secrets", "app secret",
                        {{"Authorization", owner.sign_personal(poco::app_secret_message(kApp, "app secret")).hex()}})
                  .status,
              204);
    const std::string recipient = codec::encode_bech32("age", Bytes(32, 7));
    push_web2(requester, std::string(wire::kResultRecipientSecret), recipient);

    const wire::ReleaseBundle bundle = released();
    ASSERT_TRUE(bundle.app_secret);
    EXPECT_EQ(as_text(bundle.app_secret->reveal(SecretAccess{})), "app secret");
    ASSERT_EQ(bundle.requester_secrets.size(), 2U);
    EXPECT_EQ(as_text(bundle.requester_secrets.at(3).reveal(SecretAccess{})), "value of third");
    ASSERT_TRUE(std::holds_alternative<wire::SealToAge>(bundle.result));
    EXPECT_EQ(std::get<wire::SealToAge>(bundle.result).recipient, recipient);

    const std::string pem = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----";
    push_web2(requester, std::string(wire::kResultKeySecret), codec::base64(as_bytes(pem)));
    world.chain.situation.view.deal.params = R"({"iexec_result_encryption":true})";
    const wire::ReleaseBundle sealed = released();
    ASSERT_TRUE(std::holds_alternative<wire::SealToRsa>(sealed.result));
    EXPECT_EQ(std::get<wire::SealToRsa>(sealed.result).public_key_pem, pem);
}

/// Its worker wrote another signer into its configuration, to answer in our place.
TEST_F(Release, RefusesAnAgentThatBelievesSomebodyElse)
{
    const auto pool_owner = eth::Wallet::generate();
    world.chain.pool = pool_owner.address();
    agent.believes = kOther;
    expect_refusal(ask(), "policy.agent_config");
    const auto signature = pool_owner.sign_personal(poco::enclave_challenge_message(kTask)).hex();
    EXPECT_EQ(world.send("POST", "/tee/challenges/" + kTask.hex(), "", {{"Authorization", signature}}).status, 404)
        << "its enclave must not be published";
}

TEST_F(Release, NonceIsSpentByTheFirstDecision)
{
    const std::string body = wire::encode(agent.request(nonce()));
    EXPECT_EQ(post(body).status, 200);
    expect_refusal(post(body), "policy.nonce");
    EXPECT_EQ(ledger_size(), 2U);
}

TEST_F(Release, RefusalSpendsTheNonceToo)
{
    world.chain.situation.view.task.status = poco::TaskStatus::completed;
    const std::string body = wire::encode(agent.request(nonce()));
    expect_refusal(post(body), "policy.task_not_active");
    world.chain.situation.view.task.status = poco::TaskStatus::active;
    expect_refusal(post(body), "policy.nonce");
}

TEST_F(Release, NonceOfAnotherTaskOrTimeIsRefused)
{
    const auto other =
        world.send("POST", std::string(wire::kNoncePath), wire::encode(wire::NonceRequest{filled<poco::TaskId>(1)}));
    expect_refusal(post(wire::encode(agent.request(must(wire::parse_nonce_reply(other.body)).nonce))), "policy.nonce");
    expect_refusal(post(wire::encode(agent.request(filled<wire::ReleaseNonce>(5)))), "policy.nonce");
    const auto late = agent.request(nonce());
    world.clock.advance(std::chrono::seconds(300));
    expect_refusal(post(wire::encode(late)), "policy.nonce");
}

TEST_F(Release, NoncesSurviveARestartAndSoDoesTheirUse)
{
    const std::string used = wire::encode(agent.request(nonce()));
    EXPECT_EQ(post(used).status, 200);
    const auto fresh = nonce();
    world.stop();
    world.start();
    expect_refusal(post(used), "policy.nonce");
    EXPECT_EQ(post(wire::encode(agent.request(fresh))).status, 200);
}

/// Anybody can be refused; the ledger keeps every refusal for ever.
TEST_F(Release, StrangersCannotFillTheLedger)
{
    const std::string body = wire::encode(agent.request(filled<wire::ReleaseNonce>(5)));  // a nonce nobody issued
    const auto burst = static_cast<std::uint64_t>(internal::RefusalBudget::kBurst);
    for (std::uint64_t i = 0; i < burst; ++i) ASSERT_EQ(post(body).status, 403) << i;
    const auto answer = post(body);
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(must(wire::parse_error_body(answer.body)).id, "sms.too_many_refusals");
    EXPECT_EQ(ledger_size(), burst);

    world.chain.situation.dataset_order->apprestrict = kOther;
    expect_refusal(ask(), "policy.app");  // an open task has a budget of its own
    world.chain.situation = good_situation();
    released();
    world.clock.advance(internal::RefusalBudget::kStrangerRefill);
    EXPECT_EQ(post(body).status, 403);
    EXPECT_EQ(post(body).status, 429);
}

// One change to a good request or world.
struct Case {
    const char* name;
    std::function<void(test::World&)> bend_world;
    std::function<void(wire::ReleaseRequest&, Agent&)> bend_request;
    std::string_view reason;
};
const auto kSameWorld = [](test::World&) {};
const auto kSameRequest = [](wire::ReleaseRequest&, Agent&) {};

const std::vector<Case>& cases()
{
    using World = test::World;
    using Request = wire::ReleaseRequest;
    static const std::vector<Case> all{
        {"other_chain", kSameWorld, [](Request& r, Agent&) { r.chain_id = 1; }, "policy.chain"},
        {"other_hub", kSameWorld, [](Request& r, Agent&) { r.hub = kOther; }, "policy.chain"},
        {"nodes_disagree", [](World& w) { w.chain.situation.view.disagreement = "differ"; }, kSameRequest, "policy.chain"},
        {"no_deal", [](World& w) { w.chain.situation.view.deal = {}; }, kSameRequest, "policy.deal_unknown"},
        {"other_index", kSameWorld, [](Request& r, Agent&) { r.index = 3; }, "policy.task_mismatch"},
        {"deadline_passed", [](World& w) { w.chain.situation.view.task.contribution_deadline = kNow; }, kSameRequest,
         "policy.task_deadline"},
        {"chain_time_ahead", [](World& w) { w.chain.situation.now = kNow + std::chrono::hours(1); }, kSameRequest,
         "policy.task_deadline"},
        {"match_unknown", [](World& w) { w.chain.situation.view.matched.reset(); }, kSameRequest, "policy.order_unknown"},
        {"order_unknown", [](World& w) { w.chain.situation.dataset_order.reset(); }, kSameRequest, "policy.order_unknown"},
        {"dataset_gone", [](World& w) { w.chain.datasets.clear(); }, kSameRequest, "policy.order_unknown"},
        {"order_closed", [](World& w) { w.chain.datasets.at(kDataset).closed = true; }, kSameRequest, "policy.revoked"},
        {"owner_changed", [](World& w) { w.chain.datasets.at(kDataset).signature = poco::SignatureFact::invalid; },
         kSameRequest, "policy.order_unknown"},
        {"other_app", [](World& w) { w.chain.situation.dataset_order->apprestrict = kOther; }, kSameRequest, "policy.app"},
        {"other_pool", [](World& w) { w.chain.situation.dataset_order->workerpoolrestrict = kOther; }, kSameRequest,
         "policy.workerpool"},
        {"other_requester", [](World& w) { w.chain.situation.dataset_order->requesterrestrict = kOther; }, kSameRequest,
         "policy.requester"},
        {"other_image", [](World& w) { w.chain.situation.view.app_checksum = kRequestHash; }, kSameRequest,
         "policy.image_digest"},
        {"secret_missing", [](World& w) { w.chain.situation.view.deal.params = R"({"iexec_secrets":{"1":"s"}})"; },
         kSameRequest, "policy.secret_missing"},
        {"key_swapped", kSameWorld,
         [](Request& r, Agent&) { r.hpke_public_key = crypto::HpkeKeyPair::generate().public_key(); }, "attest.report_data"},
        {"enclave_swapped", kSameWorld, [](Request& r, Agent&) { r.enclave_address = kOther; }, "attest.report_data"},
        {"log_changed", kSameWorld, [](Request& r, Agent&) { r.event_log[0].payload = to_bytes("{ }"); },
         "attest.event_log_replay"},
        {"debug_td", kSameWorld,
         [](Request& r, Agent& a) {
             a.run.parts.body.td_attributes |= 1;
             r.evidence = a.run.evidence();
         },
         "attest.debug"},
        {"other_measurement", kSameWorld,
         [](Request& r, Agent& a) {
             a.run.parts.body.mr_td = filled<Hash384>(9);
             r.evidence = a.run.evidence();
         },
         "attest.measurement"},
        {"other_root", kSameWorld,
         [](Request& r, Agent& a) {
             const auto other = iapp::test::make_sample_run(kNow);
             r.evidence = {attest::EvidenceKind::tdx,
                           simtee::encode_quote({.body = a.run.parts.body,
                                                 .qe_report = other.parts.qe_report,
                                                 .qe_auth = other.parts.qe_auth,
                                                 .pck_chain_pem = other.parts.pck_chain_pem},
                                                other.authority.pck_key, other.authority.attestation_key)};
         },
         "attest.root"},
        {"quote_cut", kSameWorld, [](Request& r, Agent&) { r.evidence.bytes.resize(100); }, "attest.quote_format"},
    };
    return all;
}

class ReleaseRefusal : public Release, public testing::WithParamInterface<Case> {};

TEST_P(ReleaseRefusal, NamesTheCheckAndLeavesALeaf)
{
    GetParam().bend_world(world);
    wire::ReleaseRequest request = agent.request(nonce());
    GetParam().bend_request(request, agent);
    expect_refusal(post(wire::encode(request)), GetParam().reason);
    EXPECT_EQ(ledger_size(), 1U);
}
INSTANTIATE_TEST_SUITE_P(Sms, ReleaseRefusal, testing::ValuesIn(cases()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(Release, SimulatedTeeNeedsTheOperatorsWord)
{
    world.stop();
    world.network.trust->dangerous_allow_simulated_tee = false;
    world.start();
    expect_refusal(ask(), "policy.simulated_tee");
}

TEST_F(Release, MalformedRequestsAreNotDecisions)
{
    for (const std::string& body : {std::string("{"), std::string("{}"), wire::encode(agent.request(nonce())) + " x"}) {
        const auto answer = post(body);
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_FALSE(must(wire::parse_error_body(answer.body)).leaf);
    }
    auto request = agent.request(nonce());
    request.hpke_public_key = filled<crypto::HpkePublicKey>(0);
    EXPECT_EQ(must(wire::parse_error_body(post(wire::encode(request)).body)).id, "release.hpke_key");
    EXPECT_EQ(ledger_size(), 0U);
}

TEST_F(Release, OutagesReleaseNothingAndDecideNothing)
{
    const auto request = wire::encode(agent.request(nonce()));
    world.chain.outage = Error{ErrorKind::unavailable, "net.connect", "https://rpc.example.org/v3/key refused"};
    const auto outage = post(request);
    EXPECT_EQ(outage.status, 503);
    EXPECT_EQ(must(wire::parse_error_body(outage.body)).id, "sms.chain_unavailable");
    EXPECT_EQ(outage.body.find("key refused"), std::string::npos) << "node URLs may carry access keys";
    world.chain.outage.reset();
    std::filesystem::remove(files / "collateral.json");
    EXPECT_EQ(must(wire::parse_error_body(post(request).body)).id, "sms.collateral");
    EXPECT_EQ(ledger_size(), 0U);
    test::write_file(files / "collateral.json", attest::encode_collateral(run.collateral));
    EXPECT_EQ(post(request).status, 200) << "the nonce was not spent";
}

// Owner control.

/// 503 with this id, and no leaf.
void expect_outage(const net::Response& answer, std::string_view id)
{
    EXPECT_EQ(answer.status, 503);
    const auto body = must(wire::parse_error_body(answer.body));
    EXPECT_EQ(body.id, id);
    EXPECT_FALSE(body.leaf);
}

TEST_F(Release, ANodeThatCannotSayIsNoFaultOfTheDataset)
{
    const std::string request = wire::encode(agent.request(nonce()));
    for (const Error& hiccup :
         {Error{ErrorKind::unavailable, "rpc.state", "header not found"},
          Error{ErrorKind::internal, "rpc.error", "header not found (code -32000)"},
          Error{ErrorKind::corrupt, "rpc.response", "the node left a call unanswered"},
          Error{ErrorKind::corrupt, "abi.truncated", "short"}, Error{ErrorKind::internal, "store.sql", "disk I/O error"}}) {
        world.chain.dataset_errors.insert_or_assign(kDataset, hiccup);
        expect_outage(post(request), "sms.chain_unavailable");
    }
    EXPECT_EQ(ledger_size(), 0U);
    world.chain.dataset_errors.clear();
    open(request, post(request));  // neither was the nonce spent
}

TEST_F(Release, ANodeThatCannotSayIsNoDisagreement)
{
    const std::string request = wire::encode(agent.request(nonce()));
    for (const Error& hiccup : {Error{ErrorKind::not_found, "rpc.block", "the node has no block"},
                                Error{ErrorKind::internal, "rpc.error", "boom"}}) {
        world.chain.outage = hiccup;
        expect_outage(post(request), "sms.chain_unavailable");
    }
    world.chain.outage = Error{ErrorKind::precondition_failed, "rpc.revert", "no such function"};
    expect_refusal(post(request), "policy.chain");
}

TEST_F(Release, DatasetsOwnFaultsRefuseIt)
{
    for (const std::string_view reason : {"hub.resource", "sms.dataset", "rpc.revert", "net.response_size"}) {
        world.chain.dataset_errors.insert_or_assign(kDataset, Error{ErrorKind::precondition_failed, reason, ""});
        expect_refusal(ask(), "policy.order_unknown");
    }
}

TEST_F(Release, NodesThatContradictEachOtherOnADatasetAreRefused)
{
    world.chain.dataset_errors.emplace(kDataset, Error{ErrorKind::corrupt, kChainDisagrees, "the nodes disagree"});
    expect_refusal(ask(), "policy.chain");
}

TEST_F(Release, OwnerLimitsReleases)
{
    ASSERT_EQ(world.send("POST", "/v1/grants/policy", signed_policy(wire::kUnlimited, 2, kNowSeconds, owner)).status, 200);
    released();
    const auto second = released();
    EXPECT_EQ(must(attest::parse_leaf(second.decision.leaf)).policies,
              std::vector<std::string>{kDatasetHash.hex() + "@" + std::to_string(kNowSeconds)});
    expect_refusal(ask(), "policy.releases_exhausted");
    const auto shown = world.send("GET", "/v1/grants/" + kDataset.hex() + "/" + kDatasetHash.hex());
    EXPECT_NE(shown.body.find(R"("releases":2)"), std::string::npos) << shown.body;

    ASSERT_EQ(world.send("POST", "/v1/grants/policy", signed_policy(wire::kUnlimited, 3, kNowSeconds + 1, owner)).status,
              200);
    released();
    expect_refusal(ask(), "policy.releases_exhausted");
}

TEST_F(Release, OwnerEndsAGrant)
{
    ASSERT_EQ(world.send("POST", "/v1/grants/policy", signed_policy(kNowSeconds + 10, 99, kNowSeconds, owner)).status, 200);
    released();
    world.clock.advance(std::chrono::seconds(11));
    expect_refusal(ask(), "policy.expired");
}

TEST_F(Release, OwnerStopsTheNextRelease)
{
    released();
    ASSERT_EQ(world.send("POST", "/v1/grants/revoke", signed_revocation(owner)).status, 200);
    expect_refusal(ask(), "policy.revoked");
    EXPECT_EQ(world.send("POST", "/v1/grants/revoke", signed_revocation(owner)).status, 200) << "repeating is harmless";
    EXPECT_EQ(
        must(wire::parse_error_body(
                 world.send("POST", "/v1/grants/policy", signed_policy(wire::kUnlimited, 9, kNowSeconds + 1, owner)).body))
            .id,
        "grant.revoked");
    expect_refusal(ask(), "policy.revoked");
}

TEST_F(Release, OnlyTheOwnerOfNowControlsAGrant)
{
    const auto stranger = eth::Wallet::generate();
    const auto id = [&](const std::string& path, const std::string& body) {
        return must(wire::parse_error_body(world.send("POST", path, body).body)).id;
    };
    EXPECT_EQ(id("/v1/grants/policy", signed_policy(wire::kUnlimited, 0, kNowSeconds, stranger)), "grant.signer");
    EXPECT_EQ(id("/v1/grants/revoke", signed_revocation(stranger)), "grant.signer");
    world.chain.owners.insert_or_assign(kDataset, stranger.address());
    EXPECT_EQ(id("/v1/grants/revoke", signed_revocation(owner)), "grant.signer");
    EXPECT_EQ(world.send("POST", "/v1/grants/revoke", signed_revocation(stranger)).status, 200);
}

TEST_F(Release, GrantsOfAnotherDatasetDoNotCount)
{
    world.chain.owners.emplace(kOther, owner.address());
    const wire::RevokeGrant revocation{kDatasetHash, kOther, kNowSeconds};
    const auto body =
        wire::encode(wire::Signed<wire::RevokeGrant>{revocation, owner.sign(wire::signing_digest(revocation, 421614))});
    ASSERT_EQ(world.send("POST", "/v1/grants/revoke", body).status, 200);
    released();
}

TEST_F(Release, PoliciesMoveForwardInTime)
{
    const auto id = [&](std::uint64_t issued_at) {
        const auto answer = world.send("POST", "/v1/grants/policy", signed_policy(wire::kUnlimited, 1, issued_at, owner));
        return answer.status == 200 ? "" : must(wire::parse_error_body(answer.body)).id;
    };
    EXPECT_EQ(id(kNowSeconds - 3601), "grant.too_old");
    EXPECT_EQ(id(kNowSeconds + 301), "grant.future");
    EXPECT_EQ(id(kNowSeconds), "");
    EXPECT_EQ(id(kNowSeconds), "grant.stale");
    EXPECT_EQ(id(kNowSeconds - 1), "grant.stale");
    EXPECT_EQ(id(kNowSeconds + 1), "");
}

// Bulk.

class BulkRelease : public Release {
protected:
    BulkRelease()
    {
        auto& view = world.chain.situation.view;
        view.deal.dataset = {};
        view.matched->dataset = Hash256::zero();
        view.deal.params = R"({"bulk_cid":"QmSAY4mYRkCvdDzcD3A3sDeN5nChyn82p88xt7HhYHqXfi"})";
        world.chain.situation.dataset_order.reset();
        world.chain.datasets.emplace(kOther, good_dataset(filled<Hash256>(0x43)));
        world.blobs.files.emplace("QmSAY4mYRkCvdDzcD3A3sDeN5nChyn82p88xt7HhYHqXfi", R"(["a","b","slice"])");
        world.blobs.files.emplace("slice",
                                  "[" + poco::encode(order_for(kDataset)) + "," + poco::encode(order_for(kOther)) + "]");
    }
};

TEST_F(BulkRelease, DecidesEachDataset)
{
    const wire::ReleaseBundle bundle = released();
    ASSERT_EQ(bundle.datasets.size(), 2U);
    EXPECT_EQ(std::get<wire::ReleasedDataset>(bundle.datasets[0]).position, 1U);
    EXPECT_EQ(std::get<wire::RefusedDataset>(bundle.datasets[1]).id, "policy.secret_missing");

    push_key(kOther, codec::base64(Bytes(32, 0x98)));
    const wire::ReleaseBundle both = released();
    EXPECT_EQ(to_bytes(std::get<wire::ReleasedDataset>(both.datasets[1]).key.reveal(SecretAccess{})), Bytes(32, 0x98));

    world.chain.datasets.at(kDataset).incompatible = "Dataset order is revoked or fully consumed";
    const wire::ReleaseBundle one = released();
    EXPECT_EQ(std::get<wire::RefusedDataset>(one.datasets[0]).id, "policy.order_unknown");
    EXPECT_EQ(must(attest::parse_leaf(one.decision.leaf)).datasets, std::vector<eth::Address>{kOther});
}

TEST_F(BulkRelease, ARepeatedOrderIsNoWayAroundItsOwnersLimit)
{
    const std::string order = poco::encode(order_for(kDataset));
    world.blobs.files.insert_or_assign("slice", "[" + order + "," + order + "," + order + "]");
    ASSERT_EQ(world.send("POST", "/v1/grants/policy", signed_policy(kNowSeconds + 60, 2, kNowSeconds, owner)).status, 200);
    const wire::ReleaseBundle bundle = released();
    EXPECT_TRUE(std::holds_alternative<wire::ReleasedDataset>(bundle.datasets.at(1)));
    EXPECT_EQ(std::get<wire::RefusedDataset>(bundle.datasets.at(2)).id, "policy.releases_exhausted");
    const auto grant = world.send("GET", "/v1/grants/" + kDataset.hex() + "/" + kDatasetHash.hex()).body;
    EXPECT_NE(grant.find(R"("releases":2,)"), std::string::npos) << grant;
}

TEST_F(BulkRelease, ManifestMayDemandAllDatasets)
{
    agent.manifest = to_bytes(R"({"schema":"iapp-manifest/1","datasets":{"require":"all"}})");
    expect_refusal(ask(), "policy.secret_missing");
}

TEST_F(BulkRelease, NoListNoRelease)
{
    for (const std::string slice : {"", "{}", "[1]", R"([{"dataset":"0x12"}])", "[,]"}) {
        world.blobs.files.insert_or_assign("slice", slice);
        expect_refusal(ask(), "policy.bulk");
    }
    world.blobs.files.erase("slice");
    expect_refusal(ask(), "policy.bulk");
    for (const std::string root : {R"(["a"])", "{}", R"(["a","b",3])"}) {
        world.blobs.files.insert_or_assign("QmSAY4mYRkCvdDzcD3A3sDeN5nChyn82p88xt7HhYHqXfi", root);
        expect_refusal(ask(), "policy.bulk");
    }
}

TEST_F(BulkRelease, GatewayThatIsAwayIsNoRefusal)
{
    const std::string request = wire::encode(agent.request(nonce()));
    for (const Error& away : {Error{ErrorKind::unavailable, "net.connect", "refused"},
                              Error{ErrorKind::deadline_exceeded, "net.deadline", "late"},
                              Error{ErrorKind::resource_exhausted, "net.status", "the server answered 429"}}) {
        world.blobs.outage = away;
        expect_outage(post(request), "sms.bulk_unavailable");
    }
    EXPECT_EQ(ledger_size(), 0U);
    world.blobs.outage = Error{ErrorKind::resource_exhausted, "blobs.too_large", "a large list"};
    expect_refusal(post(request), "policy.bulk");
}

TEST_F(BulkRelease, NoDatasetIsLeftOutForANodeThatCannotSay)
{
    world.chain.dataset_errors.emplace(kOther, Error{ErrorKind::unavailable, "rpc.state", "header not found"});
    expect_outage(ask(), "sms.chain_unavailable");
    world.chain.dataset_errors.insert_or_assign(kOther, Error{ErrorKind::corrupt, kChainDisagrees, "they disagree"});
    expect_refusal(ask(), "policy.chain");
    world.chain.dataset_errors.insert_or_assign(kOther, Error{ErrorKind::not_found, "hub.resource", "no contract"});
    const wire::ReleaseBundle bundle = released();
    EXPECT_TRUE(std::holds_alternative<wire::ReleasedDataset>(bundle.datasets.at(0)));
    EXPECT_EQ(std::get<wire::RefusedDataset>(bundle.datasets.at(1)).id, "policy.order_unknown");
}

TEST_F(BulkRelease, EvidenceThatIsRefusedFetchesNothing)
{
    agent.run.parts.body.td_attributes |= 1;
    expect_refusal(ask(), "attest.debug");
    EXPECT_EQ(world.blobs.fetched, 0);
}

TEST_F(BulkRelease, SliceHasAtMostAHundredOrders)
{
    std::string slice = "[" + poco::encode(order_for(kDataset));
    for (int i = 0; i < 100; ++i) slice += "," + poco::encode(order_for(kDataset));
    world.blobs.files.insert_or_assign("slice", slice + "]");
    expect_refusal(ask(), "policy.bulk");
}

// Enclave addresses.

TEST_F(Release, EnclaveIsPublishedToThePoolOwnerAfterVerification)
{
    const auto pool_owner = eth::Wallet::generate();
    world.chain.pool = pool_owner.address();
    const auto challenge = [&](const eth::Wallet& signer, const std::string& query = "") {
        return world.send("POST", "/tee/challenges/" + kTask.hex() + query, "",
                          {{"Authorization", signer.sign_personal(poco::enclave_challenge_message(kTask)).hex()}});
    };
    EXPECT_EQ(challenge(pool_owner).status, 404);
    EXPECT_EQ(challenge(owner).status, 401);
    const auto first = agent.enclave.address();
    released();
    EXPECT_EQ(challenge(pool_owner).body, eth::to_checksum(first));
    EXPECT_EQ(challenge(owner).status, 401);

    agent.enclave = eth::Wallet::generate();
    released();
    EXPECT_EQ(challenge(pool_owner).body, eth::to_checksum(agent.enclave.address())) << "the newest";
    EXPECT_EQ(challenge(pool_owner, "?enclave=" + first.hex()).body, eth::to_checksum(first)) << "asked for by name";
    EXPECT_EQ(challenge(pool_owner, "?enclave=" + kOther.hex()).status, 404);
    EXPECT_EQ(world.send("POST", "/tee/challenges/0x12", "", {}).status, 400);

    const eth::Address& worker = agent.enclave.address();  // any wallet
    const auto hash = poco::authorization_hash(worker, kTask, first);
    const auto session = world.send("POST", "/tee/sessions",
                                    R"({"chainTaskId":")" + kTask.hex() + R"(","workerWallet":")" + worker.hex() +
                                        R"(","enclaveChallenge":")" + first.hex() + R"(","signature":{"value":")" +
                                        pool_owner.sign_personal(hash).hex() + R"("}})",
                                    {{"Authorization", agent.enclave.sign_personal(hash).hex()}});
    EXPECT_EQ(session.status, 500);
    EXPECT_EQ(session.body, R"({"error":"GET_SIGNATURE_TOKENS_FAILED_EMPTY_TEE_CREDENTIALS"})")
        << "no secret leaves to a worker, whatever it shows";

    world.chain.pool.reset();
    EXPECT_EQ(challenge(pool_owner).status, 401) << "no such task";
}

// Reading the ledger.

TEST_F(Release, LedgerCanBeAuditedOverHttp)
{
    EXPECT_EQ(ledger_size(), 0U);
    for (int i = 0; i < 5; ++i) ask();
    const auto head = must(wire::parse_tree_head(world.send("GET", "/v1/ledger/head").body));
    ASSERT_EQ(head.size, 5U);
    const auto page = must(wire::parse_ledger_leaves(world.send("GET", "/v1/ledger/leaves?from=0&count=100").body));
    ASSERT_EQ(page.leaves.size(), 5U);
    crypto::MerkleTree tree;
    for (const Bytes& bytes : page.leaves) tree.append(crypto::merkle_leaf_hash(bytes));
    EXPECT_EQ(tree.root(), head.root);
    const auto proof = must(wire::parse_inclusion_proof(world.send("GET", "/v1/ledger/proof?leaf=3&size=5").body));
    EXPECT_TRUE(crypto::merkle_verify_inclusion(crypto::merkle_leaf_hash(page.leaves[3]), 3, 5, proof.proof, head.root));
    const auto growth = must(wire::parse_consistency_proof(world.send("GET", "/v1/ledger/consistency?from=2&to=5").body));
    EXPECT_TRUE(crypto::merkle_verify_consistency(2, 5, must(tree.root_at(2)), head.root, growth.proof));

    EXPECT_EQ(world.send("GET", "/v1/ledger/leaf/5").status, 404);
    EXPECT_EQ(world.send("GET", "/v1/ledger/proof?leaf=5&size=5").status, 404);
    EXPECT_EQ(world.send("GET", "/v1/ledger/proof?leaf=x&size=5").status, 400);
    EXPECT_EQ(world.send("GET", "/v1/ledger/leaves?from=-1&count=1").status, 400);
}

// kill -9.

/// Serves in a child process. Answers its pid; the child dies by our hand.
pid_t serve_in_child(test::World& world, int port_pipe)
{
    const pid_t child = ::fork();
    if (child != 0) return child;
    world.start();
    const std::uint16_t port = world.port();
    if (::write(port_pipe, &port, sizeof port) != sizeof port) ::_exit(1);
    while (true) ::pause();
}

TEST_F(Release, EveryReplyThatLeftHasItsLeafAfterAKill)
{
    ASSERT_EQ(world.send("POST", "/v1/grants/policy", signed_policy(wire::kUnlimited, wire::kUnlimited, kNowSeconds, owner))
                  .status,
              200);
    std::mt19937 random(5);  // NOLINT(bugprone-random-generator-seed): the same cases in every run
    std::uniform_int_distribution<int> delay(5, 150);
    std::vector<attest::Decision> received;
    world.stop();
    for (int round = 0; round < 8; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = serve_in_child(world, ends[1]);
        std::uint16_t port = 0;
        ASSERT_EQ(::read(ends[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
        world.use_port(port);
        const std::chrono::milliseconds life(delay(random));
        std::latch begin(1);
        if (round % 2 == 0) begin.count_down();  // else it lives until a reply has left, and then some time
        const std::jthread killer([child, life, &begin] {
            begin.wait();
            std::this_thread::sleep_for(life);
            ::kill(child, SIGKILL);
        });
        while (true) {
            const auto asked =
                world.try_send("POST", std::string(wire::kNoncePath), wire::encode(wire::NonceRequest{kTask}));
            if (!asked) break;
            const std::string body = wire::encode(agent.request(must(wire::parse_nonce_reply(asked->body)).nonce));
            const auto answer = world.try_send("POST", std::string(wire::kReleasePath), body);
            if (!answer) break;
            ASSERT_EQ(answer->status, 200) << answer->body;
            received.push_back(open(body, *answer).decision);
            if (!begin.try_wait()) begin.count_down();
        }
        if (!begin.try_wait()) begin.count_down();
        ::waitpid(child, nullptr, 0);
        ::close(ends[0]);
        ::close(ends[1]);
    }
    world.start();  // verifies the whole ledger
    const auto head = must(wire::parse_tree_head(world.send("GET", "/v1/ledger/head").body));
    std::uint64_t releases = 0;
    for (std::uint64_t i = 0; i < head.size; ++i) releases += leaf(i).released ? 1 : 0;
    for (const attest::Decision& decision : received) {
        const auto page =
            must(wire::parse_ledger_leaves(world.send("GET", "/v1/ledger/leaf/" + std::to_string(decision.index)).body));
        EXPECT_EQ(page.leaves.at(0), decision.leaf);
    }
    EXPECT_GT(received.size(), 0U);
    EXPECT_GE(releases, received.size());
    const auto shown = world.send("GET", "/v1/grants/" + kDataset.hex() + "/" + kDatasetHash.hex());
    EXPECT_NE(shown.body.find("\"releases\":" + std::to_string(releases)), std::string::npos)
        << "count and leaves are one transaction: " << shown.body;
}

}  // namespace
}  // namespace iapp::sms
