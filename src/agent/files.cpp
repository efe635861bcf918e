#include "agent/internal/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <system_error>

namespace iapp::agent {
namespace {

using runtime::UniqueFd;

std::unexpected<Error> broken(std::string_view doing)
{
    return fail(ErrorKind::internal, "agent.file", std::string(doing) + ": " + std::system_category().message(errno));
}

}  // namespace

Result<UniqueFd> create_file(const std::string& path, unsigned mode)
{
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file || ::fchmod(file.get(), mode) != 0) return broken("cannot make a file");
    return file;
}

Result<UniqueFd> unnamed_file(const std::string& folder)
{
    UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) return broken("cannot make an unnamed file");
    return file;
}

codec::ByteSink file_sink(const UniqueFd& file)
{
    return [fd = file.get()](ByteView bytes) -> Status {
        while (!bytes.empty()) {
            const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
            if (wrote < 0) return broken("cannot write");
            bytes = bytes.subspan(static_cast<std::size_t>(wrote));
        }
        return {};
    };
}

codec::ByteSink bounded_file_sink(const UniqueFd& file, std::uint64_t limit_bytes, std::string_view reason)
{
    return [sink = file_sink(file), limit_bytes, reason](ByteView bytes) mutable -> Status {
        if (bytes.size() > limit_bytes)
            return fail(ErrorKind::resource_exhausted, reason, "more bytes than this agent accepts");
        limit_bytes -= bytes.size();
        return sink(bytes);
    };
}

Result<codec::RandomSource> file_random_source(const UniqueFd& file)
{
    struct stat info = {};
    if (::fstat(file.get(), &info) != 0) return broken("cannot look at a file");
    return codec::RandomSource{static_cast<std::uint64_t>(info.st_size),
                               [fd = file.get()](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
                                   while (!out.empty()) {
                                       const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
                                       if (got <= 0) return broken("cannot read");
                                       out = out.subspan(static_cast<std::size_t>(got));
                                       offset += static_cast<std::uint64_t>(got);
                                   }
                                   return {};
                               }};
}

Result<codec::ByteSource> file_source(const UniqueFd& file)
{
    TRY(auto whole, file_random_source(file));
    const auto size = whole.size_bytes;
    return codec::byte_source(std::move(whole), 0, size);
}

Result<Hash256> sha256_of(const UniqueFd& file)
{
    TRY(const auto source, file_source(file));
    crypto::Sha256 hash;
    std::array<std::uint8_t, 65536> buffer;
    for (std::size_t got = 1; got != 0;) {
        TRY(got, source(buffer));
        hash.update(ByteView(buffer).first(got));
    }
    return hash.finish();
}

}  // namespace iapp::agent
