#pragma once
// Replaces a file so that a reader, or a crash at any moment, sees the old bytes or the new ones.
#include <filesystem>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::localchain::internal {

/// Writes beside, fsyncs, renames, fsyncs the folder. Errors: internal "localchain.state".
Status replace_file(const std::filesystem::path& file, ByteView bytes);

/// Errors: not_found "localchain.state".
Result<Bytes> read_file(const std::filesystem::path& file);

/// Inflates gzip (RFC 1952), at most `max_bytes`. Errors: corrupt "localchain.state".
Result<Bytes> gunzip(ByteView packed, std::size_t max_bytes);

}  // namespace iapp::localchain::internal
