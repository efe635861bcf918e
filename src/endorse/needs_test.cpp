// From evidence to the keys it needs, and from a cached entry to the files a verdict takes.
#include "endorse/needs.hpp"

#include <gtest/gtest.h>

#include "attest/judge.hpp"
#include "support/endorse_world.hpp"
#include "support/sample_run.hpp"

namespace iapp::endorse {
namespace {

TEST(Needs, AQuoteNeedsItsPlatformsCollateral)
{
    const test::SampleRun run = test::make_sample_run(test::kToday);
    const auto keys = keys_for(run.evidence());
    ASSERT_TRUE(keys.has_value()) << keys.error().detail;
    EXPECT_EQ(*keys, std::vector<Key>{test::intel_key()});
}

TEST(Needs, AReportNeedsItsChipAndItsIssuer)
{
    for (const SnpProduct product : attest::kSnpProducts) {
        const test::SampleSnp sample = test::make_sample_snp(test::kToday, product);
        const auto keys = keys_for(sample.evidence());
        ASSERT_TRUE(keys.has_value()) << keys.error().detail;
        EXPECT_EQ(*keys, (std::vector<Key>{AmdIssuerKey{product, VekKind::vcek},
                                           VcekKey{product, sample.fields.chip_id, sample.fields.reported_tcb}}));
    }
    const auto vlek = test::make_sample_snp(test::kToday, SnpProduct::genoa, VekKind::vlek);
    EXPECT_EQ(*keys_for(vlek.evidence()), (std::vector<Key>{AmdIssuerKey{SnpProduct::genoa, VekKind::vlek}}));
}

TEST(Needs, AReportOfVersion2IsToldItsProduct)
{
    const auto old = test::make_sample_snp(test::kToday, SnpProduct::milan, VekKind::vcek, 2);
    EXPECT_EQ(test::reason(keys_for(old.evidence())), "endorse.key");
    EXPECT_EQ(keys_for(old.evidence(), SnpProduct::milan)->size(), 2U);
}

TEST(Needs, WhatIsNoEvidenceHasNoKeys)
{
    EXPECT_EQ(test::reason(keys_for({attest::EvidenceKind::tdx, Bytes(700)})), "attest.quote_format");
    EXPECT_EQ(test::reason(keys_for({attest::EvidenceKind::snp, Bytes(1184)})), "attest.snp_format");
    EXPECT_TRUE(keys_for({attest::EvidenceKind::tpm, {}})->empty());
}

TEST(Needs, FilesOfEntriesAreWhatAVerdictTakes)
{
    const test::SampleSnp sample = test::make_sample_snp(test::kToday);
    const VcekKey chip{SnpProduct::milan, sample.fields.chip_id, sample.fields.reported_tcb};
    attest::Submission in{.evidence = sample.report(), .endorsements = {}, .vek = {}, .loose_tpm = {}, .log = {}};
    for (const Entry& entry :
         {Entry(VcekEntry{chip, sample.endorsements.vek, sample.endorsements.cert_chain_pem}),
          Entry(AmdIssuerEntry{
              {SnpProduct::milan, VekKind::vcek}, sample.endorsements.cert_chain_pem, *sample.endorsements.crl})})
        for (Bytes& file : files_of(entry)) in.endorsements.push_back(std::move(file));
    attest::Trust trust;
    trust.amd = sample.trust();
    attest::PolicyDocument policy{attest::authenticity_only(), Hash256::zero()};
    policy.policy.dangerous_allow_simulated = true;
    policy.policy.snp.dangerous_no_revocation_list = false;
    const auto verdict = attest::judge(in, trust, policy, std::nullopt, test::kToday);
    EXPECT_TRUE(verdict.accepted) << (attest::failed_check(verdict) ? attest::failed_check(verdict)->detail : "");
    EXPECT_EQ(attest::outcome_of(verdict, attest::CheckId::revoked), attest::Outcome::passed);
}

}  // namespace
}  // namespace iapp::endorse
