#pragma once
// The few operations on kernel pseudo files (configfs, sysfs, Gramine's /dev/attestation) that collectors need, behind an
// interface so that a test can play the kernel. Not a file system: no paths are built, followed or listed here.
#include <expected>
#include <string>
#include <system_error>

#include "base/bytes.hpp"

namespace iapp::tee {

/// A value or the kernel's errno. The caller branches on the code, hence no Result.
template <class T>
using SystemResult = std::expected<T, std::errc>;

class PseudoFiles {
public:
    virtual ~PseudoFiles() = default;

    /// mkdir(2): `file_exists` when anything of that name is there, so success means that the directory is ours alone.
    [[nodiscard]] virtual SystemResult<void> make_directory(const std::string& path) = 0;

    /// rmdir(2).
    [[nodiscard]] virtual SystemResult<void> remove_directory(const std::string& path) = 0;

    /// Opens, reads until end of file, closes. `file_too_large` when there is more than `max_bytes`.
    [[nodiscard]] virtual SystemResult<Bytes> read(const std::string& path, std::size_t max_bytes) = 0;

    /// Opens, writes `bytes` with one write(2), closes: for these files one write is one command. `io_error` when the
    /// kernel took only a part.
    [[nodiscard]] virtual SystemResult<void> write(const std::string& path, ByteView bytes) = 0;
};

/// The machine's own. Follows no symbolic link in the last component of a path.
PseudoFiles& posix_files();

/// The system's words for a code, for an error's detail.
std::string words(std::errc code);

}  // namespace iapp::tee
