// iapp attest bundle: endorsements fetched where vendors can be reached, carried as one file, verified where they cannot.
#include <filesystem>

#include "attest/detect.hpp"
#include "attest_files.hpp"
#include "commands.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "endorse/accept.hpp"
#include "endorse/cache.hpp"
#include "endorse/needs.hpp"
#include "paths.hpp"

namespace iapp::cli {
namespace {

constexpr std::chrono::seconds kPatience{60};

std::uint64_t random_number()
{
    std::uint64_t out = 0;
    for (const std::uint8_t byte : crypto::random_bytes(sizeof out)) out = out << 8U | byte;
    return out;
}

/// The vendors' own services, unless the user names others; a PCCS has its own place for the root's list.
endorse::Sources sources_of(const Arguments& arguments)
{
    endorse::Sources out{.intel = endorse::intel_pcs(), .amd = endorse::amd_kds()};
    if (const auto url = arguments.find("--pccs")) out.intel = endorse::IntelSource{.base_url = *url};
    if (const auto url = arguments.find("--kds")) out.amd = endorse::AmdSource{.base_url = *url};
    return out;
}

Result<endorse::Cache> open_cache(const Arguments& arguments, Context& context)
{
    TRY(const attest::Trust trust, read_trust(arguments));
    TRY(endorse::Fetcher fetcher, endorse::Fetcher::open(sources_of(arguments)));
    // The floors of one set of anchors are not those of another (endorse/cache.hpp).
    std::string name = "endorsements";
    if (const auto root = arguments.find("--root")) {
        TRY(const Bytes pem, read_bytes(*root));
        name += "-" + hex(crypto::sha256(pem).bytes()).substr(0, 16);
    }
    const std::string folder = arguments.get("--cache", (state_home() / name).string());
    return endorse::Cache({.directory = folder},
                          {.clock = context.clock,
                           .random = random_number,
                           .accept = endorse::accept_under({.intel = trust.intel, .amd = trust.amd})},
                          std::move(fetcher));
}

Result<std::vector<endorse::Key>> keys_of(const Arguments& arguments)
{
    std::optional<endorse::SnpProduct> product;
    if (const auto name = arguments.find("--product")) {
        product = attest::find_snp_product(*name);
        if (!product) return fail(ErrorKind::invalid_input, "cli.usage", "--product is one of: Milan, Genoa, Turin");
    }
    std::vector<endorse::Key> out;
    for (const std::string& path : arguments.all("FILES")) {
        TRY(const Bytes file, read_bytes(path));
        TRY(const attest::Evidence evidence, attest::read_evidence(file));
        TRY(const std::vector<endorse::Key> keys, endorse::keys_for(evidence, product));
        out.insert(out.end(), keys.begin(), keys.end());
    }
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
}

boost::json::array names_of(const std::vector<endorse::Key>& keys)
{
    boost::json::array out;
    for (const endorse::Key& key : keys) out.emplace_back(endorse::text(key));
    return out;
}

std::string lines_of(const std::vector<endorse::Key>& keys, std::string_view before)
{
    std::string out;
    for (const endorse::Key& key : keys) out += std::string(before) + endorse::text(key) + "\n";
    return out;
}

}  // namespace

Result<Answer> run_attest_bundle_export(const Arguments& arguments, Context& context)
{
    TRY(const std::vector<endorse::Key> keys, keys_of(arguments));
    TRY(endorse::Cache cache, open_cache(arguments, context));
    for (const endorse::Key& key : keys) {
        context.phases.start("fetch " + endorse::text(key).substr(0, 40));
        TRY_OK(cache.get(key, net::CallContext{.request_id = "bundle", .deadline = net::deadline_in(kPatience)}));
    }
    TRY(const std::string bundle, cache.export_bundle(keys));
    const std::string out = arguments.get("--out");
    TRY_OK(write_file(out, bundle));
    return Answer{{{"bundle", out}, {"entries", names_of(keys)}}, lines_of(keys, "") + out + "\n"};
}

Result<Answer> run_attest_bundle_import(const Arguments& arguments, Context& context)
{
    TRY(const std::string bundle, read_file(arguments.get("FILE")));
    TRY(endorse::Cache cache, open_cache(arguments, context));
    TRY(const endorse::ImportReport report, cache.import_bundle(bundle));
    return Answer{{{"imported", names_of(report.imported)}, {"kept", names_of(report.kept)}},
                  lines_of(report.imported, "imported ") + lines_of(report.kept, "kept     ")};
}

}  // namespace iapp::cli
