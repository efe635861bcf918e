#pragma once
// Endorsements for one platform: CRLs, TCB info and QE identity, exactly as their signer served them.
// Untrusted until verify.hpp has checked signatures and windows. TCB info and QE identity stay raw bytes: the signature
// covers those bytes, and only those bytes are ever parsed.
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace iapp::attest {

struct Collateral {
    std::string pck_crl_issuer_chain;   ///< PEM: PCK CA, root
    Bytes root_ca_crl;                  ///< DER
    Bytes pck_crl;                      ///< DER
    std::string tcb_info_issuer_chain;  ///< PEM: TCB signing, root
    std::string tcb_info;               ///< exact signed bytes
    Bytes tcb_info_signature;           ///< raw r || s
    std::string qe_identity_issuer_chain;
    std::string qe_identity;
    Bytes qe_identity_signature;
};

/// One JSON object with the nine members above; DER and signatures are hex without prefix.
/// Errors: invalid_input "attest.collateral_format".
Result<Collateral> parse_collateral(std::string_view json);

/// The same object, canonical (sorted members, no white space).
std::string encode_collateral(const Collateral& collateral);

/// The signed object of a PCS answer such as {"tcbInfo":{...},"signature":"hex"}: the exact bytes of the first member.
struct SignedObject {
    std::string bytes;
    Bytes signature;
};

/// Errors: invalid_input "attest.collateral_format".
Result<SignedObject> slice_signed_object(std::string_view json, std::string_view member);

}  // namespace iapp::attest
