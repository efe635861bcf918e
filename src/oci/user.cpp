#include "oci/user.hpp"

#include <array>
#include <optional>
#include <string>

namespace iapp::oci {
namespace {

constexpr std::uint32_t kMaxId = 65'535;

/// Digits only, no leading zero, at most 65535.
std::optional<std::uint32_t> parse_id(std::string_view text)
{
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint32_t id = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        id = id * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return id <= kMaxId ? std::optional(id) : std::nullopt;
}

/// The first `fields.size()` colon-separated fields of a line; missing ones are empty.
template <std::size_t N>
std::array<std::string_view, N> split(std::string_view line)
{
    std::array<std::string_view, N> fields;
    for (std::string_view& field : fields) {
        const std::size_t colon = line.find(':');
        field = line.substr(0, colon);
        line = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    }
    return fields;
}

/// The line whose field number `column` is `wanted`.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> find_line(std::string_view file, std::size_t column, std::string_view wanted)
{
    while (!file.empty()) {
        const std::size_t end = file.find('\n');
        const auto fields = split<N>(file.substr(0, end));
        if (fields[column] == wanted) return fields;
        file = end == std::string_view::npos ? std::string_view{} : file.substr(end + 1);
    }
    return std::nullopt;
}

std::unexpected<Error> invalid()
{
    return fail(ErrorKind::invalid_input, "oci.user",
                "the image's User must be \"\", uid, name, uid:gid or name:group with ids up to 65535");
}

/// passwd(5): name:password:uid:gid:...
Result<User> find_user(std::string_view text, std::string_view etc_passwd)
{
    if (const auto uid = parse_id(text)) {
        const auto line = find_line<4>(etc_passwd, 2, text);
        return User{*uid, line ? parse_id((*line)[3]).value_or(0) : 0};
    }
    if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return invalid();
    const auto line = find_line<4>(etc_passwd, 0, text);
    if (!line) return fail(ErrorKind::not_found, "oci.user_unknown", "the image's /etc/passwd has no user of that name");
    const auto uid = parse_id((*line)[2]);
    const auto gid = parse_id((*line)[3]);
    if (!uid || !gid) return invalid();
    return User{*uid, *gid};
}

/// group(5): name:password:gid:...
Result<std::uint32_t> find_group(std::string_view text, std::string_view etc_group)
{
    if (const auto gid = parse_id(text)) return *gid;
    if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return invalid();
    const auto line = find_line<3>(etc_group, 0, text);
    if (!line) return fail(ErrorKind::not_found, "oci.group_unknown", "the image's /etc/group has no group of that name");
    const auto gid = parse_id((*line)[2]);
    if (!gid) return invalid();
    return *gid;
}

}  // namespace

Result<User> resolve_user(std::string_view text, std::string_view etc_passwd, std::string_view etc_group)
{
    if (text.empty()) return User{0, 0};
    if (text.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos) return invalid();
    const std::size_t colon = text.find(':');
    TRY(User user, find_user(text.substr(0, colon), etc_passwd));
    if (colon == std::string_view::npos) return user;
    TRY(user.gid, find_group(text.substr(colon + 1), etc_group));
    return user;
}

}  // namespace iapp::oci
