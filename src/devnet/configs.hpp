#pragma once
// The files the programs of a development network start from.
#include "base/result.hpp"
#include "devnet/bootstrap.hpp"

namespace iapp::devnet {

/// One iappd document per service, and the registry's; `worker` is whom the scheduler gives tasks to. Rewritten on every
/// start: they hold nothing that is not derived.
Status write_configs(const Layout& layout, const Ports& ports, const Programs& programs, const eth::Address& worker);

}  // namespace iapp::devnet
