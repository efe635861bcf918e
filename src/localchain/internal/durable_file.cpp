// Files of the kept state.
#include "localchain/internal/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>

#include "base/file.hpp"
#include "runtime/fd.hpp"

namespace iapp::localchain::internal {
namespace {

std::unexpected<Error> io_failed(const std::filesystem::path& file)
{
    return fail(ErrorKind::internal, "localchain.state", "cannot write " + file.string() + ": " + std::strerror(errno));
}

Status write_all(int fd, ByteView bytes, const std::filesystem::path& file)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return io_failed(file);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Status replace_file(const std::filesystem::path& file, ByteView bytes)
{
    std::filesystem::path beside = file;
    beside += ".new";
    const runtime::UniqueFd out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out) return io_failed(beside);
    TRY_OK(write_all(out.get(), bytes, beside));
    if (::fsync(out.get()) != 0 || ::rename(beside.c_str(), file.c_str()) != 0) return io_failed(file);
    const runtime::UniqueFd folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return io_failed(file);
    return {};
}

Result<Bytes> read_file(const std::filesystem::path& file)
{
    const auto text = iapp::read_file(file);
    if (!text) return fail(ErrorKind::not_found, "localchain.state", "cannot read " + file.string());
    return to_bytes(*text);
}

Result<Bytes> gunzip(ByteView packed, std::size_t max_bytes)
{
    constexpr int kGzipWrapper = 16 + MAX_WBITS;
    z_stream stream{};
    if (inflateInit2(&stream, kGzipWrapper) != Z_OK)
        return fail(ErrorKind::internal, "localchain.state", "zlib would not start");
    stream.next_in = const_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    Bytes out;
    int status = Z_OK;
    while (status == Z_OK && out.size() < max_bytes) {
        const std::size_t had = out.size();
        out.resize(std::min(max_bytes, had + (std::size_t{1} << 20U)));
        stream.next_out = out.data() + had;
        stream.avail_out = static_cast<uInt>(out.size() - had);
        status = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (status != Z_STREAM_END || stream.avail_in != 0)
        return fail(ErrorKind::corrupt, "localchain.state", "the kept chain state is not whole gzip data");
    return out;
}

}  // namespace iapp::localchain::internal
