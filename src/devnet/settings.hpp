#pragma once
// What a development network was made with, kept in its folder so that a later start needs no options.
#include <optional>

#include "devnet/layout.hpp"

namespace iapp::devnet {

struct Settings {
    Ports ports = Ports::from_base(Ports::kDefaultBase);
    std::uint64_t chain_id = 421614;
    bool canonical_addresses = false;      ///< contracts are where a public network has them
    std::optional<std::string> node = {};  ///< of a chain somebody else runs; absent: the chain is ours, on Port::rpc

    std::string rpc_url() const { return node.value_or(origin(ports[Port::rpc])); }
};

/// Nothing when no network was ever made in this folder. Errors: corrupt "devnet.settings".
Result<std::optional<Settings>> load_settings(const Layout& layout);

/// Errors: internal "devnet.write".
Status save_settings(const Layout& layout, const Settings& settings);

/// A network keeps what it was made with: images are named by the registry's port, orders by the chain. Only somebody
/// else's node may have moved.
/// Errors: conflict "devnet.ports" (with those it has).
Status check_same(const Settings& made, const Settings& wanted);

/// Writes a file of mode 0600 in one step. Errors: internal "devnet.write".
Status write_private(const std::filesystem::path& path, std::string_view text);

}  // namespace iapp::devnet
