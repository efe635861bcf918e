#pragma once
// What a file is, from its first bytes: a name for readers, never one that a browser would run (no HTML, no SVG, no script).
#include <string_view>

#include "base/bytes.hpp"

namespace iapp::blobs::internal {

inline constexpr std::size_t kTypeBytes = 512;  ///< how much of a file content_type() looks at

/// `beginning`: the first kTypeBytes of a file, or all of a shorter one. "application/octet-stream" when in doubt.
std::string_view content_type(ByteView beginning);

}  // namespace iapp::blobs::internal
