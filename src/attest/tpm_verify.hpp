#pragma once
// Verification of TPM quotes: an attestation key that something vouches for, its signature, and register values that are
// exactly those the policy asks for. Not appraisal: which values are good, and whether extraData answers our challenge, is
// asked later. Pure.
#include "attest/tpm_evidence.hpp"
#include "attest/tpm_public.hpp"
#include "attest/tpm_quote.hpp"

namespace iapp::attest {

class CredentialChallenge;

/// An attestation key that something other than the evidence itself vouches for. There are three ways to one.
class TrustedAk {
public:
    enum class Source : unsigned char {
        activated,   ///< a TPM with a trusted endorsement key proved that it holds the key (tpm_credential.hpp)
        hcl_report,  ///< a verified hardware report names it (azure.hpp)
        pinned,      ///< the caller's policy names it
    };

    const crypto::PublicKey& key() const { return key_; }

    /// The TPM Name, which covers the attributes; or, where only the key is known, SHA-256 of its SubjectPublicKeyInfo.
    const Bytes& name() const { return name_; }
    Source source() const { return source_; }

private:
    friend class CredentialChallenge;
    friend class AzureVerifier;
    friend Result<TrustedAk> trust_pinned_ak(const TpmPublic&, std::span<const Bytes>, CheckLog&);
    friend Result<TrustedAk> trust_pinned_key(const crypto::PublicKey&, std::span<const Hash256>, CheckLog&);
    TrustedAk(crypto::PublicKey key, Bytes name, Source source)
        : key_(std::move(key)), name_(std::move(name)), source_(source)
    {
    }

    crypto::PublicKey key_;
    Bytes name_;
    Source source_;
};

/// Checks that the attributes and the scheme are those of an attestation key. Without "restricted" a key would sign any
/// bytes, a forged TPMS_ATTEST too. Errors: unauthenticated "attest.ak".
Status require_ak_attributes(const TpmPublic& ak, CheckLog& checks);

/// Trusts a key whose Name the caller pinned. Errors: "attest.ak", "attest.ak_binding".
Result<TrustedAk> trust_pinned_ak(const TpmPublic& ak, std::span<const Bytes> names, CheckLog& checks);

/// Trusts a key by SHA-256 of its SubjectPublicKeyInfo: whoever pinned it vouches for its attributes, so that check is
/// listed as skipped. Errors: "attest.ak_binding".
Result<TrustedAk> trust_pinned_key(const crypto::PublicKey& ak, std::span<const Hash256> spki_sha256, CheckLog& checks);

/// A quote that a trusted key signed, with the register values it covers. Only verify_tpm() makes one.
class VerifiedTpmQuote {
public:
    const MeasuredRegisters& pcrs() const { return pcrs_; }
    const Bytes& extra_data() const { return quote_.extra_data; }  ///< compare whole (require_extra_data())
    const TpmClock& clock() const { return quote_.clock; }
    std::uint64_t firmware_version() const { return quote_.firmware_version; }
    const Bytes& qualified_signer() const { return quote_.qualified_signer; }
    const TrustedAk& ak() const { return ak_; }

    /// SHA-256(TPMS_ATTEST || AK name): a signature that is spelled otherwise does not change it.
    Hash256 evidence_id() const;

private:
    friend Result<VerifiedTpmQuote> verify_tpm(const TpmEvidence&, const TrustedAk&, const PcrSelection&, CheckLog&);
    VerifiedTpmQuote(UnverifiedTpmQuote quote, TrustedAk ak, MeasuredRegisters pcrs)
        : quote_(std::move(quote)), ak_(std::move(ak)), pcrs_(std::move(pcrs))
    {
    }

    UnverifiedTpmQuote quote_;
    TrustedAk ak_;
    MeasuredRegisters pcrs_;
};

/// `demanded`  the registers the policy names, in one bank of SHA-256 or better; the quote must cover exactly these.
/// Errors: "attest.tpm_format", "attest.ak_binding" (the evidence carries another key than `ak`), "attest.signature",
/// "attest.pcr_selection", "attest.pcr_digest".
Result<VerifiedTpmQuote> verify_tpm(const TpmEvidence& evidence, const TrustedAk& ak, const PcrSelection& demanded,
                                    CheckLog& checks);

/// Attestation keys that a policy pins.
struct PinnedAks {
    std::vector<Bytes> names;          ///< TPM Names
    std::vector<Hash256> spki_sha256;  ///< keys without a Name
};

/// The document "iapp-tpm-quote/1" under pinned keys, in one call. Errors: as parse_tpm_evidence(), parse_tpm_public(),
/// trust_pinned_ak(), verify_tpm().
Result<VerifiedTpmQuote> verify_tpm(const Evidence& evidence, const PinnedAks& pinned, const PcrSelection& demanded,
                                    CheckLog& checks);

/// extraData is exactly `expected`: neither a prefix nor an extension of it. An empty expectation is refused.
/// Errors: permission_denied "attest.report_data".
Status require_extra_data(const VerifiedTpmQuote& quote, ByteView expected, CheckLog& checks);

}  // namespace iapp::attest
