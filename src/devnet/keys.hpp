#pragma once
// The keys a network's services sign with: keystores of mode 0600 beside the files their passwords are in.
#include "devnet/layout.hpp"
#include "eth/wallet.hpp"

namespace iapp::devnet {

/// Errors: internal "devnet.write".
Status save_key(const Layout& layout, const std::string& name, const eth::Wallet& wallet);

/// Errors: not_found "devnet.key" (no such keystore); those of eth::open_keystore().
Result<eth::Wallet> load_key(const Layout& layout, const std::string& name);

}  // namespace iapp::devnet
