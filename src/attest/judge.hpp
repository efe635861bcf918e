#pragma once
// One call from files to a verdict: evidence in any form, whatever lies beside it, trust, policy, time -> Appraisal.
// For people, tools and other languages. Code that releases something on the answer uses the typed way instead: a verifier,
// then appraise() or appraise_run(), whose results cannot be made by anything else.
#include <optional>

#include "attest/appraisal.hpp"
#include "attest/appraise.hpp"
#include "attest/policy_document.hpp"

namespace iapp::attest {

/// Whom to believe. Never taken from evidence or from the files beside it.
struct Trust {
    TrustAnchor intel = TrustAnchor::intel();
    AmdTrust amd = AmdTrust::amd();
    PinnedAks aks;                                ///< of TPM evidence documents: nothing else vouches for them here
    std::optional<crypto::PublicKey> loose_ak{};  ///< of a TPM quote in separate files
};

/// The vendors' keys, with those of these root certificates in their place: Intel's by the first certificate, AMD's by the
/// certificates named as AMD names them. Errors: invalid_input "attest.root" (neither).
Result<Trust> trust_roots(std::string_view pem);

/// What somebody hands in. Untrusted, all of it.
struct Submission {
    Bytes evidence;                        ///< in any form of detect.hpp
    std::vector<Bytes> endorsements;       ///< files in any form of endorsement_files.hpp
    std::optional<Bytes> vek;              ///< DER or PEM; instead of choosing one among `endorsements`
    std::optional<TpmEvidence> loose_tpm;  ///< a TPM quote in separate files; `evidence` is then its TPMS_ATTEST
    std::optional<Bytes> log;              ///< our event log, a runtime log, or a boot log
    /// Revocation lists named as such, in any form: one that is unreadable, or not of a CA of this evidence, refuses it.
    std::vector<Bytes> revocation_lists{};
};

/// A TPM quote from separate files, as tpm2-tools leave them: the signature (TPMT_SIGNATURE, or plain: RSASSA bytes, DER of
/// ECDSA), and the values of the selected registers one after the other, ascending.
/// Errors: invalid_input "attest.tpm_format"; permission_denied "attest.pcr_selection".
Result<TpmEvidence> loose_tpm_evidence(ByteView attest, ByteView signature, const crypto::PublicKey& ak, ByteView values);

/// What a judge who is asked again need not check twice: opened Intel endorsements (the last few, by their bytes) and PCK
/// chains. Facts that no clock changes: windows and revocation are judged at each call. Safe to share between threads; of
/// one Trust only.
class JudgeMemory {
public:
    JudgeMemory();
    ~JudgeMemory();
    JudgeMemory(const JudgeMemory&) = delete;
    JudgeMemory& operator=(const JudgeMemory&) = delete;

    /// A verifier for this collateral; null when it does not open under the anchor.
    std::shared_ptr<const IntelVerifier> verifier(const Collateral& collateral, const TrustAnchor& anchor);

    std::size_t size() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Verifies and appraises. Never fails: whatever is wrong is a failed check of the answer.
/// `challenge`  report data or extraData the verifier expects; absent only counts under the policy's waiver.
/// `now`        verifier time, UTC.
/// `memory`     may be null; changes how long it takes, never the answer.
Appraisal judge(const Submission& submission, const Trust& trust, const PolicyDocument& policy,
                const std::optional<Bytes>& challenge, UnixSeconds now, JudgeMemory* memory = nullptr);

}  // namespace iapp::attest
