#pragma once
// Endorsements for one Intel platform: CRLs, TCB info and QE identity, exactly as their signer served them.
// Untrusted until intel_verify.hpp has checked signatures and windows. TCB info and QE identity stay raw bytes: the
// signature covers those bytes, and only those bytes are ever parsed.
#include <optional>

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
    std::optional<std::string> pck_certificate_chain;  ///< PEM: PCK, CA, root; used for quotes that do not carry their own
};

/// One JSON object with the nine members above and, when there is one, pck_certificate_chain; DER and signatures are hex
/// without prefix. Errors: invalid_input "attest.collateral_format".
Result<Collateral> parse_collateral(std::string_view json);

/// The same object, canonical (sorted members, no white space).
std::string encode_collateral(const Collateral& collateral);

/// The signed object of a PCS answer such as {"tcbInfo":{...},"signature":"hex"}: the exact bytes of the first member.
struct SignedObject {
    std::string bytes;
    Bytes signature;
};

/// `member`  "tcbInfo" or "enclaveIdentity". Errors: invalid_input "attest.collateral_format".
Result<SignedObject> slice_signed_object(std::string_view json, std::string_view member);

/// The bodies and headers of the service's answers, each as it was served (issuer chains unescaped to PEM).
struct CollateralParts {
    std::string tcb_info;  ///< {"tcbInfo":{...},"signature":"hex"}
    std::string tcb_info_issuer_chain;
    std::string qe_identity;  ///< {"enclaveIdentity":{...},"signature":"hex"}
    std::string qe_identity_issuer_chain;
    Bytes root_ca_crl;  ///< DER, PEM, or hex digits of the DER
    Bytes pck_crl;      ///< likewise
    std::string pck_crl_issuer_chain;
    std::optional<std::string> pck_certificate_chain;
};

/// Errors: invalid_input "attest.collateral_format".
Result<Collateral> collateral_from_parts(const CollateralParts& parts);

}  // namespace iapp::attest
