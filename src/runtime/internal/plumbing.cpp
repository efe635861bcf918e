#include "runtime/internal/plumbing.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include "runtime/internal/syscall_error.hpp"

namespace iapp::runtime {
namespace {

Result<UniqueFd> open_file(const char* path, int flags)
{
    UniqueFd fd(::open(path, flags | O_CLOEXEC, 0600));
    if (!fd) return fail(ErrorKind::invalid_input, "process.command", system_error(std::string("cannot open ") + path));
    return fd;
}

/// A duplicate, so that Plumbing owns every descriptor it holds.
Result<UniqueFd> duplicate(int fd)
{
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!copy) return open_file("/dev/null", O_RDWR);  // ours is closed: the child gets an empty stream
    return copy;
}

Status lay_input(const Input& in, Plumbing& out)
{
    switch (in.kind) {
        case Input::Kind::null: {
            TRY(out.child_in, open_file("/dev/null", O_RDONLY));
            break;
        }
        case Input::Kind::inherit: {
            TRY(out.child_in, duplicate(0));
            break;
        }
        case Input::Kind::text: {
            TRY(out.child_in, memory_file(in.text));
            break;
        }
        case Input::Kind::pipe: {
            TRY(auto ends, make_pipe());
            out.child_in = std::move(ends.first);
            out.our_in = std::move(ends.second);
        }
    }
    return {};
}

Status lay_output(const Output& to, int inherited, UniqueFd& child, UniqueFd& ours)
{
    switch (to.kind) {
        case Output::Kind::null: {
            TRY(child, open_file("/dev/null", O_WRONLY));
            break;
        }
        case Output::Kind::inherit: {
            TRY(child, duplicate(inherited));
            break;
        }
        case Output::Kind::file: {
            TRY(child, open_file(to.path.c_str(), O_WRONLY | O_CREAT | O_APPEND));
            break;
        }
        case Output::Kind::pipe: {
            TRY(auto ends, make_pipe());
            ours = std::move(ends.first);
            child = std::move(ends.second);
        }
    }
    return {};
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> make_pipe()
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::internal, "process.spawn", system_error("pipe"));
    return std::pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<UniqueFd> memory_file(std::string_view text)
{
    UniqueFd fd(::memfd_create("stdin", MFD_CLOEXEC));
    if (!fd) return fail(ErrorKind::internal, "process.spawn", system_error("memfd_create"));
    while (!text.empty()) {
        const ssize_t wrote = ::write(fd.get(), text.data(), text.size());
        if (wrote < 0) return fail(ErrorKind::internal, "process.spawn", system_error("write of the child's input"));
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    ::lseek(fd.get(), 0, SEEK_SET);
    return fd;
}

Result<Plumbing> lay_plumbing(const Command& command)
{
    Plumbing out;
    TRY_OK(lay_input(command.in, out));
    TRY_OK(lay_output(command.out, 1, out.child_out, out.our_out));
    TRY_OK(lay_output(command.err, 2, out.child_err, out.our_err));
    return out;
}

}  // namespace iapp::runtime
