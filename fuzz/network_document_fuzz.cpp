// rooms: wire
// The network document (TOML). What parses must encode to a document that parses to the same text.
#include <cstdlib>

#include "wire/network.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto network = wire::parse_network(as_text({data, size}));
    if (!network) return 0;
    const std::string once = wire::encode_network(*network);
    const auto again = wire::parse_network(once);
    if (!again || wire::encode_network(*again) != once) std::abort();
    return 0;
}
