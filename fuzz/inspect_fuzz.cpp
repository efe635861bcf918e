// rooms: attest
// Any file a person may point `iapp attest show` at: detection, every parser of the room, and the tree they make.
#include "attest/inspect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    (void)iapp::attest::inspect(iapp::ByteView(data, size));
    return 0;
}
