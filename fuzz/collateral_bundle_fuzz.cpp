// rooms: endorse
// Bundles of endorsements. What parses must be exactly what the writer writes.
#include <cstdlib>

#include "endorse/bundle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    const auto entries = endorse::parse_bundle(text);
    if (!entries) return 0;
    const auto again = endorse::encode_bundle(*entries);
    if (!again || *again != text) std::abort();
    return 0;
}
