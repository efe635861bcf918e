// What a cache may believe, by attest's own verifiers: one bent thing each.
#include "endorse/accept.hpp"

#include <gmock/gmock.h>

#include "support/endorse_world.hpp"

namespace iapp::endorse {
namespace {

using namespace std::chrono_literals;
using test::detail;
using test::kToday;
using test::made;
using test::reason;

const test::IntelPki& intel()
{
    static const test::IntelPki made_once;
    return made_once;
}

const test::AmdPki& pki()
{
    static const test::AmdPki made_once;
    return made_once;
}

const test::AmdPki& stranger()
{
    static const test::AmdPki made_once = test::strange_amd_pki();
    return made_once;
}

VcekEntry vcek() { return {test::vcek_key(), pki().vcek(), pki().chain()}; }
AmdIssuerEntry issuer() { return {{SnpProduct::milan, VekKind::vcek}, pki().chain(), pki().crl(7)}; }

IntelEntry collateral(const test::Edition& edition = {}) { return {test::intel_key(), intel().issue(edition)}; }

TEST(AcceptIntel, TellsWindowsAndNumbers)
{
    const auto facts = accept_intel(collateral({.evaluation = 300, .crl_number = 0x10000}), intel().anchor());
    ASSERT_TRUE(facts) << detail(facts);
    EXPECT_EQ(facts->from, kToday - test::kBefore);
    EXPECT_EQ(facts->until, kToday - test::kBefore + test::kLasts);
    EXPECT_EQ(facts->numbers, (Numbers{{"pck_crl", Bytes{1, 0, 0}},
                                       {"qe_identity", Bytes{1, 44}},
                                       {"root_crl", Bytes{1, 0, 0}},
                                       {"tcb_info", Bytes{1, 44}}}));
}

TEST(AcceptIntel, TakesSgxAndTheProcessorCa)
{
    test::IntelPki processor{made(simtee::create_authority(simtee::CertificateWindows::for_time(kToday),
                                                           simtee::encode_sgx_extension(simtee::simulated_platform()),
                                                           simtee::PckCa::processor))};
    IntelEntry entry{test::intel_key(), processor.issue({}, nullptr, attest::EvidenceKind::sgx)};
    EXPECT_EQ(reason(accept_intel(entry, processor.anchor())), "attest.platform");
    entry.key.tee = IntelTee::sgx;
    EXPECT_EQ(reason(accept_intel(entry, processor.anchor())), "attest.platform");
    entry.key.ca = PckCa::processor;
    EXPECT_EQ(reason(accept_intel(entry, processor.anchor())), "");
}

struct IntelCase {
    const char* name;
    void (*bend)(IntelEntry&);
    std::string_view reason;
};

class IntelEndorsement : public testing::TestWithParam<IntelCase> {};

TEST_P(IntelEndorsement, IsRefused)
{
    IntelEntry entry = collateral();
    GetParam().bend(entry);
    EXPECT_EQ(reason(accept_intel(entry, intel().anchor())), GetParam().reason);
}

/// The root revokes this certificate.
void revoke(IntelEntry& e, const crypto::Certificate& certificate)
{
    crypto::CrlProfile list = simtee::plan_collateral(attest::EvidenceKind::tdx, {kToday, kToday + 24h}).root_crl;
    list.revoked_serials = {certificate.serial()};
    e.collateral.root_ca_crl = made(crypto::issue_crl(list, intel().authority.root, intel().authority.root_key)).der();
}

INSTANTIATE_TEST_SUITE_P(
    Intel, IntelEndorsement,
    testing::Values(
        IntelCase{"another_tee", [](IntelEntry& e) { e.key.tee = IntelTee::sgx; }, "attest.platform"},
        IntelCase{"another_ca", [](IntelEntry& e) { e.key.ca = PckCa::processor; }, "attest.platform"},
        IntelCase{"another_fmspc", [](IntelEntry& e) { e.key.fmspc = attest::Fmspc::zero(); }, "attest.platform"},
        IntelCase{"qe_identity_of_the_other_tee",
                  [](IntelEntry& e) {
                      const auto sgx = intel().issue({}, nullptr, attest::EvidenceKind::sgx);
                      e.collateral.qe_identity = sgx.qe_identity;
                      e.collateral.qe_identity_signature = sgx.qe_identity_signature;
                  },
                  "attest.platform"},
        IntelCase{"revoked_tcb_signer", [](IntelEntry& e) { revoke(e, intel().authority.tcb_signer); }, "attest.revoked"},
        IntelCase{"revoked_pck_ca", [](IntelEntry& e) { revoke(e, intel().authority.ca); }, "attest.revoked"},
        IntelCase{"tcb_info_with_a_member_twice",
                  [](IntelEntry& e) {
                      e.collateral.tcb_info.insert(1, R"("id":"TDX",)");
                      e.collateral.tcb_info_signature =
                          to_bytes(intel().authority.tcb_key.sign(as_bytes(e.collateral.tcb_info)).bytes());
                  },
                  "attest.collateral_format"},
        IntelCase{"no_root_list", [](IntelEntry& e) { e.collateral.root_ca_crl.clear(); }, "attest.crl"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(AcceptUnder, BelievesNoVendorWithoutItsAnchor)
{
    const Entry document = collateral();
    const Entry list = issuer();
    const Entry chip = vcek();
    const Accept intel_only = accept_under({.intel = intel().anchor()});
    EXPECT_EQ(reason(intel_only(document)), "");
    EXPECT_EQ(reason(intel_only(list)), "attest.root");
    EXPECT_EQ(reason(intel_only(chip)), "attest.root");
    const Accept amd_only = accept_under({.amd = pki().trust()});
    EXPECT_EQ(reason(amd_only(document)), "attest.root");
    EXPECT_EQ(reason(amd_only(list)), "");
    EXPECT_EQ(reason(amd_only(chip)), "");
    EXPECT_EQ(reason(accept_under({.intel = attest::TrustAnchor::intel(), .amd = attest::AmdTrust::amd()})(document)),
              "attest.collateral_chain");
}

TEST(AcceptAmd, TellsWindowsAndNumbers)
{
    const auto list = accept_amd_issuer(issuer(), pki().trust());
    ASSERT_TRUE(list) << detail(list);
    EXPECT_EQ(list->from, kToday - test::kBefore);
    EXPECT_EQ(list->until, kToday - test::kBefore + test::kLasts);
    EXPECT_EQ(list->numbers, (Numbers{{"crl", Bytes{7}}}));

    const auto chip = accept_vcek(vcek(), pki().trust());
    ASSERT_TRUE(chip) << detail(chip);
    EXPECT_GE(chip->until, pki().authority.vcek.not_after());
    EXPECT_TRUE(chip->numbers.empty());
}

TEST(AcceptAmd, TakesTheIssuerOfVleks)
{
    AmdIssuerEntry entry = issuer();
    entry.key.kind = VekKind::vlek;
    EXPECT_EQ(reason(accept_amd_issuer(entry, pki().trust())), "attest.snp_product");
    entry.cert_chain = pki().authority.chain(VekKind::vlek);
    EXPECT_EQ(reason(accept_amd_issuer(entry, pki().trust())), "");
    entry.key.kind = VekKind::vcek;
    EXPECT_EQ(reason(accept_amd_issuer(entry, pki().trust())), "attest.snp_product");
}

struct IssuerCase {
    const char* name;
    void (*bend)(AmdIssuerEntry&);
    std::string_view reason;
};

class Issuer : public testing::TestWithParam<IssuerCase> {};

TEST_P(Issuer, IsRefused)
{
    AmdIssuerEntry entry = issuer();
    GetParam().bend(entry);
    EXPECT_EQ(reason(accept_amd_issuer(entry, pki().trust())), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Amd, Issuer,
    testing::Values(
        IssuerCase{"another_product", [](AmdIssuerEntry& e) { e.key.product = SnpProduct::genoa; }, "attest.snp_product"},
        IssuerCase{"another_pki", [](AmdIssuerEntry& e) { e.cert_chain = stranger().chain(); }, "attest.root"},
        IssuerCase{"one_certificate", [](AmdIssuerEntry& e) { e.cert_chain = pki().authority.ark.to_pem(); },
                   "attest.vek_chain"},
        IssuerCase{
            "another_root",
            [](AmdIssuerEntry& e) { e.cert_chain = pki().authority.ask.to_pem() + stranger().authority.ark.to_pem(); },
            "attest.vek_chain"},
        IssuerCase{"list_of_another_pki", [](AmdIssuerEntry& e) { e.crl = stranger().crl(); }, "attest.crl"},
        IssuerCase{"no_list", [](AmdIssuerEntry& e) { e.crl.clear(); }, "attest.crl"},
        IssuerCase{"one_bit_of_the_list", [](AmdIssuerEntry& e) { e.crl.back() ^= 1; }, "attest.crl"},
        IssuerCase{"revoked",
                   [](AmdIssuerEntry& e) {
                       const simtee::Window window{kToday, kToday + 24h};
                       e.crl = made(simtee::issue_snp_crl(pki().authority, window, {pki().authority.ask.serial()})).der();
                   },
                   "attest.revoked"}),
    [](const auto& test) { return std::string(test.param.name); });

struct VcekCase {
    const char* name;
    void (*bend)(VcekEntry&);
    std::string_view reason;
};

class Vcek : public testing::TestWithParam<VcekCase> {};

TEST_P(Vcek, IsRefused)
{
    VcekEntry entry = vcek();
    GetParam().bend(entry);
    EXPECT_EQ(reason(accept_vcek(entry, pki().trust())), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Amd, Vcek,
    testing::Values(VcekCase{"another_chip", [](VcekEntry& e) { e.key = test::unknown_vcek_key(); }, "attest.vek_chip"},
                    VcekCase{"another_tcb", [](VcekEntry& e) { ++e.key.tcb[0]; }, "attest.vek_tcb"},
                    VcekCase{"another_product", [](VcekEntry& e) { e.key.product = SnpProduct::turin; }, "attest.vek"},
                    VcekCase{"a_vlek",
                             [](VcekEntry& e) {
                                 e.vek = pki().authority.vlek.der();
                                 e.cert_chain = pki().authority.chain(VekKind::vlek);
                             },
                             "attest.vek"},
                    VcekCase{"another_pki",
                             [](VcekEntry& e) {
                                 e.vek = stranger().vcek();
                                 e.cert_chain = stranger().chain();
                             },
                             "attest.root"},
                    VcekCase{"another_signer", [](VcekEntry& e) { e.vek = stranger().vcek(); }, "attest.vek_chain"},
                    VcekCase{"no_certificate", [](VcekEntry& e) { e.vek.clear(); }, "attest.vek_chain"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::endorse
