#pragma once
// The development PKI on disk: a root that says it is not hardware, and everything Intel's services would serve under it.
// Never linked into iapp-agent, iappd or a verifier. Formats are genuine, so the verifier's code path is the genuine one.
#include <filesystem>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace iapp::simtee {

/// Collateral windows; certificates live much longer.
inline constexpr std::chrono::days kCollateralDays{30};

/// Writes root.pem, collateral.json, pck_chain.pem and the private keys (0600) into `dir` (0700), which must not hold a PKI.
/// Errors: conflict "simtee.exists"; "simtee.io".
Status create_pki(const std::filesystem::path& dir, UnixSeconds now);

/// Creates the PKI when absent; re-issues collateral.json when more than half of its window is over. Call it on every start.
/// Errors: corrupt "simtee.pki"; "simtee.io".
Status ensure_pki(const std::filesystem::path& dir, UnixSeconds now);

}  // namespace iapp::simtee
