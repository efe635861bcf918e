// rooms: codec
// Any bytes as the multiaddr of an on-chain entry, and any text to be stored as one: what was stored prints as the same
// content.
#include "codec/multiaddr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    static_cast<void>(codec::print_multiaddr({data, size}));
    const auto stored = codec::encode_multiaddr(as_text({data, size}));
    if (!stored) return 0;
    const auto printed = codec::print_multiaddr(*stored);
    if (!printed) __builtin_trap();
    const auto again = codec::encode_multiaddr(*printed);
    if (!again || *again != *stored) __builtin_trap();
    return 0;
}
