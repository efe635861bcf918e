// rooms: devnet
// A deployment file somebody else wrote. What is accepted has addresses and keys; what is refused says why.
#include <cstdlib>

#include "devnet/deployment_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto deployment = devnet::parse_deployment(as_text({data, size}));
    if (!deployment) return deployment.error().detail.empty() ? std::abort(), 1 : 0;
    if (deployment->hub.is_zero() || deployment->workerpool.is_zero()) std::abort();
    return 0;
}
