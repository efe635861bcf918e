// rooms: codec
// Any bytes as a tar archive: every entry obeys the reader's promises, or the archive is refused.
#include <array>
#include <cstdlib>

#include "codec/tar.hpp"

namespace {

void check(bool promise)
{
    if (!promise) std::abort();
}

bool stays_inside(std::string_view path)
{
    return !path.empty() && path.front() != '/' && path.find("..") != 0 && path.find("/../") == std::string_view::npos &&
           path.find('\0') == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp::codec;
    TarReader reader(byte_source({data, size}),
                     {.entries = 1000, .total_bytes = 1 << 20, .path_bytes = 1024, .pax_bytes = 1 << 16});
    std::array<std::uint8_t, 256> buffer;
    for (auto entry = reader.next(); entry && *entry; entry = reader.next()) {
        check(stays_inside((*entry)->path) || (*entry)->path.starts_with("..") /* a name such as "..a" */);
        check((*entry)->path != ".." && !(*entry)->path.starts_with("../"));
        check((*entry)->kind == TarKind::file || (*entry)->size_bytes == 0);
        std::uint64_t total = 0;
        for (auto got = reader.read(buffer); got && *got != 0; got = reader.read(buffer)) total += *got;
        check(total <= (*entry)->size_bytes);
    }
    return 0;
}
