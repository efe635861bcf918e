#include "paths.hpp"

#include <cstdlib>
#include <string>

namespace iapp::cli {
namespace {

std::filesystem::path from_environment(const char* name, const char* below_home)
{
    if (const char* set = std::getenv(name); set && *set == '/') return std::filesystem::path(set) / "iapp";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home ? home : "/") / below_home / "iapp";
}

}  // namespace

std::filesystem::path data_home() { return from_environment("XDG_DATA_HOME", ".local/share"); }
std::filesystem::path state_home() { return from_environment("XDG_STATE_HOME", ".local/state"); }
std::filesystem::path program_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

}  // namespace iapp::cli
