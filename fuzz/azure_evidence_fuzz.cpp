// rooms: attest
// HCL reports and the documents that carry them. What a report gives back has to come from inside it.
#include <cstdlib>

#include "attest/azure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    using namespace iapp::attest;
    const ByteView input(data, size);
    if (const auto report = parse_hcl_report(input))
        if (report->runtime_claims.size() + report->hardware_report.size() >= size) std::abort();
    for (const EvidenceKind kind : {EvidenceKind::azure_snp, EvidenceKind::azure_tdx}) {
        const auto evidence = parse_azure_evidence(as_text(input), kind);
        if (!evidence) continue;
        if (evidence->kind != kind || evidence->tpm.pcrs.size() != kPcrCount) std::abort();
        static_cast<void>(parse_hcl_report(evidence->hcl_report));
        static_cast<void>(parse_tpm_quote(evidence->tpm.attest));
    }
    return 0;
}
