// Genuine evidence from files to verdict, as `iapp attest verify` takes it. One row for each file, with the check that
// decides. The vectors are not part of the tree: without them these tests say SKIPPED.
#include <gtest/gtest.h>

#include "attest/inspect.hpp"
#include "attest/judge.hpp"
#include "support/attest_vectors.hpp"

namespace iapp::attest {
namespace {

using test::load_vector;

struct Row {
    const char* name;
    std::string evidence;
    std::vector<std::string> endorsements;
    std::string_view at;
    std::string_view reason;  ///< "" accepted
    std::string log = {};
    std::optional<std::size_t> cut = {};  ///< only this many bytes of the evidence
};
class GenuineVerdict : public test::WithVectors, public testing::WithParamInterface<Row> {};

std::vector<Bytes> load_all(const std::vector<std::string>& paths)
{
    std::vector<Bytes> out;
    for (const std::string& path : paths) {
        const auto whole = test::vectors_path() / path;
        if (!std::filesystem::is_directory(whole)) {
            out.push_back(to_bytes(load_vector(path)));
            continue;
        }
        for (const auto& file : std::filesystem::directory_iterator(whole))
            out.push_back(to_bytes(load_vector(std::filesystem::path(path) / file.path().filename())));
    }
    return out;
}

Appraisal judge_row(const Row& row, const AppraisalPolicy& policy)
{
    Submission in{.evidence = to_bytes(load_vector(row.evidence)),
                  .endorsements = load_all(row.endorsements),
                  .vek = {},
                  .loose_tpm = {},
                  .log = {}};
    if (row.cut) in.evidence.resize(*row.cut);
    if (!row.log.empty()) in.log = to_bytes(load_vector(row.log));
    return judge(in, {}, {policy, Hash256::zero()}, std::nullopt, *parse_iso8601(row.at));
}

TEST_P(GenuineVerdict, IsDecidedByTheCheckThatCounts)
{
    const Appraisal appraisal = judge_row(GetParam(), authenticity_only());
    const CheckOutcome* failed = failed_check(appraisal);
    EXPECT_EQ(failed == nullptr ? "" : info(failed->id).reason, GetParam().reason) << (failed ? failed->detail : "");
    EXPECT_EQ(appraisal.accepted, GetParam().reason.empty());
    EXPECT_FALSE(appraisal.claims && appraisal.claims->simulated);
}

const std::string kV4 = "intel/tdx-v4-fmspc-B0C06F000000/";
const std::string kSgx = "intel/sgx-v3-fmspc-00A067110000/";
const std::string kV5 = "intel/tdx-v5-fmspc-90C06F000000";
const std::string kOld = "intel/tdx-v4-fmspc-50806F000000";

// clang-format off
INSTANTIATE_TEST_SUITE_P(Intel, GenuineVerdict, testing::Values(
    Row{"tdx_v4",                    kV4 + "quote.bin", {kV4 + "collateral.json"}, "2025-07-01T00:00:00Z", ""},
    Row{"tdx_v4_before",             kV4 + "quote.bin", {kV4 + "collateral.json"}, "2025-06-01T00:00:00Z", "attest.collateral_expired"},
    Row{"tdx_v4_after",              kV4 + "quote.bin", {kV4 + "collateral.json"}, "2025-07-20T00:00:00Z", "attest.collateral_expired"},
    Row{"tdx_v4_no_collateral",      kV4 + "quote.bin", {}, "2025-07-01T00:00:00Z", "attest.collateral_chain"},
    Row{"tdx_v4_other_collateral",   kV4 + "quote.bin", {kSgx + "collateral.json"}, "2025-07-01T00:00:00Z", "attest.crl"},
    Row{"sgx_v3_status",             kSgx + "quote.bin", {kSgx + "collateral.json"}, "2025-07-01T00:00:00Z", "attest.tcb"},
    Row{"tdx_v5_folder",             kV5 + "/quote.bin", {kV5}, "2026-04-01T01:00:00Z", ""},
    Row{"tdx_v5_folder_after",       kV5 + "/quote.bin", {kV5}, "2026-04-16T00:00:00Z", "attest.collateral_expired"},
    Row{"tdx_v4_text_behind",        kOld + "/quote.bin", {kOld}, "2023-06-20T00:00:00Z", "attest.quote_format"},
    Row{"tdx_v4_below_every_level",  kOld + "/quote.bin", {kOld}, "2023-06-20T00:00:00Z", "attest.tcb_level", {}, 4935},
    Row{"qvl_sample_sgx_root",       "intel/qvl-sample-sgx/quote.dat", {"intel/qvl-sample-sgx"}, "2022-01-01T00:00:00Z", "attest.root"},
    Row{"qvl_sample_tdx_chain",      "intel/qvl-sample-tdx/quote.dat", {"intel/qvl-sample-tdx"}, "2022-01-01T00:00:00Z", "attest.chain"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Amd, GenuineVerdict, testing::Values(
    Row{"milan_v2",            "amd/milan-trustee/report.bin", {"amd/milan-trustee/vcek.der", "amd/roots/ask_ark_milan.pem"}, "2025-01-01T00:00:00Z", ""},
    Row{"milan_all_roots",     "amd/milan-trustee/report.bin", {"amd/roots", "amd/milan-trustee/vcek.der", "amd/genoa-v5/vcek.der"}, "2026-04-01T00:00:00Z", ""},
    Row{"siena_all_roots",     "amd/genoa-v5/report.bin", {"amd/roots", "amd/milan-trustee/vcek.der", "amd/genoa-v5/vcek.der"}, "2026-04-01T00:00:00Z", ""},
    Row{"milan_before",        "amd/milan-trustee/report.bin", {"amd/milan-trustee/vcek.der", "amd/roots/ask_ark_milan.pem"}, "2023-01-01T00:00:00Z", "attest.certificate_expired"},
    Row{"milan_wrong_vcek",    "amd/milan-trustee/report.bin", {"amd/milan-trustee/vcek-invalid-new.der", "amd/roots/ask_ark_milan.pem"}, "2025-01-01T00:00:00Z", "attest.vek_chain"},
    Row{"milan_wrong_legacy",  "amd/milan-trustee/report.bin", {"amd/milan-trustee/vcek-invalid-legacy.der", "amd/roots/ask_ark_milan.pem"}, "2025-01-01T00:00:00Z", "attest.vek_chain"},
    Row{"milan_other_product", "amd/milan-trustee/report.bin", {"amd/milan-trustee/vcek.der", "amd/roots/ask_ark_genoa.pem"}, "2025-01-01T00:00:00Z", "attest.vek_chain"},
    Row{"milan_no_vcek",       "amd/milan-trustee/report.bin", {"amd/roots/ask_ark_milan.pem"}, "2025-01-01T00:00:00Z", "attest.vek_chain"},
    Row{"milan_other_chip",    "amd/milan-trustee/report.bin", {"amd/genoa-v5/vcek.der", "amd/roots/ask_ark_genoa.pem"}, "2026-04-01T00:00:00Z", "attest.vek_tcb"},
    Row{"siena_v5",            "amd/genoa-v5/report.bin", {"amd/genoa-v5/vcek.der", "amd/roots/ask_ark_genoa.pem"}, "2026-04-01T00:00:00Z", ""},
    Row{"vlek_at_vmpl_1",      "amd/vlek-trustee/report.bin", {"amd/vlek-trustee/vlek.der", "amd/roots/asvk_ark_milan.pem"}, "2025-06-01T00:00:00Z", "attest.vmpl"},
    Row{"vlek_expired",        "amd/vlek-trustee/report.bin", {"amd/vlek-trustee/vlek.der", "amd/roots/asvk_ark_milan.pem"}, "2026-01-01T00:00:00Z", "attest.certificate_expired"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Azure, GenuineVerdict, testing::Values(
    Row{"form_1",          "azure/snp/evidence-v1.json", {"amd/roots/ask_ark_milan.pem"}, "2025-06-01T00:00:00Z", ""},
    Row{"form_2",          "azure/snp/evidence-v2.json", {"amd/roots/ask_ark_milan.pem"}, "2025-06-01T00:00:00Z", ""},
    Row{"form_of_arrays",  "azure/snp/evidence-genoa.json", {"amd/roots/ask_ark_genoa.pem"}, "2026-01-01T00:00:00Z", ""},
    Row{"all_roots",       "azure/snp/evidence-genoa.json", {"amd/roots"}, "2026-01-01T00:00:00Z", ""},
    Row{"other_product",   "azure/snp/evidence-genoa.json", {"amd/roots/ask_ark_milan.pem"}, "2026-01-01T00:00:00Z", "attest.vek_chain"}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

class GenuineRoots : public test::WithVectors {};

std::string file_of(const std::string& signer, SnpProduct product)
{
    std::string root = std::string(name(product));
    root.front() = static_cast<char>(root.front() - 'A' + 'a');
    return signer + "_ark_" + root + ".pem";
}

TEST_F(GenuineRoots, AreTheOnesBuiltIn)
{
    for (const SnpProduct product : kSnpProducts)
        for (const std::string signer : {"ask", "asvk"}) {
            const std::string file = file_of(signer, product);
            const auto trust = AmdTrust::from_pem(load_vector("amd/roots/" + file));
            ASSERT_TRUE(trust.has_value()) << file;
            EXPECT_TRUE(trust->hardware(product)) << file;
        }
}

TEST_P(GenuineVerdict, NothingIsAcceptedWithoutAPolicyThatSaysSo)
{
    AppraisalPolicy strict;
    strict.tees = authenticity_only().tees;
    const Appraisal appraisal = judge_row(GetParam(), strict);
    EXPECT_FALSE(appraisal.accepted);
}

TEST_P(GenuineVerdict, CanBeShownWithoutAnyCollateral)
{
    Bytes evidence = to_bytes(load_vector(GetParam().evidence));
    if (GetParam().reason == "attest.quote_format") return;  // not what a quote looks like
    if (GetParam().cut) evidence.resize(*GetParam().cut);
    const auto tree = inspect(evidence);
    ASSERT_TRUE(tree.has_value()) << tree.error().detail;
    EXPECT_GT(tree->fields.size(), 2U);
}

}  // namespace
}  // namespace iapp::attest
