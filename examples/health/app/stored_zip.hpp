#pragma once
// Reads the one-file archive a protected dataset arrives as: a ZIP whose entries are stored, not compressed.
#include <optional>
#include <string>
#include <string_view>

/// The bytes of the first regular entry, or nothing when `archive` is not such an archive.
/// Source: PKWARE APPNOTE 4.3.12 (central directory), 4.3.16 (end record).
std::optional<std::string_view> first_stored_file(std::string_view archive);
