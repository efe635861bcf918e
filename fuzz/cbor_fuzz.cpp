// rooms: codec
// Any bytes as CBOR: what is accepted is deterministic, so encoding it again gives the same bytes.
#include <algorithm>
#include <cstdlib>

#include "codec/cbor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const ByteView bytes(data, size);
    const auto value = cbor::parse(bytes);
    if (!value) return 0;
    const auto again = cbor::encode(*value);
    if (!again || !std::ranges::equal(*again, bytes)) std::abort();
    return 0;
}
