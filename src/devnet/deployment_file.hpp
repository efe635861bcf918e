#pragma once
// The file that says what somebody else put on a chain, and whose keys serve it here. JSON; docs/formats/deployment.md.
// Not whether the chain agrees: attach.hpp asks it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eth/wallet.hpp"

namespace iapp::devnet {

struct ForeignDeployment {
    std::uint64_t chain_id;
    eth::Address hub;
    eth::Address rlc;
    eth::Address dataprotector;
    std::optional<eth::Address> sharing;
    eth::Address workerpool;
    std::uint64_t start_block;  ///< events of these contracts are read from here
    eth::Wallet scheduler;      ///< owns the workerpool
    eth::Wallet worker;
    std::optional<eth::Wallet> admin;  ///< pays for `iapp wallet fund`
    std::vector<std::string> ignored;  ///< paths of members this program does not read: deployers write more than we need
};

/// Errors: invalid_input "deployment.json" (not JSON), "deployment.member" (a member is missing, of another type, no
/// address, no key; the detail names it and never repeats a key).
Result<ForeignDeployment> parse_deployment(std::string_view json);

}  // namespace iapp::devnet
