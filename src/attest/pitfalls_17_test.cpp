// Mistakes that verifiers of other projects made, 17 to 28; see pitfalls_test.cpp.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "attest/runtime_log.hpp"
#include "simtee/boot_log.hpp"
#include "support/intel_scene.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using test::IntelScene;
using test::must_have;

constexpr UnixSeconds kNow{seconds(1'790'000'000)};

/// Verifies and appraises a bent SNP run; `policy` accepts the good one.
template <class Bend>
std::string_view answer_of_snp(Bend bend, VekKind kind = VekKind::vcek)
{
    test::SampleSnp run = test::make_sample_snp(kNow, SnpProduct::milan, kind);
    AppraisalPolicy policy;
    policy.tees = {EvidenceKind::snp};
    policy.dangerous_allow_simulated = policy.dangerous_any_measurement = policy.dangerous_any_report_data = true;
    bend(run, policy);
    CheckLog checks;
    const auto refused = [&](const Error& error) {
        test::expect_only_failure(checks, find_check(error.reason)->id, error.detail);
        return error.reason;
    };
    const auto report = verify_snp(run.evidence(), run.endorsements, run.trust(), Revocation::required, kNow, checks);
    if (!report) return refused(report.error());
    const auto result = appraise(*report, policy, {}, kNow, checks);
    return result ? std::string_view{} : refused(result.error());
}

TEST(Pitfalls, Pitfall17_AReportThatTheHostMadeIsRefused)
{
    EXPECT_EQ(answer_of_snp([](auto&, auto&) {}), "");
    EXPECT_EQ(answer_of_snp([](auto& run, auto&) { run.fields.vmpl = kSnpHostVmpl; }), "attest.vmpl");
    EXPECT_EQ(answer_of_snp([](auto& run, AppraisalPolicy& policy) {
                  run.fields.vmpl = kSnpHostVmpl;
                  policy.snp.most_vmpl = 3;
              }),
              "attest.vmpl");
}

TEST(Pitfalls, Pitfall18_MaskedKeysAndChipIdsVouchForNothing)
{
    EXPECT_EQ(answer_of_snp([](auto& run, auto&) {
                  run.fields.chip_key_masked = true;
                  run.fields.signing_key = SnpSigningKey::none;
              }),
              "attest.signature");
    EXPECT_EQ(answer_of_snp([](auto& run, auto&) { run.fields.chip_id = SnpChipId::zero(); }), "attest.vek_chip");
    test::SampleSnp leased = test::make_sample_snp(kNow, SnpProduct::milan, VekKind::vlek);
    CheckLog checks;
    const auto report =
        must_have(verify_snp(leased.evidence(), leased.endorsements, leased.trust(), Revocation::required, kNow, checks));
    EXPECT_FALSE(report.chip_id().has_value()) << "a VLEK names no chip";
    EXPECT_EQ(answer_of_snp([](auto& run, AppraisalPolicy& policy) { policy.machines = {hex(run.fields.chip_id.bytes())}; },
                            VekKind::vlek),
              "attest.machine");
}

TEST(Pitfalls, Pitfall19_ATcbIsComparedByComponent)
{
    const auto with_floor = [](int snp, int microcode) {
        return answer_of_snp([=](auto& run, AppraisalPolicy& policy) {
            SnpTcb floor = run.authority.machine.tcb;
            floor.snp = static_cast<std::uint8_t>(floor.snp + snp);
            floor.microcode = static_cast<std::uint8_t>(floor.microcode + microcode);
            policy.snp.floors[SnpProduct::milan] = floor;
        });
    };
    EXPECT_EQ(with_floor(0, 0), "");
    EXPECT_EQ(with_floor(1, -1), "attest.tcb") << "smaller as one number, below the floor in one component";
    EXPECT_EQ(with_floor(-1, 1), "attest.tcb");
}

// --- logs
// ------------------------------------------------------------------------------------------------------------------

TEST(Pitfalls, Pitfall20_TextOfAnEventIsNotBelievedWithoutItsDigest)
{
    BootLog log = simtee::sample_td_log();
    std::array<Hash384, 4> rtmr{Hash384::zero(), Hash384::zero(), Hash384::zero(), Hash384::zero()};
    const auto values = must_have(replay(log, RegisterKind::rtmr, HashAlgorithm::sha384));
    for (std::size_t i = 0; i < rtmr.size(); ++i)
        rtmr[i] = Hash384{ByteView(values.at(static_cast<std::uint32_t>(i))).first<48>()};
    const auto separator =
        std::ranges::find_if(log.events, [](const BootEvent& e) { return e.type == boot_event::kSeparator; });
    ASSERT_NE(separator, log.events.end());
    separator->data[0] ^= 1;
    CheckLog checks;
    EXPECT_FALSE(appraise_boot_log(log, rtmr_registers(rtmr), checks).has_value());
    test::expect_only_failure(checks, CheckId::boot_log_event);
}

RuntimeEvent named(std::string name, std::string_view payload)
{
    RuntimeEvent event{3, kRuntimeEventType, {}, std::move(name), to_bytes(payload), RuntimeDigestVersion::v1, {}};
    if (const auto input = runtime_hash_input(event)) event.digest = crypto::sha384(*input);
    return event;
}

std::string_view answer_of_runtime_log(const RuntimeLog& log)
{
    std::array<Hash384, 4> rtmr{Hash384::zero(), Hash384::zero(), Hash384::zero(), Hash384::zero()};
    for (const RuntimeEvent& event : log) rtmr[event.imr] = extend(rtmr[event.imr], event.digest.value_or(Hash384::zero()));
    CheckLog checks;
    const auto facts = appraise_runtime_log(log, rtmr_registers(rtmr), {}, checks);
    if (facts) return {};
    test::expect_only_failure(checks, find_check(facts.error().reason)->id);
    return facts.error().reason;
}

TEST(Pitfalls, Pitfall21_IdentityIsSaidOnceAndBeforeTheSentinel)
{
    const RuntimeEvent hash = named("compose-hash", "one"), other = named("compose-hash", "two"),
                       ready = named("system-ready", "");
    EXPECT_EQ(answer_of_runtime_log({hash, ready}), "");
    EXPECT_EQ(answer_of_runtime_log({hash, other, ready}), "attest.runtime_log_duplicate");
    EXPECT_EQ(answer_of_runtime_log({ready, hash}), "attest.runtime_log_sentinel");

    EventLog log = IntelScene(kNow).run.log;
    log.push_back(make_entry(log.size(), op::kAppImage, log[1].payload));
    CheckLog checks;
    EXPECT_FALSE(appraise_event_log(log, replay(log), checks).has_value());
    test::expect_only_failure(checks, CheckId::event_log_duplicate);
}

TEST(Pitfalls, Pitfall22_AByteDoesNotMoveBetweenFields)
{
    EXPECT_NE(entry_digest(0, "ab", "c", {}), entry_digest(0, "a", "bc", {}));
    EXPECT_NE(make_entry(0, "op", to_bytes("x")).digest, make_entry(0, "opx", {}).digest);
    // Where a format of others joins fields by ':', a name that holds one is refused.
    EXPECT_EQ(runtime_hash_input(named("app-id:x", "y")).error().reason, "attest.runtime_log_event");
    EXPECT_EQ(answer_of_runtime_log({named("app-id:x", "y"), named("system-ready", "")}), "attest.runtime_log_event");

    IntelScene scene(kNow);
    scene.run.binding.purpose = "key-releas";  // one byte shorter, and every later field one byte earlier
    EXPECT_EQ(scene.answer(), "attest.report_data");
}

// --- collateral
// ---------------------------------------------------------------------------------------------------------

TEST(Pitfalls, Pitfall23_OlderCollateralIsRefused)
{
    IntelScene scene(kNow);
    const std::uint32_t number = scene.plan.tcb.tcb_evaluation_number;
    scene.run.policy.tcb.least_evaluation_number = number;
    EXPECT_EQ(scene.answer(), "");
    scene.plan.tcb.tcb_evaluation_number = number - 1;
    scene.issue();
    EXPECT_EQ(scene.answer(), "attest.tcb_evaluation");
    scene.plan.tcb.tcb_evaluation_number = number;
    scene.plan.qe.tcb_evaluation_number = number - 1;  // the lower of both documents counts
    scene.issue();
    EXPECT_EQ(scene.answer(), "attest.tcb_evaluation");
    // The cache of endorsements keeps the highest number it has seen: endorse/cache_test.cpp.
}

TEST(Pitfalls, Pitfall24_SignedJsonIsReadAsItWasSigned)
{
    const auto edited = [](std::string_view from, std::string_view to, bool sign) {
        IntelScene scene(kNow);
        std::string& text = scene.run.collateral.tcb_info;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos);
        text.replace(at, from.size(), to);
        if (sign) scene.sign_tcb_info();
        return scene.answer();
    };
    EXPECT_EQ(edited(R"("tcbStatus":"UpToDate")", R"("tcbStatus":"OutOfDate","tcbStatus":"UpToDate")", true),
              "attest.collateral_format");
    EXPECT_EQ(edited(R"("id":"TDX","version":3)", R"("version":3,"id":"TDX")", false), "attest.collateral_signature");
    EXPECT_EQ(edited(R"("version":3)", R"("version": 3)", false), "attest.collateral_signature");
    EXPECT_EQ(edited(R"("id":"TDX","version":3)", R"("version": 3, "id":"TDX")", true), "") << "its own order and spaces";
}

// --- identity, and who decides
// -------------------------------------------------------------------------------------------

Hash256 identity(const IntelScene& scene, const Evidence& evidence)
{
    CheckLog checks;
    return must_have(verify_intel(evidence, scene.run.collateral, scene.run.anchor(), kNow, checks)).evidence_id();
}

TEST(Pitfalls, Pitfall25_WhatNobodySignsDoesNotRenameEvidence)
{
    const IntelScene scene(kNow);
    const test::IntelLayout at = test::layout(test::IntelForm::td4);
    const Evidence evidence = scene.run.evidence();
    const Hash256 own = identity(scene, evidence);
    Evidence twin = evidence, padded = evidence, four = evidence;
    test::turn_into_twin(twin.bytes, at.signature());
    padded.bytes.resize(padded.bytes.size() + 70);
    EXPECT_EQ(identity(scene, twin), own);
    EXPECT_EQ(identity(scene, padded), own);
    four.bytes[at.inner_type()] = 4;
    EXPECT_EQ(scene.answer(four), "attest.quote_format");
}

/// No quote verification enclave is used here. The same mistake without one: what was judged is not what is used afterwards.
TEST(Pitfalls, Pitfall26_AResultHoldsNothingOfWhatWasSubmitted)
{
    IntelScene scene(kNow);
    Evidence evidence = scene.run.evidence();
    CheckLog checks;
    const auto quote = must_have(verify_intel(evidence, scene.run.collateral, scene.run.anchor(), kNow, checks));
    const TdBody body = scene.run.parts.body;
    const auto valid_until = quote.valid_until();
    std::ranges::fill(evidence.bytes, 0xff);
    std::ranges::fill(scene.run.collateral.tcb_info, 'x');
    EXPECT_EQ(quote.report_data(), body.report_data);
    EXPECT_EQ(quote.td()->mr_td, body.mr_td);
    EXPECT_EQ(quote.tcb().status, TcbStatus::up_to_date);
    EXPECT_EQ(quote.valid_until(), valid_until);
}

TEST(Pitfalls, Pitfall27_ASimulatorIsRefusedUnlessThePolicySaysOtherwise)
{
    IntelScene scene(kNow);
    scene.run.policy.dangerous_allow_simulated = AppraisalPolicy{}.dangerous_allow_simulated;
    EXPECT_EQ(scene.answer(), "attest.simulated");
    CheckLog checks;
    EXPECT_FALSE(verify_intel(scene.run.evidence(), scene.run.collateral, TrustAnchor::intel(), kNow, checks).has_value());
    test::expect_only_failure(checks, CheckId::root);
    EXPECT_EQ(answer_of_snp([](auto&, AppraisalPolicy& policy) { policy.dangerous_allow_simulated = false; }),
              "attest.simulated");
}

bool reads_environment(std::string_view text)
{
    if (text.find("getenv") != std::string_view::npos) return true;
    for (std::size_t at = 0; (at = text.find("environ", at)) != std::string_view::npos; ++at)
        if (!text.substr(at).starts_with("environment")) return true;
    return false;
}

TEST(Pitfalls, Pitfall28_TheEnvironmentNeverChoosesADevice)
{
    std::size_t files = 0;
    for (const char* room : {"src/attest", "src/tee", "src/tpm2", "src/endorse", "src/crypto", "src/base"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(room)) {
            const std::string name = entry.path().filename();
            if (!entry.is_regular_file() || name.ends_with("_test.cpp")) continue;
            std::ifstream in(entry.path());
            const std::string text{std::istreambuf_iterator<char>(in), {}};
            EXPECT_FALSE(reads_environment(text)) << entry.path();
            ++files;
        }
    EXPECT_GT(files, 100U) << "run from the source root";
}

}  // namespace
}  // namespace iapp::attest
