#pragma once
// Evidence as it travels: which kind, which bytes. Roles and artefact names follow RFC 9334 (RATS), sections 4 and 8.
// Not a parser: tdx_quote.hpp reads the bytes. A new kind of hardware adds one enumerator here and one sibling file there.
#include "base/fixed_bytes.hpp"

namespace iapp::attest {

/// The 64 bytes a TEE signs for us: challenge and binding in one hash (report_data.hpp).
using ReportData = FixedBytes<64, struct ReportDataTag>;

enum class EvidenceKind : unsigned char {
    tdx,        ///< Intel TDX quote, version 4 or 5
    sgx,        ///< Intel SGX quote, version 3 (or an SGX body in version 4 or 5)
    snp,        ///< AMD SEV-SNP attestation report
    tpm,        ///< TPM 2.0 quote with its signature, key and PCR values
    azure_snp,  ///< Azure CVM: SEV-SNP report inside an HCL report, and the vTPM quote it vouches for
    azure_tdx,  ///< Azure CVM: TDX quote, HCL report, and the vTPM quote it vouches for
};

/// The name used in documents: "tdx", "sgx", "snp", "tpm", "azure-snp", "azure-tdx".
std::string_view name(EvidenceKind kind);

/// Errors: invalid_input "attest.evidence_kind".
Result<EvidenceKind> parse_evidence_kind(std::string_view text);

/// Evidence of an attester, exactly as received. Nothing about it is believed yet.
struct Evidence {
    EvidenceKind kind;
    Bytes bytes;
};

}  // namespace iapp::attest
