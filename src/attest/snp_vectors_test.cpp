// Genuine SEV-SNP reports with their endorsements, under AMD's production keys. The vectors are not part of the tree: set
// IAPP_VECTORS, or keep them in ../shared/vectors. Without them these tests say SKIPPED.
#include <gtest/gtest.h>

#include "attest/snp_verify.hpp"
#include "support/attest_vectors.hpp"

namespace iapp::attest {
namespace {

std::string load(const std::string& file) { return test::load_vector("amd/" + file); }

using GenuineReports = test::WithVectors;

UnixSeconds at(std::string_view text) { return parse_iso8601(text).value(); }

struct Verdict {
    std::string reason;
    std::string detail;
    std::optional<VerifiedSnpReport> report;
    CheckLog checks;
};

Verdict verify(const std::string& report, const std::string& vek, const std::string& chain, std::string_view time,
               Revocation revocation = Revocation::if_provided)
{
    Verdict out;
    const SnpEndorsements endorsements{to_bytes(load(vek)), load(chain), {}};
    auto verified = verify_snp({EvidenceKind::snp, to_bytes(load(report))}, endorsements, AmdTrust::amd(), revocation,
                               at(time), out.checks);
    if (verified) {
        out.report = *std::move(verified);
    } else {
        out.reason = verified.error().reason;
        out.detail = verified.error().detail;
    }
    return out;
}

struct Row {
    const char* name;
    const char* report;
    const char* vek;
    const char* chain;
    const char* time;
    std::string_view reason;
};

// clang-format off
constexpr Row kRows[]{
    {"milan", "milan-trustee/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_milan.pem", "2026-11-22T10:00:00Z", ""},
    {"milan_first_second", "milan-trustee/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_milan.pem", "2023-01-24T17:58:26Z", ""},
    {"milan_before", "milan-trustee/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_milan.pem", "2023-01-24T17:58:25Z", "attest.certificate_expired"},
    {"milan_last_second", "milan-trustee/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_milan.pem", "2030-01-24T17:58:26Z", ""},
    {"milan_after", "milan-trustee/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_milan.pem", "2030-01-24T17:58:27Z", "attest.certificate_expired"},
    {"milan_vcek_of_another_chip", "milan-trustee/report.bin", "milan-trustee/vcek-invalid-legacy.der", "roots/ask_ark_milan.pem", "2026-11-22T10:00:00Z", "attest.vek_chain"},
    {"milan_vcek_of_another_chip_new_form", "milan-trustee/report.bin", "milan-trustee/vcek-invalid-new.der", "roots/ask_ark_milan.pem", "2026-11-22T10:00:00Z", "attest.vek_chain"},
    {"milan_under_vlek_chain", "milan-trustee/report.bin", "milan-trustee/vcek.der", "roots/asvk_ark_milan.pem", "2026-11-22T10:00:00Z", "attest.vek_chain"},
    {"milan_under_genoa_chain", "milan-trustee/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_genoa.pem", "2026-11-22T10:00:00Z", "attest.vek_chain"},
    {"vlek", "vlek-trustee/report.bin", "vlek-trustee/vlek.der", "roots/asvk_ark_milan.pem", "2025-06-01T00:00:00Z", ""},
    {"vlek_over", "vlek-trustee/report.bin", "vlek-trustee/vlek.der", "roots/asvk_ark_milan.pem", "2026-11-22T10:00:00Z", "attest.certificate_expired"},
    {"vlek_early", "vlek-trustee/report.bin", "vlek-trustee/vlek.der", "roots/asvk_ark_milan.pem", "2024-12-09T00:00:00Z", "attest.certificate_expired"},
    {"vlek_report_under_vcek", "vlek-trustee/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_milan.pem", "2025-06-01T00:00:00Z", "attest.vek"},
    {"siena", "genoa-v5/report.bin", "genoa-v5/vcek.der", "roots/ask_ark_genoa.pem", "2026-11-22T10:00:00Z", ""},
    {"siena_before", "genoa-v5/report.bin", "genoa-v5/vcek.der", "roots/ask_ark_genoa.pem", "2026-02-17T00:00:00Z", "attest.certificate_expired"},
    {"siena_after", "genoa-v5/report.bin", "genoa-v5/vcek.der", "roots/ask_ark_genoa.pem", "2033-02-18T00:00:00Z", "attest.certificate_expired"},
    {"siena_under_milan", "genoa-v5/report.bin", "milan-trustee/vcek.der", "roots/ask_ark_milan.pem", "2026-11-22T10:00:00Z", "attest.snp_product"},
    {"milan_under_siena", "milan-trustee/report.bin", "genoa-v5/vcek.der", "roots/ask_ark_genoa.pem", "2026-11-22T10:00:00Z", "attest.vek_tcb"},
};
// clang-format on

TEST_F(GenuineReports, GetTheirVerdict)
{
    for (const Row& row : kRows) {
        const Verdict verdict = verify(row.report, row.vek, row.chain, row.time);
        EXPECT_EQ(verdict.reason, row.reason) << row.name << ": " << verdict.detail;
        const Verdict required = verify(row.report, row.vek, row.chain, row.time, Revocation::required);
        EXPECT_NE(required.reason, "") << row.name << " without a revocation list";
    }
}

TEST_F(GenuineReports, SayWhatTheyAre)
{
    const auto milan = verify(kRows[0].report, kRows[0].vek, kRows[0].chain, kRows[0].time).report.value();
    EXPECT_FALSE(milan.simulated());
    EXPECT_EQ(milan.product(), SnpProduct::milan);
    EXPECT_EQ(milan.report().version, 2U);
    EXPECT_EQ(milan.reported_tcb(), (SnpTcb{.boot_loader = 3, .snp = 8, .microcode = 115}));
    EXPECT_EQ(milan.current_tcb().microcode, 206);
    EXPECT_EQ(milan.valid_until(), at("2030-01-24T17:58:26Z"));
    EXPECT_TRUE(milan.chip_id().has_value());

    const auto vlek =
        verify("vlek-trustee/report.bin", "vlek-trustee/vlek.der", "roots/asvk_ark_milan.pem", "2025-06-01T00:00:00Z")
            .report.value();
    EXPECT_EQ(vlek.vek_kind(), VekKind::vlek);
    EXPECT_EQ(vlek.report().vmpl, 1U);
    EXPECT_FALSE(vlek.chip_id().has_value());
    EXPECT_EQ(vlek.csp_id(), "CN=cc-us-east-2.amazonaws.com");

    const auto siena =
        verify("genoa-v5/report.bin", "genoa-v5/vcek.der", "roots/ask_ark_genoa.pem", "2026-11-22T10:00:00Z").report.value();
    EXPECT_EQ(siena.product(), SnpProduct::genoa);
    EXPECT_EQ(siena.report().cpu, (SnpCpuId{0x19, 0xa0, 0x02}));
    EXPECT_EQ(siena.report().launch_mit_vector, 0x0bU);
    EXPECT_TRUE(siena.report().platform_info.alias_check_complete());
}

TEST_F(GenuineReports, EndInTheKeysThatAreBuiltIn)
{
    const AmdTrust built_in = AmdTrust::amd();
    for (const char* product : {"milan", "genoa", "turin"}) {
        std::string pem = load(std::string("roots/ask_ark_") + product + ".pem");
        const auto vlek = crypto::parse_pem_certificates(load(std::string("roots/asvk_ark_") + product + ".pem")).value();
        pem += (vlek[0].subject_cn().starts_with("ARK") ? vlek[1] : vlek[0]).to_pem();
        const AmdTrust read = AmdTrust::from_pem(pem).value();
        std::string upper = product;
        upper[0] = static_cast<char>(upper[0] - 'a' + 'A');
        const SnpProduct which = find_snp_product(upper).value();
        EXPECT_EQ(read.pins(which), built_in.pins(which));
        EXPECT_TRUE(read.hardware(which));
    }
}

TEST_F(GenuineReports, TurinsEndorsementKeyReads)
{
    const auto vcek = crypto::Certificate::from_der(as_bytes(load("roots/vcek_turin_virtee.der"))).value();
    const VekExtensions vek = parse_vek_extensions(vcek.extensions(), VekKind::vcek).value();
    EXPECT_EQ(vek.product, SnpProduct::turin);
    EXPECT_EQ(vek.struct_version, 1);
    EXPECT_EQ(vek.tcb, (SnpTcb{.microcode = 9}));
    EXPECT_EQ(hex(*vek.hardware_id), "1e550a8ee5cf9f4d");
    CheckLog checks;
    const SnpEndorsements endorsements{vcek.der(), load("roots/ask_ark_turin.pem"), {}};
    EXPECT_TRUE(SnpEndorser::create(endorsements, AmdTrust::amd(), Revocation::if_provided, checks).has_value());
}

}  // namespace
}  // namespace iapp::attest
