// How a platform is rated: every TCB status, each part of the verdict, the relaunch advice and the older TCB info, each by
// planning collateral as plain data and signing it.
#include <gtest/gtest.h>

#include "attest/intel_verify.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

using enum TcbStatus;
using simtee::CollateralPlan;
using std::chrono::days;
using std::chrono::hours;
using test::SampleRun;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};
constexpr simtee::Window kOpen{kNow - hours(1), kNow + days(30)};

/// One PKI for all cases: only documents and quotes differ.
const SampleRun& base()
{
    static const SampleRun run = test::make_sample_run(kNow);
    return run;
}

struct Judged {
    std::string_view reason;
    std::optional<VerifiedQuote> quote;
    CheckLog checks;
};

Judged verify(const simtee::QuoteParts& parts, const CollateralPlan& plan)
{
    const simtee::Authority& a = base().authority;
    const Evidence evidence{parts.enclave ? EvidenceKind::sgx : EvidenceKind::tdx,
                            simtee::encode_quote(parts, a.pck_key, a.attestation_key)};
    const auto collateral = simtee::sign_collateral(a, plan);
    Judged out;
    auto verified = verify_intel(evidence, *collateral, base().anchor(), kNow, out.checks);
    if (verified) out.quote.emplace(*std::move(verified));
    else out.reason = verified.error().reason;
    return out;
}

simtee::QuoteParts enclave_parts()
{
    simtee::QuoteParts parts = base().parts;
    parts.enclave = simtee::simulated_enclave(Hash256::zero(), ReportData::zero());
    return parts;
}

/// A TD 1.5 launched under module SVN 2 and running under module SVN 3 now, where 3 is current.
simtee::QuoteParts updated_td()
{
    simtee::QuoteParts parts = base().parts;
    parts.body.tee_tcb_svn2 = parts.body.tee_tcb_svn;
    parts.body.tee_tcb_svn[0] = 2;
    parts.body.mr_service_td = Hash384::zero();
    return parts;
}

CollateralPlan tdx_plan() { return simtee::plan_collateral(EvidenceKind::tdx, kOpen); }

/// With a second, older level for the module.
CollateralPlan relaunch_plan()
{
    CollateralPlan plan = tdx_plan();
    auto old = plan.tcb.identities[0].levels[0];
    old.isv_svn = 2;
    old.status = out_of_date;
    old.advisories = {"INTEL-SA-01192"};
    plan.tcb.identities[0].levels.push_back(old);
    return plan;
}

constexpr std::array kLevelStatuses{up_to_date,
                                    sw_hardening_needed,
                                    configuration_needed,
                                    configuration_and_sw_hardening_needed,
                                    out_of_date,
                                    out_of_date_configuration_needed,
                                    revoked};

TEST(PlatformStatus, EveryStatusOfALevelComesThrough)
{
    for (const TcbStatus status : kLevelStatuses)
        for (const EvidenceKind kind : {EvidenceKind::tdx, EvidenceKind::sgx}) {
            CollateralPlan plan = simtee::plan_collateral(kind, kOpen);
            plan.tcb.levels[0].status = status;
            plan.tcb.levels[0].advisories = {"INTEL-SA-00615", "INTEL-SA-00289"};
            const auto out = verify(kind == EvidenceKind::tdx ? base().parts : enclave_parts(), plan);
            ASSERT_TRUE(out.quote.has_value()) << out.reason;
            EXPECT_EQ(out.quote->tcb().status, status);
            EXPECT_EQ(out.quote->tcb().advisories, (std::vector<std::string>{"INTEL-SA-00289", "INTEL-SA-00615"}));
            EXPECT_EQ(out.quote->tcb_parts().platform, status);
            EXPECT_EQ(out.quote->tcb_parts().module.has_value(), kind == EvidenceKind::tdx);
        }
}

TEST(PlatformStatus, EveryPairOfPartsIsMerged)
{
    for (const TcbStatus platform : kLevelStatuses)
        for (const TcbStatus part : {up_to_date, out_of_date, revoked})
            for (const bool in_module : {true, false}) {
                CollateralPlan plan = tdx_plan();
                plan.tcb.levels[0].status = platform;
                auto& level = in_module ? plan.tcb.identities[0].levels[0] : plan.qe.levels[0];
                level.status = part;
                level.date -= days(400);
                level.advisories = {"INTEL-SA-00001"};
                const auto out = verify(base().parts, plan);
                ASSERT_TRUE(out.quote.has_value()) << out.reason;
                EXPECT_EQ(out.quote->tcb().status, merge({platform, {}, {}}, {part, {}, {}}).status);
                EXPECT_EQ(out.quote->tcb().date, level.date) << "the oldest date counts";
                EXPECT_EQ(out.quote->tcb().advisories, level.advisories);
            }
}

TEST(PlatformStatus, TheLowerEvaluationNumberAndTheOlderDocumentCount)
{
    CollateralPlan plan = tdx_plan();
    plan.qe.tcb_evaluation_number = 17;
    plan.tcb.issue_date -= days(3);
    const auto out = verify(base().parts, plan);
    EXPECT_EQ(out.quote->tcb_evaluation_number(), 17U);
    EXPECT_EQ(out.quote->collateral_issued(), kOpen.from - days(3));
}

TEST(PlatformStatus, TheOlderTcbInfoRatesSgxPlatforms)
{
    CollateralPlan plan = simtee::plan_collateral(EvidenceKind::sgx, kOpen);
    plan.tcb_version = 2;
    plan.tcb.levels[0].status = sw_hardening_needed;
    EXPECT_EQ(verify(enclave_parts(), plan).quote->tcb().status, sw_hardening_needed);
    plan.tcb.levels[0].sgx[15] = 1;  // the platform has 0 there: it reaches neither level any more
    plan.tcb.levels[1].sgx[15] = 1;
    const auto out = verify(enclave_parts(), plan);
    EXPECT_EQ(out.reason, "attest.tcb_level");
    test::expect_only_failure(out.checks, CheckId::tcb_level);
}

TEST(PlatformStatus, NoLevelAtAllIsNotSupported)
{
    for (const EvidenceKind kind : {EvidenceKind::tdx, EvidenceKind::sgx}) {
        CollateralPlan plan = simtee::plan_collateral(kind, kOpen);
        plan.tcb.levels.clear();
        const auto out = verify(kind == EvidenceKind::tdx ? base().parts : enclave_parts(), plan);
        test::expect_only_failure(out.checks, CheckId::tcb_level);
    }
}

// --- TDX modules
// ------------------------------------------------------------------------------------------------------------

struct ModuleCase {
    const char* name;
    CheckId check;
    void (*bend)(simtee::QuoteParts&, CollateralPlan&);
};
class Module : public testing::TestWithParam<ModuleCase> {};

TEST_P(Module, IsRefusedWhenTheTcbInfoDoesNotDescribeIt)
{
    simtee::QuoteParts parts = base().parts;
    CollateralPlan plan = tdx_plan();
    GetParam().bend(parts, plan);
    const auto out = verify(parts, plan);
    test::expect_only_failure(out.checks, GetParam().check);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Tdx, Module, testing::Values(
    ModuleCase{"no_identities",        CheckId::tdx_module, [](auto&, auto& c) { c.tcb.identities.clear(); }},
    ModuleCase{"no_levels",            CheckId::tdx_module, [](auto&, auto& c) { c.tcb.identities[0].levels.clear(); }},
    ModuleCase{"other_version",        CheckId::tdx_module, [](auto&, auto& c) { c.tcb.identities[0].id = "TDX_10"; }},
    ModuleCase{"identity_of_no_form",  CheckId::tdx_module, [](auto&, auto& c) { c.tcb.identities[0].id = "TDX_001"; }},
    ModuleCase{"identity_signer",      CheckId::tdx_module, [](auto&, auto& c) { c.tcb.identities[0].mr_signer = crypto::sha384({}); }},
    ModuleCase{"identity_attributes",  CheckId::tdx_module, [](auto&, auto& c) { c.tcb.identities[0].attributes = 1; }},
    ModuleCase{"version_0_signer",     CheckId::tdx_module, [](auto& p, auto& c) { p.body.tee_tcb_svn[1] = 0; c.tcb.module->mr_signer = crypto::sha384({}); }},
    ModuleCase{"version_0_attributes", CheckId::tdx_module, [](auto& p, auto& c) { p.body.tee_tcb_svn[1] = 0; c.tcb.module->attributes = 1; }},
    ModuleCase{"version_0_wants_1",    CheckId::tcb_level,  [](auto& p, auto&) { p.body.tee_tcb_svn[1] = 0; }},
    ModuleCase{"now_unknown_version",  CheckId::tdx_module, [](auto& p, auto&) { p = updated_td(); p.body.tee_tcb_svn[0] = 3; (*p.body.tee_tcb_svn2)[1] = 9; }},
    ModuleCase{"now_below_all",        CheckId::tdx_module, [](auto& p, auto&) { p = updated_td(); p.body.tee_tcb_svn[0] = 3; (*p.body.tee_tcb_svn2)[0] = 1; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(ModuleIdentity, OfVersion0NeedsNoLevelButEqualComponents)
{
    simtee::QuoteParts parts = base().parts;
    parts.body.tee_tcb_svn[1] = 0;
    CollateralPlan plan = tdx_plan();
    for (auto& level : plan.tcb.levels) level.tdx[1] = 0;
    EXPECT_EQ(verify(parts, plan).quote->tcb().status, up_to_date);
    parts.body.tee_tcb_svn[0] = 2;  // below the level's 3: nobody else judges it
    test::expect_only_failure(verify(parts, plan).checks, CheckId::tcb_level);
}

TEST(ModuleIdentity, IsFoundInEitherCase)
{
    simtee::QuoteParts parts = base().parts;
    parts.body.tee_tcb_svn[1] = 0x0a;
    CollateralPlan plan = tdx_plan();
    for (const char* id : {"TDX_0A", "TDX_0a", "tdx_0A"}) {
        plan.tcb.identities[0].id = id;
        EXPECT_TRUE(verify(parts, plan).quote.has_value()) << id;
    }
}

// --- relaunch
// ---------------------------------------------------------------------------------------------------------------

struct RelaunchCase {
    const char* name;
    TcbStatus expected;
    void (*bend)(simtee::QuoteParts&, CollateralPlan&);
};
class Relaunch : public testing::TestWithParam<RelaunchCase> {};

TEST_P(Relaunch, IsAdvisedOnlyWhenEverythingIsCurrentNow)
{
    simtee::QuoteParts parts = updated_td();
    CollateralPlan plan = relaunch_plan();
    GetParam().bend(parts, plan);
    const auto out = verify(parts, plan);
    ASSERT_TRUE(out.quote.has_value()) << out.reason;
    EXPECT_EQ(name(out.quote->tcb().status), name(GetParam().expected));
    EXPECT_EQ(out.quote->tcb_parts().module, out.quote->td()->tee_tcb_svn[0] == 2 ? out_of_date : up_to_date);
    if (GetParam().expected == td_relaunch_advised) {
        EXPECT_EQ(out.quote->tcb().advisories, (std::vector<std::string>{"INTEL-SA-01192"})) << "of the launch";
    }
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Td15, Relaunch, testing::Values(
    RelaunchCase{"updated",               td_relaunch_advised, [](auto&, auto&) {}},
    RelaunchCase{"sw_hardening",          td_relaunch_advised, [](auto&, auto& c) { c.tcb.levels[0].status = sw_hardening_needed; }},
    RelaunchCase{"configuration",         td_relaunch_advised_configuration_needed, [](auto&, auto& c) { c.tcb.levels[0].status = configuration_needed; }},
    RelaunchCase{"both",                  td_relaunch_advised_configuration_needed, [](auto&, auto& c) { c.tcb.levels[0].status = configuration_and_sw_hardening_needed; }},
    RelaunchCase{"platform_out_of_date",  out_of_date, [](auto&, auto& c) { c.tcb.levels[0].status = out_of_date; }},
    RelaunchCase{"platform_revoked",      revoked, [](auto&, auto& c) { c.tcb.levels[0].status = revoked; }},
    RelaunchCase{"qe_out_of_date",        out_of_date, [](auto&, auto& c) { c.qe.levels[0].status = out_of_date; }},
    RelaunchCase{"qe_revoked",            revoked, [](auto&, auto& c) { c.qe.levels[0].status = revoked; }},
    RelaunchCase{"not_updated",           out_of_date, [](auto& p, auto&) { (*p.body.tee_tcb_svn2)[0] = 2; }},
    RelaunchCase{"a_newer_module_exists", out_of_date, [](auto&, auto& c) { auto newer = c.tcb.identities[0].levels[0]; newer.isv_svn = 4; c.tcb.identities[0].levels.push_back(newer); }},
    RelaunchCase{"component_2_is_old",    out_of_date, [](auto&, auto& c) { auto newer = c.tcb.levels[0]; newer.tdx[2] = 3; c.tcb.levels.push_back(newer); }},
    RelaunchCase{"other_component_old",   out_of_date, [](auto& p, auto& c) { auto old = c.tcb.levels[0]; old.status = out_of_date; c.tcb.levels[0].tdx[5] = 1; c.tcb.levels.push_back(old); (void)p; }},
    RelaunchCase{"module_now_revoked",    revoked, [](auto&, auto& c) { c.tcb.identities[0].levels[0].status = revoked; }},
    RelaunchCase{"launched_current",      up_to_date, [](auto& p, auto&) { p.body.tee_tcb_svn[0] = 3; }},
    RelaunchCase{"td10_has_no_now",       out_of_date, [](auto& p, auto&) { p.body.tee_tcb_svn2.reset(); p.body.mr_service_td.reset(); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(TcbStatusOfALevel, IsNeverTheRelaunchAdvice)
{
    for (const TcbStatus status : {td_relaunch_advised, td_relaunch_advised_configuration_needed}) {
        CollateralPlan plan = tdx_plan();
        plan.tcb.levels[0].status = status;
        test::expect_only_failure(verify(base().parts, plan).checks, CheckId::collateral_format);
    }
}

}  // namespace
}  // namespace iapp::attest
