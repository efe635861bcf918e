#pragma once
// The files the programs of a development network start from.
#include "base/result.hpp"
#include "devnet/bootstrap.hpp"

namespace iapp::devnet {

/// One iappd document per service, and the registry's. Rewritten on every start: they hold nothing that is not derived.
Status write_configs(const Layout& layout, const Ports& ports, const Programs& programs);

/// Writes a file of mode 0600 in one step. Errors: internal "devnet.write".
Status write_private(const std::filesystem::path& path, std::string_view text);

}  // namespace iapp::devnet
