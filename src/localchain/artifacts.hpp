#pragma once
// What `node contracts/build.mjs` wrote: creation bytecode, the places where the library goes, the selectors of facets.
// Also where the files are: beside an installed program, or in the build tree.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "eth/abi.hpp"

namespace iapp::localchain {

struct ContractCode {
    Bytes bytecode;                        ///< creation code, zeros where the library address goes
    std::vector<std::size_t> links;        ///< byte offsets of those places
    std::vector<eth::Selector> selectors;  ///< of a facet
};

/// Contracts by name. A file of tests has contracts only.
struct Artifacts {
    std::string library;                      ///< the one linked library
    std::vector<std::string> diamond_facets;  ///< what the diamond is born with: cut, loupe, ownership
    std::vector<std::string> facets;          ///< PoCo's own, in deployment order
    std::map<std::string, ContractCode> contracts;

    /// Errors: not_found "localchain.contract".
    Result<const ContractCode*> find(const std::string& name) const;
};

/// Reads poco-artifacts.json or test-artifacts.json.
/// Errors: not_found "localchain.artifacts" (no such file), corrupt "localchain.artifacts" (not what build.mjs writes).
Result<Artifacts> load_artifacts(const std::filesystem::path& file);

/// Files a local chain starts from.
struct ChainFiles {
    std::filesystem::path anvil;           ///< the native program
    std::filesystem::path artifacts;       ///< poco-artifacts.json
    std::filesystem::path test_artifacts;  ///< exists in build trees only
};

/// Looks in ../lib/iapp and ../share/iapp of the running program, then in the build tree it was built in.
/// Errors: not_found "localchain.files" with the places that were tried.
Result<ChainFiles> find_chain_files();

}  // namespace iapp::localchain
