// rooms: oci
// Any text as an image reference: refused, or printed back exactly as it came.
#include "oci/reference.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = iapp::as_text({data, size});
    const auto reference = iapp::oci::parse_reference(text);
    if (reference && reference->text() != text) __builtin_trap();
    return 0;
}
