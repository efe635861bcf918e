#pragma once
// Writes SEV-SNP reports, versions 2 to 5, and the host's certificate table: the inverse of attest/snp_report.hpp and
// attest/snp_cert_table.hpp, from fields that tests can bend. Source: AMD 56860, 56421.
#include "attest/snp_cert_table.hpp"
#include "attest/snp_report.hpp"
#include "simtee/snp_authority.hpp"

namespace iapp::simtee {

/// A report of the simulated machine at VMPL 0 with no debugging; signed by `kind` of key when it is written.
attest::UnverifiedSnpReport simulated_report(const SnpMachine& machine, attest::VekKind kind, std::uint32_t version,
                                             const Hash384& measurement, const attest::ReportData& report_data);

/// The 1184 bytes with a zero signature. `signed_bytes`, `signature` and `product` are ignored.
Bytes write_snp_report(const attest::UnverifiedSnpReport& fields);

/// Writes the fields and signs them.
Bytes encode_snp_report(const attest::UnverifiedSnpReport& fields, const crypto::SigningKey& vek_key);

/// Signs the first 0x2a0 bytes of a report as they are.
void sign_snp_report(Bytes& report, const crypto::SigningKey& vek_key);

/// Entries in this order, certificates packed behind them.
Bytes encode_snp_cert_table(const attest::SnpCertTable& table);

}  // namespace iapp::simtee
