#pragma once
// File system calls that cannot leave a folder: the kernel resolves every path below it and follows no link (openat2(2)).
#include <sys/stat.h>

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/fd.hpp"

namespace iapp::runtime::beneath {

/// Opens `path` below `root` with these open(2) flags. The error is an errno, because the caller knows what it means.
std::expected<UniqueFd, int> open(int root, const std::string& path, int flags);

/// What `name` in the folder `parent` is, itself and not what it links to; nothing when it is not there.
std::optional<struct stat> look(int parent, const std::string& name);

/// Removes `name` in `parent` and everything below it; links are removed, not followed. False with errno set on failure.
bool remove(int parent, const std::string& name);

/// Removes the children of a folder except those for which `keep` says so. False with errno set on failure.
bool remove_children(int folder, const std::function<bool(const std::string& name)>& keep);

}  // namespace iapp::runtime::beneath
