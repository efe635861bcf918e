// The half of SNP verification that looks at the report: product, key, firmware versions, chip, signature; and its pitfalls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest/snp_verify.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_snp.hpp"

namespace iapp::attest {
namespace {

using test::must_have;
using test::SampleSnp;

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();
constexpr std::size_t kR = kSnpSignedSize;
constexpr std::size_t kS = kSnpSignedSize + 72;

SnpEndorser endorser_of(const SampleSnp& run)
{
    CheckLog checks;
    return must_have(SnpEndorser::create(run.endorsements, run.trust(), Revocation::required, checks));
}

/// One run per product and kind, with its checked endorsements; made once, since only reports are bent here.
struct Platform {
    SampleSnp run;
    SnpEndorser endorser;
};
const Platform& platform(SnpProduct product = SnpProduct::milan, VekKind kind = VekKind::vcek)
{
    static std::map<std::pair<SnpProduct, VekKind>, Platform> made;
    auto found = made.find({product, kind});
    if (found == made.end()) {
        SampleSnp run = test::make_sample_snp(kNow, product, kind);
        SnpEndorser endorser = endorser_of(run);
        found = made.emplace(std::pair{product, kind}, Platform{std::move(run), std::move(endorser)}).first;
    }
    return found->second;
}

void expect_verdict(const Platform& on, const Bytes& report, std::string_view reason, const std::string& what = {})
{
    CheckLog checks;
    const auto verified = on.endorser.verify(report, kNow, checks);
    ASSERT_EQ(verified ? "" : verified.error().reason, reason) << what << (verified ? "" : verified.error().detail);
    if (!verified) test::expect_only_failure(checks, find_check(reason)->id, what);
}

/// Bends the fields, then signs them.
struct FieldCase {
    const char* name;
    std::string_view reason;
    void (*bend)(UnverifiedSnpReport&);
    SnpProduct product = SnpProduct::milan;
    VekKind kind = VekKind::vcek;
};
class SnpReportFields : public testing::TestWithParam<FieldCase> {};

TEST_P(SnpReportFields, AnswerWithTheCheckThatFailed)
{
    const Platform& on = platform(GetParam().product, GetParam().kind);
    UnverifiedSnpReport fields = on.run.fields;
    GetParam().bend(fields);
    expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), GetParam().reason);
}

using R = UnverifiedSnpReport;
constexpr auto kMilan = SnpProduct::milan;
constexpr auto kGenoa = SnpProduct::genoa;
constexpr auto kTurin = SnpProduct::turin;
constexpr auto kVcek = VekKind::vcek;
constexpr auto kVlek = VekKind::vlek;
std::string case_name(const testing::TestParamInfo<FieldCase>& test) { return test.param.name; }

// clang-format off
INSTANTIATE_TEST_SUITE_P(Good, SnpReportFields, testing::Values(
    FieldCase{"version_3",      "", [](R&) {}},
    FieldCase{"version_4",      "", [](R& r) { r.version = 4; }},
    FieldCase{"version_5",      "", [](R& r) { r.version = 5; r.launch_mit_vector = 1; r.current_mit_vector = 3; }},
    FieldCase{"version_2",      "", [](R& r) { r.version = 2; r.cpu.reset(); }},
    FieldCase{"siena",          "", [](R& r) { r.cpu = {{0x19, 0xa0, 0x02}}; }, kGenoa},
    FieldCase{"vmpl_3",         "", [](R& r) { r.vmpl = 3; }},
    FieldCase{"debug_is_policy", "", [](R& r) { r.policy.bits |= 1U << 19; }},
    FieldCase{"current_newer",  "", [](R& r) { r.current_tcb[7] = 255; }},
    FieldCase{"vlek_chip_masked", "", [](R& r) { r.chip_id = SnpChipId::zero(); }, kMilan, kVlek}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Product, SnpReportFields, testing::Values(
    FieldCase{"genoa_under_milan", "attest.snp_product", [](R& r) { r.cpu = {{0x19, 0x11, 0}}; }},
    FieldCase{"siena_under_milan", "attest.snp_product", [](R& r) { r.cpu = {{0x19, 0xa0, 2}}; }},
    FieldCase{"milan_under_genoa", "attest.snp_product", [](R& r) { r.cpu = {{0x19, 0x01, 1}}; }, kGenoa},
    FieldCase{"model_between",     "attest.snp_product", [](R& r) { r.cpu = {{0x19, 0x20, 1}}; }},
    FieldCase{"unknown_family",    "attest.snp_product", [](R& r) { r.cpu = {{0x1b, 0x00, 0}}; }},
    FieldCase{"no_family",         "attest.snp_product", [](R& r) { r.cpu = {{0, 0, 0}}; }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Tcb, SnpReportFields, testing::Values(
    FieldCase{"boot_loader_up",   "attest.vek_tcb", [](R& r) { ++r.reported_tcb[0]; }},
    FieldCase{"boot_loader_down", "attest.vek_tcb", [](R& r) { --r.reported_tcb[0]; }},
    FieldCase{"tee_up",           "attest.vek_tcb", [](R& r) { ++r.reported_tcb[1]; }},
    FieldCase{"tee_down",         "attest.vek_tcb", [](R& r) { --r.reported_tcb[1]; }},
    FieldCase{"snp_up",           "attest.vek_tcb", [](R& r) { ++r.reported_tcb[6]; }},
    FieldCase{"snp_down",         "attest.vek_tcb", [](R& r) { --r.reported_tcb[6]; }},
    FieldCase{"microcode_up",     "attest.vek_tcb", [](R& r) { ++r.reported_tcb[7]; }},
    FieldCase{"microcode_down",   "attest.vek_tcb", [](R& r) { --r.reported_tcb[7]; }},
    FieldCase{"genoa_snp",        "attest.vek_tcb", [](R& r) { ++r.reported_tcb[6]; }, kGenoa},
    FieldCase{"turin_fmc",        "attest.vek_tcb", [](R& r) { ++r.reported_tcb[0]; }, kTurin},
    FieldCase{"turin_fmc_down",   "attest.vek_tcb", [](R& r) { --r.reported_tcb[0]; }, kTurin},
    FieldCase{"turin_boot_loader", "attest.vek_tcb", [](R& r) { ++r.reported_tcb[1]; }, kTurin},
    FieldCase{"turin_tee",        "attest.vek_tcb", [](R& r) { ++r.reported_tcb[2]; }, kTurin},
    FieldCase{"turin_snp",        "attest.vek_tcb", [](R& r) { ++r.reported_tcb[3]; }, kTurin},
    FieldCase{"turin_microcode",  "attest.vek_tcb", [](R& r) { ++r.reported_tcb[7]; }, kTurin},
    FieldCase{"vlek_snp",         "attest.vek_tcb", [](R& r) { ++r.reported_tcb[6]; }, kMilan, kVlek},
    FieldCase{"current_is_not_the_one", "attest.vek_tcb", [](R& r) { std::swap(r.reported_tcb[7], r.current_tcb[0]); }}),
    case_name);

INSTANTIATE_TEST_SUITE_P(Key, SnpReportFields, testing::Values(
    FieldCase{"vlek_under_vcek",  "attest.vek", [](R& r) { r.signing_key = SnpSigningKey::vlek; }},
    FieldCase{"vcek_under_vlek",  "attest.vek", [](R& r) { r.signing_key = SnpSigningKey::vcek; }, kMilan, kVlek},
    FieldCase{"turin_vlek_under_vcek", "attest.vek", [](R& r) { r.signing_key = SnpSigningKey::vlek; }, kTurin},
    FieldCase{"no_key",           "attest.signature", [](R& r) { r.signing_key = SnpSigningKey::none; }},
    FieldCase{"host",             "attest.vmpl", [](R& r) { r.vmpl = kSnpHostVmpl; }},
    FieldCase{"host_vlek",        "attest.vmpl", [](R& r) { r.vmpl = kSnpHostVmpl; }, kMilan, kVlek},
    FieldCase{"vmpl_4",           "attest.snp_format", [](R& r) { r.vmpl = 4; }}),
    case_name);
// clang-format on

TEST(VerifySnpReport, RefusesOtherKindsOfEvidence)
{
    const SampleSnp& run = platform().run;
    for (const EvidenceKind kind : {EvidenceKind::tdx, EvidenceKind::sgx, EvidenceKind::tpm, EvidenceKind::azure_snp,
                                    static_cast<EvidenceKind>(0x7f)}) {
        CheckLog checks;
        EXPECT_FALSE(verify_snp({kind, run.report()}, run.endorsements, run.trust(), Revocation::required, kNow, checks));
        test::expect_only_failure(checks, CheckId::evidence_kind);
    }
}

TEST(VerifySnpReport, EveryTruncationIsRefused)
{
    const Bytes report = platform().run.report();
    for (std::size_t size = 0; size < report.size(); ++size)
        expect_verdict(platform(), Bytes(report.begin(), report.begin() + static_cast<std::ptrdiff_t>(size)),
                       "attest.snp_format");
}

/// Turns each bit of a report, one at a time: 1184 * 8, and none may survive.
TEST(VerifySnpReport, EverySingleBitIsCovered)
{
    const Platform& on = platform();
    Bytes report = on.run.report();
    std::vector<std::size_t> survivors;
    for (std::size_t bit = 0; bit < 8 * report.size(); ++bit) {
        const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
        report[bit / 8] ^= mask;
        CheckLog checks;
        if (const auto verified = on.endorser.verify(report, kNow, checks)) survivors.push_back(bit);
        else test::count_negative(verified.error().reason);
        report[bit / 8] ^= mask;
    }
    EXPECT_THAT(survivors, testing::IsEmpty());
}

TEST(VerifySnpReport, SignatureHasNoOtherForm)
{
    const Platform& on = platform();
    const Bytes good = on.run.report();
    const auto with = [&](auto bend) {
        Bytes report = good;
        bend(report);
        return report;
    };
    const auto fill = [](Bytes& r, std::size_t at, std::uint8_t byte) {
        std::fill_n(r.begin() + std::ptrdiff_t(at), 48, byte);
    };
    expect_verdict(on, with([&](Bytes& r) { fill(r, kR, 0); }), "attest.signature", "r is zero");
    expect_verdict(on, with([&](Bytes& r) { fill(r, kS, 0); }), "attest.signature", "s is zero");
    expect_verdict(on, with([&](Bytes& r) { fill(r, kR, 0xff); }), "attest.signature", "r is above the order");
    expect_verdict(on, with([&](Bytes& r) { fill(r, kS, 0xff); }), "attest.signature", "s is above the order");
    expect_verdict(on, with([&](Bytes& r) { std::swap_ranges(r.begin() + kR, r.begin() + kR + 48, r.begin() + kS); }),
                   "attest.signature", "r and s exchanged");
    const crypto::SigningKey other = crypto::SigningKey::generate(crypto::Curve::p384);
    expect_verdict(on, with([&](Bytes& r) { simtee::sign_snp_report(r, other); }), "attest.signature", "another key");
    expect_verdict(on, with([&](Bytes& r) { std::copy_n(r.begin() + kR, 48, r.begin() + kR + 24); }), "attest.snp_format",
                   "r at the wrong end of its field");
}

// The order of P-384's group, big endian.
constexpr std::array<std::uint8_t, 48> kOrder{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
                                              0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};

TEST(Pitfall25, TheTwinOfASignatureIsTheSameReport)
{
    const Platform& on = platform();
    const Bytes report = on.run.report();
    Bytes twin = report;
    int borrow = 0;
    for (std::size_t i = 0; i < 48; ++i) {  // s := n - s
        const int difference = kOrder[47 - i] - report[kS + i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        twin[kS + i] = static_cast<std::uint8_t>(difference);
    }
    ASSERT_NE(twin, report);
    CheckLog checks;
    const auto a = must_have(on.endorser.verify(report, kNow, checks));
    const auto b = must_have(on.endorser.verify(twin, kNow, checks));
    EXPECT_EQ(a.evidence_id(), b.evidence_id());
    EXPECT_EQ(a.evidence_id(), crypto::Sha256()
                                   .update(ByteView(report).first(kSnpSignedSize))
                                   .update(on.run.authority.vek_key.public_key().spki_der())
                                   .finish());
}

TEST(Pitfall10, AnUnknownProductIsAnErrorForEveryFamilyAndModel)
{
    const Platform& on = platform();
    const Bytes good = on.run.report();
    for (const int family : {0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0xff})
        for (int model = 0; model < 256; ++model) {
            if (product_of({static_cast<std::uint8_t>(family), static_cast<std::uint8_t>(model), 0}) == kMilan) continue;
            Bytes report = good;
            report[0x188] = static_cast<std::uint8_t>(family);
            report[0x189] = static_cast<std::uint8_t>(model);
            CheckLog checks;
            const auto verified = on.endorser.verify(report, kNow, checks);
            ASSERT_FALSE(verified.has_value());
            const bool turin = family == 0x1a && model < 0x20;  // there Milan's TCB has bytes that Turin reserves
            EXPECT_EQ(verified.error().reason, turin ? "attest.snp_format" : "attest.snp_product");
            test::count_negative(verified.error().reason);
        }
}

TEST(Pitfall10, AVersion2ReportTakesItsProductFromTheCertificate)
{
    for (const SnpProduct product : {kMilan, kGenoa}) {
        const Platform& on = platform(product);
        R fields = on.run.fields;
        fields.version = 2;
        fields.cpu.reset();
        CheckLog checks;
        const auto verified =
            must_have(on.endorser.verify(simtee::encode_snp_report(fields, on.run.authority.vek_key), kNow, checks));
        EXPECT_EQ(verified.product(), product);
        EXPECT_FALSE(verified.report().product.has_value());
    }
}

/// Signs until r (or s) starts with a zero byte, or with a set top bit.
Bytes report_with_top_byte(const Platform& on, std::size_t scalar, bool zero)
{
    Bytes report = on.run.report();
    while (zero ? report[scalar + 47] != 0 : (report[scalar + 47] & 0x80) == 0)
        simtee::sign_snp_report(report, on.run.authority.vek_key);
    return report;
}

TEST(Pitfall14, ShortAndHighScalarsAreReadLittleEndian)
{
    const Platform& on = platform();
    for (const std::size_t scalar : {kR, kS})
        for (const bool zero : {true, false}) {
            const Bytes report = report_with_top_byte(on, scalar, zero);
            expect_verdict(on, report, "");
            Bytes big_endian = report;
            std::reverse(big_endian.begin() + std::ptrdiff_t(kR), big_endian.begin() + std::ptrdiff_t(kR) + 48);
            std::reverse(big_endian.begin() + std::ptrdiff_t(kS), big_endian.begin() + std::ptrdiff_t(kS) + 48);
            expect_verdict(on, big_endian, "attest.signature", "big endian");
            Bytes shifted = report;  // one byte up: the same number times 256, or a byte in the reserved part
            shifted.insert(shifted.begin() + std::ptrdiff_t(scalar), 0);
            shifted.erase(shifted.begin() + std::ptrdiff_t(scalar) + 72);
            expect_verdict(on, shifted, zero ? "attest.signature" : "attest.snp_format", "shifted");
        }
}

TEST(Pitfall17, AReportThatTheHostMadeIsRefused)
{
    for (const VekKind kind : {kVcek, kVlek}) {
        const Platform& on = platform(kMilan, kind);
        R fields = on.run.fields;
        fields.vmpl = kSnpHostVmpl;
        expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), "attest.vmpl");
        fields.vmpl = kSnpHostVmpl - 1;
        expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), "attest.snp_format");
    }
}

TEST(Pitfall18, AMaskedChipKeyMeansNoSignature)
{
    const Platform& on = platform();
    R fields = on.run.fields;
    fields.chip_key_masked = true;
    expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), "attest.signature");
}

TEST(Pitfall18, AMaskedOrForeignChipIdIsRefusedUnderAVcek)
{
    for (const SnpProduct product : kSnpProducts) {
        const Platform& on = platform(product);
        R fields = on.run.fields;
        fields.chip_id = SnpChipId::zero();
        expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), "attest.vek_chip", "masked");
        for (const std::size_t at : {0, 7, 8, 63}) {  // on Turin the last two are beyond the eight bytes of the id
            auto chip = on.run.fields.chip_id.array();
            chip[at] ^= 1;
            fields.chip_id = SnpChipId{chip};
            expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), "attest.vek_chip");
        }
    }
}

TEST(Pitfall18, AVlekVouchesForNoChip)
{
    const Platform& on = platform(kMilan, kVlek);
    R fields = on.run.fields;
    std::array<std::uint8_t, 64> chip{};
    chip.fill(0x5a);
    fields.chip_id = SnpChipId{chip};
    CheckLog checks;
    const auto verified =
        must_have(on.endorser.verify(simtee::encode_snp_report(fields, on.run.authority.vek_key), kNow, checks));
    EXPECT_FALSE(verified.chip_id().has_value());
    EXPECT_FALSE(checks.passed(CheckId::vek_chip));
    EXPECT_TRUE(platform().endorser.verify(platform().run.report(), kNow, checks)->chip_id().has_value());
}

TEST(Pitfall19, AHigherComponentDoesNotPayForALowerOne)
{
    const Platform& on = platform();
    R fields = on.run.fields;
    ++fields.reported_tcb[6];
    --fields.reported_tcb[7];  // SNP higher, microcode lower
    expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), "attest.vek_tcb");
    fields.reported_tcb[6] = static_cast<std::uint8_t>(fields.reported_tcb[6] - 2);
    fields.reported_tcb[7] = 255;  // as one little-endian number this is higher
    expect_verdict(on, simtee::encode_snp_report(fields, on.run.authority.vek_key), "attest.vek_tcb");
}

}  // namespace
}  // namespace iapp::attest
