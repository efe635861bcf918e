#pragma once
// Azure confidential VMs: a paravisor (HCL) between hardware and guest keeps a virtual TPM. The hardware report signs the
// hash of a JSON document that names the TPM's attestation key, and a quote by that key carries challenge and registers.
// Both halves are verified here, in one call. Not appraisal. Pure: the time and the endorsements are parameters. The
// hardware report is as old as the boot: only the quote's extraData is fresh. Source: Microsoft Learn, "Confidential VM
// guest attestation design", HCL report.
#include <variant>

#include "attest/intel_verify.hpp"
#include "attest/snp_verify.hpp"
#include "attest/tpm_verify.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxHclReportSize = 16 * 1024;

/// A report of the paravisor that obeys the format. Every byte of it may still be a lie.
struct HclReport {
    EvidenceKind hardware;       ///< snp or tdx
    Bytes hardware_report;       ///< SEV-SNP report (1184 bytes), or TDREPORT (1024 bytes, which only its machine can check)
    std::string runtime_claims;  ///< the JSON document, exactly the bytes the hardware report hashes
    crypto::PublicKey ak;        ///< RSA key "HCLAkPub" of it
};

/// Reads one report: sizes exact, zero padding only, claims with exactly one attestation key.
/// Errors: invalid_input "attest.hcl_format".
Result<HclReport> parse_hcl_report(ByteView bytes);

/// Azure evidence, taken apart. Nothing about it is believed yet.
struct AzureEvidence {
    EvidenceKind kind;  ///< azure_snp or azure_tdx
    Bytes hcl_report;
    TpmEvidence tpm;  ///< without key: the HCL report names it
    Bytes vek;        ///< DER; azure_snp, may be empty
    Bytes td_quote;   ///< azure_tdx
};

/// Reads the JSON document that attestation agents on Azure send: the numbered forms (base64url and hex), and the older ones
/// without a number (arrays of bytes). 24 register values of the SHA-256 bank, at their index.
/// Errors: invalid_input "attest.hcl_format".
Result<AzureEvidence> parse_azure_evidence(std::string_view json, EvidenceKind kind);

/// Hardware and TPM, each verified, and the one tied to the other. Only verify_azure_*() makes one.
class VerifiedAzure {
public:
    using Hardware = std::variant<VerifiedSnpReport, VerifiedQuote>;

    EvidenceKind kind() const { return snp() != nullptr ? EvidenceKind::azure_snp : EvidenceKind::azure_tdx; }
    const Hardware& hardware() const { return hardware_; }
    const VerifiedSnpReport* snp() const { return std::get_if<VerifiedSnpReport>(&hardware_); }  ///< null for azure_tdx
    const VerifiedQuote* quote() const { return std::get_if<VerifiedQuote>(&hardware_); }        ///< null for azure_snp
    const VerifiedTpmQuote& tpm() const { return tpm_; }
    const std::string& runtime_claims() const { return runtime_claims_; }  ///< JSON that the hardware report vouches for

    bool simulated() const;
    UnixSeconds valid_until() const;

    /// SHA-256(identity of the hardware evidence || identity of the quote).
    Hash256 evidence_id() const;

private:
    friend class AzureVerifier;
    VerifiedAzure(Hardware hardware, VerifiedTpmQuote tpm, std::string runtime_claims)
        : hardware_(std::move(hardware)), tpm_(std::move(tpm)), runtime_claims_(std::move(runtime_claims))
    {
    }

    Hardware hardware_;
    VerifiedTpmQuote tpm_;
    std::string runtime_claims_;
};

/// Verifies evidence of an SEV-SNP machine. The endorsement key comes from `endorsements`, or when that has none from the
/// evidence. `demanded` as verify_tpm().
/// Errors: "attest.evidence_kind", "attest.hcl_format", those of SNP verification, "attest.hcl_binding", those of
/// verify_tpm(). The check "attest.ak" is listed as skipped: the paravisor vouches for the attributes of its key.
Result<VerifiedAzure> verify_azure_snp(const Evidence& evidence, const SnpEndorsements& endorsements, const AmdTrust& trust,
                                       Revocation revocation, const PcrSelection& demanded, UnixSeconds now,
                                       CheckLog& checks);
Result<VerifiedAzure> verify_azure_snp(const AzureEvidence& evidence, const SnpEndorsements& endorsements,
                                       const AmdTrust& trust, Revocation revocation, const PcrSelection& demanded,
                                       UnixSeconds now, CheckLog& checks);

/// Verifies evidence of a TDX machine. Errors: as verify_azure_snp(), with those of verify_intel().
Result<VerifiedAzure> verify_azure_tdx(const Evidence& evidence, const Collateral& collateral, const TrustAnchor& anchor,
                                       const PcrSelection& demanded, UnixSeconds now, CheckLog& checks);
Result<VerifiedAzure> verify_azure_tdx(const AzureEvidence& evidence, const Collateral& collateral,
                                       const TrustAnchor& anchor, const PcrSelection& demanded, UnixSeconds now,
                                       CheckLog& checks);

}  // namespace iapp::attest
