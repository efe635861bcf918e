// usage: attest_cases [VECTORS]   writes cases as cases.hpp says; VECTORS is a folder of genuine evidence
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "attest/endorsement_files.hpp"
#include "cases.hpp"

namespace iapp::differential {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr UnixSeconds kNow{seconds(1'790'000'000)};

Bytes load(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return to_bytes(text);
}

struct Genuine {
    const char* name;
    attest::EvidenceKind kind;
    const char* at;
    const char* from;
    const char* to;
    std::vector<const char*> files;
    std::size_t flip_step;
};

const std::array kGenuine{
    Genuine{"sgx-v3-fmspc-00A067110000",
            attest::EvidenceKind::sgx,
            "2025-07-01T00:00:00Z",
            "2025-06-19T10:56:11Z",
            "2025-07-19T10:01:18Z",
            {"collateral.json"},
            3},
    Genuine{"tdx-v4-fmspc-B0C06F000000",
            attest::EvidenceKind::tdx,
            "2025-07-01T00:00:00Z",
            "2025-06-19T10:32:27Z",
            "2025-07-19T10:00:35Z",
            {"collateral.json"},
            3},
    Genuine{"tdx-v5-fmspc-90C06F000000",
            attest::EvidenceKind::tdx,
            "2026-04-01T01:00:00Z",
            "2026-03-16T22:34:05Z",
            "2026-04-15T22:06:09Z",
            {"tcbinfo-2.json", "qeidentity.json", "pck_crl.der", "root_crl.der", "qe_signing_chain.pem"},
            3}};

Base read_genuine(const fs::path& vectors, const Genuine& genuine)
{
    const fs::path dir = vectors / "intel" / genuine.name;
    const auto root = crypto::Certificate::from_der(load(vectors / "intel/roots/intel_sgx_root_ca.der"));
    const Bytes quote = load(dir / "quote.bin");
    std::vector<Bytes> files;
    files.reserve(genuine.files.size());
    for (const char* file : genuine.files) files.push_back(load(dir / file));
    const auto time = [](const char* text) { return *parse_iso8601(text); };
    const auto parsed = attest::parse_intel_quote(quote);
    if (!parsed) throw std::runtime_error(parsed.error().detail);
    auto collateral = attest::choose_collateral(files, genuine.kind, parsed->pck_chain_pem, time(genuine.at));
    collateral.pck_certificate_chain.reset();  // the quote carries it
    return {.name = genuine.name,
            .root_pem = root->to_pem(),
            .kind = genuine.kind,
            .quote = Bytes(quote.begin(), quote.begin() + std::ptrdiff_t(parsed->quote_size)),
            .collateral = std::move(collateral),
            .at = time(genuine.at),
            .from = time(genuine.from),
            .to = time(genuine.to),
            .flip_step = genuine.flip_step};
}

Base simulated(test::IntelForm form)
{
    const test::SampleRun run = test::make_sample_run(kNow, form);
    return {.name = "simulated_" + test::name(form),
            .root_pem = run.authority.root.to_pem(),
            .kind = run.evidence().kind,
            .quote = run.evidence().bytes,
            .collateral = run.collateral,
            .at = kNow,
            .from = kNow - std::chrono::hours(1),
            .to = kNow + std::chrono::days(30),
            .flip_step = 32};
}

}  // namespace
}  // namespace iapp::differential

int main(int argc, char** argv)
try {
    using namespace iapp::differential;
    if (argc > 1)
        for (const Genuine& genuine : kGenuine) {
            const Base base = read_genuine(argv[1], genuine);
            write_unsigned_mutants(Writer(base));
        }
    for (const iapp::test::IntelForm form : iapp::test::kIntelForms) {
        const Base base = simulated(form);
        write_unsigned_mutants(Writer(base));
    }
    write_signed_mutants(kNow);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
