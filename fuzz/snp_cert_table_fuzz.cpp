// rooms: attest simtee
// Certificate tables of an SNP host. What parses holds no more bytes than it was given, and reads the same when packed
// again.
#include <cstdlib>

#include "simtee/snp_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const auto table = attest::parse_snp_cert_table({data, size});
    if (!table) return 0;
    std::size_t held = 0;
    for (const attest::SnpCertEntry& entry : table->entries) held += entry.certificate.size();
    if (held > size) std::abort();
    const auto again = attest::parse_snp_cert_table(simtee::encode_snp_cert_table(*table));
    if (!again || again->entries.size() != table->entries.size()) std::abort();
    for (std::size_t i = 0; i < again->entries.size(); ++i)
        if (again->entries[i].guid != table->entries[i].guid ||
            again->entries[i].certificate != table->entries[i].certificate)
            std::abort();
    return 0;
}
