#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace iapp {
namespace {

std::optional<std::string> read_to_end(int fd)
{
    std::string text;
    std::array<char, 16384> part{};
    while (true) {
        const ssize_t size = ::read(fd, part.data(), part.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return std::nullopt;
        if (size == 0) return text;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    auto text = read_to_end(fd);
    const int reason = errno;
    ::close(fd);
    errno = reason;
    return text;
}

}  // namespace iapp
