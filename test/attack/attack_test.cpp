// The attack list: every way to get at a dataset key or its content that the threat model names, each launched against the
// real secret service on a real chain, and the reason id it must be refused with. Every answer must be on the ledger.
// docs/threat-model.md; each single check has its own tests beside the code.
#include <gtest/gtest.h>

#include "attack/agents.hpp"
#include "crypto/merkle.hpp"
#include "crypto/random.hpp"
#include "poco/calls.hpp"
#include "wire/errors.hpp"
#include "wire/ledger_api.hpp"
#include "wire/sms_api.hpp"

namespace iapp::attack {
namespace {

using namespace std::chrono_literals;

/// What the attacker got: a reason, and the leaf that the answer named.
struct Seen {
    std::string reason;
    std::optional<std::uint64_t> leaf;
};

Seen refusal(const net::Response& answer)
{
    if (answer.status == 200) return {"released", {}};
    const auto body = must(wire::parse_error_body(answer.body));
    return {body.id, body.leaf};
}

/// The reason the real agent ends with; when it computes, the reason its result gives instead of data.
Seen ending(const World& world, const AgentAnswer& answer)
{
    if (const auto* failure = std::get_if<wire::AgentFailure>(&answer)) return {failure->id, {}};
    const std::string text = result_file(world, std::get<wire::AgentResult>(answer), "error.txt");
    return {text.substr(0, text.find(':')), {}};
}

Seen launch_bent(World& world, const std::function<void(wire::ReleaseRequest&)>& bend)
{
    HandmadeAgent agent(world);
    wire::ReleaseRequest request = agent.request(world.match());
    bend(request);
    return refusal(agent.post(request));
}

Seen launch_claiming(World& world, const std::function<void(Claims&)>& claim)
{
    HandmadeAgent agent(world);
    claim(agent.claims);
    return refusal(agent.post(agent.request(world.match())));
}

// 1, 2: another image than the one the owner agreed to.

Seen other_image_digest(World& world)
{
    return launch_claiming(world, [](Claims& claims) { claims.image = crypto::sha256(as_bytes("another image")); });
}

/// The registry's tag points elsewhere now, and the worker tells the agent what it points to.
Seen tag_moved_after_the_order(World& world)
{
    auto config = world.agent_config(world.match());
    world.move_tag();
    config.image_digest = world.resolve_tag();
    EXPECT_NE(config.image_digest, world.image_digest);
    return ending(world, run_real_agent(world, config));
}

// 3: evidence that does not fit together.

Seen rtmr_altered(World& world)
{
    return launch_claiming(world, [](Claims& claims) { claims.rtmr3 = crypto::sha384(as_bytes("something else ran")); });
}

Seen rtmr_altered_inside_the_quote(World& world)
{
    constexpr std::size_t kRtmr3 = 48 + 328 + 3 * 48;  // header, then the TD report up to RTMR3
    return launch_bent(world, [](wire::ReleaseRequest& request) { request.evidence.bytes.at(kRtmr3) ^= 1; });
}

Seen event_log_altered(World& world)
{
    return launch_bent(world, [](wire::ReleaseRequest& request) {
        request.event_log[1] = attest::make_entry(1, attest::op::kAppImage, attest::image_payload(Hash256::zero()));
    });
}

// 4: evidence that was good once.

Seen replayed_with_its_old_nonce(World& world)
{
    HandmadeAgent agent(world);
    const auto request = agent.request(world.match());
    EXPECT_EQ(agent.post(request).status, 200);
    return refusal(agent.post(request));
}

Seen old_quote_under_a_fresh_nonce(World& world)
{
    HandmadeAgent agent(world);
    const Task task = world.match();
    auto request = agent.request(task);
    EXPECT_EQ(agent.post(request).status, 200);
    request.nonce = agent.nonce(task);
    return refusal(agent.post(request));
}

Seen nonce_of_another_task(World& world)
{
    HandmadeAgent agent(world);
    const Task other = world.match();
    return refusal(agent.post(agent.request(world.match(), agent.nonce(other))));
}

// 5: a key the TEE does not hold.

Seen hpke_key_not_attested(World& world)
{
    return launch_bent(world, [](wire::ReleaseRequest& request) {
        request.hpke_public_key = crypto::HpkeKeyPair::generate().public_key();
    });
}

// 6: no hardware.

Seen simulated_evidence_in_production(World& world)
{
    world.restart_sms(false);
    return launch_bent(world, [](wire::ReleaseRequest&) {});
}

// 7: the owner said stop, after the match, and after a first release.

Seen grant_closed_on_chain(World& world)
{
    HandmadeAgent agent(world);
    const Task task = world.match();
    EXPECT_EQ(agent.post(agent.request(task)).status, 200);
    world.send_as(world.data_owner, world.network().contracts.hub,
                  poco::call::manage_dataset_order(task.orders.dataset, poco::Operation::close));
    return refusal(agent.post(agent.request(task)));
}

template <class Message>
std::string signed_by_owner(const World& world, const Message& message)
{
    const auto signature = world.data_owner.sign(wire::signing_digest(message, world.network().chain_id));
    return wire::encode(wire::Signed<Message>{message, signature});
}

std::uint64_t seconds(UnixSeconds time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

Seen grant_revoked_by_message(World& world)
{
    HandmadeAgent agent(world);
    const Task task = world.match();
    EXPECT_EQ(agent.post(agent.request(task)).status, 200);
    const wire::RevokeGrant stop{task.dataset_order, world.dataset, seconds(world.clock.now_seconds())};
    EXPECT_EQ(world.ask("/v1/grants/revoke", signed_by_owner(world, stop)).status, 200);
    return refusal(agent.post(agent.request(task)));
}

// 8: the owner's time or number is over.

void limit(World& world, const Task& task, UnixSeconds not_after, std::uint64_t max_releases)
{
    const wire::GrantPolicy policy{task.dataset_order, world.dataset, seconds(not_after), max_releases,
                                   seconds(world.clock.now_seconds())};
    EXPECT_EQ(world.ask("/v1/grants/policy", signed_by_owner(world, policy)).status, 200);
}

Seen grant_expired(World& world)
{
    HandmadeAgent agent(world);
    const Task task = world.match();
    limit(world, task, world.clock.now_seconds() + 60s, wire::kUnlimited);
    EXPECT_EQ(agent.post(agent.request(task)).status, 200);
    world.clock.advance(61s);
    return refusal(agent.post(agent.request(task)));
}

// 9: a requester the owner did not agree to. The hub refuses the plain case itself; these two pass the hub.

/// The owner admits a group; the requester was a member when the orders were matched, and is none any more.
Seen requester_no_longer_in_the_group(World& world)
{
    const eth::AbiWriter member = eth::AbiWriter{}.address(world.requester.address());
    const auto group = must(world.chain().deploy_test_contract("Group", eth::AbiWriter{}.array({&member, 1}).encode()));
    const Task task = world.match([&](poco::OrderSet& orders) { orders.dataset.requesterrestrict = group; });
    Bytes slot = member.encode();
    slot.resize(slot.size() + 32);  // members[requester] of a mapping in storage slot 0
    must(world.chain().node("anvil_setStorageAt", "[\"" + group.hex() + "\",\"" + crypto::keccak256(slot).hex() + "\",\"" +
                                                      Hash256::zero().hex() + "\"]"));
    HandmadeAgent agent(world);
    return refusal(agent.post(agent.request(task)));
}

/// A bulk list is the requester's own writing: it names an order that admits somebody else.
Seen anothers_order_in_a_bulk_list(World& world)
{
    poco::DatasetOrder order{.dataset = world.dataset,
                             .datasetprice = {},
                             .volume = poco::kInfiniteVolume,
                             .tag = poco::tdx_tag(),
                             .apprestrict = world.app,
                             .requesterrestrict = world.app_owner.address(),
                             .sign = {}};
    poco::sign_order(order, world.chain().hub().separator(), world.data_owner);
    const std::string list = world.store("[\"" + world.store("[" + poco::encode(order) + "]") + "\"]");
    const Task task = world.match([&](poco::OrderSet& orders) {
        orders.dataset = {};
        orders.request.dataset = eth::Address::zero();
        orders.request.params = R"({"bulk_cid":")" + list + R"("})";
    });
    HandmadeAgent agent(world);
    agent.claims.manifest = R"({"schema":"iapp-manifest/1","datasets":{"require":"all"}})";
    return refusal(agent.post(agent.request(task)));
}

// 10: other bytes than the owner sealed. The key leaves once, to an agent that uses it for nothing.

Seen dataset_bytes_altered(World& world)
{
    const Task task = world.match();
    std::string bytes = world.sealed_file();
    bytes.at(bytes.size() / 2) ^= 1;
    world.replace_sealed_file(bytes);
    return ending(world, run_real_agent(world, world.agent_config(task)));
}

Seen dataset_bytes_altered_and_run_again(World& world)
{
    const Task task = world.match();
    limit(world, task, world.clock.now_seconds() + 1h, 1);
    world.replace_sealed_file("not a dataset at all");
    EXPECT_EQ(ending(world, run_real_agent(world, world.agent_config(task))).reason, "agent.dataset_checksum");
    return ending(world, run_real_agent(world, world.agent_config(task)));
}

// 11, 12: nothing was paid for, or not any more.

Seen deal_that_does_not_exist(World& world)
{
    Task task;
    task.deal = crypto::random_fixed<poco::DealId>();
    task.id = poco::task_id(task.deal, 0);
    HandmadeAgent agent(world);
    return refusal(agent.post(agent.request(task)));
}

Seen task_past_its_deadline(World& world)
{
    HandmadeAgent agent(world);
    const Task task = world.match();
    EXPECT_EQ(agent.post(agent.request(task)).status, 200);
    must(world.chain().node("evm_increaseTime", "[2100]"));  // seven times the 300 s of category XS
    must(world.chain().node("evm_mine"));
    return refusal(agent.post(agent.request(task)));
}

// 13: another agent.

Seen agent_binary_changed(World& world)
{
    const fs::path changed = world.folder() / "iapp-agent";
    fs::copy_file(IAPP_AGENT, changed);
    std::ofstream(changed, std::ios::app) << '\0';  // still runs, and does the same
    return ending(world, run_real_agent(world, world.agent_config(world.match()), changed));
}

// 14: the worker's machine answers in the service's place, with data, arguments and a recipient of its own.

Seen agent_told_to_believe_the_worker(World& world)
{
    return launch_claiming(world, [&](Claims& claims) { claims.believes = world.pool_owner.address(); });
}

/// Everything an answer needs but the signature: the agent's key from its request, and a leaf that is really in the ledger.
Seen answer_swapped_on_the_way(World& world)
{
    net::HttpServer between;
    between.route("POST", std::string(wire::kNoncePath),
                  [&](const net::Request& r, const net::CallContext&) { return world.ask(wire::kNoncePath, r.body); });
    between.route("POST", std::string(wire::kReleasePath), [&](const net::Request& r, const net::CallContext&) {
        EXPECT_EQ(world.ask(wire::kReleasePath, r.body).status, 200);
        const auto request = must(wire::parse_release_request(r.body));
        auto forged = must(crypto::hpke_seal(request.hpke_public_key, wire::key_release_info(request.task),
                                             crypto::sha256(as_bytes(r.body)).bytes(), as_bytes("{}")));
        const auto digest = wire::reply_digest(request.chain_id, request.hub, r.body, forged.enc, forged.ciphertext);
        return net::json_response(200, wire::encode(wire::SealedReply{std::move(forged.enc), std::move(forged.ciphertext),
                                                                      world.pool_owner.sign(digest)}));
    });
    must(between.start());
    auto config = world.agent_config(world.match());
    config.sms_url = between.origin();
    return ending(world, run_real_agent(world, config));
}

struct Attack {
    int number;  ///< in docs/threat-model.md; some attacks have more than one form
    const char* name;
    Seen (*launch)(World&);
    std::string_view reason;              ///< what the attacker must be told
    std::string_view leaf_says = reason;  ///< the last leaf of the ledger
};

constexpr Attack kAttacks[] = {
    {1, "other_image_digest", other_image_digest, "policy.image_digest"},
    {2, "tag_moved_after_the_order", tag_moved_after_the_order, "policy.image_digest"},
    {3, "rtmr_altered", rtmr_altered, "attest.event_log_replay"},
    {3, "rtmr_altered_inside_the_quote", rtmr_altered_inside_the_quote, "attest.signature"},
    {3, "event_log_altered", event_log_altered, "attest.event_log_replay"},
    {4, "replayed_with_its_old_nonce", replayed_with_its_old_nonce, "policy.nonce"},
    {4, "old_quote_under_a_fresh_nonce", old_quote_under_a_fresh_nonce, "attest.report_data"},
    {4, "nonce_of_another_task", nonce_of_another_task, "policy.nonce"},
    {5, "hpke_key_not_attested", hpke_key_not_attested, "attest.report_data"},
    {6, "simulated_evidence_in_production", simulated_evidence_in_production, "policy.simulated_tee"},
    {7, "grant_closed_on_chain", grant_closed_on_chain, "policy.revoked"},
    {7, "grant_revoked_by_message", grant_revoked_by_message, "policy.revoked"},
    {8, "grant_expired", grant_expired, "policy.expired"},
    {9, "requester_no_longer_in_the_group", requester_no_longer_in_the_group, "policy.requester"},
    {9, "anothers_order_in_a_bulk_list", anothers_order_in_a_bulk_list, "policy.requester"},
    {10, "dataset_bytes_altered", dataset_bytes_altered, "agent.dataset_checksum", "released"},
    {10, "dataset_bytes_altered_and_run_again", dataset_bytes_altered_and_run_again, "policy.releases_exhausted"},
    {11, "deal_that_does_not_exist", deal_that_does_not_exist, "policy.deal_unknown"},
    {12, "task_past_its_deadline", task_past_its_deadline, "policy.task_deadline"},
    {13, "agent_binary_changed", agent_binary_changed, "attest.measurement"},
    {14, "agent_told_to_believe_the_worker", agent_told_to_believe_the_worker, "policy.agent_config"},
    {14, "answer_swapped_on_the_way", answer_swapped_on_the_way, "agent.reply_signer", "released"},
};

/// The newest leaf, proven to be under a head that the ledger key signed.
attest::DecisionLeaf last_leaf(const World& world, std::uint64_t& index)
{
    const auto head = must(wire::parse_tree_head(world.read("/v1/ledger/head").body));
    const auto digest = attest::tree_head_digest(world.network().chain_id, head.size, head.root, head.timestamp);
    EXPECT_TRUE(eth::verify(digest, head.signature.bytes(), world.network().trust->ledger_signer));
    index = head.size - 1;
    const std::string at = std::to_string(index);
    const auto page = must(wire::parse_ledger_leaves(world.read("/v1/ledger/leaf/" + at).body));
    const auto proof = must(
        wire::parse_inclusion_proof(world.read("/v1/ledger/proof?leaf=" + at + "&size=" + std::to_string(head.size)).body));
    EXPECT_TRUE(crypto::merkle_verify_inclusion(crypto::merkle_leaf_hash(page.leaves.at(0)), index, head.size, proof.proof,
                                                head.root));
    return must(attest::parse_leaf(page.leaves.at(0)));
}

class AttackList : public testing::TestWithParam<Attack> {};

TEST_P(AttackList, IsRefusedByNameAndOnTheLedger)
{
    World world;
    const Seen seen = GetParam().launch(world);

    EXPECT_EQ(seen.reason, GetParam().reason);
    std::uint64_t index = 0;
    const auto leaf = last_leaf(world, index);
    EXPECT_EQ(leaf.reason, GetParam().leaf_says);
    EXPECT_EQ(leaf.released, GetParam().leaf_says == "released");
    EXPECT_EQ(seen.leaf.value_or(index), index) << "the refusal names its leaf";
}
INSTANTIATE_TEST_SUITE_P(ThreatModel, AttackList, testing::ValuesIn(kAttacks),
                         [](const auto& test) { return std::string(test.param.name); });

/// Without this the list would prove nothing: the same worlds, no bend, and the key is released.
TEST(AttackListBase, HonestAgentsAreServed)
{
    World world;
    HandmadeAgent agent(world);
    EXPECT_EQ(agent.post(agent.request(world.match())).status, 200);

    const AgentAnswer answer = run_real_agent(world, world.agent_config(world.match()));
    ASSERT_TRUE(std::holds_alternative<wire::AgentResult>(answer)) << std::get<wire::AgentFailure>(answer).id;
    EXPECT_EQ(result_file(world, std::get<wire::AgentResult>(answer), "result.txt"), "hello");
    std::uint64_t index = 0;
    EXPECT_TRUE(last_leaf(world, index).released);
    EXPECT_EQ(index, 1U);
}

/// A tag that moved is no obstacle to an honest worker: the digest decides what runs.
TEST(AttackListBase, MovedTagChangesNothingForAnHonestWorker)
{
    World world;
    const Task task = world.match();
    world.move_tag();
    const AgentAnswer answer = run_real_agent(world, world.agent_config(task));
    ASSERT_TRUE(std::holds_alternative<wire::AgentResult>(answer)) << std::get<wire::AgentFailure>(answer).id;
    EXPECT_EQ(result_file(world, std::get<wire::AgentResult>(answer), "result.txt"), "hello");
}

}  // namespace
}  // namespace iapp::attack
