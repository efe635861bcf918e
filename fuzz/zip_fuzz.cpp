// rooms: codec
// Any bytes as a ZIP archive: refused, or every entry unpacks to exactly what the directory announced.
#include "codec/zip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto reader = codec::ZipReader::open(codec::random_source({data, size}), {.max_total_bytes = 1 << 20});
    if (!reader) return 0;
    for (const codec::ZipEntry& entry : reader->entries()) {
        if (!codec::check_zip_path(entry.path)) __builtin_trap();
        const auto content = reader->read(entry, 1 << 20);
        if (content && content->size() != entry.size_bytes) __builtin_trap();
    }
    return 0;
}
