#pragma once
// Which user an image runs as: its `User` text resolved with the image's own /etc/passwd and /etc/group.
// Pure: the caller reads the two files out of the unpacked image.
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace iapp::oci {

struct User {
    std::uint32_t uid;
    std::uint32_t gid;
};

/// `text` is "", "uid", "name", "uid:gid" or "name:group". An empty text is root of the user namespace (0:0).
/// Errors: invalid_input "oci.user" (not such a text, or outside 0..65535); not_found "oci.user_unknown",
/// "oci.group_unknown".
Result<User> resolve_user(std::string_view text, std::string_view etc_passwd, std::string_view etc_group);

}  // namespace iapp::oci
