// rooms: codec
// A block of a UnixFS file from an untrusted store: decodes or is refused; what decodes keeps the promises of unixfs.hpp.
#include <cstdlib>

#include "codec/unixfs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto block = iapp::codec::decode_unixfs(iapp::codec::Cid::v0(iapp::Hash256::zero()), {data, size});
    if (!block) return 0;
    std::uint64_t below = 0;
    for (const auto& link : block->links) {
        if (link.size == 0) std::abort();
        below += link.size;
    }
    const std::uint64_t expected = block->links.empty() ? block->data.size() : below;
    if (block->size != expected || (!block->links.empty() && !block->data.empty())) std::abort();
    return 0;
}
