#pragma once
// Where wallets live: one keystore v3 file per name, mode 0600, and how a password reaches us without argv or environment.
#include <filesystem>
#include <vector>

#include "base/result.hpp"
#include "eth/address.hpp"

namespace iapp::cli {

std::filesystem::path wallet_folder();

/// The keystore text of a name, or of a file when `name` has a '/'. Refuses files others can read.
/// Errors: not_found "wallet.unknown"; permission_denied "wallet.mode".
Result<std::string> load_keystore(const std::string& name);

/// Saves under a new name. Errors: conflict "wallet.exists"; invalid_input "wallet.name".
Status save_keystore(const std::string& name, std::string_view keystore);

struct WalletEntry {
    std::string name;
    eth::Address address;
};
std::vector<WalletEntry> list_wallets();

/// First line of `file`; without a file, asked on the terminal without echo.
/// Errors: unauthenticated "wallet.password_missing".
Result<std::string> read_password(const std::string& file, bool no_input, const std::string& prompt);

/// An address, or the address of the wallet of that name. Errors: invalid_input "cli.address".
Result<eth::Address> address_of(const std::string& text);

}  // namespace iapp::cli
