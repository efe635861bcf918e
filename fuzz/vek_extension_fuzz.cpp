// rooms: attest simtee
// Extensions of AMD's endorsement keys. Input: kind, then records of OID index, length, value. What parses, and is written
// again by our own encoder, reads the same.
#include <array>
#include <cstdlib>

#include "simtee/snp_authority.hpp"

namespace {

using namespace iapp;

constexpr std::array kOids{
    "1.3.6.1.4.1.3704.1.1",   "1.3.6.1.4.1.3704.1.2",   "1.3.6.1.4.1.3704.1.3.1",  "1.3.6.1.4.1.3704.1.3.2",
    "1.3.6.1.4.1.3704.1.3.3", "1.3.6.1.4.1.3704.1.3.4", "1.3.6.1.4.1.3704.1.3.5",  "1.3.6.1.4.1.3704.1.3.6",
    "1.3.6.1.4.1.3704.1.3.7", "1.3.6.1.4.1.3704.1.3.8", "1.3.6.1.4.1.3704.1.3.9",  "1.3.6.1.4.1.3704.1.4",
    "1.3.6.1.4.1.3704.1.5",   "1.3.6.1.4.1.3704.1.6",   "1.3.6.1.4.1.3704.1.3.10", "2.5.29.15"};

/// A certificate holds each OID once, so a second record with the same index replaces nothing and is dropped.
std::vector<crypto::X509Extension> read(ByteView input)
{
    std::vector<crypto::X509Extension> out;
    std::array<bool, kOids.size()> seen{};
    while (input.size() >= 2) {
        const std::size_t index = input[0] % kOids.size();
        const std::size_t size = std::min<std::size_t>(input[1], input.size() - 2);
        if (!seen[index]) out.push_back({kOids[index], false, to_bytes(input.subspan(2, size))});
        seen[index] = true;
        input = input.subspan(2 + size);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const auto kind = (data[0] & 1) == 0 ? attest::VekKind::vcek : attest::VekKind::vlek;
    const auto vek = attest::parse_vek_extensions(read(ByteView(data, size).subspan(1)), kind);
    if (!vek) return 0;
    const auto again = attest::parse_vek_extensions(simtee::encode_vek_extensions(*vek), kind);
    if (!again || again->tcb != vek->tcb || again->product != vek->product || again->product_name != vek->product_name ||
        again->hardware_id != vek->hardware_id || again->csp_id != vek->csp_id)
        std::abort();
    return 0;
}
