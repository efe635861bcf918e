// rooms: attest simtee
// SEV-SNP reports. What parses, and is written again by our own writer, has the same signed bytes: no bit is unaccounted
// for.
#include <cstdlib>

#include "simtee/snp_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const ByteView input(data, size);
    const auto report = attest::parse_snp_report(input);
    if (!report) return 0;
    const Bytes again = simtee::write_snp_report(*report);
    if (!std::ranges::equal(ByteView(again).first(attest::kSnpSignedSize), input.first(attest::kSnpSignedSize)))
        std::abort();
    for (std::size_t i = 0; i < 48; ++i)
        if (report->signature[i] != data[attest::kSnpSignedSize + 47 - i]) std::abort();
    return 0;
}
