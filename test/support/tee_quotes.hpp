#pragma once
// Evidence as hardware would return it, for tests of collectors: well formed, over the report data asked for, signed by
// nobody whom a verifier knows.
#include "simtee/quote.hpp"

namespace iapp::test {

inline Bytes intel_quote(simtee::QuoteParts parts)
{
    static const auto pck = crypto::P256Key::generate();
    static const auto attestation = crypto::P256Key::generate();
    parts.qe_auth = simtee::simulated_qe_auth();
    parts.qe_report = simtee::simulated_qe_report(attestation.public_key(), parts.qe_auth);
    parts.pck_chain_pem = "-----BEGIN CERTIFICATE-----\n";
    return simtee::encode_quote(parts, pck, attestation);
}

inline simtee::QuoteParts parts_of(const attest::TdBody& body)
{
    return {.body = body,
            .qe_report = simtee::simulated_enclave(Hash256::zero(), body.report_data),
            .qe_auth = {},
            .pck_chain_pem = {}};
}

inline Bytes tdx_quote(const attest::ReportData& report_data, const std::array<Hash384, 4>& rtmr)
{
    return intel_quote(parts_of(simtee::simulated_body(Hash384::zero(), rtmr, report_data)));
}

inline Bytes tdx_quote(const attest::ReportData& report_data)
{
    return tdx_quote(report_data, {Hash384::zero(), Hash384::zero(), Hash384::zero(), Hash384::zero()});
}

inline Bytes sgx_quote(const attest::ReportData& report_data)
{
    const Hash384 none = Hash384::zero();
    auto parts = parts_of(simtee::simulated_body(none, {none, none, none, none}, report_data));
    parts.enclave = simtee::simulated_enclave(Hash256::zero(), report_data);
    return intel_quote(parts);
}

/// A version 2 report that obeys the format.
inline Bytes snp_report(const attest::ReportData& report_data, std::uint8_t vmpl = 0)
{
    Bytes report(0x4A0);
    report[0] = 2;
    report[0x0A] = 2;  // POLICY bit 17
    report[0x30] = vmpl;
    report[0x34] = 1;  // ECDSA P-384 with SHA-384
    copy_bytes(report_data.bytes(), std::span(report).subspan(0x50));
    return report;
}

}  // namespace iapp::test
