#include "tee/pseudo_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace iapp::tee {
namespace {

std::unexpected<std::errc> last_error() { return std::unexpected(static_cast<std::errc>(errno)); }

SystemResult<void> outcome(int rc)
{
    if (rc != 0) return last_error();
    return {};
}

/// An open descriptor for the length of one operation.
class Descriptor {
public:
    Descriptor(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW)) {}
    ~Descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    explicit operator bool() const { return fd_ >= 0; }
    int get() const { return fd_; }

    /// Closes and says how that went: some files act only now.
    SystemResult<void> close()
    {
        const int fd = std::exchange(fd_, -1);
        return outcome(::close(fd));
    }

private:
    int fd_;
};

class PosixFiles final : public PseudoFiles {
public:
    SystemResult<void> make_directory(const std::string& path) override { return outcome(::mkdir(path.c_str(), 0700)); }

    SystemResult<void> remove_directory(const std::string& path) override { return outcome(::rmdir(path.c_str())); }

    SystemResult<Bytes> read(const std::string& path, std::size_t max_bytes) override
    {
        const Descriptor file(path, O_RDONLY);
        if (!file) return last_error();
        Bytes bytes(max_bytes + 1);  // one more than allowed: an end of file there proves that nothing was cut
        std::size_t size = 0;
        while (size < bytes.size()) {
            const ssize_t n = ::read(file.get(), bytes.data() + size, bytes.size() - size);
            if (n < 0) return last_error();
            if (n == 0) break;
            size += static_cast<std::size_t>(n);
        }
        if (size > max_bytes) return std::unexpected(std::errc::file_too_large);
        bytes.resize(size);
        return bytes;
    }

    SystemResult<void> write(const std::string& path, ByteView bytes) override
    {
        Descriptor file(path, O_WRONLY);
        if (!file) return last_error();
        const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
        if (n < 0) return last_error();
        if (static_cast<std::size_t>(n) != bytes.size()) return std::unexpected(std::errc::io_error);
        return file.close();
    }
};

}  // namespace

PseudoFiles& posix_files()
{
    static PosixFiles files;
    return files;
}

std::string words(std::errc code) { return std::make_error_code(code).message(); }

}  // namespace iapp::tee
