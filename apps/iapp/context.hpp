#pragma once
// What a command works with: the network it talks to, the wallet it signs with, the time, and where it reports progress.
#include <filesystem>

#include "arguments.hpp"
#include "base/clock.hpp"
#include "eth/wallet.hpp"
#include "phases.hpp"
#include "wire/network.hpp"

namespace iapp::cli {

struct Context {
    Context(GlobalOptions options, const Clock& time) : global(std::move(options)), clock(time), phases(global.json) {}

    /// The document --network means, see network_file(), or the default devnet's. Errors: not_found "cli.network"; those of
    /// parse_network().
    Result<wire::Network> network() const;

    /// Opens the wallet --wallet names. Asks for the password on a terminal only.
    /// Errors: not_found "wallet.unknown"; unauthenticated "wallet.password_missing"; those of open_keystore().
    Result<eth::Wallet> wallet() const;

    GlobalOptions global;
    const Clock& clock;
    Phases phases;
};

/// The document --network means: a file, a folder that holds network.toml, the name of one that comes with the program, or
/// (empty) the default devnet's.
std::filesystem::path network_file(const std::string& given);

/// Reads a whole file. Errors: not_found "cli.file".
Result<std::string> read_file(const std::string& path);

/// Writes a whole file, durably and atomically (temporary name, fsync, rename). Errors: internal "cli.write".
Status write_file(const std::string& path, std::string_view text, unsigned mode = 0644);

}  // namespace iapp::cli
