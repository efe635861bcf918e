// rooms: blobs
// The beginning of any file gets a type, never one that a browser would run, and text is only what is UTF-8.
#include <cstdlib>

#include "blobs/internal/content_type.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view type =
        iapp::blobs::internal::content_type({data, std::min(size, iapp::blobs::internal::kTypeBytes)});
    if (type.empty() || type.contains("html") || type.contains("xml") || type.contains("script")) std::abort();
    if (size == 0 && type != "application/octet-stream") std::abort();
    return 0;
}
