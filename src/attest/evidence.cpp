#include "attest/evidence.hpp"

namespace iapp::attest {

std::string_view name(EvidenceKind kind)
{
    switch (kind) {
        case EvidenceKind::tdx:
            return "tdx";
    }
    return "unknown";
}

Result<EvidenceKind> parse_evidence_kind(std::string_view text)
{
    if (text == name(EvidenceKind::tdx)) return EvidenceKind::tdx;
    return fail(ErrorKind::invalid_input, "attest.evidence_kind", "evidence kind is not one of: tdx");
}

}  // namespace iapp::attest
