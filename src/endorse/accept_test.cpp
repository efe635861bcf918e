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
