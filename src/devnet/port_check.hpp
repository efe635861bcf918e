#pragma once
// Are the ports of a network free? Without asking, a node that cannot bind would hide behind a stranger that answers in its
// place.
#include <chrono>

#include "base/result.hpp"
#include "devnet/settings.hpp"

namespace iapp::devnet {

/// Waits up to `patience` for programs of a network that was killed a moment ago.
/// Errors: conflict "devnet.port_taken" (which).
Status check_ports_free(const Settings& settings, std::chrono::milliseconds patience);

}  // namespace iapp::devnet
