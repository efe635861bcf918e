// Every form of Intel quote, verified from text and by a verifier that keeps state; quotes that only name their PCK
// certificate; the second PCK CA; and what the state may and may not remember.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "attest/intel_verify.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"

namespace iapp::attest {
namespace {

using std::chrono::days;
using std::chrono::hours;
using test::SampleRun;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};
constexpr simtee::Window kOpen{kNow - hours(1), kNow + days(30)};

template <class T>
T must(Result<T> result)
{
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().detail);
    return *std::move(result);
}

enum class Form : unsigned char { sgx3, sgx4, sgx5, td4, td5_10, td5_15 };

SampleRun make(Form form)
{
    SampleRun run = test::make_sample_run(kNow);
    if (form == Form::td5_10) run.parts.version = 5;
    if (form == Form::td5_15) {
        run.parts.body.tee_tcb_svn2 = run.parts.body.tee_tcb_svn;
        run.parts.body.mr_service_td = Hash384::zero();
    }
    if (form > Form::sgx5) return run;
    run.parts.enclave = simtee::simulated_enclave(crypto::sha256(as_bytes("an enclave")), run.parts.body.report_data);
    run.parts.version = static_cast<std::uint16_t>(3 + static_cast<int>(form));
    run.collateral = must(simtee::sign_collateral(run.authority, simtee::plan_collateral(EvidenceKind::sgx, kOpen)));
    return run;
}

Result<VerifiedQuote> verify(const SampleRun& run, const Evidence& evidence, CheckLog& checks)
{
    return verify_intel(evidence, run.collateral, run.anchor(), kNow, checks);
}

IntelVerifier verifier_of(const SampleRun& run, const std::shared_ptr<PckCache>& cache)
{
    CheckLog opening;
    return {must(IntelEndorsements::open(run.collateral, run.anchor(), opening)), cache};
}

/// What is listed, each once and as passed.
std::multiset<CheckId> passed_of(const CheckLog& checks)
{
    std::multiset<CheckId> out;
    for (const CheckOutcome& outcome : checks.outcomes()) {
        EXPECT_EQ(outcome.outcome, Outcome::passed) << info(outcome.id).reason;
        out.insert(outcome.id);
    }
    return out;
}

class Forms : public testing::TestWithParam<Form> {};

TEST_P(Forms, VerifyFromTextAndFromStateWithTheSameChecks)
{
    const SampleRun run = make(GetParam());
    const Evidence evidence = run.evidence();
    const EvidenceKind kind = GetParam() > Form::sgx5 ? EvidenceKind::tdx : EvidenceKind::sgx;
    CheckLog cold, first, again;
    const auto verified = must(verify(run, evidence, cold));
    const IntelVerifier verifier = verifier_of(run, std::make_shared<PckCache>());
    const auto kept = must(verifier.verify(evidence, kNow, first));
    must(verifier.verify(evidence, kNow, again));

    EXPECT_EQ(verified.kind(), kind);
    EXPECT_EQ(verified.tcb().status, TcbStatus::up_to_date);
    EXPECT_EQ(verified.report_data(), run.parts.body.report_data);
    EXPECT_EQ(verified.evidence_id(), kept.evidence_id());
    EXPECT_EQ(verified.collateral_issued(), kOpen.from);
    EXPECT_EQ(verified.valid_until(), kOpen.to);
    EXPECT_EQ(kept.valid_until(), kOpen.to);
    EXPECT_TRUE(verified.simulated());
    EXPECT_EQ(passed_of(cold).size(), kind == EvidenceKind::tdx ? 20U : 19U);
    EXPECT_EQ(passed_of(cold), passed_of(first));
    EXPECT_EQ(passed_of(cold), passed_of(again));
}

TEST_P(Forms, KeepTheirIdentityUnderPaddingAndAnotherSignature)
{
    const SampleRun run = make(GetParam());
    Evidence padded = run.evidence();
    padded.bytes.resize(padded.bytes.size() + 70);
    CheckLog checks;
    EXPECT_EQ(must(verify(run, run.evidence(), checks)).evidence_id(), must(verify(run, padded, checks)).evidence_id());
}

TEST_P(Forms, AreOfOneKindOnly)
{
    const SampleRun run = make(GetParam());
    Evidence evidence = run.evidence();
    evidence.kind = evidence.kind == EvidenceKind::tdx ? EvidenceKind::sgx : EvidenceKind::tdx;
    CheckLog checks;
    EXPECT_FALSE(verify(run, evidence, checks).has_value());
    test::expect_only_failure(checks, CheckId::quote_format);
}

TEST_P(Forms, AreRefusedWithTheCollateralOfTheOtherTee)
{
    SampleRun run = make(GetParam());
    const EvidenceKind other = GetParam() > Form::sgx5 ? EvidenceKind::sgx : EvidenceKind::tdx;
    const auto of_other = must(simtee::sign_collateral(run.authority, simtee::plan_collateral(other, kOpen)));
    const Collateral own = run.collateral;
    CheckLog tcb, qe;
    run.collateral.tcb_info = of_other.tcb_info;
    run.collateral.tcb_info_signature = of_other.tcb_info_signature;
    EXPECT_FALSE(verify(run, run.evidence(), tcb).has_value());
    test::expect_only_failure(tcb, CheckId::platform);
    run.collateral = own;
    run.collateral.qe_identity = of_other.qe_identity;
    run.collateral.qe_identity_signature = of_other.qe_identity_signature;
    EXPECT_FALSE(verify(run, run.evidence(), qe).has_value());
    test::expect_only_failure(qe, CheckId::qe_identity);
}

std::string form_name(const testing::TestParamInfo<Form>& form)
{
    constexpr std::array kNames{"sgx3", "sgx4", "sgx5", "td4", "td5_10", "td5_15"};
    return kNames[static_cast<std::size_t>(form.param)];
}
INSTANTIATE_TEST_SUITE_P(Intel, Forms,
                         testing::Values(Form::sgx3, Form::sgx4, Form::sgx5, Form::td4, Form::td5_10, Form::td5_15),
                         form_name);

// --- quotes that only name their PCK certificate
// ----------------------------------------------------------------------------

PckReference reference_of(const SgxExtension& platform)
{
    return {platform.ppid, platform.cpu_svn, platform.pce_svn, platform.pce_id};
}

SampleRun referring(std::uint16_t type)
{
    SampleRun run = make(type == 1 ? Form::sgx3 : Form::td4);
    run.parts.reference = reference_of(simtee::simulated_platform());
    run.parts.reference_type = type;
    run.collateral.pck_certificate_chain = run.authority.pck_chain();
    return run;
}

TEST(PckReferences, AreFoundInTheCollateral)
{
    for (const std::uint16_t type : {1, 2, 3})
        for (const bool with_pce_id : {true, false}) {
            SampleRun run = referring(type);
            if (!with_pce_id) run.parts.reference->pce_id.reset();
            const Evidence evidence = run.evidence();
            CheckLog cold, kept;
            EXPECT_TRUE(verify(run, evidence, cold).has_value()) << type;
            EXPECT_TRUE(verifier_of(run, std::make_shared<PckCache>()).verify(evidence, kNow, kept).has_value()) << type;
        }
}

struct ReferenceCase {
    const char* name;
    CheckId check;
    void (*bend)(SampleRun&);
};
class BentReference : public testing::TestWithParam<ReferenceCase> {};

TEST_P(BentReference, IsRefused)
{
    SampleRun run = referring(1);
    GetParam().bend(run);
    CheckLog cold, kept;
    EXPECT_FALSE(verify(run, run.evidence(), cold).has_value());
    test::expect_only_failure(cold, GetParam().check);
    EXPECT_FALSE(verifier_of(run, std::make_shared<PckCache>()).verify(run.evidence(), kNow, kept).has_value());
    test::expect_only_failure(kept, GetParam().check);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Type1, BentReference, testing::Values(  // "attest.pck_match"
    ReferenceCase{"ppid", CheckId::pck_match, [](SampleRun& r) { r.parts.reference->ppid = Ppid::zero(); }},
    ReferenceCase{"cpu_svn", CheckId::pck_match, [](SampleRun& r) { r.parts.reference->cpu_svn[15] ^= 1; }},
    ReferenceCase{"pce_svn", CheckId::pck_match, [](SampleRun& r) { r.parts.reference->pce_svn ^= 1; }},
    ReferenceCase{"pce_id", CheckId::pck_match, [](SampleRun& r) { r.parts.reference->pce_id = PceId{std::array<std::uint8_t, 2>{1, 0}}; }},
    ReferenceCase{"no_chain_anywhere", CheckId::chain, [](SampleRun& r) { r.collateral.pck_certificate_chain.reset(); }},
    ReferenceCase{"chain_without_root", CheckId::chain, [](SampleRun& r) { r.collateral.pck_certificate_chain = r.authority.pck.to_pem() + r.authority.ca.to_pem(); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(PckReferences, DoNotReplaceTheChainThatAQuoteCarries)
{
    SampleRun run = make(Form::td4);
    const auto other = must(simtee::create_authority(simtee::CertificateWindows::for_time(kNow)));
    run.collateral.pck_certificate_chain = other.pck_chain();
    CheckLog checks;
    EXPECT_TRUE(verify(run, run.evidence(), checks).has_value());
}

// --- the two PCK CAs
// --------------------------------------------------------------------------------------------------------

SampleRun processor_run()
{
    SampleRun run = make(Form::sgx3);
    run.authority = must(simtee::create_authority(
        simtee::CertificateWindows::for_time(kNow),
        simtee::encode_sgx_extension(simtee::simulated_platform(simtee::PckCa::processor)), simtee::PckCa::processor));
    run.collateral = must(simtee::sign_collateral(run.authority, simtee::plan_collateral(EvidenceKind::sgx, kOpen)));
    run.parts.qe_report = simtee::simulated_qe_report(run.authority.attestation_key.public_key(), run.parts.qe_auth);
    run.parts.pck_chain_pem = run.authority.pck_chain();
    return run;
}

TEST(ProcessorCa, IssuesPckCertificatesToo)
{
    const SampleRun run = processor_run();
    CheckLog checks;
    const auto verified = must(verify(run, run.evidence(), checks));
    EXPECT_FALSE(verified.platform().platform_instance_id.has_value());
    EXPECT_EQ(verified.platform().type, SgxType::standard);
}

/// Another PCK CA under the same root, with an empty list of its own.
void swap_pck_list(SampleRun& run, std::string_view ca_name)
{
    const simtee::Authority& a = run.authority;
    const auto key = crypto::P256Key::generate();
    const auto ca = must(crypto::issue_certificate({.common_name = std::string(ca_name),
                                                    .organization = "IAPP simulation",
                                                    .serial = {},
                                                    .not_before = kOpen.from,
                                                    .not_after = kOpen.to,
                                                    .ca = true,
                                                    .path_length = 0,
                                                    .extensions = {}},
                                                   key.public_key(), a.root, a.root_key));
    run.collateral.pck_crl_issuer_chain = ca.to_pem() + a.root.to_pem();
    const crypto::CrlProfile empty{
        .this_update = kOpen.from, .next_update = kOpen.to, .number = 9, .revoked_serials = {}, .extensions = {}};
    run.collateral.pck_crl = must(crypto::issue_crl(empty, ca, key)).der();
}

TEST(ProcessorCa, ItsListSaysNothingAboutThePlatformCas)
{
    for (const char* name : {"IAPP Simulated PCK Processor CA", "IAPP Simulated PCK Platform CA"}) {
        SampleRun run = make(Form::td4);
        swap_pck_list(run, name);
        CheckLog cold, kept;
        EXPECT_FALSE(verify(run, run.evidence(), cold).has_value());
        test::expect_only_failure(cold, CheckId::crl, name);
        EXPECT_FALSE(verifier_of(run, std::make_shared<PckCache>()).verify(run.evidence(), kNow, kept).has_value());
        test::expect_only_failure(kept, CheckId::crl, name);
    }
}

// --- what is kept between calls
// ---------------------------------------------------------------------------------------------

TEST(IntelVerifier, JudgesTimeAtEachCall)
{
    const SampleRun run = make(Form::td4);
    const IntelVerifier verifier = verifier_of(run, std::make_shared<PckCache>());
    const Evidence evidence = run.evidence();
    CheckLog good, late, later, epoch;
    EXPECT_TRUE(verifier.verify(evidence, kNow, good).has_value());
    EXPECT_FALSE(verifier.verify(evidence, kOpen.to + std::chrono::seconds(1), late).has_value());
    test::expect_only_failure(late, CheckId::collateral_expired);
    EXPECT_FALSE(verifier.verify(evidence, kNow + days(8 * 365), later).has_value());
    test::expect_only_failure(later, CheckId::certificate_expired);
    EXPECT_FALSE(verifier.verify(evidence, UnixSeconds{}, epoch).has_value());
    test::expect_only_failure(epoch, CheckId::certificate_expired);
}

TEST(IntelVerifier, JudgesRevocationUnderTheEndorsementsItHas)
{
    SampleRun run = make(Form::td4);
    const auto cache = std::make_shared<PckCache>();
    const Evidence evidence = run.evidence();
    CheckLog before, after;
    EXPECT_TRUE(verifier_of(run, cache).verify(evidence, kNow, before).has_value());
    auto plan = simtee::plan_collateral(EvidenceKind::tdx, kOpen);
    plan.pck_crl.revoked_serials = {run.authority.pck.serial()};
    run.collateral = must(simtee::sign_collateral(run.authority, plan));
    EXPECT_FALSE(verifier_of(run, cache).verify(evidence, kNow, after).has_value());
    test::expect_only_failure(after, CheckId::revoked);
}

TEST(IntelVerifier, DoesNotTakeAChainThatAnotherAnchorVouchedFor)
{
    const SampleRun one = make(Form::td4), two = make(Form::td4);
    const auto cache = std::make_shared<PckCache>();
    CheckLog good, bad;
    EXPECT_TRUE(verifier_of(one, cache).verify(one.evidence(), kNow, good).has_value());
    EXPECT_FALSE(verifier_of(two, cache).verify(one.evidence(), kNow, bad).has_value());
    test::expect_only_failure(bad, CheckId::root);
    EXPECT_EQ(cache->size(), 1U);
}

TEST(IntelVerifier, RemembersAnAttestationKeyOnlyWithTheBytesThatCertifyIt)
{
    SampleRun run = make(Form::td4);
    const IntelVerifier verifier = verifier_of(run, std::make_shared<PckCache>());
    CheckLog good, report, signature, key;
    const Evidence evidence = run.evidence();
    EXPECT_TRUE(verifier.verify(evidence, kNow, good).has_value());

    Evidence bent = evidence;
    bent.bytes[770 + 128] ^= 1;  // QE report
    EXPECT_FALSE(verifier.verify(bent, kNow, report).has_value());
    test::expect_only_failure(report, CheckId::qe_signature);
    bent = evidence;
    bent.bytes[1154] ^= 1;  // its signature
    EXPECT_FALSE(verifier.verify(bent, kNow, signature).has_value());
    test::expect_only_failure(signature, CheckId::qe_signature);

    const auto other = crypto::P256Key::generate();  // signs, but the QE certified another
    const Evidence forged{EvidenceKind::tdx, simtee::encode_quote(run.parts, run.authority.pck_key, other)};
    EXPECT_FALSE(verifier.verify(forged, kNow, key).has_value());
    test::expect_only_failure(key, CheckId::qe_binding);
}

TEST(PckCache, KeepsAtMostItsCapacity)
{
    SampleRun run = make(Form::td4);
    const auto cache = std::make_shared<PckCache>(2);
    const IntelVerifier verifier = verifier_of(run, cache);
    const std::string pem = run.parts.pck_chain_pem;
    for (int i = 0; i < 5; ++i) {
        run.parts.pck_chain_pem = pem + std::string(static_cast<std::size_t>(i), '\n');
        CheckLog checks;
        EXPECT_TRUE(verifier.verify(run.evidence(), kNow, checks).has_value());
        EXPECT_EQ(cache->size(), std::min<std::size_t>(static_cast<std::size_t>(i) + 1, 2));
    }
}

TEST(PckCache, ServesSeveralThreads)
{
    const SampleRun run = make(Form::td4);
    const IntelVerifier verifier = verifier_of(run, std::make_shared<PckCache>(2));
    const Evidence evidence = run.evidence();
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 25; ++i) {
                    CheckLog checks;
                    good += verifier.verify(evidence, kNow, checks).has_value() ? 1 : 0;
                }
            });
    }
    EXPECT_EQ(good, 100);
}

/// Signatures whose r or s start with zero bytes keep all 32: fixed width on the wire, shorter inside DER.
TEST(VerifyIntelSignatures, MayHaveLeadingZeroBytes)
{
    const SampleRun run = make(Form::td4);
    const IntelVerifier verifier = verifier_of(run, std::make_shared<PckCache>());
    constexpr std::size_t kR = 636, kS = 668;
    bool seen_r = false, seen_s = false;
    for (int i = 0; i < 20'000 && !(seen_r && seen_s); ++i) {
        const Evidence evidence = run.evidence();
        const bool short_r = evidence.bytes[kR] == 0, short_s = evidence.bytes[kS] == 0;
        if (!short_r && !short_s) continue;
        CheckLog checks;
        EXPECT_TRUE(verifier.verify(evidence, kNow, checks).has_value());
        seen_r |= short_r;
        seen_s |= short_s;
    }
    EXPECT_TRUE(seen_r && seen_s);
}

}  // namespace
}  // namespace iapp::attest
