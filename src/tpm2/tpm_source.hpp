#pragma once
// A TPM 2.0 as an evidence source: quotes over its registers by an attestation key of its own, runs measured in PCR 14
// and 15. Evidence of a TPM alone says what booted, not that memory is protected; and a TPM that the host provides says what
// the host likes. Not linked into the agent: docs/adr/0005-evidence-sources-by-configuration.md.
#include <mutex>

#include "tee/evidence_source.hpp"
#include "tpm2/tpm.hpp"

namespace iapp::tpm2 {

struct TpmSourceOptions {
    std::string tcti = std::string(kDefaultTcti);
    KeyType endorsement = KeyType::ecc_p256;
    KeyType attestation = KeyType::ecc_p256;
    /// What quotes cover. SHA-384, so that the measured log replays to PCR 15 as it does to RTMR3.
    attest::PcrSelection selection = {attest::HashAlgorithm::sha384, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
};

class TpmSource final : public tee::EvidenceSource {
public:
    /// Creates the attestation key. Errors: those of Tpm; invalid_input "tpm2.selection" (the SHA-384 bank with 14 and 15 is
    /// not selected: what is measured would not be quoted).
    static Result<std::unique_ptr<TpmSource>> open(TpmSourceOptions options = {});

    attest::EvidenceKind kind() const override { return attest::EvidenceKind::tpm; }
    bool simulated() const override { return simulated_; }

    /// RTMR2 is PCR 14, RTMR3 is PCR 15, in the SHA-384 bank; read back. Errors: "tee.register"; precondition_failed
    /// "tpm2.bank"; corrupt "tee.extend" (the register holds something else).
    Status extend(int index, const Hash384& digest) override;

    /// The parts of a quote whose extra data are the first 32 bytes of `report_data`.
    Result<attest::TpmEvidence> collect(const attest::ReportData& report_data);

    /// As collect(), in the form in which evidence of kind tpm travels.
    Result<Bytes> quote(const attest::ReportData& report_data) override;

    // What an enrolment needs: the endorsement key, and a proof that the attestation key lives beside it.
    const Bytes& ek_public() const { return ek_.public_area(); }
    const Bytes& ak_public() const { return ak_.public_area(); }
    const Bytes& ak_name() const { return ak_.name(); }
    Result<std::optional<Bytes>> ek_certificate();
    Result<Bytes> activate(const Credential& credential);

private:
    TpmSource(Tpm tpm, Key ek, Key ak, TpmSourceOptions options);

    std::mutex turn_;
    Tpm tpm_;
    Key ek_, ak_;
    TpmSourceOptions options_;
    bool simulated_;
};

}  // namespace iapp::tpm2
