#pragma once
// Whole files. Not a stream: those throw when a read fails, as it does for a folder, and for what /proc says of a process
// that ends at that moment.
#include <filesystem>
#include <optional>
#include <string>

namespace iapp {

/// All bytes of the file. Nothing when it cannot be opened or not be read to its end; errno says why.
std::optional<std::string> read_file(const std::filesystem::path& path);

}  // namespace iapp
