#pragma once
// Where the program keeps things, by the XDG base directory specification. The only file that reads the environment itself.
#include <filesystem>

namespace iapp::cli {

/// $XDG_DATA_HOME/iapp, by default ~/.local/share/iapp: wallets.
std::filesystem::path data_home();

/// $XDG_STATE_HOME/iapp, by default ~/.local/state/iapp: development networks, runs.
std::filesystem::path state_home();

/// The folder this program was started from: its sister programs are there.
std::filesystem::path program_folder();

}  // namespace iapp::cli
