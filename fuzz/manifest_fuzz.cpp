// rooms: manifest
// Any text as an app manifest: refused, or printed and read back to the same value.
#include "base/bytes.hpp"
#include "manifest/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto parsed = manifest::parse(as_text({data, size}));
    if (!parsed) return 0;
    const auto again = manifest::parse(manifest::encode(*parsed));
    if (!again || *again != *parsed) __builtin_trap();
    return 0;
}
