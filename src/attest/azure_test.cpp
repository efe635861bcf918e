#include "attest/azure.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "simtee/hcl_report.hpp"
#include "simtee/tpm_writer.hpp"
#include "support/attest_vectors.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_run.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

using simtee::AzureForm;
using simtee::SimulatedTpm;
using test::load_vector;
using test::SampleSnp;

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();
const Bytes kNonce(48, 5);

PcrSelection all_pcrs()
{
    PcrSelection out{HashAlgorithm::sha256, {}};
    for (std::uint32_t i = 0; i < kPcrCount; ++i) out.pcrs.insert(i);
    return out;
}

/// RSA keys take long to make: one per process.
const SimulatedTpm& tpm()
{
    static const SimulatedTpm made(crypto::SigningKey::generate_rsa(2048).value());
    return made;
}

const SimulatedTpm& other_tpm()
{
    static const SimulatedTpm made(crypto::SigningKey::generate_rsa(2048).value());
    return made;
}

/// One good machine of each kind, with one thing bent before it is put together.
struct Machine {
    simtee::HclFields hcl;
    ReportData report_data = ReportData::zero();
    simtee::TpmQuoteFields quote = tpm().quote_fields(all_pcrs(), kNonce);
    const SimulatedTpm* signer = &tpm();
    PcrSelection demanded = all_pcrs();
    std::optional<EvidenceKind> sent_as;
    void (*bend)(AzureEvidence&) = [](AzureEvidence&) {};
    AzureForm form = AzureForm::numbered;

    Machine()
    {
        hcl.claims = simtee::hcl_claims(tpm().ak.public_key());
        report_data = simtee::hcl_report_data(hcl.claims);
    }

    AzureEvidence evidence(EvidenceKind kind) const
    {
        TpmEvidence quoted = signer->evidence(quote, all_pcrs());
        quoted.ak_public.reset();
        return {kind, simtee::encode_hcl_report(hcl), std::move(quoted), {}, {}};
    }
};

struct Answer {
    std::string_view reason;
    std::string detail;
    CheckLog checks;
    std::optional<VerifiedAzure> verified;
};

Answer answer(Result<VerifiedAzure> result, CheckLog checks)
{
    if (result) return {{}, {}, std::move(checks), *std::move(result)};
    return {result.error().reason, result.error().detail, std::move(checks), {}};
}

Answer verify_snp_machine(Machine machine)
{
    static const SampleSnp snp = test::make_sample_snp(kNow);
    auto fields = snp.fields;
    fields.report_data = machine.report_data;
    machine.hcl.hardware_report = simtee::encode_snp_report(fields, snp.authority.vek_key);
    AzureEvidence evidence = machine.evidence(EvidenceKind::azure_snp);
    evidence.vek = snp.endorsements.vek;
    SnpEndorsements without_vek = snp.endorsements;
    without_vek.vek.clear();
    machine.bend(evidence);
    const Evidence sent{machine.sent_as.value_or(EvidenceKind::azure_snp),
                        to_bytes(simtee::encode_azure_evidence(evidence, machine.form))};
    CheckLog checks;
    auto result = verify_azure_snp(sent, without_vek, snp.trust(), Revocation::required, machine.demanded, kNow, checks);
    return answer(std::move(result), checks);
}

Answer verify_tdx_machine(Machine machine)
{
    static test::SampleRun run = test::make_sample_run(kNow);
    run.parts.body.report_data = machine.report_data;
    machine.hcl.hardware = EvidenceKind::tdx;
    machine.hcl.hardware_report = Bytes(1024, 7);  // a TDREPORT: its MAC means nothing to us
    AzureEvidence evidence = machine.evidence(EvidenceKind::azure_tdx);
    evidence.td_quote = run.evidence().bytes;
    machine.bend(evidence);
    const Evidence sent{machine.sent_as.value_or(EvidenceKind::azure_tdx),
                        to_bytes(simtee::encode_azure_evidence(evidence, machine.form))};
    CheckLog checks;
    auto result = verify_azure_tdx(sent, run.collateral, run.anchor(), machine.demanded, kNow, checks);
    return answer(std::move(result), checks);
}

struct Case {
    const char* name;
    std::string_view reason;  ///< "" means it must pass
    void (*bend)(Machine&);
};
class Azure : public testing::TestWithParam<Case> {};

TEST_P(Azure, AnswersWithTheCheckThatFailed)
{
    for (auto* verify : {&verify_snp_machine, &verify_tdx_machine}) {
        for (const AzureForm form : {AzureForm::numbered, AzureForm::old}) {
            Machine machine;
            machine.form = form;
            GetParam().bend(machine);
            const Answer answer = verify(std::move(machine));
            EXPECT_EQ(answer.reason, GetParam().reason) << answer.detail;
            if (!answer.reason.empty()) test::expect_only_failure(answer.checks, find_check(GetParam().reason)->id);
        }
    }
}

/// The claims again, with something else in them, and the report data that go with them.
void reclaim(Machine& m, std::string_view from, std::string_view to)
{
    const auto at = m.hcl.claims.find(from);
    ASSERT_NE(at, std::string::npos);
    m.hcl.claims.replace(at, from.size(), to);
    m.report_data = simtee::hcl_report_data(m.hcl.claims);
}

void set_report_byte(Machine& m, std::size_t at)
{
    auto raw = m.report_data.array();
    raw.at(at) ^= 1;
    m.report_data = ReportData{raw};
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, Azure, testing::Values(
    Case{"good",                   "", [](Machine&) {}},
    Case{"version_1",              "", [](Machine& m) { m.hcl.version = 1; }},
    Case{"no_padding",             "", [](Machine& m) { m.hcl.padding = 0; }},
    Case{"other_claims",           "", [](Machine& m) { reclaim(m, "\"secure-boot\":true", "\"secure-boot\":false"); }},
    Case{"sent_as_tpm_quote",      "attest.evidence_kind", [](Machine& m) { m.sent_as = EvidenceKind::tpm; }},
    Case{"magic",                  "attest.hcl_format", [](Machine& m) { m.hcl.magic = "HCLB"; }},
    Case{"version_3",              "attest.hcl_format", [](Machine& m) { m.hcl.version = 3; }},
    Case{"version_0",              "attest.hcl_format", [](Machine& m) { m.hcl.version = 0; }},
    Case{"request_type",           "attest.hcl_format", [](Machine& m) { m.hcl.request_type = 1; }},
    Case{"status",                 "attest.hcl_format", [](Machine& m) { m.hcl.status = 1; }},
    Case{"runtime_version",        "attest.hcl_format", [](Machine& m) { m.hcl.runtime_version = 2; }},
    Case{"hash_is_sha384",         "attest.hcl_format", [](Machine& m) { m.hcl.hash = 2; }},
    Case{"padding_not_zero",       "attest.hcl_format", [](Machine& m) { m.bend = [](AzureEvidence& e) { e.hcl_report.back() = 1; }; }},
    Case{"report_cut",             "attest.hcl_format", [](Machine& m) { m.bend = [](AzureEvidence& e) { e.hcl_report.resize(1000); }; }},
    Case{"claims_not_json",        "attest.hcl_format", [](Machine& m) { reclaim(m, "{", "["); }},
    Case{"claims_with_text_after", "attest.hcl_format", [](Machine& m) { m.hcl.claims += "x"; m.report_data = simtee::hcl_report_data(m.hcl.claims); }},
    Case{"no_attestation_key",     "attest.hcl_format", [](Machine& m) { reclaim(m, "HCLAkPub", "HCLXkPub"); }},
    Case{"two_attestation_keys",   "attest.hcl_format", [](Machine& m) { reclaim(m, "HCLEkPub", "HCLAkPub"); }},
    Case{"key_is_not_rsa",         "attest.hcl_format", [](Machine& m) { reclaim(m, "\"kty\":\"RSA\"", "\"kty\":\"EC\""); }},
    Case{"exponent_3",             "attest.hcl_format", [](Machine& m) { reclaim(m, "\"e\":\"AQAB\"", "\"e\":\"Aw\""); }},
    Case{"exponent_padded",        "attest.hcl_format", [](Machine& m) { reclaim(m, "\"e\":\"AQAB\"", "\"e\":\"AQAB====\""); }},
    Case{"member_twice",           "attest.hcl_format", [](Machine& m) { reclaim(m, "\"kid\"", "\"kid\":\"HCLAkPub\",\"kid\""); }},
    Case{"23_registers",           "attest.hcl_format", [](Machine& m) { m.bend = [](AzureEvidence& e) { e.tpm.pcrs.erase(23); }; }},
    Case{"short_register",         "attest.hcl_format", [](Machine& m) { m.bend = [](AzureEvidence& e) { e.tpm.pcrs[3].pop_back(); }; }},
    Case{"claims_changed",         "attest.hcl_binding", [](Machine& m) { const ReportData old = m.report_data; reclaim(m, "\"secure-boot\":true", "\"secure-boot\":false"); m.report_data = old; }},
    Case{"key_replaced",           "attest.hcl_binding", [](Machine& m) { m.hcl.claims = simtee::hcl_claims(other_tpm().ak.public_key()); m.signer = &other_tpm(); m.quote = other_tpm().quote_fields(all_pcrs(), kNonce); }},
    Case{"first_byte_of_hash",     "attest.hcl_binding", [](Machine& m) { set_report_byte(m, 0); }},
    Case{"last_byte_of_hash",      "attest.hcl_binding", [](Machine& m) { set_report_byte(m, 31); }},
    Case{"first_byte_behind",      "attest.hcl_binding", [](Machine& m) { set_report_byte(m, 32); }},
    Case{"last_byte_behind",       "attest.hcl_binding", [](Machine& m) { set_report_byte(m, 63); }},
    Case{"quote_of_another_tpm",   "attest.signature", [](Machine& m) { m.signer = &other_tpm(); }},
    Case{"quote_is_none",          "attest.tpm_format", [](Machine& m) { m.quote.type = 0x8017; }},
    Case{"fewer_registers",        "attest.pcr_selection", [](Machine& m) { m.quote.selections[0].bitmap[2] = 0x7f; }},
    Case{"sha1_bank",              "attest.pcr_selection", [](Machine& m) { m.quote.selections[0].bank = 4; }},
    Case{"policy_of_fewer",        "attest.pcr_selection", [](Machine& m) { m.demanded.pcrs = {0, 7}; }},
    Case{"register_changed",       "attest.pcr_digest", [](Machine& m) { m.bend = [](AzureEvidence& e) { e.tpm.pcrs[7][0] ^= 1; }; }},
    Case{"registers_swapped",      "attest.pcr_digest", [](Machine& m) { m.bend = [](AzureEvidence& e) { std::swap(e.tpm.pcrs[0], e.tpm.pcrs[16]); }; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(AzureMachines, GiveBothHalvesAndOneIdentity)
{
    const Answer snp = verify_snp_machine({});
    const Answer tdx = verify_tdx_machine({});
    ASSERT_TRUE(snp.verified && tdx.verified) << snp.detail << tdx.detail;
    EXPECT_EQ(snp.verified->kind(), EvidenceKind::azure_snp);
    EXPECT_EQ(tdx.verified->kind(), EvidenceKind::azure_tdx);
    EXPECT_NE(snp.verified->snp(), nullptr);
    EXPECT_NE(tdx.verified->quote(), nullptr);
    EXPECT_TRUE(snp.verified->simulated() && tdx.verified->simulated());
    EXPECT_GT(snp.verified->valid_until(), kNow);
    EXPECT_GT(tdx.verified->valid_until(), kNow);
    EXPECT_EQ(snp.verified->tpm().ak().source(), TrustedAk::Source::hcl_report);
    EXPECT_EQ(snp.verified->runtime_claims(), simtee::hcl_claims(tpm().ak.public_key()));
    EXPECT_FALSE(snp.checks.passed(CheckId::ak)) << "skipped: the paravisor vouches for it";
    CheckLog checks;
    EXPECT_TRUE(require_extra_data(snp.verified->tpm(), kNonce, checks).has_value());
    EXPECT_FALSE(require_extra_data(snp.verified->tpm(), ByteView(kNonce).first(47), checks).has_value());

    Machine again;
    again.quote.clock += 1;
    EXPECT_NE(verify_snp_machine(again).verified->evidence_id(), snp.verified->evidence_id());
}

TEST(AzureMachines, HardwareOfTheOtherKindIsRefused)
{
    Machine machine;
    machine.bend = [](AzureEvidence& e) {
        simtee::HclFields fields;
        fields.hardware = e.kind == EvidenceKind::azure_snp ? EvidenceKind::tdx : EvidenceKind::snp;
        fields.claims = simtee::hcl_claims(tpm().ak.public_key());
        e.hcl_report = simtee::encode_hcl_report(fields);
    };
    for (auto* verify : {&verify_snp_machine, &verify_tdx_machine}) {
        const Answer answer = verify(machine);
        EXPECT_EQ(answer.reason, "attest.hcl_format");
        test::expect_only_failure(answer.checks, CheckId::hcl_format);
    }
}

TEST(AzureMachines, HardwareItselfIsVerified)
{
    Machine machine;
    machine.bend = [](AzureEvidence& e) {
        if (e.kind == EvidenceKind::azure_snp) e.hcl_report[32 + 0x90] ^= 1;  // a measurement
        else e.td_quote[48 + 136] ^= 1;                                       // MRTD
    };
    for (auto* verify : {&verify_snp_machine, &verify_tdx_machine}) {
        const Answer answer = verify(machine);
        EXPECT_EQ(answer.reason, "attest.signature");
        EXPECT_FALSE(answer.checks.passed(CheckId::hcl_binding));
        test::expect_only_failure(answer.checks, CheckId::signature);
    }
}

Bytes sample_report()
{
    simtee::HclFields fields;
    fields.hardware_report = Bytes(1184, 3);
    fields.claims = simtee::hcl_claims(tpm().ak.public_key());
    fields.padding = 0;
    return simtee::encode_hcl_report(fields);
}

void expect_bad_report(ByteView bytes, const std::string& what)
{
    const auto report = parse_hcl_report(bytes);
    EXPECT_EQ(report ? "" : report.error().reason, "attest.hcl_format") << what;
    test::count_negative("attest.hcl_format");
}

TEST(HclReports, EveryTruncationIsRefused)
{
    const Bytes good = sample_report();
    ASSERT_TRUE(parse_hcl_report(good).has_value());
    for (std::size_t size = 0; size < good.size(); ++size)
        expect_bad_report(ByteView(good).first(size), "cut at " + std::to_string(size));
    Bytes large = good;
    large.resize(kMaxHclReportSize);
    EXPECT_TRUE(parse_hcl_report(large).has_value());
    large.push_back(0);
    expect_bad_report(large, "too large");
}

TEST(HclReports, LengthFieldsAreBounded)
{
    const Bytes good = sample_report();
    for (const std::size_t field : {8U, 0x4c0U, 0x4d0U}) {
        std::uint32_t n = 0;
        for (unsigned i = 4; i-- > 0;) n = n << 8 | good[field + i];
        for (const std::uint32_t value :
             {0U, 1U, n - 1, n + 1, 0x7fffffffU, 0x80000000U, 0xffffffffU, 0xffffffebU, 0xffffffecU}) {
            Bytes bent = good;
            for (unsigned i = 0; i < 4; ++i) bent[field + i] = static_cast<std::uint8_t>(value >> (8 * i));
            expect_bad_report(bent, std::to_string(field) + " = " + std::to_string(value));
        }
    }
}

TEST(HclReports, ATdReportIsShorterAndZeroBehind)
{
    simtee::HclFields fields;
    fields.hardware = EvidenceKind::tdx;
    fields.hardware_report = Bytes(1024, 3);
    fields.claims = simtee::hcl_claims(tpm().ak.public_key());
    EXPECT_EQ(parse_hcl_report(simtee::encode_hcl_report(fields))->hardware_report.size(), 1024U);
    fields.hardware_report.push_back(1);
    expect_bad_report(simtee::encode_hcl_report(fields), "a byte behind the TDREPORT");
}

TEST(AzureDocuments, HaveNoOtherSpelling)
{
    AzureEvidence evidence = Machine().evidence(EvidenceKind::azure_tdx);
    evidence.td_quote = Bytes(10, 1);
    const std::string good = simtee::encode_azure_evidence(evidence, AzureForm::numbered);
    const std::string old = simtee::encode_azure_evidence(evidence, AzureForm::old);
    const auto reason = [](const std::string& text, EvidenceKind kind = EvidenceKind::azure_tdx) {
        const auto parsed = parse_azure_evidence(text, kind);
        if (!parsed) test::count_negative(parsed.error().reason);
        return parsed ? std::string_view{} : parsed.error().reason;
    };
    EXPECT_EQ(reason(good), "");
    EXPECT_EQ(reason(old), "");
    const auto with = [](std::string text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text :
         {std::string(), std::string("{}"), std::string("[]"), good + "x", with(good, "\"version\":1", "\"version\":2"),
          with(good, "\"version\":1", "\"version\":0"), with(good, "\"version\":1", "\"version\":\"1\""),
          with(good, "\"version\":1,", ""), with(good, "{\"version\"", "{\"extra\":1,\"version\""),
          with(good, "\"message\":\"ff", "\"message\":\"FF"), with(good, "\"message\":\"ff", "\"message\":\"f"),
          with(good, "\"message\":\"ff", "\"massage\":\"ff"), with(good, "\"AQ", "\"+Q"), with(good, "=\"", "\""),
          with(old, "[255,84", "[256,84"), with(old, "[255,84", "[-1,84"), with(old, "[255,84", "[\"255\",84"),
          with(old, "{\"tpm_quote\"", "{\"version\":1,\"tpm_quote\"")})
        EXPECT_EQ(reason(text), "attest.hcl_format") << text.substr(0, 60);
    EXPECT_EQ(reason(good, EvidenceKind::azure_snp), "attest.hcl_format");
    EXPECT_EQ(reason(good, EvidenceKind::tdx), "attest.hcl_format");
}

class GenuineAzure : public test::WithVectors {};

const UnixSeconds kVectorTime = parse_iso8601("2026-01-01T00:00:00Z").value();

Result<VerifiedAzure> verify_vector(const AzureEvidence& evidence, const char* chain, CheckLog& checks)
{
    const SnpEndorsements endorsements{{}, load_vector(chain), {}};
    return verify_azure_snp(evidence, endorsements, AmdTrust::amd(), Revocation::if_provided, all_pcrs(), kVectorTime,
                            checks);
}

TEST_F(GenuineAzure, EvidenceOfEveryFormVerifies)
{
    struct Vector {
        const char* file;
        const char* chain;
        std::string nonce;
    };
    const std::vector<Vector> files{
        {"azure/snp/evidence-v1.json", "amd/roots/ask_ark_milan.pem", hex(as_bytes("challenge"))},
        {"azure/snp/evidence-v2.json", "amd/roots/ask_ark_milan.pem", {}},
        {"azure/snp/evidence-genoa.json", "amd/roots/ask_ark_genoa.pem", {}}};
    for (const Vector& vector : files) {
        const auto evidence = parse_azure_evidence(load_vector(vector.file), EvidenceKind::azure_snp);
        ASSERT_TRUE(evidence.has_value()) << vector.file << ": " << evidence.error().detail;
        CheckLog checks;
        const auto verified = verify_vector(*evidence, vector.chain, checks);
        ASSERT_TRUE(verified.has_value()) << vector.file << ": " << verified.error().reason << " "
                                          << verified.error().detail;
        EXPECT_FALSE(verified->simulated());
        EXPECT_EQ(verified->tpm().pcrs().values.size(), 24U);
        if (!vector.nonce.empty()) {
            EXPECT_EQ(hex(verified->tpm().extra_data()), vector.nonce);
        } else {
            EXPECT_EQ(verified->tpm().extra_data().size(), 48U);
        }
    }
}

TEST_F(GenuineAzure, HalvesOfTwoMachinesAreNotAPair)
{
    const Bytes report = to_bytes(load_vector("azure/snp/hcl-report.bin"));
    ASSERT_TRUE(parse_hcl_report(report).has_value());
    AzureEvidence evidence =
        parse_azure_evidence(load_vector("azure/snp/evidence-v1.json"), EvidenceKind::azure_snp).value();
    evidence.hcl_report = report;
    evidence.vek = crypto::parse_pem_certificates(load_vector("azure/snp/vcek.pem"))->front().der();
    evidence.tpm.attest = to_bytes(load_vector("azure/snp/tpm-quote.msg"));
    evidence.tpm.signature = encode(TpmSignature{
        TpmSignatureKind::rsassa, HashAlgorithm::sha256, to_bytes(load_vector("azure/snp/tpm-quote.sig")), {}, {}});
    CheckLog checks;
    const auto verified = verify_vector(evidence, "amd/roots/ask_ark_milan.pem", checks);
    EXPECT_EQ(verified ? "" : verified.error().reason, "attest.signature");
    EXPECT_TRUE(checks.passed(CheckId::hcl_binding)) << "the report itself is genuine; the quote is another machine's";
    test::expect_only_failure(checks, CheckId::signature);
}

}  // namespace
}  // namespace iapp::attest
