#pragma once
// A set of cached endorsements as one file, for networks without the internet: docs/formats/collateral-bundle.md.
// A bundle proves nothing by itself: whoever imports it verifies every entry as if a vendor had just sent it.
#include <span>
#include <vector>

#include "endorse/entry.hpp"

namespace iapp::endorse {

inline constexpr std::size_t kMaxBundleBytes = 16U << 20U;
inline constexpr std::size_t kMaxBundleEntries = 4096;

/// The same entries give the same bytes, in whatever order they come.
/// Errors: invalid_input "endorse.bundle" (no entry, one key twice, text that is not UTF-8, over a limit).
Result<std::string> encode_bundle(std::span<const Entry> entries);

/// Takes exactly what encode_bundle() writes: sorted, no key twice, one spelling.
/// Errors: invalid_input "endorse.bundle".
Result<std::vector<Entry>> parse_bundle(std::string_view text);

}  // namespace iapp::endorse
