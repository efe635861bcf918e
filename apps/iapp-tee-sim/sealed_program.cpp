#include "sealed_program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "simtee/platform.hpp"

namespace iapp::tee_sim {
namespace {

using runtime::UniqueFd;

constexpr int kFirstFreeFd = 10;  ///< clear of 0..3
constexpr off_t kMaxProgram = off_t{512} << 20;

std::unexpected<Error> bad(std::string_view what, const std::string& path)
{
    const int code = errno;
    return fail(code == ENOENT ? ErrorKind::not_found : ErrorKind::internal, "tee_sim.agent",
                "cannot " + std::string(what) + " " + path + ": " + std::generic_category().message(code));
}

bool copy(int from, int to, off_t size)
{
    while (size > 0) {
        const ssize_t n = ::sendfile(to, from, nullptr, static_cast<std::size_t>(size));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        size -= n;
    }
    return true;
}

Result<Hash384> measure(int fd, std::size_t size, const std::string& path)
{
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) return bad("map", path);
    const Hash384 out = simtee::measure({static_cast<const std::uint8_t*>(bytes), size});
    ::munmap(bytes, size);
    return out;
}

}  // namespace

Result<SealedProgram> seal_program(const std::string& path)
{
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return bad("open", path);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return bad("inspect", path);
    if (!S_ISREG(info.st_mode) || info.st_size == 0 || info.st_size > kMaxProgram)
        return fail(ErrorKind::invalid_input, "tee_sim.agent", path + " is not a program of 1 byte to 512 MiB");

    const UniqueFd low(::memfd_create("iapp-agent", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!low) return bad("make memory for", path);
    UniqueFd memory(::fcntl(low.get(), F_DUPFD_CLOEXEC, kFirstFreeFd));
    if (!memory || !copy(file.get(), memory.get(), info.st_size)) return bad("copy", path);
    if (::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        return bad("seal", path);
    TRY(const Hash384 mr_td, measure(memory.get(), static_cast<std::size_t>(info.st_size), path));
    return SealedProgram{std::move(memory), mr_td};
}

}  // namespace iapp::tee_sim
