#include "attest/intel_verify.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

using simtee::Authority;
using simtee::CertificateWindows;
using simtee::Window;
using std::chrono::days;
using std::chrono::hours;
using test::SampleRun;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};
constexpr Window kOpen{kNow - hours(1), kNow + days(30)};
constexpr Window kOver{kNow - days(60), kNow - hours(1)};
constexpr Window kAhead{kNow + hours(1), kNow + days(30)};

template <class T>
T must(Result<T> result)
{
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().detail);
    return *std::move(result);
}

// --- ways to bend a run and sign it again
// ----------------------------------------------------------------------------------

/// A new PKI with these windows (and extension) everywhere in the run.
void rebuild(SampleRun& run, const CertificateWindows& windows,
             const Bytes& extension = simtee::encode_sgx_extension(simtee::simulated_platform()))
{
    run.authority = must(simtee::create_authority(windows, extension));
    run.collateral = must(simtee::issue_collateral(run.authority, kOpen));
    run.parts.qe_report = simtee::simulated_qe_report(run.authority.attestation_key.public_key(), run.parts.qe_auth);
    run.parts.pck_chain_pem = run.authority.pck_chain();
}

template <Window CertificateWindows::*Link>
void rewindow(SampleRun& run, const Window& window)
{
    CertificateWindows windows = CertificateWindows::for_time(kNow);
    windows.*Link = window;
    rebuild(run, windows);
}

void replatform(SampleRun& run, void (*bend)(SgxExtension&))
{
    SgxExtension platform = simtee::simulated_platform();
    bend(platform);
    rebuild(run, CertificateWindows::for_time(kNow), simtee::encode_sgx_extension(platform));
}

std::string replace(std::string text, std::string_view from, std::string_view to)
{
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

void edit_tcb_info(SampleRun& run, std::string_view from, std::string_view to)
{
    run.collateral.tcb_info = replace(run.collateral.tcb_info, from, to);
    run.collateral.tcb_info_signature = to_bytes(run.authority.tcb_key.sign(as_bytes(run.collateral.tcb_info)).bytes());
}

void edit_qe_identity(SampleRun& run, std::string_view from, std::string_view to)
{
    run.collateral.qe_identity = replace(run.collateral.qe_identity, from, to);
    run.collateral.qe_identity_signature =
        to_bytes(run.authority.tcb_key.sign(as_bytes(run.collateral.qe_identity)).bytes());
}

crypto::CrlProfile list(const Window& window, std::vector<Bytes> revoked = {})
{
    return {.this_update = window.from,
            .next_update = window.to,
            .number = 2,
            .revoked_serials = std::move(revoked),
            .extensions = {}};
}

void root_list(SampleRun& run, const crypto::CrlProfile& profile)
{
    run.collateral.root_ca_crl = must(crypto::issue_crl(profile, run.authority.root, run.authority.root_key)).der();
}

void pck_list(SampleRun& run, const crypto::CrlProfile& profile)
{
    run.collateral.pck_crl = must(crypto::issue_crl(profile, run.authority.ca, run.authority.ca_key)).der();
}

/// Issues the PCK certificate again, from a bent profile.
void reissue_pck(SampleRun& run, void (*bend)(crypto::CertificateProfile&))
{
    const Authority& a = run.authority;
    crypto::CertificateProfile profile{
        .common_name = "Intel SGX PCK Certificate",
        .organization = {},
        .serial = {},
        .not_before = kOpen.from,
        .not_after = kOpen.to,
        .ca = false,
        .path_length = std::nullopt,
        .extensions = {{std::string(kSgxExtensionOid), false, simtee::encode_sgx_extension(simtee::simulated_platform())}}};
    bend(profile);
    run.authority.pck = must(crypto::issue_certificate(profile, a.pck_key.public_key(), a.ca, a.ca_key));
    run.parts.pck_chain_pem = run.authority.pck_chain();
}

ReportData with_last_byte(const ReportData& data)
{
    auto bytes = data.array();
    bytes.back() = 1;
    return ReportData{bytes};
}

Authority other_authority() { return must(simtee::create_authority(CertificateWindows::for_time(kNow))); }

// --- one change breaks one check
// -------------------------------------------------------------------------------------------

struct Case {
    const char* name;
    std::string_view reason;  ///< "" means it must pass
    void (*bend)(SampleRun&);
    void (*bend_quote)(Bytes&) = nullptr;  ///< after signing
};

void nothing(SampleRun&) {}

class Verify : public testing::TestWithParam<Case> {};

TEST_P(Verify, AnswersWithTheCheckThatFailed)
{
    SampleRun run = test::make_sample_run(kNow);
    const TrustAnchor before = run.anchor();
    GetParam().bend(run);
    Evidence evidence = run.evidence();
    if (GetParam().bend_quote) GetParam().bend_quote(evidence.bytes);
    const bool anchor_stays = GetParam().reason == "attest.root";

    CheckLog checks;
    const auto verified = verify_intel(evidence, run.collateral, anchor_stays ? before : run.anchor(), kNow, checks);

    EXPECT_EQ(verified ? "" : verified.error().reason, GetParam().reason) << (verified ? "" : verified.error().detail);
    if (verified) return;
    test::expect_only_failure(checks, find_check(GetParam().reason)->id);
    EXPECT_FALSE(verified.error().detail.empty());
}

std::string case_name(const testing::TestParamInfo<Case>& test) { return test.param.name; }

/// The order of the group of P-256.
constexpr std::array<std::uint8_t, 32> kOrder{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                              0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

constexpr std::size_t kMrTd = 48 + 136, kRtmr3 = 48 + 472, kReportData = 48 + 520, kSignature = 636, kKey = 700,
                      kQeReport = 770, kQeSignature = 1154, kQeAuth = 1220;

// clang-format off
INSTANTIATE_TEST_SUITE_P(Quote, Verify, testing::Values(
    Case{"good", "", nothing},
    Case{"header", "attest.signature", nothing, [](Bytes& q) { q[30] ^= 1; }},
    Case{"mrtd", "attest.signature", nothing, [](Bytes& q) { q[kMrTd] ^= 1; }},
    Case{"rtmr3", "attest.signature", nothing, [](Bytes& q) { q[kRtmr3] ^= 0x80; }},
    Case{"report_data", "attest.signature", nothing, [](Bytes& q) { q[kReportData + 63] ^= 1; }},
    Case{"signature_bit", "attest.signature", nothing, [](Bytes& q) { q[kSignature] ^= 1; }},
    Case{"signature_zero", "attest.signature", nothing, [](Bytes& q) { std::fill_n(q.begin() + kSignature, 64, 0); }},
    Case{"r_is_zero", "attest.signature", nothing, [](Bytes& q) { std::fill_n(q.begin() + kSignature, 32, 0); }},
    Case{"s_is_zero", "attest.signature", nothing, [](Bytes& q) { std::fill_n(q.begin() + kSignature + 32, 32, 0); }},
    Case{"r_is_the_order", "attest.signature", nothing, [](Bytes& q) { std::ranges::copy(kOrder, q.begin() + kSignature); }},
    Case{"r_is_all_ones", "attest.signature", nothing, [](Bytes& q) { std::fill_n(q.begin() + kSignature, 32, 0xff); }},
    Case{"certified_key_is_not_a_point", "attest.signature",
         [](SampleRun& r) { r.parts.qe_report = simtee::simulated_qe_report(crypto::P256PublicKey::zero(), r.parts.qe_auth); },
         [](Bytes& q) { std::fill_n(q.begin() + kKey, 64, 0); }},
    Case{"attestation_key", "attest.qe_binding", nothing, [](Bytes& q) { q[kKey + 5] ^= 1; }},
    Case{"qe_report", "attest.qe_signature", nothing, [](Bytes& q) { q[kQeReport + 128] ^= 1; }},
    Case{"qe_signature", "attest.qe_signature", nothing, [](Bytes& q) { q[kQeSignature + 40] ^= 1; }},
    Case{"qe_auth", "attest.qe_binding", nothing, [](Bytes& q) { q[kQeAuth] ^= 1; }},
    Case{"qe_report_tail_not_zero", "attest.qe_binding", [](SampleRun& r) { r.parts.qe_report.report_data = with_last_byte(r.parts.qe_report.report_data); }},
    Case{"qe_names_another_key", "attest.qe_binding", [](SampleRun& r) {
        r.parts.qe_report = simtee::simulated_qe_report(crypto::P256Key::generate().public_key(), r.parts.qe_auth); }},
    Case{"no_qe_auth_is_a_length_too", "", [](SampleRun& r) {
        r.parts.qe_auth.clear();
        r.parts.qe_report = simtee::simulated_qe_report(r.authority.attestation_key.public_key(), {}); }},
    Case{"truncated", "attest.quote_format", nothing, [](Bytes& q) { q.pop_back(); }},
    Case{"zero_padding", "", nothing, [](Bytes& q) { q.resize(q.size() + 307); }},
    Case{"text_after_the_quote", "attest.quote_format", nothing, [](Bytes& q) { q.push_back('x'); }},
    Case{"another_pck_key", "attest.qe_signature", [](SampleRun& r) { r.authority.pck_key = crypto::P256Key::generate(); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Chain, Verify, testing::Values(
    Case{"any_order", "", [](SampleRun& r) {
        r.parts.pck_chain_pem = r.authority.root.to_pem() + r.authority.pck.to_pem() + r.authority.ca.to_pem(); }},
    Case{"nul_at_the_end", "", [](SampleRun& r) { r.parts.pck_chain_pem.push_back('\0'); }},
    Case{"empty", "attest.chain", [](SampleRun& r) { r.parts.pck_chain_pem.clear(); }},
    Case{"leaf_only", "attest.chain", [](SampleRun& r) { r.parts.pck_chain_pem = r.authority.pck.to_pem(); }},
    Case{"no_root", "attest.chain", [](SampleRun& r) { r.parts.pck_chain_pem = r.authority.pck.to_pem() + r.authority.ca.to_pem(); }},
    Case{"root_twice", "attest.chain", [](SampleRun& r) { r.parts.pck_chain_pem += r.authority.root.to_pem(); }},
    Case{"root_instead_of_ca", "attest.chain", [](SampleRun& r) {
        r.parts.pck_chain_pem = r.authority.pck.to_pem() + r.authority.root.to_pem() + r.authority.root.to_pem(); }},
    Case{"look_alike_root", "attest.chain", [](SampleRun& r) {
        r.parts.pck_chain_pem = r.authority.pck.to_pem() + r.authority.ca.to_pem() + other_authority().root.to_pem(); }},
    Case{"look_alike_ca", "attest.chain", [](SampleRun& r) {
        r.parts.pck_chain_pem = r.authority.pck.to_pem() + other_authority().ca.to_pem() + r.authority.root.to_pem(); }},
    Case{"leaf_is_a_ca", "attest.chain", [](SampleRun& r) { reissue_pck(r, [](crypto::CertificateProfile& p) { p.ca = true; }); }},
    Case{"unknown_critical_extension", "attest.chain", [](SampleRun& r) {
        reissue_pck(r, [](crypto::CertificateProfile& p) { p.extensions.push_back({"1.2.3.4", true, {0x05, 0x00}}); }); }},
    Case{"another_pki", "attest.root", [](SampleRun& r) { rebuild(r, CertificateWindows::for_time(kNow)); }},
    Case{"pck_name", "attest.pck", [](SampleRun& r) { reissue_pck(r, [](crypto::CertificateProfile& p) { p.common_name = "PCK"; }); }},
    Case{"no_sgx_extension", "attest.pck", [](SampleRun& r) { reissue_pck(r, [](crypto::CertificateProfile& p) { p.extensions.clear(); }); }},
    Case{"broken_sgx_extension", "attest.pck", [](SampleRun& r) { rebuild(r, CertificateWindows::for_time(kNow), Bytes{0x30, 0x00}); }},
    Case{"root_over", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::root>(r, kOver); }},
    Case{"root_ahead", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::root>(r, kAhead); }},
    Case{"ca_over", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::ca>(r, kOver); }},
    Case{"ca_ahead", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::ca>(r, kAhead); }},
    Case{"pck_over", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::pck>(r, kOver); }},
    Case{"pck_ahead", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::pck>(r, kAhead); }},
    Case{"tcb_signer_over", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::tcb_signer>(r, kOver); }},
    Case{"tcb_signer_ahead", "attest.certificate_expired", [](SampleRun& r) { rewindow<&CertificateWindows::tcb_signer>(r, kAhead); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Revocation, Verify, testing::Values(
    Case{"no_root_list", "attest.crl", [](SampleRun& r) { r.collateral.root_ca_crl.clear(); }},
    Case{"no_pck_list", "attest.crl", [](SampleRun& r) { r.collateral.pck_crl.clear(); }},
    Case{"not_a_list", "attest.crl", [](SampleRun& r) { r.collateral.pck_crl = {0x30, 0x00}; }},
    Case{"root_list_as_pck_list", "attest.crl", [](SampleRun& r) { r.collateral.pck_crl = r.collateral.root_ca_crl; }},
    Case{"pck_list_as_root_list", "attest.crl", [](SampleRun& r) { r.collateral.root_ca_crl = r.collateral.pck_crl; }},
    Case{"list_of_a_look_alike", "attest.crl", [](SampleRun& r) {
        const Authority other = other_authority();
        r.collateral.pck_crl = must(crypto::issue_crl(list(kOpen), other.ca, other.ca_key)).der(); }},
    Case{"list_altered", "attest.crl", [](SampleRun& r) { r.collateral.pck_crl.back() ^= 1; }},
    Case{"root_list_without_next_update", "attest.crl", [](SampleRun& r) {
        auto profile = list(kOpen); profile.next_update.reset(); root_list(r, profile); }},
    Case{"pck_list_without_next_update", "attest.crl", [](SampleRun& r) {
        auto profile = list(kOpen); profile.next_update.reset(); pck_list(r, profile); }},
    Case{"list_with_unknown_critical_extension", "attest.crl", [](SampleRun& r) {
        auto profile = list(kOpen); profile.extensions.push_back({"2.5.29.27", true, {0x02, 0x01, 0x01}}); pck_list(r, profile); }},
    Case{"root_list_over", "attest.collateral_expired", [](SampleRun& r) { root_list(r, list(kOver)); }},
    Case{"root_list_ahead", "attest.collateral_expired", [](SampleRun& r) { root_list(r, list(kAhead)); }},
    Case{"pck_list_over", "attest.collateral_expired", [](SampleRun& r) { pck_list(r, list(kOver)); }},
    Case{"pck_list_ahead", "attest.collateral_expired", [](SampleRun& r) { pck_list(r, list(kAhead)); }},
    Case{"leaf_revoked", "attest.revoked", [](SampleRun& r) { pck_list(r, list(kOpen, {r.authority.pck.serial()})); }},
    Case{"ca_revoked", "attest.revoked", [](SampleRun& r) { root_list(r, list(kOpen, {r.authority.ca.serial()})); }},
    Case{"tcb_signer_revoked", "attest.revoked", [](SampleRun& r) { root_list(r, list(kOpen, {r.authority.tcb_signer.serial()})); }},
    Case{"others_revoked", "", [](SampleRun& r) { pck_list(r, list(kOpen, {Bytes{0x17}, Bytes{0x18, 0x00}})); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Collateral, Verify, testing::Values(
    Case{"tcb_chain_of_another_pki", "attest.collateral_chain", [](SampleRun& r) { r.collateral.tcb_info_issuer_chain = other_authority().tcb_chain(); }},
    Case{"qe_chain_of_another_pki", "attest.collateral_chain", [](SampleRun& r) { r.collateral.qe_identity_issuer_chain = other_authority().tcb_chain(); }},
    Case{"crl_chain_of_another_pki", "attest.collateral_chain", [](SampleRun& r) { r.collateral.pck_crl_issuer_chain = other_authority().ca_chain(); }},
    Case{"tcb_chain_without_root", "attest.collateral_chain", [](SampleRun& r) { r.collateral.tcb_info_issuer_chain = r.authority.tcb_signer.to_pem(); }},
    Case{"pck_ca_as_signer", "attest.collateral_chain", [](SampleRun& r) { r.collateral.tcb_info_issuer_chain = r.authority.ca_chain(); }},
    Case{"signer_of_another_name", "attest.collateral_chain", [](SampleRun& r) {
        crypto::CertificateProfile profile{.common_name = "Another", .organization = {}, .serial = {}, .not_before = kOpen.from,
                                           .not_after = kOpen.to, .ca = false, .path_length = std::nullopt, .extensions = {}};
        const auto signer = must(crypto::issue_certificate(profile, r.authority.tcb_key.public_key(), r.authority.root, r.authority.root_key));
        r.collateral.tcb_info_issuer_chain = signer.to_pem() + r.authority.root.to_pem(); }},
    Case{"tcb_signature_zero", "attest.collateral_signature", [](SampleRun& r) { r.collateral.tcb_info_signature.assign(64, 0); }},
    Case{"tcb_signature_short", "attest.collateral_signature", [](SampleRun& r) { r.collateral.tcb_info_signature.pop_back(); }},
    Case{"tcb_status_text", "attest.collateral_signature", [](SampleRun& r) { r.collateral.tcb_info = replace(r.collateral.tcb_info, "OutOfDate", "UpToDate"); }},
    Case{"tcb_reformatted", "attest.collateral_signature", [](SampleRun& r) { r.collateral.tcb_info += " "; }},
    Case{"qe_signature_zero", "attest.collateral_signature", [](SampleRun& r) { r.collateral.qe_identity_signature.assign(64, 0); }},
    Case{"qe_signer_text", "attest.collateral_signature", [](SampleRun& r) {
        const auto at = r.collateral.qe_identity.find("mrsigner") + 12; r.collateral.qe_identity[at] ^= 1; }},
    Case{"documents_swapped", "attest.collateral_format", [](SampleRun& r) {
        std::swap(r.collateral.tcb_info, r.collateral.qe_identity);
        std::swap(r.collateral.tcb_info_signature, r.collateral.qe_identity_signature); }},
    Case{"tcb_of_sgx", "attest.platform", [](SampleRun& r) { edit_tcb_info(r, R"("id":"TDX")", R"("id":"SGX")"); }},
    Case{"tcb_version", "attest.collateral_format", [](SampleRun& r) { edit_tcb_info(r, R"("version":3)", R"("version":2)"); }},
    Case{"tcb_type", "attest.collateral_format", [](SampleRun& r) { edit_tcb_info(r, R"("tcbType":0)", R"("tcbType":1)"); }},
    Case{"fifteen_components", "attest.collateral_format", [](SampleRun& r) { edit_tcb_info(r, R"([{"svn":2},)", "["); }},
    Case{"seventeen_components", "attest.collateral_format", [](SampleRun& r) { edit_tcb_info(r, R"([{"svn":2},)", R"([{"svn":2},{"svn":2},)"); }},
    Case{"duplicate_member", "attest.collateral_format", [](SampleRun& r) {
        edit_tcb_info(r, R"("tcbStatus":"UpToDate")", R"("tcbStatus":"UpToDate","tcbStatus":"UpToDate")"); }},
    Case{"unknown_status", "attest.collateral_format", [](SampleRun& r) { edit_tcb_info(r, "OutOfDate", "Splendid"); }},
    Case{"qe_of_sgx", "attest.qe_identity", [](SampleRun& r) { edit_qe_identity(r, "TD_QE", "QE"); }},
    Case{"tcb_info_over", "attest.collateral_expired", [](SampleRun& r) { edit_tcb_info(r, iso8601(kOpen.to), iso8601(kNow - hours(1))); }},
    Case{"tcb_info_ahead", "attest.collateral_expired", [](SampleRun& r) { edit_tcb_info(r, iso8601(kOpen.from), iso8601(kNow + hours(1))); }},
    Case{"qe_identity_over", "attest.collateral_expired", [](SampleRun& r) { edit_qe_identity(r, iso8601(kOpen.to), iso8601(kNow - hours(1))); }},
    Case{"qe_identity_ahead", "attest.collateral_expired", [](SampleRun& r) { edit_qe_identity(r, iso8601(kOpen.from), iso8601(kNow + hours(1))); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Tcb, Verify, testing::Values(
    Case{"other_fmspc", "attest.platform", [](SampleRun& r) { edit_tcb_info(r, R"("fmspc":"53)", R"("fmspc":"54)"); }},
    Case{"other_pce", "attest.platform", [](SampleRun& r) { edit_tcb_info(r, R"("pceId":"0000")", R"("pceId":"0100")"); }},
    Case{"qe_mrsigner", "attest.qe_identity", [](SampleRun& r) { r.parts.qe_report.mr_signer = Hash256::zero(); }},
    Case{"qe_product", "attest.qe_identity", [](SampleRun& r) { r.parts.qe_report.isv_prod_id = 3; }},
    Case{"qe_misc_select", "attest.qe_identity", [](SampleRun& r) { r.parts.qe_report.misc_select = 1; }},
    Case{"qe_attributes", "attest.qe_identity", [](SampleRun& r) { r.parts.qe_report.flags |= 0x20; }},
    Case{"qe_debug", "attest.qe_identity", [](SampleRun& r) { r.parts.qe_report.flags |= kSgxDebug; }},
    Case{"qe_debug_even_if_masked", "attest.qe_identity", [](SampleRun& r) {
        r.parts.qe_report.flags |= kSgxDebug; edit_qe_identity(r, "FBFFFF", "F9FFFF"); }},
    Case{"qe_too_old", "attest.qe_identity", [](SampleRun& r) { r.parts.qe_report.isv_svn = 3; }},
    Case{"qe_newer", "", [](SampleRun& r) { r.parts.qe_report.isv_svn = 9; }},
    Case{"module_version_unknown", "attest.tdx_module", [](SampleRun& r) { r.parts.body.tee_tcb_svn[1] = 2; }},
    Case{"module_too_old", "attest.tdx_module", [](SampleRun& r) { r.parts.body.tee_tcb_svn[0] = 2; }},
    Case{"module_signer", "attest.tdx_module", [](SampleRun& r) { r.parts.body.mr_signer_seam = r.parts.body.mr_seam; }},
    Case{"module_attributes", "attest.tdx_module", [](SampleRun& r) { r.parts.body.seam_attributes = 1; }},
    Case{"sgx_component", "attest.tcb_level", [](SampleRun& r) { replatform(r, [](SgxExtension& p) { p.components[7] = 4; }); }},
    Case{"pce_svn", "attest.tcb_level", [](SampleRun& r) { replatform(r, [](SgxExtension& p) { p.pce_svn = 4; }); }},
    Case{"tdx_component", "attest.tcb_level", [](SampleRun& r) { r.parts.body.tee_tcb_svn[2] = 1; }},
    Case{"newer_platform", "", [](SampleRun& r) { replatform(r, [](SgxExtension& p) { p.components[7] = 200; p.pce_svn = 300; }); }}),
    case_name);
// clang-format on

TEST(VerifyIntel, RefusesAnUnknownKindOfEvidence)
{
    const SampleRun run = test::make_sample_run(kNow);
    Evidence evidence = run.evidence();
    evidence.kind = static_cast<EvidenceKind>(0x7f);
    CheckLog checks;
    const auto verified = verify_intel(evidence, run.collateral, run.anchor(), kNow, checks);
    EXPECT_EQ(verified.error().reason, "attest.evidence_kind");
    test::expect_only_failure(checks, CheckId::evidence_kind);
}

TEST(VerifyIntel, RefusesTheEpochAndTheFarFuture)
{
    const SampleRun run = test::make_sample_run(kNow);
    for (const UnixSeconds time : {UnixSeconds{}, kNow + days(40'000)}) {
        CheckLog checks;
        EXPECT_EQ(verify_intel(run.evidence(), run.collateral, run.anchor(), time, checks).error().reason,
                  "attest.certificate_expired");
    }
}

/// Everything from evidence_kind to tcb_level; only a TD has a module.
std::set<CheckId> every_intel_check(EvidenceKind kind)
{
    std::set<CheckId> out;
    for (const CheckInfo& check : all_checks())
        if (check.id <= CheckId::tcb_level && (kind == EvidenceKind::tdx || check.id != CheckId::tdx_module))
            out.insert(check.id);
    return out;
}

/// Each check must be listed once, as passed.
std::set<CheckId> passed_of(const CheckLog& checks)
{
    std::set<CheckId> out;
    for (const CheckOutcome& outcome : checks.outcomes()) {
        EXPECT_EQ(outcome.outcome, Outcome::passed) << info(outcome.id).reason;
        EXPECT_TRUE(out.insert(outcome.id).second) << info(outcome.id).reason << " is listed twice";
    }
    return out;
}

TEST(VerifyIntel, ListsEveryCheckOfItsStageAndTheFirstWindowToClose)
{
    const SampleRun run = test::make_sample_run(kNow);
    CheckLog checks;
    const auto verified = must(verify_intel(run.evidence(), run.collateral, run.anchor(), kNow, checks));
    EXPECT_EQ(passed_of(checks), every_intel_check(EvidenceKind::tdx));
    EXPECT_EQ(verified.valid_until(), kNow + days(30));
    EXPECT_EQ(verified.tcb().status, TcbStatus::up_to_date);
    EXPECT_EQ(verified.tcb_evaluation_number(), 20);
    EXPECT_TRUE(verified.simulated());
    EXPECT_EQ(verified.platform().fmspc, simtee::simulated_platform().fmspc);
}

TEST(VerifyIntel, ReportsAnOldPlatformAsOutOfDateNotAsGood)
{
    SampleRun run = test::make_sample_run(kNow);
    replatform(run, [](SgxExtension& p) { p.pce_svn = 7; });
    CheckLog checks;
    EXPECT_EQ(must(verify_intel(run.evidence(), run.collateral, run.anchor(), kNow, checks)).tcb().status,
              TcbStatus::out_of_date);
}

TEST(VerifyIntel, NamesEvidenceByWhatIsSigned)
{
    const SampleRun run = test::make_sample_run(kNow);
    Evidence padded = run.evidence();
    padded.bytes.resize(padded.bytes.size() + 100);
    CheckLog checks;
    const auto a = must(verify_intel(run.evidence(), run.collateral, run.anchor(), kNow, checks));
    const auto b = must(verify_intel(padded, run.collateral, run.anchor(), kNow, checks));
    EXPECT_EQ(a.evidence_id(), b.evidence_id());  // another signature over the same bytes, and padding
}

TEST(VerifyIntel, TheTwinOfASignatureIsTheSameEvidence)
{
    const SampleRun run = test::make_sample_run(kNow);
    const Evidence evidence = run.evidence();
    Evidence twin = evidence;
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {  // s := n - s
        const int difference = kOrder[i] - evidence.bytes[kSignature + 32 + i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        twin.bytes[kSignature + 32 + i] = static_cast<std::uint8_t>(difference);
    }
    ASSERT_NE(twin.bytes, evidence.bytes);
    CheckLog checks;
    const auto a = must(verify_intel(evidence, run.collateral, run.anchor(), kNow, checks));
    const auto b = must(verify_intel(twin, run.collateral, run.anchor(), kNow, checks));
    EXPECT_EQ(a.evidence_id(), b.evidence_id());
}

TEST(TrustAnchor, TakesOneSelfSignedCa)
{
    const Authority authority = other_authority();
    EXPECT_TRUE(TrustAnchor::from_pem(authority.root.to_pem()).has_value());
    EXPECT_FALSE(TrustAnchor::from_pem(authority.root.to_pem())->hardware());
    EXPECT_TRUE(TrustAnchor::intel().hardware());
    for (const std::string& pem : {std::string(), authority.ca.to_pem(), authority.pck.to_pem(), authority.tcb_chain()})
        EXPECT_EQ(TrustAnchor::from_pem(pem).error().reason, "attest.root");
}

}  // namespace
}  // namespace iapp::attest
