#include "attest/evidence.hpp"

#include <algorithm>
#include <array>

namespace iapp::attest {
namespace {

struct KindName {
    EvidenceKind kind;
    std::string_view name;
};

constexpr std::array kKinds{
    KindName{EvidenceKind::tdx, "tdx"},
    KindName{EvidenceKind::sgx, "sgx"},
    KindName{EvidenceKind::snp, "snp"},
    KindName{EvidenceKind::tpm, "tpm"},
    KindName{EvidenceKind::azure_snp, "azure-snp"},
    KindName{EvidenceKind::azure_tdx, "azure-tdx"},
};

}  // namespace

std::string_view name(EvidenceKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

Result<EvidenceKind> parse_evidence_kind(std::string_view text)
{
    const auto* found = std::ranges::find(kKinds, text, &KindName::name);
    if (found != kKinds.end()) return found->kind;
    return fail(ErrorKind::invalid_input, "attest.evidence_kind",
                "evidence kind is not one of: tdx, sgx, snp, tpm, azure-snp, azure-tdx");
}

}  // namespace iapp::attest
