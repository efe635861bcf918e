// Mistakes that verifiers of other projects made, 1 to 16 of a list that docs/compatibility-attest.md explains: one test
// each that shows the refusal. The thorough tests stand beside the code they are about. 17 to 28: pitfalls_17_test.cpp.
#include <gtest/gtest.h>

#include "attest/runtime_log.hpp"
#include "attest/snp_cert_table.hpp"
#include "attest/tpm_credential.hpp"
#include "simtee/tpm_activation.hpp"
#include "simtee/tpm_writer.hpp"
#include "support/intel_scene.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using test::IntelForm;
using test::IntelScene;
using test::must_have;

constexpr UnixSeconds kNow{seconds(1'790'000'000)};
constexpr std::size_t kReportData = 48 + 520;  ///< in a TDX quote of version 4

template <class Bend>
std::string_view answer(Bend bend, IntelForm form = IntelForm::td4)
{
    IntelScene scene(kNow, form);
    bend(scene);
    return scene.answer();
}

/// The same with collateral that is written anew from the bent plan.
template <class Bend>
std::string_view answer_to_plan(Bend bend)
{
    return answer([&](IntelScene& s) {
        bend(s);
        s.issue();
    });
}

TEST(Pitfalls, Pitfall01_TheQeIdentityIsVerifiedAndUsed)  // CVE-2026-22696
{
    EXPECT_EQ(answer([](IntelScene&) {}), "");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.collateral.qe_identity_signature.assign(64, 0); }),
              "attest.collateral_signature");
    EXPECT_EQ(answer([](IntelScene& s) {
                  std::string& text = s.run.collateral.qe_identity;
                  text[text.find("mrsigner") + 12] ^= 1;
              }),
              "attest.collateral_signature");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.qe.mr_signer = Hash256::zero(); }), "attest.qe_identity");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.parts.qe_report.mr_signer = Hash256::zero(); }), "attest.qe_identity");
}

TEST(Pitfalls, Pitfall02_RevocationListsAreThereOwnAndCurrent)
{
    EXPECT_EQ(answer([](IntelScene& s) { s.run.collateral.pck_crl.clear(); }), "attest.crl");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.collateral.root_ca_crl.clear(); }), "attest.crl");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.collateral.pck_crl = s.run.collateral.root_ca_crl; }), "attest.crl");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.pck_crl.next_update.reset(); }), "attest.crl");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.pck_crl.next_update = kNow - seconds(1); }),
              "attest.collateral_expired");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.pck_crl.revoked_serials = {s.run.authority.pck.serial()}; }),
              "attest.revoked");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.root_crl.revoked_serials = {s.run.authority.ca.serial()}; }),
              "attest.revoked");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.root_crl.revoked_serials = {s.run.authority.tcb_signer.serial()}; }),
              "attest.revoked");
}

TEST(Pitfalls, Pitfall03_DebugIsRefusedWhateverTheSignaturesSay)
{
    for (unsigned bit = 0; bit < 8; ++bit)
        EXPECT_EQ(answer([&](IntelScene& s) { s.run.parts.body.td_attributes |= 1ULL << bit; }), "attest.debug");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.parts.enclave->flags |= kSgxDebug; }, IntelForm::sgx3), "attest.debug");
}

TEST(Pitfalls, Pitfall04_All64BytesOfReportDataBindNonceAndKey)
{
    for (std::size_t byte = 0; byte < 64; ++byte)
        EXPECT_EQ(answer([&](IntelScene& s) {
                      auto data = s.run.parts.body.report_data.array();
                      data[byte] ^= 1;
                      s.run.parts.body.report_data = ReportData{data};
                  }),
                  "attest.report_data");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.binding.nonce[31] ^= 1; }), "attest.report_data");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.binding.hpke_public_key[0] ^= 1; }), "attest.report_data");
    IntelScene scene(kNow);
    Evidence bent = scene.run.evidence();
    bent.bytes[kReportData + 63] ^= 1;
    EXPECT_EQ(scene.answer(bent), "attest.signature");
}

TEST(Pitfalls, Pitfall05_ACurrentModuleDoesNotHideAnOldPlatform)
{
    const auto old = [](IntelScene& s) {
        for (PlatformTcbLevel& level : s.plan.tcb.levels) level.status = TcbStatus::out_of_date;
    };
    EXPECT_EQ(answer_to_plan(old), "attest.tcb");
    IntelScene scene(kNow);
    old(scene);
    scene.issue();
    CheckLog checks;
    const auto quote = must_have(verify_intel(scene.run.evidence(), scene.run.collateral, scene.run.anchor(), kNow, checks));
    EXPECT_EQ(quote.tcb_parts().module, TcbStatus::up_to_date);
    EXPECT_EQ(quote.tcb().status, TcbStatus::out_of_date);
}

TEST(Pitfalls, Pitfall06_ComponentsAreExactlySixteen)
{
    for (const std::string_view instead : {"[", R"([{"svn":2},{"svn":2},)"})
        EXPECT_EQ(answer([&](IntelScene& s) {
                      std::string& text = s.run.collateral.tcb_info;
                      const std::string_view first = R"([{"svn":2},)";
                      text.replace(text.find(first), first.size(), instead);
                      s.sign_tcb_info();
                  }),
                  "attest.collateral_format");
}

TEST(Pitfalls, Pitfall07_NothingCountsBeforeItsTime)
{
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.tcb.issue_date = kNow + seconds(1); }), "attest.collateral_expired");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.qe.issue_date = kNow + seconds(1); }), "attest.collateral_expired");
    EXPECT_EQ(answer_to_plan([](IntelScene& s) { s.plan.root_crl.this_update = kNow + seconds(1); }),
              "attest.collateral_expired");
    IntelScene before(kNow);
    before.now = kNow - days(365 * 20);
    EXPECT_EQ(before.answer(), "attest.certificate_expired");
}

// --- TPM
// ------------------------------------------------------------------------------------------------------------------

simtee::SimulatedTpm make_tpm() { return simtee::SimulatedTpm(crypto::SigningKey::generate(crypto::Curve::p256)); }

std::string_view answer_of_tpm(const TpmEvidence& evidence, const simtee::SimulatedTpm& trusted,
                               const PcrSelection& demanded)
{
    CheckLog checks;
    const std::vector<Bytes> names{must_have(parse_tpm_public(trusted.ak_public())).name()};
    const auto verified =
        verify_tpm({EvidenceKind::tpm, to_bytes(encode_tpm_evidence(evidence))}, {names, {}}, demanded, checks);
    if (verified) return {};
    test::expect_only_failure(checks, find_check(verified.error().reason)->id);
    return verified.error().reason;
}

TEST(Pitfalls, Pitfall08_OnlyTheDemandedRegistersOfOneStrongBankCount)  // CVE-2022-0317, CVE-2025-64186
{
    const auto tpm = make_tpm();
    const PcrSelection demanded{HashAlgorithm::sha256, {0, 4, 7}};
    EXPECT_EQ(answer_of_tpm(tpm.quote(demanded, Bytes(32)), tpm, demanded), "");
    for (const PcrSelection& other :
         {PcrSelection{HashAlgorithm::sha256, {16, 23}}, {HashAlgorithm::sha256, {0, 4}}, {HashAlgorithm::sha256, {}}})
        EXPECT_EQ(answer_of_tpm(tpm.quote(other, Bytes(32)), tpm, demanded), "attest.pcr_selection");
    for (const std::uint16_t bank : {0x0004, 0x000c}) {  // beside the good one, then alone
        auto fields = tpm.quote_fields(demanded, Bytes(32));
        fields.selections.push_back({bank, fields.selections[0].bitmap});
        EXPECT_EQ(answer_of_tpm(tpm.evidence(fields, demanded), tpm, demanded), "attest.pcr_selection");
        fields.selections.erase(fields.selections.begin());
        EXPECT_EQ(answer_of_tpm(tpm.evidence(fields, demanded), tpm, demanded), "attest.pcr_selection");
    }
}

TEST(Pitfalls, Pitfall09_AnAttestationKeyIsTiedToItsTpm)  // CVE-2021-3406
{
    const auto tpm = make_tpm(), other = make_tpm();
    const PcrSelection selection{HashAlgorithm::sha256, {0}};
    EXPECT_EQ(answer_of_tpm(other.quote(selection, Bytes(32)), tpm, selection), "attest.ak_binding");

    const simtee::SimulatedEk ek = simtee::SimulatedEk::p256(), ek_of_other = simtee::SimulatedEk::p256();
    const TpmPublic ak = must_have(parse_tpm_public(tpm.ak_public())), area = must_have(parse_tpm_public(ek.public_area()));
    CheckLog checks;
    const auto trusted = trust_pinned_ek(area, std::vector{crypto::sha256(area.key.spki_der())}, checks);
    auto challenge = must_have(CredentialChallenge::make(must_have(trusted), ak, checks));
    EXPECT_FALSE(ek_of_other.activate(challenge.id_object(), challenge.encrypted_secret(), ak.name()).has_value());
    EXPECT_FALSE(std::move(challenge).accept(Bytes(32), checks).has_value());
    test::expect_only_failure(checks, CheckId::ak_binding);
}

// --- SEV-SNP, formats, numbers
// --------------------------------------------------------------------------------------------

std::string_view answer_of_snp(const test::SampleSnp& run)
{
    CheckLog checks;
    const auto verified = verify_snp(run.evidence(), run.endorsements, run.trust(), Revocation::required, kNow, checks);
    if (verified) return {};
    test::expect_only_failure(checks, find_check(verified.error().reason)->id);
    return verified.error().reason;
}

TEST(Pitfalls, Pitfall10_AnUnknownProcessorIsAnError)
{
    test::SampleSnp run = test::make_sample_snp(kNow, SnpProduct::genoa);
    run.fields.cpu = SnpCpuId{0x19, 0xa0, 2};  // Siena, endorsed under Genoa's keys
    EXPECT_EQ(answer_of_snp(run), "");
    for (const SnpCpuId cpu :
         {SnpCpuId{0x19, 0xff, 0}, SnpCpuId{0x1b, 0x00, 0}, SnpCpuId{0, 0, 0}, SnpCpuId{255, 255, 255}}) {
        run.fields.cpu = cpu;
        EXPECT_EQ(answer_of_snp(run), "attest.snp_product");
    }
}

TEST(Pitfalls, Pitfall11_MalformedEvidenceIsAnAnswerNotACrash)
{
    const IntelScene scene(kNow);
    Evidence mutant = scene.run.evidence();
    for (std::size_t bit = 0; bit < std::size_t{8} * 48; ++bit) {  // every type and version of the header
        mutant.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_NE(scene.answer(mutant), "") << bit;
        mutant.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    EXPECT_EQ(scene.answer({EvidenceKind::tdx, {}}), "attest.quote_format");
    EXPECT_EQ(answer([](IntelScene& s) { s.run.parts.pck_chain_pem.clear(); }), "attest.chain");
}

TEST(Pitfalls, Pitfall12_SizesDoNotWrap)
{
    const IntelScene scene(kNow);
    const test::IntelLayout at = test::layout(IntelForm::td4);
    Bytes table = simtee::encode_snp_cert_table({{{kVcekGuid, Bytes(8, 1)}}});
    for (const std::uint32_t size : {0U, 0x7fffffffU, 0xffffffffU}) {
        for (const std::size_t field : {at.auth_size, at.outer_size(), at.inner_size()}) {
            Evidence mutant = scene.run.evidence();
            test::put_little_endian(mutant.bytes, field, size, 4);
            EXPECT_EQ(scene.answer(mutant), "attest.quote_format");
        }
        for (const std::size_t field : {16U, 20U}) {  // offset and length: their sum would wrap in 32 bits
            Bytes bent = table;
            test::put_little_endian(bent, field, size, 4);
            EXPECT_EQ(parse_snp_cert_table(bent).error().reason, "attest.snp_format");
            test::count_negative("attest.snp_format");
        }
    }
}

TEST(Pitfalls, Pitfall13_InputIsCappedBeforeItIsKept)
{
    const IntelScene scene(kNow);
    Evidence large = scene.run.evidence();
    large.bytes.resize(kMaxQuoteSize + 1);
    EXPECT_EQ(scene.answer(large), "attest.quote_format");

    constexpr std::size_t kDeep = 100'000;
    Bytes der;
    for (std::size_t i = 0; i < kDeep; ++i) append(der, Bytes{0x30, 0x80});
    EXPECT_EQ(parse_sgx_extension(der).error().reason, "attest.pck");
    test::count_negative("attest.pck");
    EXPECT_EQ(parse_sgx_extension(Bytes{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}).error().reason, "attest.pck");
    test::count_negative("attest.pck");
    EXPECT_EQ(parse_tcb_info(std::string(kDeep, '[')).error().reason, "attest.collateral_format");
    test::count_negative("attest.collateral_format");
    EXPECT_EQ(parse_runtime_log(std::string(kDeep, '[')).error().reason, "attest.runtime_log_format");
    test::count_negative("attest.runtime_log_format");
}

TEST(Pitfalls, Pitfall14_ShortAndHighNumbersOfSignaturesAreRead)
{
    IntelScene scene(kNow);
    for (const std::size_t number : {0U, 32U}) {
        const std::size_t at = test::layout(IntelForm::td4).signature() + number;
        for (const auto& wanted :
             {+[](std::uint8_t first) { return first == 0; }, +[](std::uint8_t first) { return first > 0x7f; }}) {
            Evidence evidence = scene.run.evidence();
            while (!wanted(evidence.bytes[at])) evidence = scene.run.evidence();  // each signature is another
            EXPECT_EQ(scene.answer(evidence), "");
        }
        Evidence reversed = scene.run.evidence();
        std::reverse(reversed.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     reversed.bytes.begin() + static_cast<std::ptrdiff_t>(at + 32));
        EXPECT_EQ(scene.answer(reversed), "attest.signature");
    }
}

TEST(Pitfalls, Pitfall15_ChainsAreThreeCertificatesOfOnePki)
{
    const auto chain = [](auto&& make) {
        return answer([&](IntelScene& s) { s.run.parts.pck_chain_pem = make(s.run.authority); });
    };
    const auto other = must_have(simtee::create_authority(simtee::CertificateWindows::for_time(kNow)));
    std::array order{0, 1, 2};
    do {
        EXPECT_EQ(chain([&](const simtee::Authority& a) {
                      const std::array pem{a.pck.to_pem(), a.ca.to_pem(), a.root.to_pem()};
                      return pem[static_cast<std::size_t>(order[0])] + pem[static_cast<std::size_t>(order[1])] +
                             pem[static_cast<std::size_t>(order[2])];
                  }),
                  "");
    } while (std::ranges::next_permutation(order).found);
    EXPECT_EQ(chain([](const auto& a) { return a.pck_chain() + a.root.to_pem(); }), "attest.chain");
    EXPECT_EQ(chain([](const auto& a) { return a.pck.to_pem() + a.ca.to_pem(); }), "attest.chain");
    EXPECT_EQ(chain([&](const auto& a) { return a.pck.to_pem() + a.ca.to_pem() + other.root.to_pem(); }), "attest.chain");
    EXPECT_EQ(chain([&](const auto& a) { return a.pck_chain() + other.root.to_pem(); }), "attest.chain");
    EXPECT_EQ(chain([&](const auto&) { return other.pck_chain(); }), "attest.root") << "same names, other keys";
    // Explicit curve parameters do not get this far: crypto/x509_test.cpp, RefusesExplicitCurveParameters.
}

TEST(Pitfalls, Pitfall16_TheSgxExtensionHasOneReading)
{
    const Bytes good = simtee::encode_sgx_extension(simtee::simulated_platform());
    ASSERT_TRUE(parse_sgx_extension(good).has_value());
    const auto bent = [&](const Bytes& from, const Bytes& to) {
        Bytes out = good;
        const auto found = std::ranges::search(out, from);
        EXPECT_FALSE(found.empty());
        std::ranges::copy(to, found.begin());
        return out;
    };
    const Bytes arc{0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};  // of Intel's SGX extension
    const auto field = [&](std::initializer_list<std::uint8_t> more) {
        Bytes out = arc;
        append(out, Bytes(more));
        return out;
    };
    const Bytes first_component = field({0x02, 0x01, 0x02, 0x01});
    Bytes negative = first_component;
    negative.push_back(0xff);
    Bytes longer = first_component;  // length 1 as 0x81 0x01
    longer.back() = 0x81;
    for (const Bytes& bad : {bent(field({0x03}), field({0x04})),              // two FMSPCs
                             bent(field({0x02, 0x02}), field({0x02, 0x01})),  // a component twice
                             bent(first_component, negative), bent(first_component, longer)}) {
        const auto parsed = parse_sgx_extension(bad);
        EXPECT_EQ(parsed ? "" : parsed.error().reason, "attest.pck");
        test::count_negative("attest.pck");
    }
}

}  // namespace
}  // namespace iapp::attest
