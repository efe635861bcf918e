#pragma once
// Names of the files of a PKI directory, and the Authority they hold.
#include <filesystem>

#include "simtee/authority.hpp"
#include "simtee/internal/files.hpp"

namespace iapp::simtee {

inline constexpr std::string_view kRootFile = "root.pem";  ///< written last: its presence means the directory is complete
inline constexpr std::string_view kCollateralFile = "collateral.json";

/// Keys with mode 0600, certificates 0644. Errors: "simtee.io".
Status save_authority(const std::filesystem::path& dir, const Authority& authority);

/// Errors: corrupt "simtee.pki"; "simtee.io".
Result<Authority> load_authority(const std::filesystem::path& dir);

}  // namespace iapp::simtee
