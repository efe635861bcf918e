#pragma once
// Writes TDX quotes, version 4 or (TD 1.5 body) 5: the inverse of attest/tdx_quote.hpp, from fields that tests can bend.
// Source: Intel TDX DCAP Quote Generation Library API, appendix 3.
#include "attest/tdx_quote.hpp"
#include "crypto/p256.hpp"

namespace iapp::simtee {

/// A TD report with the values of the simulated machine; measurement, registers and report data are the caller's.
attest::TdBody simulated_body(const Hash384& mr_td, const std::array<Hash384, 4>& rtmr,
                              const attest::ReportData& report_data);

/// A report of the simulated quoting enclave that certifies `attestation_key` and `auth`.
attest::EnclaveReport simulated_qe_report(const crypto::P256PublicKey& attestation_key, ByteView auth);

/// What one quote is made of.
struct QuoteParts {
    attest::TdBody body;
    attest::EnclaveReport qe_report;
    Bytes qe_auth;
    std::string pck_chain_pem;
};

/// The authentication data of the simulated quoting enclave: 32 bytes, as Intel's uses.
Bytes simulated_qe_auth();

/// Signs the QE report with the PCK key and header || body with the attestation key. Version 5 when both TD 1.5 fields
/// are set.
Bytes encode_quote(const QuoteParts& parts, const crypto::P256Key& pck_key, const crypto::P256Key& attestation_key);

}  // namespace iapp::simtee
