#include "runtime/beneath.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>
#include <memory>
#include <vector>

namespace iapp::runtime::beneath {
namespace {

std::vector<std::string> children(int folder, bool& ok)
{
    std::vector<std::string> out;
    const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd < 0 ? nullptr : ::fdopendir(fd), ::closedir);
    ok = stream != nullptr;
    while (ok) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr) break;
        const std::string name = entry->d_name;
        if (name != "." && name != "..") out.push_back(name);
    }
    ok = ok && errno == 0;
    return out;
}

}  // namespace

std::expected<UniqueFd, int> open(int root, const std::string& path, int flags)
{
    open_how how = {};
    how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd < 0) return std::unexpected(errno);
    return UniqueFd(static_cast<int>(fd));
}

std::optional<struct stat> look(int parent, const std::string& name)
{
    struct stat info = {};
    if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
    return info;
}

bool remove(int parent, const std::string& name)
{
    const auto info = look(parent, name);
    if (!info) return true;
    if (!S_ISDIR(info->st_mode)) return ::unlinkat(parent, name.c_str(), 0) == 0;
    const UniqueFd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder || !remove_children(folder.get(), [](const std::string&) { return false; })) return false;
    return ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
}

bool remove_children(int folder, const std::function<bool(const std::string& name)>& keep)
{
    bool ok = false;
    for (const auto& name : children(folder, ok))
        if (!keep(name) && !remove(folder, name)) return false;
    return ok;
}

}  // namespace iapp::runtime::beneath
