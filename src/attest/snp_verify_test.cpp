// The half of SNP verification that looks at endorsements: chain, pinned keys, windows, revocation.
#include "attest/snp_verify.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/check_coverage.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;
using crypto::CertificateProfile;
using crypto::SigningKey;
using simtee::SnpWindows;
using simtee::Window;
using std::chrono::days;
using std::chrono::seconds;
using test::must_have;
using test::SampleSnp;

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();
const Window kOpen = test::open_window(kNow);
const Window kOver{kNow - days(30), kNow - seconds(1)};
const Window kAhead{kNow + seconds(1), kNow + days(30)};

/// What a case bends: a good run, the trust it is judged under, and the rule about revocation lists.
struct Scene {
    SampleSnp run;
    AmdTrust trust;
    Revocation revocation = Revocation::required;

    explicit Scene(SnpProduct product, VekKind kind) : run(test::make_sample_snp(kNow, product, kind)), trust(run.trust()) {}
    simtee::SnpAuthority& authority() { return run.authority; }
    SnpEndorsements& given() { return run.endorsements; }
};

/// Certificates of the same keys with other windows.
void rewindow(Scene& s, const SnpWindows& windows, VekKind kind = VekKind::vcek)
{
    s.run.authority = must_have(simtee::create_snp_authority(s.authority().machine, s.authority().keys, windows));
    s.run.endorsements = must_have(simtee::issue_snp_endorsements(s.authority(), kind, kOpen));
}

SnpWindows windows() { return SnpWindows::for_time(kNow); }

CertificateProfile profile(const std::string& name, bool ca)
{
    return {.common_name = name,
            .organization = {},
            .serial = {},
            .not_before = kOpen.from,
            .not_after = kOpen.to,
            .ca = ca,
            .path_length = {},
            .extensions = {}};
}

void set_chain(Scene& s, const Certificate& signer, const Certificate& ark)
{
    s.given().cert_chain_pem = signer.to_pem() + ark.to_pem();
}

/// A VCEK with the right extensions and another name, role or key.
void set_vek(Scene& s, CertificateProfile made, const crypto::PublicKey& key)
{
    made.bare = !made.ca;
    const auto right = simtee::encode_vek_extensions(simtee::vek_extensions(s.authority().machine, VekKind::vcek));
    made.extensions.insert(made.extensions.end(), right.begin(), right.end());
    s.given().vek = must_have(crypto::issue_certificate(made, key, s.authority().ask, s.authority().keys->ask)).der();
}

void set_crl(Scene& s, const crypto::CrlProfile& list)
{
    s.given().crl = must_have(crypto::issue_crl(list, s.authority().ark, s.authority().keys->ark)).der();
}

crypto::CrlProfile list(std::vector<Bytes> revoked = {})
{
    return {.this_update = kOpen.from,
            .next_update = kOpen.to,
            .number = 7,
            .revoked_serials = std::move(revoked),
            .extensions = {}};
}

simtee::SnpAuthority look_alike(const Scene& s)
{
    auto keys = must_have(simtee::create_snp_root_keys(2048));
    return must_have(simtee::create_snp_authority(s.run.authority.machine, std::move(keys), windows()));
}

struct Case {
    const char* name;
    std::string_view reason;
    void (*bend)(Scene&);
    VekKind kind = VekKind::vcek;
    SnpProduct product = SnpProduct::milan;
};
class VerifySnp : public testing::TestWithParam<Case> {};

TEST_P(VerifySnp, AnswersWithTheCheckThatFailed)
{
    Scene s(GetParam().product, GetParam().kind);
    GetParam().bend(s);
    CheckLog checks;
    const auto verified = verify_snp(s.run.evidence(), s.run.endorsements, s.trust, s.revocation, kNow, checks);
    ASSERT_EQ(verified ? "" : verified.error().reason, GetParam().reason) << (verified ? "" : verified.error().detail);
    if (!verified) test::expect_only_failure(checks, find_check(GetParam().reason)->id);
}

std::string case_name(const testing::TestParamInfo<Case>& test) { return test.param.name; }
constexpr auto kVlek = VekKind::vlek;

// clang-format off
INSTANTIATE_TEST_SUITE_P(Good, VerifySnp, testing::Values(
    Case{"milan",           "", [](Scene&) {}},
    Case{"milan_vlek",      "", [](Scene&) {}, kVlek},
    Case{"genoa",           "", [](Scene&) {}, VekKind::vcek, SnpProduct::genoa},
    Case{"genoa_vlek",      "", [](Scene&) {}, kVlek, SnpProduct::genoa},
    Case{"turin",           "", [](Scene&) {}, VekKind::vcek, SnpProduct::turin},
    Case{"turin_vlek",      "", [](Scene&) {}, kVlek, SnpProduct::turin},
    Case{"root_first",      "", [](Scene& s) { set_chain(s, s.authority().ark, s.authority().ask); }},
    Case{"without_list",    "", [](Scene& s) { s.given().crl.reset(); s.revocation = Revocation::if_provided; }},
    Case{"others_revoked",  "", [](Scene& s) { set_crl(s, list({{0x17}, {0x18, 0x00}, s.authority().asvk.serial()})); }},
    Case{"ask_revoked_does_not_matter_to_a_vlek", "", [](Scene& s) { set_crl(s, list({s.authority().ask.serial()})); }, kVlek}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Chain, VerifySnp, testing::Values(
    Case{"no_vek",          "attest.vek_chain", [](Scene& s) { s.given().vek.clear(); }},
    Case{"vek_not_a_certificate", "attest.vek_chain", [](Scene& s) { s.given().vek = {0x30, 0x00}; }},
    Case{"vek_trailing",    "attest.vek_chain", [](Scene& s) { s.given().vek.push_back(0); }},
    Case{"vek_altered",     "attest.vek_chain", [](Scene& s) { s.given().vek.back() ^= 1; }},
    Case{"vek_of_another_pki", "attest.vek_chain", [](Scene& s) { s.given().vek = look_alike(s).vcek.der(); }},
    Case{"no_chain",        "attest.vek_chain", [](Scene& s) { s.given().cert_chain_pem.clear(); }},
    Case{"only_ask",        "attest.vek_chain", [](Scene& s) { s.given().cert_chain_pem = s.authority().ask.to_pem(); }},
    Case{"only_ark",        "attest.vek_chain", [](Scene& s) { s.given().cert_chain_pem = s.authority().ark.to_pem(); }},
    Case{"three",           "attest.vek_chain", [](Scene& s) { s.given().cert_chain_pem += s.authority().asvk.to_pem(); }},
    Case{"ark_twice",       "attest.vek_chain", [](Scene& s) { set_chain(s, s.authority().ark, s.authority().ark); }},
    Case{"ask_twice",       "attest.vek_chain", [](Scene& s) { set_chain(s, s.authority().ask, s.authority().ask); }},
    Case{"text_in_chain",   "attest.vek_chain", [](Scene& s) { s.given().cert_chain_pem += "text"; }},
    Case{"vcek_under_asvk", "attest.vek_chain", [](Scene& s) { set_chain(s, s.authority().asvk, s.authority().ark); }},
    Case{"vlek_under_ask",  "attest.vek_chain", [](Scene& s) { set_chain(s, s.authority().ask, s.authority().ark); }, kVlek},
    Case{"ark_of_a_look_alike", "attest.vek_chain", [](Scene& s) { set_chain(s, s.authority().ask, look_alike(s).ark); }},
    Case{"ask_of_a_look_alike", "attest.vek_chain", [](Scene& s) { set_chain(s, look_alike(s).ask, s.authority().ark); }},
    Case{"chain_of_genoa",  "attest.vek_chain", [](Scene& s) { s.given().cert_chain_pem = test::make_sample_snp(kNow, SnpProduct::genoa).endorsements.cert_chain_pem; }},
    Case{"vek_without_the_prefix", "attest.vek_chain", [](Scene& s) { set_vek(s, profile("VCEK", false), s.authority().vek_key.public_key()); }},
    Case{"vek_of_another_name", "attest.vek_chain", [](Scene& s) { set_vek(s, profile("SEV-VCEK2", false), s.authority().vek_key.public_key()); }},
    Case{"vek_is_a_ca",     "attest.vek_chain", [](Scene& s) { set_vek(s, profile("SEV-VCEK", true), s.authority().vek_key.public_key()); }},
    Case{"vek_unknown_critical", "attest.vek_chain", [](Scene& s) {
        CertificateProfile made = profile("SEV-VCEK", false); made.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
        set_vek(s, made, s.authority().vek_key.public_key()); }},
    Case{"vek_extension_twice", "attest.vek_chain", [](Scene& s) {  // Pitfall16: the second value must not win, nor the first
        const std::string der = hex(s.given().vek); const std::string from = hex(Bytes{0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01, 0x03, 0x02});
        std::string bent = der; bent[der.find(from) + from.size() - 1] = '1'; s.given().vek = parse_hex(bent).value(); }},
    Case{"ask_is_no_ca",    "attest.vek_chain", [](Scene& s) {
        set_chain(s, must_have(crypto::issue_certificate(profile("SEV-Milan", false), s.authority().keys->ask.public_key(), s.authority().ark, s.authority().keys->ark)), s.authority().ark); }},
    Case{"ask_unknown_critical", "attest.vek_chain", [](Scene& s) {
        CertificateProfile made = profile("SEV-Milan", true); made.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
        set_chain(s, must_have(crypto::issue_certificate(made, s.authority().keys->ask.public_key(), s.authority().ark, s.authority().keys->ark)), s.authority().ark); }},
    Case{"ark_path_length_0", "attest.vek_chain", [](Scene& s) {
        CertificateProfile made = profile("ARK-Milan", true); made.organization = std::string(simtee::kSnpOrganization); made.path_length = 0;
        set_chain(s, s.authority().ask, must_have(crypto::issue_root(made, s.authority().keys->ark))); }},
    Case{"ark_altered",     "attest.vek_chain", [](Scene& s) {
        Bytes der = s.authority().ark.der(); der.back() ^= 1; set_chain(s, s.authority().ask, must_have(Certificate::from_der(der))); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Root, VerifySnp, testing::Values(
    Case{"whole_look_alike", "attest.root", [](Scene& s) {  // Pitfall15: same names, other keys, consistent with itself
        s.run.authority = look_alike(s); s.given() = must_have(simtee::issue_snp_endorsements(s.authority(), VekKind::vcek, kOpen)); }},
    Case{"production_keys_only", "attest.root", [](Scene& s) { s.trust = AmdTrust::amd(); }},
    Case{"another_product_only", "attest.root", [](Scene& s) { s.trust = test::make_sample_snp(kNow, SnpProduct::turin).trust(); }},
    Case{"ask_not_pinned",  "attest.root", [](Scene& s) { s.trust = must_have(AmdTrust::from_pem(s.authority().ark.to_pem() + s.authority().asvk.to_pem())); }},
    Case{"asvk_not_pinned", "attest.root", [](Scene& s) { s.trust = must_have(AmdTrust::from_pem(s.authority().ark.to_pem() + s.authority().ask.to_pem())); }, kVlek},
    Case{"other_ask_under_the_pinned_ark", "attest.root", [](Scene& s) {
        const SigningKey other = must_have(SigningKey::generate_rsa(2048));
        CertificateProfile made = profile("SEV-Milan", true); made.organization = std::string(simtee::kSnpOrganization);
        const Certificate ask = must_have(crypto::issue_certificate(made, other.public_key(), s.authority().ark, s.authority().keys->ark));
        CertificateProfile vek = profile("SEV-VCEK", false); vek.bare = true; vek.extensions = simtee::encode_vek_extensions(simtee::vek_extensions(s.authority().machine, VekKind::vcek));
        s.given().vek = must_have(crypto::issue_certificate(vek, s.authority().vek_key.public_key(), ask, other)).der();
        set_chain(s, ask, s.authority().ark); }},
    Case{"pinned_ark_under_another_name", "attest.root", [](Scene& s) {
        const Certificate ark = must_have(crypto::issue_root(profile("ARK-Turin", true), s.authority().keys->ark));
        const Certificate ask = must_have(crypto::issue_certificate(profile("SEV-Turin", true), s.authority().keys->ask.public_key(), ark, s.authority().keys->ark));
        CertificateProfile vek = profile("SEV-VCEK", false); vek.bare = true; vek.extensions = simtee::encode_vek_extensions(simtee::vek_extensions(s.authority().machine, VekKind::vcek));
        s.given().vek = must_have(crypto::issue_certificate(vek, s.authority().vek_key.public_key(), ask, s.authority().keys->ask)).der();
        set_chain(s, ask, ark); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Windows, VerifySnp, testing::Values(
    Case{"vcek_over",  "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.vcek = kOver; rewindow(s, w); }},
    Case{"vcek_ahead", "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.vcek = kAhead; rewindow(s, w); }},
    Case{"vlek_over",  "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.vlek = kOver; rewindow(s, w, kVlek); }, kVlek},
    Case{"vlek_ahead", "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.vlek = kAhead; rewindow(s, w, kVlek); }, kVlek},
    Case{"ask_over",   "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.ask = kOver; rewindow(s, w); }},
    Case{"ask_ahead",  "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.ask = kAhead; rewindow(s, w); }},
    Case{"asvk_over",  "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.ask = kOver; rewindow(s, w, kVlek); }, kVlek},
    Case{"ark_over",   "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.ark = kOver; rewindow(s, w); }},
    Case{"ark_ahead",  "attest.certificate_expired", [](Scene& s) { auto w = windows(); w.ark = kAhead; rewindow(s, w); }},
    Case{"last_second", "", [](Scene& s) { auto w = windows(); w.vcek = {kNow - days(9), kNow}; rewindow(s, w); }},
    Case{"first_second", "", [](Scene& s) { auto w = windows(); w.vcek = {kNow, kNow + days(9)}; rewindow(s, w); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Revocation, VerifySnp, testing::Values(
    Case{"missing",       "attest.crl", [](Scene& s) { s.given().crl.reset(); }},
    Case{"empty",         "attest.crl", [](Scene& s) { s.given().crl = Bytes{}; }},
    Case{"empty_though_optional", "attest.crl", [](Scene& s) { s.given().crl = Bytes{}; s.revocation = Revocation::if_provided; }},
    Case{"not_a_list",    "attest.crl", [](Scene& s) { s.given().crl = Bytes{0x30, 0x00}; }},
    Case{"of_another_product", "attest.crl", [](Scene& s) { s.given().crl = test::make_sample_snp(kNow, SnpProduct::genoa).endorsements.crl; }},
    Case{"of_another_product_though_optional", "attest.crl", [](Scene& s) { s.given().crl = test::make_sample_snp(kNow, SnpProduct::genoa).endorsements.crl; s.revocation = Revocation::if_provided; }},
    Case{"of_a_look_alike", "attest.crl", [](Scene& s) { s.given().crl = must_have(simtee::issue_snp_crl(look_alike(s), kOpen)).der(); }},
    Case{"by_the_ask",    "attest.crl", [](Scene& s) { s.given().crl = must_have(crypto::issue_crl(list(), s.authority().ask, s.authority().keys->ask)).der(); }},
    Case{"altered",       "attest.crl", [](Scene& s) { s.given().crl->back() ^= 1; }},
    Case{"without_next_update", "attest.crl", [](Scene& s) { auto l = list(); l.next_update.reset(); set_crl(s, l); }},
    Case{"delta",         "attest.crl", [](Scene& s) { auto l = list(); l.extensions = {{"2.5.29.27", true, {0x02, 0x01, 0x01}}}; set_crl(s, l); }},
    Case{"over",          "attest.collateral_expired", [](Scene& s) { s.given().crl = must_have(simtee::issue_snp_crl(s.authority(), kOver)).der(); }},
    Case{"over_though_optional", "attest.collateral_expired", [](Scene& s) { s.given().crl = must_have(simtee::issue_snp_crl(s.authority(), kOver)).der(); s.revocation = Revocation::if_provided; }},
    Case{"ahead",         "attest.collateral_expired", [](Scene& s) { s.given().crl = must_have(simtee::issue_snp_crl(s.authority(), kAhead)).der(); }},
    Case{"ask_revoked",   "attest.revoked", [](Scene& s) { set_crl(s, list({s.authority().ask.serial()})); }},
    Case{"ask_revoked_among_others", "attest.revoked", [](Scene& s) { set_crl(s, list({{0x01}, s.authority().ask.serial(), {0x7f}})); }},
    Case{"ask_revoked_though_optional", "attest.revoked", [](Scene& s) { set_crl(s, list({s.authority().ask.serial()})); s.revocation = Revocation::if_provided; }},
    Case{"asvk_revoked",  "attest.revoked", [](Scene& s) { set_crl(s, list({s.authority().asvk.serial()})); }, kVlek},
    Case{"ark_revoked",   "attest.revoked", [](Scene& s) { set_crl(s, list({s.authority().ark.serial()})); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Vek, VerifySnp, testing::Values(
    Case{"p256_key",      "attest.vek", [](Scene& s) { set_vek(s, profile("SEV-VCEK", false), SigningKey::generate(crypto::Curve::p256).public_key()); }},
    Case{"rsa_key",       "attest.vek", [](Scene& s) { set_vek(s, profile("SEV-VCEK", false), s.authority().keys->ask.public_key()); }},
    Case{"without_extensions", "attest.vek", [](Scene& s) { s.given().vek = must_have(simtee::issue_vek(s.authority(), VekKind::vcek, kOpen, {})).der(); }},
    Case{"of_another_product", "attest.vek", [](Scene& s) {
        auto e = simtee::vek_extensions(s.authority().machine, VekKind::vcek); e.product_name = "Genoa";
        s.given().vek = must_have(simtee::issue_vek(s.authority(), VekKind::vcek, kOpen, simtee::encode_vek_extensions(e))).der(); }},
    Case{"vlek_with_a_chip", "attest.vek", [](Scene& s) {
        auto e = simtee::vek_extensions(s.authority().machine, kVlek); e.hardware_id = s.authority().machine.hardware_id;
        s.given().vek = must_have(simtee::issue_vek(s.authority(), kVlek, kOpen, simtee::encode_vek_extensions(e))).der(); }, kVlek},
    Case{"wrapped_hardware_id", "", [](Scene& s) {
        auto e = simtee::vek_extensions(s.authority().machine, VekKind::vcek); e.hardware_id->insert(e.hardware_id->begin(), {0x04, 0x40});
        s.given().vek = must_have(simtee::issue_vek(s.authority(), VekKind::vcek, kOpen, simtee::encode_vek_extensions(e))).der(); }}),
    case_name);
// clang-format on

TEST(SnpEndorser, ListsEveryCheckOfItsKind)
{
    const SampleSnp run = test::make_sample_snp(kNow);
    CheckLog made;
    const SnpEndorser endorser = must_have(SnpEndorser::create(run.endorsements, run.trust(), Revocation::required, made));
    CheckLog cached;
    const auto verified = must_have(endorser.verify(run.report(), kNow, cached));
    CheckLog whole;
    const auto again =
        must_have(verify_snp(run.evidence(), run.endorsements, run.trust(), Revocation::required, kNow, whole));
    using enum CheckId;
    for (const CheckId id : {snp_format, snp_product, vek_chain, root, certificate_expired, crl, revoked, collateral_expired,
                             vek, vek_tcb, vek_chip, signature}) {
        EXPECT_TRUE(cached.passed(id)) << info(id).reason;
        EXPECT_TRUE(whole.passed(id)) << info(id).reason;
    }
    EXPECT_TRUE(whole.passed(evidence_kind));
    EXPECT_EQ(verified.evidence_id(), again.evidence_id());
    EXPECT_TRUE(verified.simulated());
    EXPECT_EQ(verified.valid_until(), kOpen.to);
    EXPECT_EQ(verified.crl_issued(), kOpen.from);
    EXPECT_EQ(verified.crl_number(), Bytes{0x01});
    EXPECT_EQ(endorser.valid_until(), kOpen.to);
    EXPECT_EQ(endorser.valid_from(), kOpen.from);
}

TEST(SnpEndorser, NamesWhatItSkips)
{
    SampleSnp run = test::make_sample_snp(kNow, SnpProduct::milan, kVlek);
    run.endorsements.crl.reset();
    CheckLog checks;
    const auto verified =
        must_have(verify_snp(run.evidence(), run.endorsements, run.trust(), Revocation::if_provided, kNow, checks));
    std::set<CheckId> skipped;
    for (const CheckOutcome& outcome : checks.outcomes())
        if (outcome.outcome == Outcome::skipped) skipped.insert(outcome.id);
    using enum CheckId;
    EXPECT_EQ(skipped, (std::set{crl, revoked, collateral_expired, vek_chip}));
    EXPECT_FALSE(verified.crl_issued().has_value());
    EXPECT_FALSE(verified.crl_number().has_value());
}

TEST(SnpEndorser, RefusesTheEpochAndTheFarFuture)
{
    const SampleSnp run = test::make_sample_snp(kNow);
    CheckLog made;
    const SnpEndorser endorser = must_have(SnpEndorser::create(run.endorsements, run.trust(), Revocation::required, made));
    for (const UnixSeconds time : {UnixSeconds{}, kNow + days(40'000)}) {
        CheckLog checks;
        EXPECT_EQ(endorser.verify(run.report(), time, checks).error().reason, "attest.certificate_expired");
        test::expect_only_failure(checks, CheckId::certificate_expired);
    }
}

TEST(AmdTrust, TakesRootsWithTheirIntermediates)
{
    const simtee::SnpAuthority authority = test::make_sample_snp(kNow).authority;
    const AmdTrust trust = must_have(AmdTrust::from_pem(authority.roots()));
    EXPECT_TRUE(trust.pins(SnpProduct::milan).ark && trust.pins(SnpProduct::milan).asvk);
    EXPECT_FALSE(trust.pins(SnpProduct::genoa).ark || trust.hardware(SnpProduct::genoa));
    EXPECT_FALSE(trust.hardware(SnpProduct::milan));
    EXPECT_TRUE(AmdTrust::amd().hardware(SnpProduct::milan) && AmdTrust::amd().hardware(SnpProduct::turin));
    const auto named = must_have(crypto::issue_root(profile("Another", true), authority.vek_key));
    const auto look = look_alike(Scene(SnpProduct::milan, VekKind::vcek));
    for (const std::string& pem : {std::string(), authority.ask.to_pem(), authority.vcek.to_pem() + authority.roots(),
                                   authority.roots() + authority.ask.to_pem(), authority.roots() + named.to_pem(),
                                   authority.ark.to_pem() + look.ask.to_pem()}) {
        EXPECT_EQ(AmdTrust::from_pem(pem).error().reason, "attest.root");
        test::count_negative("attest.root");
    }
}

}  // namespace
}  // namespace iapp::attest
