// The trustworthiness vector: one case for each rule of the table in docs/formats/attestation-result.md.
#include "attest/trust_vector.hpp"

#include <gtest/gtest.h>

#include "support/sample_appraisal.hpp"

namespace iapp::attest {
namespace {

using enum TrustClaim;

TEST(Tier, FollowsTheRangesOfTheStandard)
{
    struct Range {
        int first;
        int last;
        Tier tier;
    };
    for (const auto& [first, last, tier] :
         {Range{-1, 1, Tier::none}, Range{2, 31, Tier::affirming}, Range{32, 95, Tier::warning},
          Range{96, 127, Tier::contraindicated}, Range{-32, -2, Tier::affirming}, Range{-96, -33, Tier::warning},
          Range{-128, -97, Tier::contraindicated}})
        for (int value = first; value <= last; ++value) EXPECT_EQ(tier_of(static_cast<std::int8_t>(value)), tier) << value;
}

TEST(Tier, NoneIsWorseThanAWarningAndBetterThanAContraindication)
{
    constexpr std::array kBestFirst{Tier::affirming, Tier::warning, Tier::none, Tier::contraindicated};
    for (std::size_t i = 0; i < kBestFirst.size(); ++i)
        for (std::size_t j = 0; j < kBestFirst.size(); ++j) {
            EXPECT_EQ(at_least(kBestFirst[i], kBestFirst[j]), i <= j);
            EXPECT_EQ(worst(kBestFirst[i], kBestFirst[j]), kBestFirst[std::max(i, j)]);
        }
}

TEST(TrustVector, HasTheTierOfItsWorstClaimThatSaysSomething)
{
    TrustVector vector;
    EXPECT_EQ(vector.tier(), Tier::none);
    vector.set(executables, 0);
    EXPECT_EQ(vector.tier(), Tier::none);
    vector.set(configuration, 2);
    EXPECT_EQ(vector.tier(), Tier::affirming);
    vector.set(hardware, 32);
    EXPECT_EQ(vector.tier(), Tier::warning);
    vector.set(runtime_opaque, 96);
    EXPECT_EQ(vector.tier(), Tier::contraindicated);
}

struct Rule {
    const char* name;
    void (*bend)(Appraisal&);  ///< of an accepted TD: 2 in hardware, configuration, executables and runtime-opaque
    TrustClaim claim;
    std::optional<int> value;
    Tier status;
};
class TrustRules : public testing::TestWithParam<Rule> {};

TEST_P(TrustRules, GiveTheirValue)
{
    Appraisal appraisal = test::sample_appraisal();
    GetParam().bend(appraisal);
    const auto value = trust_vector(appraisal).at(GetParam().claim);
    EXPECT_EQ(value ? std::optional<int>(*value) : std::nullopt, GetParam().value);
    EXPECT_EQ(status_of(appraisal), GetParam().status);
}

void set_outcome(Appraisal& appraisal, CheckId id, Outcome outcome)
{
    for (CheckOutcome& check : appraisal.checks)
        if (check.id == id) check.outcome = outcome;
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Tdx, TrustRules, testing::Values(
    Rule{"hardware_current", [](Appraisal&) {}, hardware, 2, Tier::affirming},
    Rule{"hardware_amd_without_rating", [](Appraisal& a) { a.kind = EvidenceKind::snp; a.claims->tcb.reset(); }, hardware, 2, Tier::affirming},
    Rule{"hardware_amd_without_floor", [](Appraisal& a) { a.kind = EvidenceKind::snp; a.claims->tcb.reset(); set_outcome(a, CheckId::tcb, Outcome::skipped); }, hardware, 32, Tier::warning},
    Rule{"hardware_not_current", [](Appraisal& a) { a.claims->tcb->status = TcbStatus::sw_hardening_needed; }, hardware, 32, Tier::warning},
    Rule{"hardware_out_of_date", [](Appraisal& a) { a.claims->tcb->status = TcbStatus::out_of_date; }, hardware, 32, Tier::warning},
    Rule{"hardware_revoked", [](Appraisal& a) { a.claims->tcb->status = TcbStatus::revoked; }, hardware, 96, Tier::contraindicated},
    Rule{"hardware_simulated", [](Appraisal& a) { a.claims->simulated = true; }, hardware, 96, Tier::contraindicated},
    Rule{"hardware_crl_skipped", [](Appraisal& a) { set_outcome(a, CheckId::crl, Outcome::skipped); }, hardware, 32, Tier::warning},
    Rule{"hardware_revoked_skipped", [](Appraisal& a) { set_outcome(a, CheckId::revoked, Outcome::skipped); }, hardware, 32, Tier::warning},
    Rule{"hardware_tpm_alone", [](Appraisal& a) { a.kind = EvidenceKind::tpm; }, hardware, std::nullopt, Tier::affirming},
    Rule{"hardware_tpm_simulated", [](Appraisal& a) { a.kind = EvidenceKind::tpm; a.claims->simulated = true; }, hardware, 96, Tier::contraindicated},
    Rule{"hardware_azure", [](Appraisal& a) { a.kind = EvidenceKind::azure_tdx; }, hardware, 2, Tier::affirming},
    Rule{"configuration_meets_policy", [](Appraisal&) {}, configuration, 2, Tier::affirming},
    Rule{"configuration_not_looked_at", [](Appraisal& a) { std::erase_if(a.checks, [](const CheckOutcome& c) { return c.id == CheckId::attributes; }); }, configuration, std::nullopt, Tier::affirming},
    Rule{"configuration_waived", [](Appraisal& a) { set_outcome(a, CheckId::attributes, Outcome::skipped); }, configuration, std::nullopt, Tier::affirming},
    Rule{"configuration_debug", [](Appraisal& a) { a.claims->debug = true; }, configuration, 96, Tier::contraindicated},
    Rule{"executables_boot_and_runtime", [](Appraisal&) {}, executables, 2, Tier::affirming},
    Rule{"executables_boot_only", [](Appraisal& a) { a.runtime_measured = false; }, executables, 3, Tier::affirming},
    Rule{"executables_not_asked", [](Appraisal& a) { a.boot_measured = a.runtime_measured = false; }, executables, 0, Tier::affirming},
    Rule{"executables_waived", [](Appraisal& a) { a.boot_measured = a.runtime_measured = false; set_outcome(a, CheckId::measurement, Outcome::skipped); }, executables, 0, Tier::warning},
    Rule{"challenge_waived", [](Appraisal& a) { set_outcome(a, CheckId::report_data, Outcome::skipped); }, instance_identity, std::nullopt, Tier::warning},
    Rule{"waived_and_debug", [](Appraisal& a) { a.claims->debug = true; set_outcome(a, CheckId::report_data, Outcome::skipped); }, configuration, 96, Tier::contraindicated},
    Rule{"executables_runtime_without_boot", [](Appraisal& a) { a.boot_measured = false; }, executables, 0, Tier::affirming},
    Rule{"executables_unknown", [](Appraisal& a) { a = test::refused_by(CheckId::measurement); a.boot_measured = a.runtime_measured = false; }, executables, 33, Tier::contraindicated},
    Rule{"runtime_opaque", [](Appraisal&) {}, runtime_opaque, 2, Tier::affirming},
    Rule{"runtime_opaque_debug", [](Appraisal& a) { a.claims->debug = true; }, runtime_opaque, 96, Tier::contraindicated},
    Rule{"runtime_opaque_simulated", [](Appraisal& a) { a.claims->simulated = true; }, runtime_opaque, std::nullopt, Tier::contraindicated},
    Rule{"runtime_opaque_tpm_alone", [](Appraisal& a) { a.kind = EvidenceKind::tpm; }, runtime_opaque, std::nullopt, Tier::affirming},
    Rule{"instance_without_list", [](Appraisal&) {}, instance_identity, std::nullopt, Tier::affirming},
    Rule{"instance_listed", [](Appraisal& a) { a.machine_listed = true; }, instance_identity, 2, Tier::affirming},
    Rule{"instance_not_listed", [](Appraisal& a) { a = test::refused_by(CheckId::machine); }, instance_identity, 97, Tier::contraindicated},
    Rule{"instance_bound_to_another", [](Appraisal& a) { a = test::refused_by(CheckId::report_data); }, instance_identity, 96, Tier::contraindicated},
    Rule{"file_system_never", [](Appraisal&) {}, file_system, std::nullopt, Tier::affirming},
    Rule{"storage_opaque_never", [](Appraisal&) {}, storage_opaque, std::nullopt, Tier::affirming},
    Rule{"sourced_data_never", [](Appraisal&) {}, sourced_data, std::nullopt, Tier::affirming},
    Rule{"refused_unreadable", [](Appraisal& a) { a = test::refused_by(CheckId::quote_format); a.claims.reset(); }, hardware, 1, Tier::none},
    Rule{"refused_bad_signature", [](Appraisal& a) { a = test::refused_by(CheckId::signature); a.claims.reset(); }, hardware, 99, Tier::contraindicated},
    Rule{"refused_unknown_root", [](Appraisal& a) { a = test::refused_by(CheckId::root); a.claims.reset(); }, hardware, 97, Tier::contraindicated},
    Rule{"refused_revoked", [](Appraisal& a) { a = test::refused_by(CheckId::revoked); a.claims.reset(); }, hardware, 96, Tier::contraindicated},
    Rule{"refused_collateral", [](Appraisal& a) { a = test::refused_by(CheckId::collateral_expired); a.claims.reset(); }, hardware, -1, Tier::none},
    Rule{"refused_collateral_age", [](Appraisal& a) { a = test::refused_by(CheckId::collateral_age); }, hardware, -1, Tier::none},
    Rule{"refused_tcb", [](Appraisal& a) { a = test::refused_by(CheckId::tcb); }, hardware, 96, Tier::contraindicated},
    Rule{"refused_debug", [](Appraisal& a) { a = test::refused_by(CheckId::debug); a.claims->debug = true; }, configuration, 96, Tier::contraindicated},
    Rule{"refused_attributes", [](Appraisal& a) { a = test::refused_by(CheckId::attributes); }, configuration, 96, Tier::contraindicated},
    Rule{"refused_log", [](Appraisal& a) { a = test::refused_by(CheckId::event_log_replay); }, executables, 99, Tier::contraindicated},
    Rule{"refused_and_nobody_says_why", [](Appraisal& a) { a.accepted = false; }, hardware, -1, Tier::none},
    Rule{"refused_simulated_stays_so", [](Appraisal& a) { a = test::refused_by(CheckId::collateral_age); a.claims->simulated = true; }, hardware, 96, Tier::contraindicated}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(TrustVector, OfARefusalNeverAffirmsAndIsNeverEmpty)
{
    for (const CheckInfo& check : all_checks())
        for (const bool verified : {false, true}) {
            Appraisal appraisal = test::refused_by(check.id);
            if (!verified) appraisal.claims.reset();
            EXPECT_FALSE(trust_vector(appraisal).empty()) << check.reason;
            EXPECT_FALSE(at_least(status_of(appraisal), Tier::warning)) << check.reason;
        }
}

}  // namespace
}  // namespace iapp::attest
