// rooms: attest simtee
// The DER of the SGX extension. What parses, and is written again by our own encoder, reads the same.
#include <cstdlib>

#include "simtee/authority.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto platform = attest::parse_sgx_extension({data, size});
    if (!platform) return 0;
    const auto again = attest::parse_sgx_extension(simtee::encode_sgx_extension(*platform));
    if (!again || again->components != platform->components || again->fmspc != platform->fmspc ||
        again->pce_svn != platform->pce_svn)
        std::abort();
    return 0;
}
