#include "agent/internal/bundle_check.hpp"

#include <gtest/gtest.h>

#include "support/sample_run.hpp"

namespace iapp::agent {
namespace {

template <class Id>
Id filled(std::uint8_t byte)
{
    std::array<std::uint8_t, Id::kSize> raw;
    raw.fill(byte);
    return Id{raw};
}

constexpr UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};

/// A release of no key.
attest::DecisionLeaf empty_leaf(const test::SampleRun& sample)
{
    auto leaf = sample.leaf();
    leaf.datasets.clear();
    return leaf;
}

/// A good question and its good answer.
struct Exchange {
    test::SampleRun sample = test::make_sample_run(kNow);
    poco::DealId deal_id{sample.binding.deal.bytes()};
    poco::TaskId task_id{sample.binding.task.bytes()};
    attest::DecisionLeaf leaf = empty_leaf(sample);
    Assignment task{.config_line = "",
                    .config = {.chain_id = sample.binding.chain_id,
                               .hub = sample.binding.hub,
                               .deal = deal_id,
                               .task = task_id,
                               .index = 2,
                               .worker = filled<eth::Address>(5),
                               .image = "",
                               .image_digest = "",
                               .sms_url = "",
                               .ipfs_gateway_url = "",
                               .ipfs_api_url = "",
                               .work_dir = "",
                               .deadline = kNow,
                               .ledger_signer = filled<eth::Address>(6),
                               .evidence = "simulated"},
                    .image = *oci::parse_reference("127.0.0.1:5000/app:v1"),
                    .image_digest = oci::Digest(filled<Hash256>(1))};
    poco::RequestParams params;
    wire::ReleaseBundle bundle{.deal = {},
                               .category_time = std::chrono::seconds(60),
                               .task = task_id,
                               .index = 2,
                               .datasets = {},
                               .app_secret = {},
                               .requester_secrets = {},
                               .result = wire::SealToNobody{},
                               .decision = sample.decide(leaf),
                               .orders = {filled<Hash256>(1), filled<Hash256>(2), filled<Hash256>(3), filled<Hash256>(4)},
                               .collateral = sample.collateral,
                               .verdict = {}};

    Exchange()
    {
        bundle.deal.bot_size = 3;
        bundle.deal.dataset.pointer = filled<eth::Address>(0x66);
        bundle.datasets.emplace_back(refused(0, 0x66));
    }

    static wire::RefusedDataset refused(std::uint64_t position, std::uint8_t address)
    {
        return {position, filled<eth::Address>(address), "policy.x", ""};
    }
    void make_bulk()
    {
        bundle.deal.dataset.pointer = eth::Address::zero();
        params.bulk_cid = "Qm";
        bundle.datasets.clear();
        bundle.datasets.emplace_back(refused(1, 1));
        bundle.datasets.emplace_back(refused(2, 2));
    }
    void decide(void (*bend)(attest::DecisionLeaf&))
    {
        bend(leaf);
        bundle.decision = sample.decide(leaf);
    }
};

struct Case {
    const char* name;
    void (*bend)(Exchange&);
    std::string_view reason;
};
class CheckBundle : public testing::TestWithParam<Case> {};

TEST_P(CheckBundle, AnswersWithTheRuleThatBroke)
{
    Exchange exchange;
    GetParam().bend(exchange);
    const auto status = check_bundle(exchange.bundle, exchange.params, exchange.task, exchange.sample.binding.enclave);
    EXPECT_EQ(status ? "" : status.error().reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Release, CheckBundle,
    testing::Values(
        Case{"good", [](Exchange&) {}, ""}, Case{"good_bulk", [](Exchange& e) { e.make_bulk(); }, ""},
        Case{"good_nothing",
             [](Exchange& e) {
                 e.make_bulk();
                 e.params.bulk_cid.reset();
                 e.bundle.datasets.clear();
             },
             ""},
        Case{"good_rsa",
             [](Exchange& e) {
                 e.params.result_encryption = true;
                 e.bundle.result = wire::SealToRsa{"pem"};
             },
             ""},
        Case{"good_age", [](Exchange& e) { e.bundle.result = wire::SealToAge{"age1"}; }, ""},
        Case{"task", [](Exchange& e) { e.bundle.task = filled<poco::TaskId>(9); }, "agent.bundle_task"},
        Case{"index", [](Exchange& e) { e.bundle.index = 1; }, "agent.bundle_index"},
        Case{"index_outside_the_deal", [](Exchange& e) { e.bundle.deal.bot_size = 2; }, "agent.bundle_index"},
        Case{"no_dataset", [](Exchange& e) { e.bundle.datasets.clear(); }, "agent.bundle_dataset"},
        Case{"another_dataset", [](Exchange& e) { e.bundle.deal.dataset.pointer = filled<eth::Address>(7); },
             "agent.bundle_dataset"},
        Case{"another_position", [](Exchange& e) { e.bundle.datasets[0] = Exchange::refused(1, 0x66); },
             "agent.bundle_dataset"},
        Case{"dataset_twice", [](Exchange& e) { e.bundle.datasets.emplace_back(Exchange::refused(1, 0x66)); },
             "agent.bundle_dataset"},
        Case{"dataset_nobody_paid_for",
             [](Exchange& e) {
                 e.make_bulk();
                 e.params.bulk_cid.reset();
             },
             "agent.bundle_dataset"},
        Case{"gap_in_bulk",
             [](Exchange& e) {
                 e.make_bulk();
                 e.bundle.datasets[1] = Exchange::refused(3, 2);
             },
             "agent.bundle_dataset"},
        Case{"encryption_switched_off", [](Exchange& e) { e.params.result_encryption = true; }, "agent.bundle_sealing"},
        Case{"encryption_replaced",
             [](Exchange& e) {
                 e.params.result_encryption = true;
                 e.bundle.result = wire::SealToAge{"age1"};
             },
             "agent.bundle_sealing"},
        Case{"rsa_nobody_asked_for", [](Exchange& e) { e.bundle.result = wire::SealToRsa{"pem"}; }, "agent.bundle_sealing"},
        Case{"leaf_not_a_leaf", [](Exchange& e) { e.bundle.decision.leaf = to_bytes("{}"); }, "agent.bundle_decision"},
        Case{"leaf_refusal",
             [](Exchange& e) {
                 e.decide([](auto& l) {
                     l.released = false;
                     l.reason = "policy.x";
                     l.datasets.clear();
                 });
             },
             "agent.bundle_decision"},
        Case{"leaf_other_task", [](Exchange& e) { e.decide([](auto& l) { l.task = filled<Hash256>(9); }); },
             "agent.bundle_decision"},
        Case{"leaf_other_deal", [](Exchange& e) { e.decide([](auto& l) { l.deal = filled<Hash256>(9); }); },
             "agent.bundle_decision"},
        Case{"leaf_other_hub", [](Exchange& e) { e.decide([](auto& l) { l.hub = filled<eth::Address>(9); }); },
             "agent.bundle_decision"},
        Case{"leaf_other_chain", [](Exchange& e) { e.decide([](auto& l) { l.chain_id = 1; }); }, "agent.bundle_decision"},
        Case{"leaf_other_enclave", [](Exchange& e) { e.decide([](auto& l) { l.enclave = filled<eth::Address>(9); }); },
             "agent.bundle_decision"},
        Case{"leaf_other_datasets", [](Exchange& e) { e.decide([](auto& l) { l.datasets = {filled<eth::Address>(1)}; }); },
             "agent.bundle_decision"},
        Case{"leaf_not_in_the_tree", [](Exchange& e) { e.bundle.decision.tree_head.root = filled<Hash256>(9); },
             "agent.bundle_decision"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::agent
