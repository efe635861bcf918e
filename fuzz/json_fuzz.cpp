// rooms: codec
// Any text as JSON: refused, or its canonical form is a fixed point.
#include "codec/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto value = json::parse(as_text({data, size}));
    if (!value) return 0;
    const auto canonical = json::canonical(*value);
    if (!canonical) return 0;
    const auto again = json::parse(*canonical);
    if (!again || *json::canonical(*again) != *canonical) __builtin_trap();
    return 0;
}
