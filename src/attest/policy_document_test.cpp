// Appraisal policies as documents: what is read, what is refused and by which words, and what lint says of a policy.
#include "attest/policy_document.hpp"

#include <gtest/gtest.h>

#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

const std::string kDigest(96, 'a');

/// A policy with every member.
std::string full()
{
    return R"({"schema":"iapp-appraisal-policy/1","name":"production","tees":["tdx","snp","sgx"],)"
           R"("tcb":{"statuses":["UpToDate","SWHardeningNeeded"],"advisories":["INTEL-SA-00615"],)"
           R"("leastEvaluationNumber":17,"outOfDateGraceDays":30},)"
           R"("mostCollateralAgeHours":720,"machines":["00112233445566778899aabbccddeeff"],)"
           R"("references":[{"name":"agent 1","tee":"tdx","registers":{"mrtd":")" +
           kDigest + R"(","rtmr0":")" + kDigest + R"("},"events":{"compose-hash":"00ff"}},)" +
           R"({"name":"signed","tee":"sgx","registers":{"mrsigner":")" + std::string(64, 'b') +
           R"(","isvprodid":"0001"},"leastIsvSvn":3}],)" +
           R"("tdx":{"attributesRequired":"0x10000000","attributesAllowed":"0x50000000","xfamAllowed":"0x6dbe7"},)"
           R"("sgx":{"flagsAllowed":"0x85","miscSelectAllowed":0},)"
           R"("snp":{"products":["Genoa"],"floors":{"Genoa":{"bootLoader":9,"tee":0,"snp":23,"microcode":72}},"mostVmpl":1,)"
           R"("leastAbiMajor":1,"leastAbiMinor":55,"leastGuestSvn":2,"allowSmt":false,"requireAliasCheck":true},)"
           R"("tpm":{"pcrs":[0,2,4,7]},"dangerousAllowSimulated":true})";
}

TEST(Policy, ReadsEveryMember)
{
    const auto read = parse_policy(full());
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    const AppraisalPolicy& p = read->policy;
    EXPECT_EQ(p.name, "production");
    EXPECT_EQ(p.tees, (std::vector{EvidenceKind::tdx, EvidenceKind::snp, EvidenceKind::sgx}));
    EXPECT_EQ(p.tcb.statuses, (std::vector{TcbStatus::up_to_date, TcbStatus::sw_hardening_needed}));
    EXPECT_EQ(p.tcb.advisories, std::vector<std::string>{"INTEL-SA-00615"});
    EXPECT_EQ(p.tcb.least_evaluation_number, 17U);
    EXPECT_EQ(p.tcb.out_of_date_grace, std::chrono::days(30));
    EXPECT_EQ(p.most_collateral_age, std::chrono::hours(720));
    EXPECT_EQ(p.machines->front(), "00112233445566778899aabbccddeeff");
    ASSERT_EQ(p.accepted.size(), 2U);
    EXPECT_EQ(p.accepted[0].registers.size(), 2U);
    EXPECT_EQ(p.accepted[0].registers[0].value, Bytes(48, 0xaa));
    EXPECT_EQ(p.accepted[0].events, (LoggedEvents{{"compose-hash", {0x00, 0xff}}}));
    EXPECT_EQ(p.accepted[1].least_isv_svn, 3U);
    EXPECT_EQ(p.tdx.attributes_allowed, 0x50000000U);
    EXPECT_EQ(p.tdx.xfam_allowed, 0x6dbe7U);
    EXPECT_EQ(p.sgx.misc_select_allowed, 0U);
    EXPECT_EQ(p.snp.floors.at(SnpProduct::genoa).microcode, 72U);
    EXPECT_EQ(p.snp.most_vmpl, 1U);
    EXPECT_FALSE(p.snp.allow_smt);
    EXPECT_TRUE(p.snp.require_alias_check);
    EXPECT_EQ(p.tpm.pcrs, (std::vector<unsigned>{0, 2, 4, 7}));
    EXPECT_TRUE(p.dangerous_allow_simulated);
    EXPECT_FALSE(p.dangerous_any_measurement);
    EXPECT_EQ(read->sha256, crypto::sha256(as_bytes(full())));
}

TEST(Policy, AbsentMembersKeepStrictDefaults)
{
    const auto read = parse_policy(R"({"schema":"iapp-appraisal-policy/1","name":"x","tees":["tdx"]})");
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_TRUE(read->policy.accepted.empty());
    EXPECT_EQ(read->policy.tcb.statuses, std::vector{TcbStatus::up_to_date});
    EXPECT_FALSE(read->policy.machines.has_value());
    EXPECT_FALSE(read->policy.dangerous_allow_simulated || read->policy.dangerous_any_report_data);
}

struct Bend {
    const char* name;
    std::string from;
    std::string to;
    std::string_view says;  ///< part of the message
};
class PolicyRefuses : public testing::TestWithParam<Bend> {};

TEST_P(PolicyRefuses, AndNamesTheMember)
{
    std::string text = full();
    const auto at = text.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, GetParam().from.size(), GetParam().to);
    const auto read = parse_policy(text);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().reason, "attest.policy_format");
    EXPECT_NE(read.error().detail.find(GetParam().says), std::string::npos) << read.error().detail;
    test::count_negative(read.error().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Bends, PolicyRefuses,
    testing::Values(
        Bend{"other_schema", "policy/1", "policy/2", "$.schema"}, Bend{"no_name", R"("name":"production",)", "", "$.name"},
        Bend{"no_tees", R"("tees":["tdx","snp","sgx"],)", "", "$.tees"},
        Bend{"unknown_member", R"("tpm":)", R"("tmp":)", "$.tmp"},
        Bend{"duplicate_member", R"("tpm":{"pcrs":[0,2,4,7]})", R"("tpm":{},"tpm":{})", "duplicate"},
        Bend{"unknown_tee", R"("tees":["tdx")", R"("tees":["sev")", "evidence kind"},
        Bend{"tee_twice", R"("tees":["tdx")", R"("tees":["snp")", "twice"},
        Bend{"unknown_status", "SWHardeningNeeded", "Fine", "status"},
        Bend{"negative_number", R"("leastEvaluationNumber":17)", R"("leastEvaluationNumber":-1)", "leastEvaluationNumber"},
        Bend{"short_machine", "00112233445566778899aabbccddeeff", "001122", "machine id"},
        Bend{"machine_digits", "00112233445566778899aabbccddeeff", "zz112233445566778899aabbccddeeff", "hex"},
        Bend{"short_register", "aaaa\",\"rtmr0", "aa\",\"rtmr0", "48 bytes"},
        Bend{"unknown_register", "rtmr0", "rtmr7", "rtmr7"},
        Bend{"register_of_other_kind", R"("mrtd")", R"("measurement")", "no register"},
        Bend{"td_without_mrtd", R"("mrtd")", R"("mrseam")", "identified by mrtd"},
        Bend{"signer_without_svn", R"(,"leastIsvSvn":3)", "", "leastIsvSvn"},
        Bend{"signer_without_product", R"(,"isvprodid":"0001")", "", "isvprodid"},
        Bend{"svn_of_a_td", R"("tee":"tdx")", R"("leastIsvSvn":1,"tee":"tdx")", "leastIsvSvn"},
        Bend{"no_event", R"({"compose-hash":"00ff"})", "{}", "names no event"},
        Bend{"event_digits", R"("00ff")", R"("0x00ff")", "hex"},
        Bend{"event_of_an_enclave", R"("leastIsvSvn":3)", R"("leastIsvSvn":3,"events":{"a":""})", "only TDs"},
        Bend{"mask_without_prefix", "0x50000000", "50000000", "mask"},
        Bend{"mask_too_long", "0x50000000", "0x50000000000000000", "mask"},
        Bend{"mask_digits", "0x50000000", "0x5000000g", "hex"},
        Bend{"unknown_product", R"("products":["Genoa"])", R"("products":["Naples"])", "Naples"},
        Bend{"floor_of_unknown_product", R"("floors":{"Genoa")", R"("floors":{"Rome")", "Rome"},
        Bend{"floor_above_a_byte", R"("snp":23)", R"("snp":256)", "snp"},
        Bend{"null_for_absent", R"("requireAliasCheck":true)", R"("requireAliasCheck":null)", "null"},
        Bend{"vmpl_above_3", R"("mostVmpl":1)", R"("mostVmpl":4)", "VMPL"},
        Bend{"pcr_above_23", "[0,2,4,7]", "[0,2,4,24]", "pcrs"},
        Bend{"pcrs_out_of_order", "[0,2,4,7]", "[0,4,2,7]", "ascending"},
        Bend{"pcr_twice", "[0,2,4,7]", "[0,2,2,7]", "ascending"},
        Bend{"flag_is_text", R"("dangerousAllowSimulated":true)", R"("dangerousAllowSimulated":"yes")", "dangerousAllow"},
        Bend{"text_behind", R"("dangerousAllowSimulated":true})", R"("dangerousAllowSimulated":true}})", "json"}),
    [](const auto& test) { return std::string(test.param.name); });

bool mentions(const std::vector<PolicyFinding>& findings, std::string_view text)
{
    return std::ranges::any_of(findings, [&](const PolicyFinding& f) { return f.text.find(text) != std::string::npos; });
}

TEST(PolicyLint, NamesWhatAPolicyLeavesOpen)
{
    const auto open = lint(authenticity_only());
    for (const std::string_view text : {"dangerousAnyMeasurement", "dangerousAnyReportData", "dangerousNoRevocationList",
                                        "leastEvaluationNumber", "mostCollateralAgeHours", "snp.floors"})
        EXPECT_TRUE(mentions(open, text)) << text;
    EXPECT_FALSE(mentions(open, "dangerousAllowSimulated"));
}

TEST(PolicyLint, NamesContradictions)
{
    AppraisalPolicy policy;
    policy.tees = {EvidenceKind::tdx, EvidenceKind::tpm};
    policy.accepted = {{"enclave", EvidenceKind::sgx, {{"mrenclave", Bytes(32)}}, std::nullopt},
                       {"host", EvidenceKind::tpm, {{"pcr04", Bytes(32)}}, std::nullopt}};
    policy.tcb.statuses = {TcbStatus::revoked, TcbStatus::out_of_date};
    policy.tpm.pcrs = {7, 16};
    const auto findings = lint(policy);
    for (const std::string_view text : {"no reference is of this kind", "which tees does not list", "names Revoked",
                                        "OutOfDate is accepted only without advisories", "outOfDateGraceDays",
                                        "pcr16 can be reset", "\"host\" does not name pcr07", "\"host\" names pcr04"})
        EXPECT_TRUE(mentions(findings, text)) << text;
}

TEST(PolicyLint, IsQuietAboutAStrictPolicy)
{
    AppraisalPolicy policy;
    policy.accepted = {tdx_reference(crypto::sha384(as_bytes("agent")))};
    policy.tcb.least_evaluation_number = 17;
    policy.most_collateral_age = std::chrono::hours(24);
    EXPECT_TRUE(lint(policy).empty());
}

}  // namespace
}  // namespace iapp::attest
