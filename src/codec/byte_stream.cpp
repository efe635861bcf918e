#include "codec/byte_stream.hpp"

#include <algorithm>

namespace iapp::codec {

ByteSource byte_source(ByteView bytes)
{
    return [rest = bytes](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
        const std::size_t size = std::min(rest.size(), out.size());
        copy_bytes(rest.first(size), out);
        rest = rest.subspan(size);
        return size;
    };
}

RandomSource random_source(ByteView bytes)
{
    return {bytes.size(), [bytes](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
                if (offset > bytes.size() || bytes.size() - offset < out.size())
                    return fail(ErrorKind::corrupt, "stream.range", "asked for bytes behind the end of the input");
                copy_bytes(bytes.subspan(offset, out.size()), out);
                return {};
            }};
}

ByteSource byte_source(RandomSource source, std::uint64_t offset, std::uint64_t size_bytes)
{
    return
        [source = std::move(source), offset, left = size_bytes](std::span<std::uint8_t> out) mutable -> Result<std::size_t> {
            const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size()));
            if (size != 0) TRY_OK(source.read_at(offset, out.first(size)));
            offset += size;
            left -= size;
            return size;
        };
}

ByteSink append_to(Bytes& out, std::size_t limit_bytes)
{
    return [&out, limit_bytes](ByteView more) -> Status {
        if (more.size() > limit_bytes - std::min(limit_bytes, out.size()))
            return fail(ErrorKind::resource_exhausted, "stream.too_long",
                        "the bytes do not fit in " + std::to_string(limit_bytes) + " bytes of memory");
        append(out, more);
        return {};
    };
}

Result<std::size_t> read_up_to(const ByteSource& source, std::span<std::uint8_t> out)
{
    std::size_t filled = 0;
    while (filled < out.size()) {
        TRY(const std::size_t more, source(out.subspan(filled)));
        if (more == 0) break;
        filled += more;
    }
    return filled;
}

}  // namespace iapp::codec
