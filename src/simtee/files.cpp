#include "simtee/internal/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace iapp::simtee {
namespace {

constexpr std::size_t kMaxFile = 1U << 20U;

class File {
public:
    explicit File(int fd) : fd_(fd) {}
    ~File()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

std::unexpected<Error> io_error(std::string_view what, const std::filesystem::path& path)
{
    const int code = errno;
    return fail(code == ENOENT ? ErrorKind::not_found : ErrorKind::internal, "simtee.io",
                "cannot " + std::string(what) + " " + path.string() + ": " + std::generic_category().message(code));
}

bool write_all(int fd, ByteView bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path)
{
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.fd() < 0) return io_error("open", path);
    Bytes out;
    std::array<std::uint8_t, 16384> chunk;
    while (true) {
        const ssize_t n = ::read(file.fd(), chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error("read", path);
        if (n == 0) return out;
        append(out, ByteView(chunk).first(static_cast<std::size_t>(n)));
        if (out.size() > kMaxFile)
            return fail(ErrorKind::resource_exhausted, "simtee.io", path.string() + " is larger than 1 MiB");
    }
}

Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode)
{
    std::filesystem::path beside = path;
    beside += ".new";
    ::unlink(beside.c_str());  // left by a process that died between the two steps
    {
        const File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (file.fd() < 0) return io_error("create", beside);
        if (!write_all(file.fd(), bytes) || ::fsync(file.fd()) != 0) return io_error("write", beside);
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return io_error("rename", beside);
    return {};
}

}  // namespace iapp::simtee
