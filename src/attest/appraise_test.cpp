#include <gtest/gtest.h>

#include "attest/run.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

using test::SampleRun;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

struct Answer {
    std::string_view reason;
    std::string detail;
    CheckLog checks;
};

Answer judge(const SampleRun& run)
{
    CheckLog checks;
    const auto quote = verify_intel(run.evidence(), run.collateral, run.anchor(), kNow, checks);
    if (!quote) return {quote.error().reason, quote.error().detail, checks};
    const auto result = appraise_run(*quote, run.policy, report_data(run.binding), run.log, kNow, checks);
    if (!result) return {result.error().reason, result.error().detail, checks};
    return {{}, {}, checks};
}

/// Gives the platform's TCB level this status and these advisories.
void set_status(SampleRun& run, std::string_view status, std::string_view advisories = {})
{
    std::string& text = run.collateral.tcb_info;
    const std::string from = R"("tcbStatus":"UpToDate")";
    const auto at = text.rfind(from);
    text.replace(at, from.size(),
                 R"("tcbStatus":")" + std::string(status) + "\"" +
                     (advisories.empty() ? "" : ",\"advisoryIDs\":[" + std::string(advisories) + "]"));
    run.collateral.tcb_info_signature = to_bytes(run.authority.tcb_key.sign(as_bytes(text)).bytes());
}

struct Case {
    const char* name;
    std::string_view reason;  ///< "" means it must pass
    void (*bend)(SampleRun&);
};
class Appraise : public testing::TestWithParam<Case> {};

TEST_P(Appraise, AnswersWithTheCheckThatFailed)
{
    SampleRun run = test::make_sample_run(kNow);
    GetParam().bend(run);
    const Answer answer = judge(run);
    EXPECT_EQ(answer.reason, GetParam().reason) << answer.detail;
    if (!answer.reason.empty()) {
        const auto check = find_check(answer.reason);
        ASSERT_TRUE(check.has_value());
        test::expect_only_failure(answer.checks, check->id, GetParam().name);
    }
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Td, Appraise, testing::Values(
    Case{"good",                     "",                            [](SampleRun&) {}},
    Case{"tdx_not_accepted",         "attest.tee",                  [](SampleRun& r) { r.policy.tees = {EvidenceKind::snp}; }},
    Case{"no_tee_accepted",          "attest.tee",                  [](SampleRun& r) { r.policy.tees.clear(); }},
    Case{"simulation_not_allowed",   "attest.simulated",            [](SampleRun& r) { r.policy.dangerous_allow_simulated = false; }},
    Case{"debug",                    "attest.debug",                [](SampleRun& r) { r.parts.body.td_attributes |= 0x01; }},
    Case{"debug_group_reserved_bit", "attest.debug",                [](SampleRun& r) { r.parts.body.td_attributes |= 0x80; }},
    Case{"no_sept_ve_disable",       "attest.attributes",           [](SampleRun& r) { r.parts.body.td_attributes = 0; }},
    Case{"migratable",               "attest.attributes",           [](SampleRun& r) { r.parts.body.td_attributes |= 1ULL << 29; }},
    Case{"performance_monitor",      "attest.attributes",           [](SampleRun& r) { r.parts.body.td_attributes |= 1ULL << 63; }},
    Case{"reserved_attribute",       "attest.attributes",           [](SampleRun& r) { r.parts.body.td_attributes |= 1ULL << 40; }},
    Case{"protection_keys",          "",                            [](SampleRun& r) { r.parts.body.td_attributes |= kTdProtectionKeys; }},
    Case{"xfam_without_sse",         "attest.attributes",           [](SampleRun& r) { r.parts.body.xfam = 0x1; }},
    Case{"xfam_reserved_bit",        "attest.attributes",           [](SampleRun& r) { r.parts.body.xfam |= 1ULL << 62; }},
    Case{"td15",                     "",                            [](SampleRun& r) { r.parts.body.tee_tcb_svn2 = r.parts.body.tee_tcb_svn; r.parts.body.mr_service_td = Hash384::zero(); }},
    Case{"service_td",               "attest.attributes",           [](SampleRun& r) { r.parts.body.tee_tcb_svn2 = r.parts.body.tee_tcb_svn; r.parts.body.mr_service_td = r.parts.body.mr_td; }},
    Case{"service_td_allowed",       "",                            [](SampleRun& r) { r.parts.body.tee_tcb_svn2 = r.parts.body.tee_tcb_svn; r.parts.body.mr_service_td = r.parts.body.mr_td; r.policy.tdx.allow_service_td = true; }},
    Case{"config_id_not_zero",       "attest.host_data",            [](SampleRun& r) { r.parts.body.mr_config_id = r.parts.body.mr_td; }},
    Case{"owner_not_zero",           "attest.host_data",            [](SampleRun& r) { r.parts.body.mr_owner = r.parts.body.mr_td; }},
    Case{"owner_config_not_zero",    "attest.host_data",            [](SampleRun& r) { r.parts.body.mr_owner_config = r.parts.body.mr_td; }},
    Case{"config_id_named",          "",                            [](SampleRun& r) { r.parts.body.mr_config_id = r.parts.body.mr_td; r.policy.accepted[0].registers.push_back({"mrconfigid", to_bytes(r.parts.body.mr_td.bytes())}); }},
    Case{"other_config_id_named",    "attest.host_data",            [](SampleRun& r) { r.parts.body.mr_config_id = r.parts.body.mr_td; r.policy.accepted[0].registers.push_back({"mrconfigid", Bytes(48)}); }},
    Case{"reference_of_other_kind",  "attest.measurement",          [](SampleRun& r) { r.policy.accepted[0].tee = EvidenceKind::azure_tdx; }},
    Case{"register_that_is_missing", "attest.measurement",          [](SampleRun& r) { r.policy.accepted[0].registers.push_back({"mrservicetd", Bytes(48)}); }},
    Case{"machine_listed",           "",                            [](SampleRun& r) { r.policy.machines = {hex(simtee::simulated_platform().ppid.bytes())}; }},
    Case{"machine_not_listed",       "attest.machine",              [](SampleRun& r) { r.policy.machines = {"00112233445566778899aabbccddeeff"}; }},
    Case{"no_machine_listed",        "attest.machine",              [](SampleRun& r) { r.policy.machines.emplace(); }},
    Case{"collateral_young",         "",                            [](SampleRun& r) { r.policy.most_collateral_age = std::chrono::hours(1); }},
    Case{"collateral_old",           "attest.collateral_age",       [](SampleRun& r) { r.policy.most_collateral_age = std::chrono::minutes(59); }},
    Case{"no_reference_values",      "attest.no_reference_values",  [](SampleRun& r) { r.policy.accepted.clear(); }},
    Case{"event_named",              "",                            [](SampleRun& r) { r.policy.accepted[0].events = {{"task", to_bytes(r.binding.task.bytes())}}; }},
    Case{"event_of_other_run",       "attest.measurement",          [](SampleRun& r) { r.policy.accepted[0].events = {{"task", to_bytes(r.binding.deal.bytes())}}; }},
    Case{"svn_of_a_td",              "attest.measurement",          [](SampleRun& r) { r.policy.accepted[0].least_isv_svn = 0; }},
    Case{"other_mrtd",               "attest.measurement",          [](SampleRun& r) { r.parts.body.mr_td = Hash384::zero(); }},
    Case{"one_of_two_references",    "",                            [](SampleRun& r) { r.policy.accepted.insert(r.policy.accepted.begin(), tdx_reference(Hash384::zero())); }},
    Case{"rtmr0_not_zero",           "attest.measurement",          [](SampleRun& r) { r.parts.body.rtmr[0] = r.parts.body.mr_td; }},
    Case{"rtmr1_not_zero",           "attest.measurement",          [](SampleRun& r) { r.parts.body.rtmr[1] = r.parts.body.mr_td; }},
    Case{"rtmr2_not_zero",           "attest.measurement",          [](SampleRun& r) { r.parts.body.rtmr[2] = r.parts.body.mr_td; }},
    Case{"rtmr2_named",              "",                            [](SampleRun& r) { r.parts.body.rtmr[2] = r.parts.body.mr_td; r.policy.accepted[0].registers.push_back({"rtmr2", to_bytes(r.parts.body.mr_td.bytes())}); }},
    Case{"rtmr3_altered",            "attest.event_log_replay",     [](SampleRun& r) { r.parts.body.rtmr[3] = Hash384::zero(); }},
    Case{"log_of_another_run",       "attest.event_log_replay",     [](SampleRun& r) { r.log[4].payload[0] ^= 1; }},
    Case{"no_log",                   "attest.event_log_replay",     [](SampleRun& r) { r.log.clear(); }}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Tcb, Appraise, testing::Values(
    Case{"out_of_date",              "attest.tcb",                  [](SampleRun& r) { set_status(r, "OutOfDate"); }},
    Case{"out_of_date_no_grace",     "attest.tcb",                  [](SampleRun& r) { set_status(r, "OutOfDate"); r.policy.tcb.statuses.push_back(TcbStatus::out_of_date); }},
    Case{"out_of_date_in_grace",     "",                            [](SampleRun& r) { set_status(r, "OutOfDate"); r.policy.tcb.statuses.push_back(TcbStatus::out_of_date); r.policy.tcb.out_of_date_grace = std::chrono::days(3650); }},
    Case{"out_of_date_after_grace",  "attest.tcb",                  [](SampleRun& r) { set_status(r, "OutOfDate"); r.policy.tcb.statuses.push_back(TcbStatus::out_of_date); r.policy.tcb.out_of_date_grace = std::chrono::days(1); }},
    Case{"sw_hardening",             "attest.tcb",                  [](SampleRun& r) { set_status(r, "SWHardeningNeeded", "\"INTEL-SA-00615\""); }},
    Case{"sw_hardening_no_advisory", "attest.tcb",                  [](SampleRun& r) { set_status(r, "SWHardeningNeeded", "\"INTEL-SA-00615\""); r.policy.tcb.statuses.push_back(TcbStatus::sw_hardening_needed); }},
    Case{"sw_hardening_advisory",    "",                            [](SampleRun& r) { set_status(r, "SWHardeningNeeded", "\"INTEL-SA-00615\""); r.policy.tcb.statuses.push_back(TcbStatus::sw_hardening_needed); r.policy.tcb.advisories = {"INTEL-SA-00615"}; }},
    Case{"one_more_advisory",        "attest.tcb",                  [](SampleRun& r) { set_status(r, "SWHardeningNeeded", "\"INTEL-SA-00615\",\"INTEL-SA-00999\""); r.policy.tcb.statuses.push_back(TcbStatus::sw_hardening_needed); r.policy.tcb.advisories = {"INTEL-SA-00615"}; }},
    Case{"revoked",                  "attest.tcb",                  [](SampleRun& r) { set_status(r, "Revoked"); }},
    Case{"revoked_never_accepted",   "attest.tcb",                  [](SampleRun& r) { set_status(r, "Revoked"); r.policy.tcb.statuses.push_back(TcbStatus::revoked); }},
    Case{"nothing_accepted",         "attest.tcb",                  [](SampleRun& r) { r.policy.tcb.statuses.clear(); }},
    Case{"collateral_rolled_back",   "attest.tcb_evaluation",       [](SampleRun& r) { r.policy.tcb.least_evaluation_number = 21; }},
    Case{"collateral_as_new",        "",                            [](SampleRun& r) { r.policy.tcb.least_evaluation_number = 20; }}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Binding, Appraise, testing::Values(
    Case{"other_purpose",            "attest.report_data",          [](SampleRun& r) { r.binding.purpose = "result"; }},
    Case{"other_nonce",              "attest.report_data",          [](SampleRun& r) { r.binding.nonce[31] ^= 1; }},
    Case{"other_key",                "attest.report_data",          [](SampleRun& r) { r.binding.hpke_public_key[0] ^= 1; }},
    Case{"other_enclave",            "attest.report_data",          [](SampleRun& r) { r.binding.enclave = r.binding.hub; }},
    Case{"other_chain",              "attest.report_data",          [](SampleRun& r) { r.binding.chain_id ^= 1; }},
    Case{"other_hub",                "attest.report_data",          [](SampleRun& r) { r.binding.hub = r.binding.enclave; }},
    Case{"other_deal",               "attest.report_data",          [](SampleRun& r) { r.binding.deal = r.binding.task; }},
    Case{"other_task",               "attest.report_data",          [](SampleRun& r) { r.binding.task = r.binding.deal; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(Appraise, ComparesAll64BytesOfReportData)
{
    const SampleRun run = test::make_sample_run(kNow);
    CheckLog checks;
    const auto quote = verify_intel(run.evidence(), run.collateral, run.anchor(), kNow, checks);
    ASSERT_TRUE(quote.has_value());
    for (std::size_t i = 0; i < 64; ++i) {
        std::array<std::uint8_t, 64> expected = report_data(run.binding).array();
        expected[i] ^= 1;
        CheckLog own;
        const auto result = appraise_run(*quote, run.policy, ReportData{expected}, run.log, kNow, own);
        ASSERT_FALSE(result.has_value()) << i;
        EXPECT_EQ(result.error().reason, "attest.report_data");
    }
}

/// What a TDX agent with a measured log goes through, each once.
constexpr std::array kChecksOfTdxRun = [] {
    using enum CheckId;
    return std::array{
        evidence_kind,
        quote_format,
        chain,
        root,
        certificate_expired,
        pck,
        pck_match,
        qe_signature,
        qe_binding,
        signature,
        collateral_format,
        collateral_chain,
        crl,
        revoked,
        collateral_signature,
        collateral_expired,
        platform,
        qe_identity,
        tdx_module,
        tcb_level,
        tee,
        simulated,
        debug,
        attributes,
        tcb,
        tcb_evaluation,
        collateral_age,
        machine,
        no_reference_values,
        measurement,
        host_data,
        report_data,
        event_log_replay,
        event_log_unknown,
        event_log_duplicate,
        event_log_after_ready,
        event_log_order,
        event_log_missing,
        event_log_payload,
    };
}();

TEST(Appraise, ListsEveryCheckItRan)
{
    const SampleRun run = test::make_sample_run(kNow);
    CheckLog checks;
    const auto quote = verify_intel(run.evidence(), run.collateral, run.anchor(), kNow, checks);
    const auto result = appraise_run(*quote, run.policy, report_data(run.binding), run.log, kNow, checks);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->run().task, run.binding.task);
    EXPECT_TRUE(result->simulated());
    for (const CheckInfo& check : all_checks())
        EXPECT_EQ(std::ranges::count(result->checks(), check.id, &CheckOutcome::id),
                  std::ranges::count(kChecksOfTdxRun, check.id))
            << check.reason;
}

TEST(ReferenceValue, Is96HexDigits)
{
    const auto parsed = parse_reference_value(std::string(96, 'a'));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*find_register(parsed->registers, "mrtd"), Bytes(48, 0xaa));
    for (const std::string& text : {std::string(), std::string(95, 'a'), std::string(96, 'g'), "0x" + std::string(96, 'a')})
        EXPECT_EQ(parse_reference_value(text).error().reason, "attest.measurement");
}

/// The hash, spelled out by hand once, so that the format cannot drift with the code.
TEST(ReportData, IsWhatTheFormatSays)
{
    const Binding b = test::make_sample_run(kNow).binding;
    Bytes text = to_bytes("iapp/key-release/1");
    append(text, Bytes{0, 11});
    append(text, as_bytes("key-release"));
    append(text, Bytes{0, 32});
    append(text, b.nonce);
    append(text, Bytes{0, 32});
    append(text, b.hpke_public_key);
    append(text, Bytes{0, 20});
    append(text, b.enclave.bytes());
    append(text, Bytes{0, 8, 0, 0, 0, 0, 0, 0x06, 0x6e, 0xee});  // 421614
    append(text, Bytes{0, 20});
    append(text, b.hub.bytes());
    append(text, Bytes{0, 32});
    append(text, b.deal.bytes());
    append(text, Bytes{0, 32});
    append(text, b.task.bytes());
    EXPECT_EQ(report_data(b).array(), crypto::sha512(text).array());
}

}  // namespace
}  // namespace iapp::attest
