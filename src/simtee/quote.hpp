#pragma once
// Writes Intel quotes: TDX version 4 or 5, SGX version 3, 4 or 5; the inverse of attest/intel_quote.hpp, from fields that
// tests can bend. Source: Intel SGX ECDSA Quote Library API, appendix A; Intel TDX DCAP Quote Generation Library API,
// appendix 3.
#include "attest/intel_quote.hpp"
#include "crypto/p256.hpp"

namespace iapp::simtee {

/// A TD report with the values of the simulated machine; measurement, registers and report data are the caller's.
attest::TdBody simulated_body(const Hash384& mr_td, const std::array<Hash384, 4>& rtmr,
                              const attest::ReportData& report_data);

/// A report of a production enclave on the simulated machine.
attest::SgxBody simulated_enclave(const Hash256& mr_enclave, const attest::ReportData& report_data);

/// A report of the simulated quoting enclave that certifies `attestation_key` and `auth`.
attest::SgxBody simulated_qe_report(const crypto::P256PublicKey& attestation_key, ByteView auth);

/// What one quote is made of.
struct QuoteParts {
    attest::TdBody body;
    attest::SgxBody qe_report;
    Bytes qe_auth;
    std::string pck_chain_pem;

    std::optional<attest::SgxBody> enclave = {};  ///< set: the quote is an SGX quote over this report; `body` is not used
    std::uint16_t version = 0;                    ///< 0: the usual one, 3 for SGX, 5 for TD 1.5, else 4
    std::optional<attest::PckReference> reference = {};  ///< set: certification data name the certificate, no chain inside
    std::uint16_t reference_type = 1;                    ///< 1 clear PPID; 2 and 3 write as many zero bytes in its place
    /// Over the QE report, kept from an earlier quote as a quoting enclave keeps it; absent: the PCK key signs again.
    std::optional<crypto::P256Signature> qe_signature = {};
};

/// The PCK key's signature over a report of the quoting enclave.
crypto::P256Signature sign_qe_report(const attest::SgxBody& qe_report, const crypto::P256Key& pck_key);

/// The authentication data of the simulated quoting enclave: 32 bytes, as Intel's uses.
Bytes simulated_qe_auth();

/// Signs the QE report with the PCK key and header || body with the attestation key.
Bytes encode_quote(const QuoteParts& parts, const crypto::P256Key& pck_key, const crypto::P256Key& attestation_key);

}  // namespace iapp::simtee
