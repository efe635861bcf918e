// From files to verdict with evidence of our own making: forms of files, choice among several, logs, and what is left out.
#include "attest/judge.hpp"

#include <gtest/gtest.h>

#include "attest/detect.hpp"
#include "attest/endorsement_files.hpp"
#include "attest/inspect.hpp"
#include "attest/result_documents.hpp"
#include "codec/base64.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

struct Scene {
    test::SampleRun run = test::make_sample_run(kNow);
    Submission submission;
    Trust trust;
    PolicyDocument policy{{}, Hash256::zero()};
    std::optional<Bytes> challenge;

    Scene()
    {
        submission.evidence = run.evidence().bytes;
        submission.endorsements = {to_bytes(encode_collateral(run.collateral))};
        submission.log = to_bytes(encode_event_log(run.log));
        trust.intel = run.anchor();
        policy.policy = run.policy;
        policy.policy.accepted[0].events = {{std::string(op::kAppImage), run.log[1].payload}};
        challenge = to_bytes(report_data(run.binding).bytes());
    }

    /// Whoever remembers says the same: at the first call, and at the second.
    Appraisal judge() const
    {
        const Appraisal answer = attest::judge(submission, trust, policy, challenge, kNow);
        JudgeMemory memory;
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ(result_document(attest::judge(submission, trust, policy, challenge, kNow, &memory)),
                      result_document(answer));
        return answer;
    }

    std::string reason() const
    {
        const Appraisal appraisal = judge();
        const CheckOutcome* failed = failed_check(appraisal);
        EXPECT_EQ(failed == nullptr, appraisal.accepted);
        if (failed != nullptr) test::count_negative(info(failed->id).reason);
        return failed == nullptr ? "" : std::string(info(failed->id).reason);
    }
};

TEST(Judge, AcceptsAWholeRun)
{
    const Appraisal appraisal = Scene().judge();
    EXPECT_TRUE(appraisal.accepted);
    EXPECT_TRUE(appraisal.boot_measured);
    EXPECT_TRUE(appraisal.runtime_measured);
    EXPECT_FALSE(appraisal.machine_listed);
    ASSERT_TRUE(appraisal.claims.has_value());
    EXPECT_TRUE(appraisal.claims->simulated);
}

TEST(Judge, TakesEvidenceInEveryForm)
{
    Scene scene;
    const Bytes raw = scene.submission.evidence;
    for (const std::string& form : {hex(raw), hex0x(raw), codec::base64(raw), " " + hex(raw) + "\n",
                                    R"({"quote":")" + hex(raw) + R"(","event_log":"[]"})"}) {
        scene.submission.evidence = to_bytes(form);
        EXPECT_EQ(scene.reason(), "") << form.substr(0, 40);
    }
}

TEST(JudgeMemory, KeepsEndorsementsThatOpenAndTheLastFewOnly)
{
    const Scene scene;
    JudgeMemory memory;
    const auto remember = [&] { return memory.verifier(scene.run.collateral, scene.trust.intel); };
    const auto first = remember();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(remember(), first);
    EXPECT_EQ(memory.verifier(scene.run.collateral, TrustAnchor::intel()), nullptr);
    EXPECT_EQ(memory.verifier({}, scene.trust.intel), nullptr);
    EXPECT_EQ(memory.size(), 1U);

    for (int day = 2; day < 20; ++day) {
        const auto other = simtee::issue_collateral(scene.run.authority, {kNow, kNow + std::chrono::days(day)});
        ASSERT_TRUE(other.has_value());
        EXPECT_NE(memory.verifier(*other, scene.trust.intel), nullptr);
    }
    EXPECT_EQ(memory.size(), 16U);
    EXPECT_NE(remember(), first);
}

TEST(ResultDocument, IsUtf8WhateverTheEvidenceHolds)
{
    const json::Object document = result_document(Field{"tree", "a\xff\"b", {{"below", "\xc3\xa9", {}}}});
    EXPECT_EQ(json::print(document), R"({"format":"tree","verified":false,"content":{"name":"tree","value":"a?\"b",)"
                                     R"("fields":[{"name":"below","value":"é"}]}})");
}

/// A list of the PCK CA, newer than the one in the collateral, that names the certificate of this quote.
Bytes list_with_pck(const test::SampleRun& run)
{
    const crypto::CrlProfile profile{.this_update = kNow - std::chrono::minutes(1),
                                     .next_update = kNow + std::chrono::days(1),
                                     .number = 9,
                                     .revoked_serials = {run.authority.pck.serial()},
                                     .extensions = {}};
    return crypto::issue_crl(profile, run.authority.ca, run.authority.ca_key)->der();
}

Bytes list_of_strangers()
{
    test::SampleSnp other = test::make_sample_snp(kNow);
    return *std::move(other.endorsements.crl);
}

struct Case {
    const char* name;
    std::string_view reason;
    void (*bend)(Scene&);
};
class JudgeRefuses : public testing::TestWithParam<Case> {};

TEST_P(JudgeRefuses, WithTheCheckThatFailed)
{
    Scene scene;
    GetParam().bend(scene);
    EXPECT_EQ(scene.reason(), GetParam().reason);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bends, JudgeRefuses, testing::Values(
    Case{"empty_file",          "attest.evidence_kind",        [](Scene& s) { s.submission.evidence.clear(); }},
    Case{"other_bytes",         "attest.evidence_kind",        [](Scene& s) { s.submission.evidence.assign(100, 7); }},
    Case{"text",                "attest.evidence_kind",        [](Scene& s) { s.submission.evidence = to_bytes("hello"); }},
    Case{"version_6",           "attest.evidence_kind",        [](Scene& s) { s.submission.evidence[0] = 6; }},
    Case{"cut_quote",           "attest.quote_format",         [](Scene& s) { s.submission.evidence.pop_back(); }},
    Case{"vendor_root",         "attest.root",                 [](Scene& s) { s.trust = {}; }},
    Case{"no_collateral",       "attest.collateral_chain",     [](Scene& s) { s.submission.endorsements.clear(); }},
    Case{"collateral_is_noise", "attest.collateral_chain",     [](Scene& s) { s.submission.endorsements = {Bytes(64, 0x30)}; }},
    Case{"simulated",           "attest.simulated",            [](Scene& s) { s.policy.policy.dangerous_allow_simulated = false; }},
    Case{"no_challenge",        "attest.report_data",          [](Scene& s) { s.challenge.reset(); }},
    Case{"short_challenge",     "attest.report_data",          [](Scene& s) { s.challenge->pop_back(); }},
    Case{"long_challenge",      "attest.report_data",          [](Scene& s) { s.challenge->push_back(0); }},
    Case{"other_challenge",     "attest.report_data",          [](Scene& s) { s.challenge->back() ^= 1; }},
    Case{"no_log",              "attest.measurement",          [](Scene& s) { s.submission.log.reset(); }},
    Case{"log_is_noise",        "attest.runtime_log_format",   [](Scene& s) { s.submission.log = to_bytes("[1]"); }},
    Case{"boot_log_is_noise",   "attest.measurement",          [](Scene& s) { s.submission.log = Bytes(64, 7); }},
    Case{"log_nobody_judges",   "attest.measurement",          [](Scene& s) { s.policy.policy.accepted[0].events.clear(); }},
    Case{"log_of_other_app",    "attest.measurement",          [](Scene& s) { s.policy.policy.accepted[0].events[0].payload.back() ^= 1; }},
    Case{"event_log_lacks",     "attest.measurement",          [](Scene& s) { s.policy.policy.accepted[0].events.push_back({"compose-hash", Bytes(32)}); }},
    Case{"event_and_no_log",    "attest.measurement",          [](Scene& s) { s.submission.log.reset(); s.policy.policy.accepted[0].registers.push_back({"rtmr3", to_bytes(s.run.parts.body.rtmr[3].bytes())}); }},
    Case{"list_is_noise",       "attest.crl",                  [](Scene& s) { s.submission.revocation_lists = {to_bytes("noise")}; }},
    Case{"list_of_other_pki",   "attest.crl",                  [](Scene& s) { s.submission.revocation_lists = {list_of_strangers()}; }},
    Case{"list_with_this_pck",  "attest.revoked",              [](Scene& s) { s.submission.revocation_lists = {list_with_pck(s.run)}; }},
    Case{"newer_list_beside",   "attest.revoked",              [](Scene& s) { s.submission.endorsements.push_back(list_with_pck(s.run)); }},
    Case{"log_of_other_run",    "attest.event_log_replay",     [](Scene& s) { s.run.log[4].payload[0] ^= 1; s.submission.log = to_bytes(encode_event_log(s.run.log)); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(Judge, SkipsOnlyWhatThePolicyWaives)
{
    Scene scene;
    scene.policy.policy = authenticity_only();
    scene.policy.policy.dangerous_allow_simulated = true;
    scene.submission.log.reset();
    scene.challenge.reset();
    const Appraisal appraisal = scene.judge();
    EXPECT_TRUE(appraisal.accepted);
    EXPECT_FALSE(appraisal.boot_measured);
    EXPECT_EQ(outcome_of(appraisal, CheckId::measurement), Outcome::skipped);
    EXPECT_EQ(outcome_of(appraisal, CheckId::report_data), Outcome::skipped);
}

/// The parts of the one document, as the service serves them, one file each.
std::vector<Bytes> loose(const Collateral& c)
{
    const auto signed_object = [](std::string_view member, std::string_view object, const Bytes& signature) {
        return to_bytes("{\"" + std::string(member) + "\":" + std::string(object) + ",\"signature\":\"" + hex(signature) +
                        "\"}");
    };
    return {to_bytes(c.pck_crl_issuer_chain),
            to_bytes(c.tcb_info_issuer_chain),
            c.root_ca_crl,
            to_bytes(hex(c.pck_crl)),
            signed_object("tcbInfo", c.tcb_info, c.tcb_info_signature),
            signed_object("enclaveIdentity", c.qe_identity, c.qe_identity_signature),
            to_bytes("notes about this folder")};
}

TEST(EndorsementFiles, LooseFilesAreTheOneDocument)
{
    Scene scene;
    scene.submission.endorsements = loose(scene.run.collateral);
    EXPECT_EQ(scene.reason(), "");
    std::ranges::reverse(scene.submission.endorsements);
    EXPECT_EQ(scene.reason(), "");
}

TEST(EndorsementFiles, OneThatIsValidNowWins)
{
    Scene scene;
    const auto stale =
        simtee::issue_collateral(scene.run.authority, {kNow - std::chrono::days(60), kNow - std::chrono::days(30)});
    const auto future =
        simtee::issue_collateral(scene.run.authority, {kNow + std::chrono::days(1), kNow + std::chrono::days(30)});
    ASSERT_TRUE(stale && future);
    std::vector<Bytes> all = loose(*stale);
    for (const Collateral* more : std::array<const Collateral*, 2>{&scene.run.collateral, &*future})
        for (Bytes& file : loose(*more)) all.push_back(std::move(file));
    scene.submission.endorsements = all;
    EXPECT_EQ(scene.reason(), "");
    scene.submission.endorsements = loose(*stale);
    EXPECT_EQ(scene.reason(), "attest.collateral_expired");
}

TEST(EndorsementFiles, TogetherAreBounded)
{
    Scene scene;
    scene.submission.endorsements.insert(scene.submission.endorsements.begin(), Bytes(std::size_t{3} << 20, 7));
    EXPECT_EQ(scene.reason(), "");
    scene.submission.endorsements.insert(scene.submission.endorsements.begin(), Bytes(std::size_t{1} << 20, 7));
    EXPECT_EQ(scene.reason(), "attest.collateral_chain");
}

TEST(EndorsementFiles, EachMissingPartIsNamedByItsCheck)
{
    const std::array expected{"attest.collateral_chain",     "attest.collateral_chain",    "attest.crl", "attest.crl",
                              "attest.collateral_signature", "attest.collateral_signature"};
    for (std::size_t i = 1; i < expected.size(); ++i) {  // without file 0 the quote's own chain serves
        Scene scene;
        scene.submission.endorsements = loose(scene.run.collateral);
        scene.submission.endorsements.erase(scene.submission.endorsements.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(scene.reason(), expected[i]) << i;
    }
}

const Field* find(const Field& tree, std::string_view name)
{
    if (tree.name == name) return &tree;
    for (const Field& below : tree.fields)
        if (const Field* found = find(below, name)) return found;
    return nullptr;
}

TEST(Inspect, ShowsQuoteLogAndCollateral)
{
    const Scene scene;
    const auto quote = inspect(scene.submission.evidence);
    ASSERT_TRUE(quote.has_value());
    EXPECT_EQ(quote->name, "tdx quote");
    EXPECT_EQ(find(*quote, "mrtd")->value, hex(scene.run.parts.body.mr_td.bytes()));
    EXPECT_EQ(find(*quote, "fmspc")->value, hex(simtee::simulated_platform().fmspc.bytes()));

    const auto log = inspect(*scene.submission.log);
    ASSERT_TRUE(log.has_value());
    EXPECT_EQ(log->name, "measured log");
    EXPECT_EQ(find(*log, "rtmr3")->value, hex(scene.run.parts.body.rtmr[3].bytes()));

    const auto collateral = inspect(scene.submission.endorsements.front());
    ASSERT_TRUE(collateral.has_value());
    for (const std::string_view part : {"tcb_info", "qe_identity", "root_ca_crl", "pck_crl", "tcb_info_issuer_chain"})
        EXPECT_NE(find(*collateral, part), nullptr) << part;
}

TEST(Inspect, RefusesWhatItDoesNotKnow)
{
    for (const std::string_view file : {"", "hello", "{}", "-----BEGIN NOTHING-----"})
        EXPECT_FALSE(inspect(as_bytes(file)).has_value()) << file;
    EXPECT_FALSE(inspect(Bytes(5000, 0)).has_value());
}

TEST(Detect, UnwrapsTextAndNothingElse)
{
    EXPECT_EQ(*unwrap_text(as_bytes("0x00ff\n")), (Bytes{0, 255}));
    EXPECT_EQ(*unwrap_text(as_bytes("AP8=\n")), (Bytes{0, 255}));
    EXPECT_EQ(*unwrap_text(as_bytes("{\"a\":1}")), to_bytes("{\"a\":1}"));
    EXPECT_EQ(*unwrap_text(Bytes{0, 1, 2}), (Bytes{0, 1, 2}));
    EXPECT_EQ(unwrap_text({}).error().reason, "attest.evidence_kind");
    EXPECT_EQ(unwrap_text(Bytes(kMaxEvidenceFile + 1, 'a')).error().reason, "attest.evidence_kind");
}

}  // namespace
}  // namespace iapp::attest
