#include "known_networks.hpp"

#include <algorithm>

#include "paths.hpp"

namespace iapp::cli {
namespace {

namespace fs = std::filesystem;

/// Beside an installed program, or in the source tree it was built from.
std::vector<fs::path> folders() { return {program_folder().parent_path() / "share/iapp/networks", IAPP_SOURCE_NETWORKS}; }

}  // namespace

std::optional<fs::path> find_known_network(const std::string& name)
{
    if (name.find('/') != std::string::npos) return std::nullopt;
    std::error_code ignored;
    for (const fs::path& folder : folders())
        if (fs::is_regular_file(folder / (name + ".toml"), ignored)) return folder / (name + ".toml");
    return std::nullopt;
}

std::vector<std::string> known_networks()
{
    std::vector<std::string> names;
    std::error_code ignored;
    for (const fs::path& folder : folders()) {
        for (const auto& entry : fs::directory_iterator(folder, ignored))
            if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
        if (!names.empty()) break;
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace iapp::cli
