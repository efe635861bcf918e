#pragma once
// TPM evidence as it travels: quote, signature, attestation key and register values in one document.
// docs/formats/tpm-evidence.md
#include "attest/digest.hpp"
#include "attest/evidence.hpp"

namespace iapp::attest {

inline constexpr std::string_view kTpmEvidenceSchema = "iapp-tpm-quote/1";

struct TpmEvidence {
    Bytes attest;     ///< TPMS_ATTEST
    Bytes signature;  ///< TPMT_SIGNATURE
    std::optional<Bytes>
        ak_public;  ///< TPMT_PUBLIC; always there in the document, absent where another report names the key
    HashAlgorithm bank;
    std::map<std::uint32_t, Bytes> pcrs;  ///< values by index
};

/// Reads the document "iapp-tpm-quote/1"; register values have the size of their bank, indices ascend.
/// Errors: invalid_input "attest.tpm_format".
Result<TpmEvidence> parse_tpm_evidence(std::string_view json);

/// The one spelling of the document. `evidence.ak_public` must be set.
std::string encode_tpm_evidence(const TpmEvidence& evidence);

}  // namespace iapp::attest
