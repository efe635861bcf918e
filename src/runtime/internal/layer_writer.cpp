#include "runtime/internal/layer_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "runtime/internal/syscall_error.hpp"

namespace iapp::runtime {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

std::unexpected<Error> refuse(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

std::unexpected<Error> broken(const std::string& path)
{
    return fail(ErrorKind::internal, "unpack.write", system_error("cannot write " + path));
}

bool is_special(codec::TarKind kind)
{
    using enum codec::TarKind;
    return kind == character_device || kind == block_device || kind == fifo;
}

bool is_in_dev(std::string_view path) { return path.starts_with("dev/"); }

std::string join(const std::string& folder, const std::string& name) { return folder == "." ? name : folder + '/' + name; }

}  // namespace

/// Devices below /dev are left out: the sandbox mounts its own /dev over them. Anywhere else they are an attack.
Status LayerWriter::write(const codec::TarEntry& entry, codec::TarReader& tar)
{
    if (entry.path == ".") return {};  // the root's own mode and owner are ours
    if (is_special(entry.kind) && is_in_dev(entry.path)) return {};
    if (is_special(entry.kind)) return refuse("unpack.device", "a device or fifo in the image: " + entry.path);
    TRY_OK(check_owner(entry));

    const auto slash = entry.path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : entry.path.substr(0, slash);
    const bool is_whiteout =
        std::string_view(entry.path).substr(slash == std::string::npos ? 0 : slash + 1).starts_with(kWhiteout);
    TRY(const Place place, place_of(entry.path, !is_whiteout));
    if (is_whiteout) return whiteout(place, folder);
    remember(entry.path);
    switch (entry.kind) {
        case codec::TarKind::file:
            return write_file(place, entry, tar);
        case codec::TarKind::directory:
            return write_folder(place, entry);
        case codec::TarKind::symlink:
            return write_symlink(place, entry);
        default:
            return write_hard_link(place, entry);
    }
}

Status LayerWriter::check_owner(const codec::TarEntry& entry) const
{
    if (entry.uid < ids_.count && entry.gid < ids_.count) return {};
    return refuse("unpack.owner", "the owner of " + entry.path + " is outside 0.." + std::to_string(ids_.count - 1) +
                                      "; build the image with smaller user ids");
}

void LayerWriter::remember(const std::string& path)
{
    for (auto end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1))
        written_.insert(path.substr(0, end));
    written_.insert(path);
}

/// The folder an entry goes into, opened; a parent that the layer forgot to list is made like the root.
Result<LayerWriter::Place> LayerWriter::place_of(const std::string& path, bool make_parents)
{
    UniqueFd folder(::fcntl(root_, F_DUPFD_CLOEXEC, 0));
    std::size_t start = 0;
    for (auto end = path.find('/'); end != std::string::npos; start = end + 1, end = path.find('/', start)) {
        if (!folder) break;
        const std::string name = path.substr(start, end - start);
        if (make_parents && ::mkdirat(folder.get(), name.c_str(), 0755) == 0 &&
            ::fchownat(folder.get(), name.c_str(), ids_.first, ids_.first, AT_SYMLINK_NOFOLLOW) != 0)
            return broken(path);
        auto next = beneath::open(folder.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
        if (!next && next.error() == ENOENT) return Place{UniqueFd(), ""};
        if (!next) return refuse("unpack.path", "a parent of " + path + " is a link or a file");
        folder = std::move(*next);
    }
    if (!folder) return broken(path);
    return Place{std::move(folder), path.substr(start)};
}

/// Removes what lower layers left, never what this layer wrote (image-spec layer.md, "Whiteouts").
Status LayerWriter::whiteout(const Place& place, const std::string& folder)
{
    if (!place.parent) return {};
    if (place.name == kOpaque) {
        const UniqueFd readable(::openat(place.parent.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const auto ours = [&](const std::string& name) { return written_.contains(join(folder, name)); };
        if (!readable || !beneath::remove_children(readable.get(), ours)) return broken(folder);
        return {};
    }
    const std::string hidden = place.name.substr(kWhiteout.size());
    if (hidden.empty() || hidden == "." || hidden == ".." || hidden.starts_with(kWhiteout))
        return refuse("unpack.whiteout", "a whiteout that names nothing: " + join(folder, place.name));
    if (!written_.contains(join(folder, hidden)) && !beneath::remove(place.parent.get(), hidden))
        return broken(join(folder, hidden));
    return {};
}

Status LayerWriter::clear(const Place& place, bool keep_folder)
{
    const auto there = beneath::look(place.parent.get(), place.name);
    if (!there || (keep_folder && S_ISDIR(there->st_mode))) return {};
    if (!beneath::remove(place.parent.get(), place.name)) return broken(place.name);
    return {};
}

Status LayerWriter::write_file(const Place& place, const codec::TarEntry& entry, codec::TarReader& tar)
{
    TRY_OK(clear(place, false));
    const UniqueFd file(
        ::openat(place.parent.get(), place.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return broken(entry.path);
    std::array<std::uint8_t, 65536> buffer;
    for (std::size_t got = 1; got != 0;) {
        TRY(got, tar.read(buffer));
        for (std::size_t done = 0; done < got;) {
            const ssize_t wrote = ::write(file.get(), buffer.data() + done, got - done);
            if (wrote < 0) return broken(entry.path);
            done += static_cast<std::size_t>(wrote);
        }
    }
    const timespec times[2] = {{entry.mtime, 0}, {entry.mtime, 0}};
    if (::fchown(file.get(), ids_.first + entry.uid, ids_.first + entry.gid) != 0 ||
        ::fchmod(file.get(), entry.mode & 0777) != 0 || ::futimens(file.get(), times) != 0)
        return broken(entry.path);
    return {};
}

Status LayerWriter::write_folder(const Place& place, const codec::TarEntry& entry)
{
    TRY_OK(clear(place, true));
    if (::mkdirat(place.parent.get(), place.name.c_str(), 0700) != 0 && errno != EEXIST) return broken(entry.path);
    const UniqueFd folder(::openat(place.parent.get(), place.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder || ::fchown(folder.get(), ids_.first + entry.uid, ids_.first + entry.gid) != 0 ||
        ::fchmod(folder.get(), entry.mode & 01777) != 0)
        return broken(entry.path);
    return {};
}

Status LayerWriter::write_symlink(const Place& place, const codec::TarEntry& entry)
{
    TRY_OK(clear(place, false));
    if (::symlinkat(entry.link_target.c_str(), place.parent.get(), place.name.c_str()) != 0 ||
        ::fchownat(place.parent.get(), place.name.c_str(), ids_.first + entry.uid, ids_.first + entry.gid,
                   AT_SYMLINK_NOFOLLOW) != 0)
        return broken(entry.path);
    return {};
}

/// The target is resolved like a path of its own, so it is inside the root and reached through real folders only.
Status LayerWriter::write_hard_link(const Place& place, const codec::TarEntry& entry)
{
    TRY(const Place target, place_of(entry.link_target, false));
    const auto there = target.parent ? beneath::look(target.parent.get(), target.name) : std::nullopt;
    if (!there || S_ISDIR(there->st_mode))
        return refuse("unpack.hard_link", "the hard link " + entry.path + " leads to nothing that can be linked");
    if (entry.path == entry.link_target) return {};
    TRY_OK(clear(place, false));
    if (::linkat(target.parent.get(), target.name.c_str(), place.parent.get(), place.name.c_str(), 0) != 0)
        return broken(entry.path);
    return {};
}

}  // namespace iapp::runtime
