#include <gtest/gtest.h>

#include "attest/receipt_verify.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using test::SampleRun;

constexpr UnixSeconds kNow{seconds(1'790'000'000)};
constexpr UnixSeconds kLater = kNow + std::chrono::days(365 * 3);  ///< receipts outlive their collateral

/// What a case may change: the run before it is written down, the receipt before it is signed, the verifier's own trust.
struct Scene {
    SampleRun run = test::make_sample_run(kNow);
    Receipt receipt = run.receipt();
    ReceiptTrust trust = run.trust();
    UnixSeconds now = kLater;

    void again() { receipt = run.receipt(); }
};

struct Case {
    const char* name;
    std::string_view reason;  ///< "" means level SIMULATED
    void (*bend)(Scene&);
};
class VerifyReceipt : public testing::TestWithParam<Case> {};

TEST_P(VerifyReceipt, AnswersWithTheCheckThatFailed)
{
    Scene scene;
    GetParam().bend(scene);
    const ReceiptReport report = verify_receipt(scene.run.sign(scene.receipt), scene.trust, scene.now);
    EXPECT_EQ(report.error ? report.error->reason : "", GetParam().reason) << (report.error ? report.error->detail : "");
    EXPECT_EQ(report.level, GetParam().reason.empty() ? ReceiptLevel::simulated : ReceiptLevel::refused);
    if (GetParam().reason.empty()) EXPECT_EQ(report.checks.back().outcome, Outcome::passed);
    else test::expect_only_failure(report.checks, find_check(GetParam().reason)->id);
}

template <class Bend>
void decide(Scene& s, Bend bend)
{
    DecisionLeaf leaf = s.run.leaf();
    bend(leaf);
    s.receipt.decision = s.run.decide(leaf);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Trust, VerifyReceipt, testing::Values(
    Case{"good",                     "",                           [](Scene&) {}},
    Case{"simulation_not_allowed",   "attest.simulated",           [](Scene& s) { s.trust.policy.dangerous_allow_simulated = false; }},
    Case{"no_anchor",                "attest.root",                [](Scene& s) { s.trust.anchors.clear(); }},
    Case{"hardware_anchor_only",     "attest.root",                [](Scene& s) { s.trust.anchors = {TrustAnchor::intel()}; }},
    Case{"second_anchor_matches",    "",                           [](Scene& s) { s.trust.anchors.insert(s.trust.anchors.begin(), TrustAnchor::intel()); }},
    Case{"other_ledger",             "attest.ledger_head",         [](Scene& s) { s.trust.ledger_signer = s.run.binding.hub; }},
    Case{"no_measurements",          "attest.no_reference_values", [](Scene& s) { s.trust.policy.accepted.clear(); }},
    Case{"other_measurement",        "attest.measurement",         [](Scene& s) { s.trust.policy.accepted = {tdx_reference(Hash384::zero())}; }}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Run, VerifyReceipt, testing::Values(
    Case{"not_the_enclaves_signature", "attest.receipt_signature", [](Scene& s) { s.run.enclave = eth::Wallet::generate(); }},
    Case{"other_enclave_key",        "attest.report_data",         [](Scene& s) { s.run.enclave = eth::Wallet::generate(); s.receipt.enclave = s.run.enclave.address(); }},
    Case{"other_nonce",              "attest.report_data",         [](Scene& s) { s.receipt.nonce[0] ^= 1; }},
    Case{"other_hpke_key",           "attest.report_data",         [](Scene& s) { s.receipt.hpke_public_key[0] ^= 1; }},
    Case{"other_task",               "attest.report_data",         [](Scene& s) { s.receipt.task = s.receipt.deal.id; }},
    Case{"other_deal",               "attest.report_data",         [](Scene& s) { s.receipt.deal.id = s.receipt.task; }},
    Case{"other_hub",                "attest.report_data",         [](Scene& s) { s.receipt.hub = s.receipt.enclave; }},
    Case{"other_chain",              "attest.ledger_head",         [](Scene& s) { s.receipt.chain_id = 1; }},
    Case{"other_image",              "attest.receipt_identity",    [](Scene& s) { s.receipt.image_digest = s.receipt.task; }},
    Case{"other_manifest",           "attest.receipt_identity",    [](Scene& s) { s.receipt.manifest_digest = s.receipt.task; }},
    Case{"claims_hardware",          "attest.receipt_identity",    [](Scene& s) { s.receipt.simulated = false; }},
    Case{"log_names_another_task",   "attest.receipt_identity",    [](Scene& s) {
        std::vector<std::pair<std::string_view, Bytes>> entries;
        for (const LogEntry& e : s.run.log) entries.emplace_back(e.op, e.payload);
        entries[4].second[0] ^= 1;
        const std::vector<std::string> names{"agent-config", "app-image", "app-manifest", "deal", "task", "ready"};
        for (std::size_t i = 0; i < entries.size(); ++i) entries[i].first = names[i];
        s.run.set_log(entries); s.again(); }},
    Case{"quote_altered",            "attest.signature",           [](Scene& s) { s.receipt.evidence.bytes[200] ^= 1; }},
    Case{"debug",                    "attest.debug",               [](Scene& s) { s.run.parts.body.td_attributes |= 1; s.again(); }},
    Case{"log_altered",              "attest.event_log_replay",    [](Scene& s) { s.receipt.event_log[0].payload.push_back('x'); }},
    Case{"collateral_altered",       "attest.collateral_signature", [](Scene& s) { s.receipt.collateral.tcb_info += " "; }},
    Case{"collateral_over_at_run",   "attest.collateral_expired",  [](Scene& s) {
        s.run.collateral = *simtee::issue_collateral(s.run.authority, {kNow - hours(9), kNow - hours(1)}); s.again(); }}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Ledger, VerifyReceipt, testing::Values(
    Case{"head_altered",             "attest.ledger_head",         [](Scene& s) { s.receipt.decision.tree_head.size++; }},
    Case{"head_time_altered",        "attest.ledger_head",         [](Scene& s) { s.receipt.decision.tree_head.timestamp++; }},
    Case{"leaf_altered",             "attest.ledger_inclusion",    [](Scene& s) { s.receipt.decision.leaf.back() ^= 1; }},
    Case{"index_altered",            "attest.ledger_inclusion",    [](Scene& s) { s.receipt.decision.index = 2; }},
    Case{"proof_cut",                "attest.ledger_inclusion",    [](Scene& s) { s.receipt.decision.inclusion.pop_back(); }},
    Case{"leaf_is_a_refusal",        "attest.ledger_leaf",         [](Scene& s) { decide(s, [](DecisionLeaf& l) { l.released = false; l.reason = "policy.revoked"; }); }},
    Case{"leaf_of_another_task",     "attest.ledger_leaf",         [](Scene& s) { decide(s, [](DecisionLeaf& l) { l.task = l.deal; }); }},
    Case{"leaf_of_another_hub",      "attest.ledger_leaf",         [](Scene& s) { decide(s, [](DecisionLeaf& l) { l.hub = l.enclave; }); }},
    Case{"leaf_of_another_enclave",  "attest.ledger_leaf",         [](Scene& s) { decide(s, [](DecisionLeaf& l) { l.enclave = l.hub; }); }},
    Case{"leaf_of_other_evidence",   "attest.ledger_leaf",         [](Scene& s) { decide(s, [](DecisionLeaf& l) { l.evidence = l.task; }); }},
    Case{"leaf_of_another_mrtd",     "attest.ledger_leaf",         [](Scene& s) { decide(s, [](DecisionLeaf& l) { l.mr_td.clear(); }); }},
    Case{"leaf_with_fewer_datasets", "attest.ledger_leaf",         [](Scene& s) { decide(s, [](DecisionLeaf& l) { l.datasets.clear(); }); }},
    Case{"dataset_hidden",           "attest.ledger_leaf",         [](Scene& s) { s.receipt.datasets.clear(); }},
    Case{"dataset_claimed_refused",  "attest.ledger_leaf",         [](Scene& s) { s.receipt.datasets[0].refused = "policy.revoked"; }}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Time, VerifyReceipt, testing::Values(
    Case{"ends_before_it_starts",    "attest.receipt_time",        [](Scene& s) { s.receipt.finished_at = s.receipt.started_at - seconds(1); }},
    Case{"decided_before_start",     "attest.receipt_time",        [](Scene& s) { s.receipt.started_at = kNow + hours(1); s.receipt.finished_at = kNow + hours(2); }},
    Case{"decided_after_end",        "attest.receipt_time",        [](Scene& s) { s.receipt.started_at = kNow - hours(2); s.receipt.finished_at = kNow - hours(1); }},
    Case{"from_the_future",          "attest.receipt_time",        [](Scene& s) { s.now = kNow - hours(1); }},
    Case{"at_once",                  "",                           [](Scene& s) { s.now = kNow; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(Receipt, CanonicalJsonRoundTrips)
{
    const SampleRun run = test::make_sample_run(kNow);
    const std::string text = run.sign(run.receipt());
    const auto parsed = parse_receipt(text);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    EXPECT_EQ(*encode_receipt(*parsed), text);
    EXPECT_EQ(parsed->receipt.result.files[1].path, "result.txt");
}

TEST(Receipt, RefusesEveryOtherSpelling)
{
    const SampleRun run = test::make_sample_run(kNow);
    const std::string good = run.sign(run.receipt());
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text :
         {std::string(), std::string("{}"), good + "\n", " " + good, with("iapp-receipt/1", "iapp-receipt/2"),
          with("\"tee\":\"simulated\"", "\"tee\":\"sgx\""), with("\"exitCode\":0", "\"exitCode\":256"),
          with("\"exitCode\":0", "\"exitCode\":0.0"), with("\"exitCode\":0", "\"exitCode\":0,\"exitCode\":0"),
          with("\"exitCode\":0", "\"exitCode\":0,\"extra\":1"), with("\"sealing\":\"age\"", "\"sealing\":\"gpg\""),
          with("\"kind\":\"tdx\"", "\"kind\":\"sev\""), with("sha256:1a", "sha512:1a"), with("sha256:1a", "sha256:1A"),
          with("\"task\":\"0x05", "\"task\":\"0X05"), with("\"nonce\":", "\"nonsense\":")}) {
        EXPECT_EQ(parse_receipt(text).error().reason, "attest.receipt_format") << text.substr(0, 60);
        test::count_negative("attest.receipt_format");
    }
    EXPECT_EQ(verify_receipt("{}", run.trust(), kNow).error->reason, "attest.receipt_format");
}

TEST(Receipt, CannotBeWrittenWithTextThatIsNotUtf8)
{
    const SampleRun run = test::make_sample_run(kNow);
    Receipt receipt = run.receipt();
    receipt.result.files[0].path = "\xff";
    EXPECT_EQ(receipt_digest(receipt).error().reason, "attest.receipt_format");
}

/// What no receipt of a TDX run goes through: other evidence, other logs, policies and tokens.
bool is_foreign(CheckId id)
{
    using enum CheckId;
    const auto within = [&](CheckId first, CheckId last) { return first <= id && id <= last; };
    return within(snp_format, tee) || id == vmpl || id == collateral_age || id == machine || id == host_data ||
           within(boot_log_format, event_log_format) || within(ear_format, ear_claims);
}

TEST(Receipt, ReportTellsWhatWasSeen)
{
    const SampleRun run = test::make_sample_run(kNow);
    const ReceiptReport report = verify_receipt(run.sign(run.receipt()), run.trust(), kLater);
    EXPECT_EQ(name(report.level), "SIMULATED");
    EXPECT_EQ(report.mr_td, run.parts.body.mr_td);
    EXPECT_EQ(report.tcb->status, TcbStatus::up_to_date);
    for (const CheckInfo& check : all_checks()) {
        if (is_foreign(check.id)) continue;
        EXPECT_EQ(std::ranges::count(report.checks, check.id, &CheckOutcome::id), 1) << check.reason;
    }
}

TEST(DecisionLeaf, IsCanonicalOrNothing)
{
    const SampleRun run = test::make_sample_run(kNow);
    const Bytes bytes = encode_leaf(run.leaf());
    EXPECT_EQ(encode_leaf(*parse_leaf(bytes)), bytes);
    for (const std::string& text : {std::string("{}"), " " + iapp::to_text(bytes), iapp::to_text(bytes) + "\n"}) {
        EXPECT_EQ(parse_leaf(as_bytes(text)).error().reason, "attest.ledger_leaf");
        test::count_negative("attest.ledger_leaf");
    }
}

}  // namespace
}  // namespace iapp::attest
