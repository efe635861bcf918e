// Which of several files SEV-SNP evidence is judged with, and what becomes of files that were named.
#include "attest/endorsement_files.hpp"

#include <gtest/gtest.h>

#include "attest/judge.hpp"
#include "simtee/tpm_writer.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

/// A VCEK of the same chip at other firmware, newer than the one that fits.
Bytes vcek_of_other_firmware(const test::SampleSnp& snp)
{
    VekExtensions says = simtee::vek_extensions(snp.authority.machine, VekKind::vcek);
    ++says.tcb.microcode;
    const simtee::Window window{kNow - std::chrono::hours(1), kNow + std::chrono::days(90)};
    return test::must_have(simtee::issue_vek(snp.authority, VekKind::vcek, window, simtee::encode_vek_extensions(says)))
        .der();
}

struct Scene {
    test::SampleSnp snp = test::make_sample_snp(kNow);
    test::SampleSnp other = test::make_sample_snp(kNow, SnpProduct::genoa);
    Submission submission{.evidence = snp.report(),
                          .endorsements = {snp.endorsements.vek, to_bytes(snp.endorsements.cert_chain_pem)},
                          .vek = {},
                          .loose_tpm = {},
                          .log = {}};
    AppraisalPolicy policy = authenticity_only();

    Scene() { policy.dangerous_allow_simulated = true; }

    Appraisal judge() const
    {
        Trust trust;
        trust.amd = snp.trust();
        return attest::judge(submission, trust, {policy, Hash256::zero()}, std::nullopt, kNow);
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

struct Case {
    const char* name;
    std::string_view reason;  ///< "" means accepted
    void (*bend)(Scene&);
};
class SnpFiles : public testing::TestWithParam<Case> {};

TEST_P(SnpFiles, AreChosenByTheReport)
{
    Scene scene;
    GetParam().bend(scene);
    EXPECT_EQ(scene.reason(), GetParam().reason);
}

/// Everything of another product, before and behind what is needed.
void surround(Scene& scene)
{
    auto& files = scene.submission.endorsements;
    files.insert(files.begin(), scene.other.endorsements.vek);
    files.push_back(to_bytes(scene.other.authority.roots()));
    files.push_back(*scene.other.endorsements.crl);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Choice, SnpFiles, testing::Values(
    Case{"just_what_is_needed",      "",                  [](Scene&) {}},
    Case{"among_another_product",    "",                  [](Scene& s) { surround(s); }},
    Case{"among_newer_firmware",     "",                  [](Scene& s) { s.submission.endorsements.push_back(vcek_of_other_firmware(s.snp)); }},
    Case{"none_fits",                "attest.vek_tcb",    [](Scene& s) { s.submission.endorsements[0] = vcek_of_other_firmware(s.snp); }},
    Case{"named_beside_others",      "",                  [](Scene& s) { surround(s); s.submission.vek = s.snp.endorsements.vek; }},
    Case{"named_alone_is_used",      "attest.vek_tcb",    [](Scene& s) { s.submission.vek = vcek_of_other_firmware(s.snp); }},
    Case{"named_is_noise",           "attest.vek_chain",  [](Scene& s) { s.submission.vek = to_bytes("noise"); }},
    Case{"list_given",               "",                  [](Scene& s) { s.submission.revocation_lists = {*s.snp.endorsements.crl}; }},
    Case{"list_is_noise",            "attest.crl",        [](Scene& s) { s.submission.revocation_lists = {to_bytes("noise")}; }},
    Case{"list_of_other_product",    "attest.crl",        [](Scene& s) { s.submission.revocation_lists = {*s.other.endorsements.crl}; }},
    Case{"list_is_stale",            "attest.collateral_expired", [](Scene& s) { s.submission.revocation_lists = {test::must_have(simtee::issue_snp_crl(s.snp.authority, {kNow - std::chrono::days(9), kNow - std::chrono::days(2)})).der()}; }},
    Case{"list_names_the_signer",    "attest.revoked",    [](Scene& s) { s.submission.revocation_lists = {test::must_have(simtee::issue_snp_crl(s.snp.authority, test::open_window(kNow), {s.snp.authority.ask.serial()})).der()}; }},
    Case{"list_demanded_and_none",   "attest.crl",        [](Scene& s) { s.policy.snp.dangerous_no_revocation_list = false; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(Judge, AnEmptyChallengeBindsNothing)
{
    const simtee::SimulatedTpm tpm(crypto::SigningKey::generate(crypto::Curve::p256));
    const PcrSelection selection{HashAlgorithm::sha256, {0, 7}};
    const Submission submission{.evidence = to_bytes(encode_tpm_evidence(tpm.quote(selection, {}))),
                                .endorsements = {},
                                .vek = {},
                                .loose_tpm = {},
                                .log = {}};
    Trust trust;
    trust.aks.names = {parse_tpm_public(tpm.ak_public())->name()};
    AppraisalPolicy policy = authenticity_only();
    policy.dangerous_any_report_data = false;
    const Appraisal appraisal = judge(submission, trust, {policy, Hash256::zero()}, Bytes(), kNow);
    EXPECT_FALSE(appraisal.accepted);
    ASSERT_NE(failed_check(appraisal), nullptr);
    EXPECT_EQ(failed_check(appraisal)->id, CheckId::report_data);
}

}  // namespace
}  // namespace iapp::attest
