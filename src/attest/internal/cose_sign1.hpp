#pragma once
// COSE_Sign1 (RFC 9052 section 4.2), tagged 18, with the payload inside, in deterministic CBOR.
// Not a verifier: it says which bytes are signed, and the caller knows which algorithm and key it accepts.
#include "codec/cbor.hpp"

namespace iapp::attest {

struct CoseSign1 {
    Bytes protected_header;  ///< as encoded: the signature covers these very bytes
    cbor::Map unprotected;
    Bytes payload;
    Bytes signature;
};

/// Errors: invalid_input, the ids of codec/cbor.hpp, and "attest.ear_format" (not a COSE_Sign1).
Result<CoseSign1> parse_cose_sign1(ByteView bytes, const cbor::Limits& limits);

/// Errors: invalid_input, the ids of codec/cbor.hpp.
Result<Bytes> encode_cose_sign1(const CoseSign1& message);

/// What is signed: Sig_structure with context "Signature1" and no external data (section 4.4).
Bytes cose_signed_bytes(const CoseSign1& message);

}  // namespace iapp::attest
