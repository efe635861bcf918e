// The issuers of a product line and their list, without a chip; each check broken by itself.
#include "attest/snp_issuer.hpp"

#include <gtest/gtest.h>

#include "support/check_coverage.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

using std::chrono::days;
using test::must_have;

const UnixSeconds kNow = must_have(parse_iso8601("2026-11-22T10:00:00Z"));

class SnpIssuers : public testing::TestWithParam<SnpProduct> {};

TEST_P(SnpIssuers, AreToldApartByProductAndKind)
{
    const auto sample = test::make_sample_snp(kNow, GetParam());
    const auto list = must_have(simtee::issue_snp_crl(sample.authority, test::open_window(kNow), {}, 300)).der();
    for (const VekKind kind : {VekKind::vcek, VekKind::vlek}) {
        CheckLog checks;
        const auto issuer = must_have(verify_snp_issuer(sample.authority.chain(kind), list, sample.trust(), checks));
        EXPECT_EQ(issuer.product, GetParam());
        EXPECT_EQ(issuer.kind, kind);
        EXPECT_EQ(issuer.valid_from, kNow - days(1));
        EXPECT_EQ(issuer.valid_until, kNow + days(30));
        EXPECT_EQ(issuer.crl_number, (Bytes{1, 44}));
        for (const CheckId id : {CheckId::vek_chain, CheckId::root, CheckId::crl, CheckId::revoked})
            EXPECT_TRUE(checks.passed(id));
    }
}

INSTANTIATE_TEST_SUITE_P(Amd, SnpIssuers, testing::ValuesIn(kSnpProducts),
                         [](const auto& test) { return std::string(name(test.param)); });

TEST(SnpIssuer, IsRefusedByTheCheckThatFailed)
{
    const auto sample = test::make_sample_snp(kNow);
    const auto genoa = test::make_sample_snp(kNow, SnpProduct::genoa);
    const auto& a = sample.authority;
    const std::string chain = a.chain(VekKind::vcek);
    const Bytes list = must_have(simtee::issue_snp_crl(a, test::open_window(kNow))).der();
    const auto expect = [&](CheckId id, const std::string& pem, const Bytes& crl, const char* what) {
        CheckLog checks;
        EXPECT_FALSE(verify_snp_issuer(pem, crl, sample.trust(), checks)) << what;
        test::expect_only_failure(checks, id, what);
    };
    expect(CheckId::vek_chain, "", list, "no certificate");
    expect(CheckId::vek_chain, a.ark.to_pem(), list, "one certificate");
    expect(CheckId::vek_chain, chain + a.ark.to_pem(), list, "three certificates");
    expect(CheckId::vek_chain, a.ask.to_pem() + genoa.authority.ark.to_pem(), list, "the root of another product");
    expect(CheckId::vek_chain, a.vcek.to_pem() + a.ark.to_pem(), list, "a chip in the place of its issuer");
    expect(CheckId::root, genoa.authority.chain(VekKind::vcek), list, "a product that is not trusted");
    expect(CheckId::crl, chain, {}, "no list");
    expect(CheckId::crl, chain, must_have(simtee::issue_snp_crl(genoa.authority, test::open_window(kNow))).der(),
           "the list of another root");
    const auto revoking = [&](const Bytes& serial) {
        return must_have(simtee::issue_snp_crl(a, test::open_window(kNow), {serial})).der();
    };
    expect(CheckId::revoked, chain, revoking(a.ask.serial()), "ASK revoked");
    expect(CheckId::revoked, a.chain(VekKind::vlek), revoking(a.asvk.serial()), "ASVK revoked");
}

}  // namespace
}  // namespace iapp::attest
