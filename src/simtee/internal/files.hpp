#pragma once
// Whole small files: read with a bound, written so that a reader sees the old or the new one and never a half.
#include <filesystem>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::simtee {

/// Errors: not_found / internal "simtee.io"; resource_exhausted "simtee.io" above 1 MiB.
Result<Bytes> read_file(const std::filesystem::path& path);

/// Writes beside the target with `mode`, syncs, renames. Errors: internal "simtee.io".
Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode);

}  // namespace iapp::simtee
