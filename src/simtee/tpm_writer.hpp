#pragma once
// Writes TPM structures, also wrong ones: the inverse of attest/tpm_public.hpp and attest/tpm_quote.hpp.
#include "attest/tpm_evidence.hpp"
#include "attest/tpm_public.hpp"
#include "attest/tpm_quote.hpp"
#include "crypto/signing_key.hpp"

namespace iapp::simtee {

/// A TPMS_ATTEST field by field.
struct TpmQuoteFields {
    std::uint32_t magic = 0xff544347;
    std::uint16_t type = 0x8018;
    Bytes qualified_signer;
    Bytes extra_data;
    std::uint64_t clock = 51'145;
    std::uint32_t reset_count = 2;
    std::uint32_t restart_count = 0;
    std::uint8_t safe = 1;
    std::uint64_t firmware_version = 0x2019'1023'0016'3636;
    struct Selection {
        std::uint16_t bank;
        Bytes bitmap;
    };
    std::vector<Selection> selections;
    Bytes pcr_digest;
};

Bytes encode_tpm_quote(const TpmQuoteFields& fields);
TpmQuoteFields::Selection encode_selection(const attest::PcrSelection& selection);

/// A TPMT_PUBLIC field by field; the key's numbers come from `key`.
struct TpmPublicFields {
    std::uint16_t name_algorithm = 0x000b;
    std::uint32_t attributes = attest::kAkRequired | attest::tpm_attribute::kUserWithAuth;
    Bytes auth_policy;
    attest::TpmSymmetric symmetric{attest::tpm_algorithm::kNull, 0, 0};
    std::uint16_t scheme = attest::tpm_algorithm::kNull;
    std::uint16_t scheme_hash = 0x000b;  ///< written unless the scheme is kNull
    bool short_coordinates = false;      ///< leave out leading zeros, as some TPMs do
};

Bytes encode_tpm_public(const TpmPublicFields& fields, const crypto::PublicKey& key);

/// The public area of an attestation key: ECDSA for EC keys, RSASSA for RSA keys, with the hash that goes with the key.
TpmPublicFields ak_fields(const crypto::PublicKey& key);

/// The public area of an endorsement key by the default templates of the TCG EK Credential Profile.
TpmPublicFields ek_fields();

/// Signs as the TPM does, in the scheme of ak_fields().
attest::TpmSignature tpm_sign(const crypto::SigningKey& key, ByteView message, bool pss = false);

/// A TPM with one attestation key and register values of its own.
struct SimulatedTpm {
    crypto::SigningKey ak;
    attest::HashAlgorithm bank = attest::HashAlgorithm::sha256;
    std::map<std::uint32_t, Bytes> pcrs;  ///< all 24

    explicit SimulatedTpm(crypto::SigningKey key);

    Bytes ak_public() const;

    /// What this TPM would attest for the selection.
    TpmQuoteFields quote_fields(const attest::PcrSelection& selection, ByteView extra_data) const;

    /// Evidence over these fields, with the values of the selected registers.
    attest::TpmEvidence evidence(const TpmQuoteFields& fields, const attest::PcrSelection& selection) const;
    attest::TpmEvidence quote(const attest::PcrSelection& selection, ByteView extra_data) const;
};

}  // namespace iapp::simtee
