#pragma once
// Network documents that come with the program, by name: iExec's own deployments.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace iapp::cli {

/// The document of this name. Nothing when none comes with the program.
std::optional<std::filesystem::path> find_known_network(const std::string& name);

/// Their names, in alphabetical order.
std::vector<std::string> known_networks();

}  // namespace iapp::cli
