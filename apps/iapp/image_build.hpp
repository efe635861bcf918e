#pragma once
// Turns what a developer has - a folder with a Dockerfile, an OCI layout folder, or an archive of one - into an OCI layout.
#include <filesystem>

#include "runtime/image.hpp"

namespace iapp::cli {

/// `scratch` is an empty folder for what has to be built or unpacked.
/// Errors: not_found "deploy.source"; not_found "process.program" (buildah is not installed); unavailable "process.failed"
/// with the builder's last line; those of OciLayout.
Result<runtime::OciLayout> layout_of(const std::filesystem::path& source, const std::filesystem::path& scratch);

}  // namespace iapp::cli
