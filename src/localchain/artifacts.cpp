// Reads the artifact file; strict, because a wrong byte here is a wrong contract.
#include "localchain/artifacts.hpp"

#include "base/file.hpp"
#include "codec/json.hpp"

namespace iapp::localchain {
namespace {

std::unexpected<Error> malformed(const std::string& detail)
{
    return fail(ErrorKind::corrupt, "localchain.artifacts",
                "the artifact file is not what contracts/build.mjs writes: " + detail);
}

Result<std::vector<std::string>> read_names(const json::ObjectReader& reader, std::string_view member)
{
    std::vector<std::string> names;
    TRY(const auto list, reader.find_array(member));
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        TRY(const std::string_view name, list->text(i));
        names.emplace_back(name);
    }
    return names;
}

Result<ContractCode> read_contract(const json::ObjectReader& reader)
{
    ContractCode code;
    TRY(code.bytecode, reader.bytes_hex("bytecode"));
    TRY(const auto links, reader.find_array("links"));
    for (std::size_t i = 0; links && i < links->size(); ++i) {
        TRY(const std::uint64_t at, links->u64(i));
        if (at + eth::Address::kSize > code.bytecode.size()) return malformed("a link lies outside the bytecode");
        code.links.push_back(at);
    }
    TRY(const auto selectors, reader.find_array("selectors"));
    for (std::size_t i = 0; selectors && i < selectors->size(); ++i) {
        TRY(const eth::Selector selector, selectors->id<eth::Selector>(i));
        code.selectors.push_back(selector);
    }
    return code;
}

Result<Artifacts> read_artifacts(const json::Value& document)
{
    TRY(const auto root, json::ObjectReader::of(document));
    Artifacts artifacts;
    TRY(const auto library, root.find_text("library"));
    artifacts.library = library.value_or("");
    TRY(artifacts.diamond_facets, read_names(root, "diamondFacets"));
    TRY(artifacts.facets, read_names(root, "facets"));
    TRY(const auto contracts, root.object("contracts"));
    for (const auto& [name, value] : contracts.raw()) {
        TRY(const auto reader, json::ObjectReader::of(value, "$.contracts." + std::string(name)));
        TRY(ContractCode code, read_contract(reader));
        artifacts.contracts.emplace(name, std::move(code));
    }
    return artifacts;
}

bool all_exist(const ChainFiles& files)
{
    std::error_code error;
    return std::filesystem::exists(files.anvil, error) && std::filesystem::exists(files.artifacts, error);
}

}  // namespace

Result<const ContractCode*> Artifacts::find(const std::string& name) const
{
    if (const auto found = contracts.find(name); found != contracts.end()) return &found->second;
    return fail(ErrorKind::not_found, "localchain.contract", "the artifact file has no contract " + name);
}

Result<Artifacts> load_artifacts(const std::filesystem::path& file)
{
    const auto text = read_file(file);
    if (!text)
        return fail(ErrorKind::not_found, "localchain.artifacts",
                    "cannot read " + file.string() + "; build the target `contracts`");
    const auto document = json::parse(*text);
    if (!document) return malformed(document.error().detail);
    auto artifacts = read_artifacts(*document);
    if (!artifacts && artifacts.error().kind != ErrorKind::corrupt) return malformed(artifacts.error().detail);
    return artifacts;
}

Result<ChainFiles> find_chain_files()
{
    std::error_code error;
    const std::filesystem::path prefix = std::filesystem::read_symlink("/proc/self/exe", error).parent_path().parent_path();
    const std::filesystem::path share = prefix / "share/iapp", build = IAPP_BUILD_CONTRACTS;
    ChainFiles installed{prefix / "lib/iapp/anvil", share / "poco-artifacts.json", share / "test-artifacts.json"};
    ChainFiles built{IAPP_BUILD_ANVIL, build / "poco-artifacts.json", build / "test-artifacts.json"};
    if (all_exist(installed)) return installed;
    if (all_exist(built)) return built;
    return fail(ErrorKind::not_found, "localchain.files",
                "found neither " + installed.anvil.string() + " nor " + built.anvil.string() +
                    " with their contracts; reinstall, or build the target `contracts`");
}

}  // namespace iapp::localchain
