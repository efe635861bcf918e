// rooms: oci
// Any text as each of the OCI documents; the first byte picks which.
#include "oci/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    if (size == 0) return 0;
    const std::string_view text = as_text({data + 1, size - 1});
    switch (data[0]) {
        case 'm': {
            const auto manifest = oci::parse_manifest(text, "application/vnd.oci.image.manifest.v1+json");
            if (manifest && manifest->layers.size() > oci::kMaxLayers) __builtin_trap();
            break;
        }
        case 'i': {
            const auto index = oci::parse_index(text, "application/vnd.oci.image.index.v1+json");
            if (index) (void)oci::select_platform(*index, "linux", "amd64");
            break;
        }
        default: {
            const auto config = oci::parse_config(text, 1);
            if (config && config->diff_ids.size() != 1) __builtin_trap();
        }
    }
    return 0;
}
