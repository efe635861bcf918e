#pragma once
// TPM 2.0 quotes as bytes: TPMS_ATTEST of type quote, and TPMT_SIGNATURE. Strict parsers; they believe nothing.
// Source: TPM 2.0 Library, Part 2, sections 10.12 (TPMS_ATTEST), 11.3 (TPMT_SIGNATURE).
#include <set>

#include "attest/check.hpp"
#include "attest/digest.hpp"
#include "crypto/public_key.hpp"

namespace iapp::attest {

inline constexpr std::size_t kMaxTpmAttestSize = 1024;
inline constexpr std::size_t kMaxTpmSignatureSize = 1200;
inline constexpr std::uint32_t kPcrCount = 24;

struct TpmClock {
    std::uint64_t clock;          ///< milliseconds the TPM was powered
    std::uint32_t reset_count;    ///< TPM resets: changes with every boot
    std::uint32_t restart_count;  ///< TPM restarts and resumes since the last reset
    bool safe;                    ///< no higher clock value was ever reported
};

/// The registers of one bank.
struct PcrSelection {
    HashAlgorithm bank;
    std::set<std::uint32_t> pcrs;

    friend bool operator==(const PcrSelection&, const PcrSelection&) = default;
};

/// A quote that obeys the format. Every byte of it may still be a lie.
struct UnverifiedTpmQuote {
    Bytes bytes;  ///< the TPMS_ATTEST as received; what the signature covers
    Bytes qualified_signer;
    Bytes extra_data;
    TpmClock clock;
    std::uint64_t firmware_version;
    std::vector<PcrSelection> selections;
    Bytes pcr_digest;
};

/// Reads one TPMS_ATTEST; every byte is used. Errors: invalid_input "attest.tpm_format".
Result<UnverifiedTpmQuote> parse_tpm_quote(ByteView bytes);

enum class TpmSignatureKind : std::uint16_t { rsassa = 0x0014, rsapss = 0x0016, ecdsa = 0x0018 };

struct TpmSignature {
    TpmSignatureKind kind;
    HashAlgorithm hash;  ///< of the scheme; SHA-256 or better
    Bytes rsa;           ///< RSASSA, RSAPSS
    Bytes r;             ///< ECDSA; TPMs may leave out leading zeros
    Bytes s;
};

/// Reads one TPMT_SIGNATURE; every byte is used. Errors: invalid_input "attest.tpm_format".
Result<TpmSignature> parse_tpm_signature(ByteView bytes);

/// The signature as tpm2-tools write it in plain form: raw RSASSA bytes for an RSA key, DER for an ECDSA key, with the hash
/// that goes with the key (SHA-384 for P-384, else SHA-256). Errors: invalid_input "attest.tpm_format".
Result<TpmSignature> parse_plain_signature(ByteView bytes, const crypto::PublicKey& key);

/// TPMT_SIGNATURE again.
Bytes encode(const TpmSignature& signature);

/// Errors: unauthenticated "attest.signature" (also when scheme and key do not fit).
Status verify_tpm_signature(const crypto::PublicKey& key, ByteView message, const TpmSignature& signature);

}  // namespace iapp::attest
