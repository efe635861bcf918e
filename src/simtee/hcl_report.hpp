#pragma once
// Writes what an Azure confidential VM sends, also wrong: HCL reports and evidence documents. The inverse of
// attest/azure.hpp.
#include "attest/azure.hpp"

namespace iapp::simtee {

/// Runtime claims that name `ak` as attestation key, beside another key, as the paravisor writes them.
std::string hcl_claims(const crypto::PublicKey& ak);

/// An HCL report field by field; sizes follow from the contents unless they are set.
struct HclFields {
    std::string magic = "HCLA";
    std::uint32_t version = 2;
    std::uint32_t request_type = 2;
    std::uint32_t status = 0;
    attest::EvidenceKind hardware = attest::EvidenceKind::snp;
    Bytes hardware_report;
    std::uint32_t runtime_version = 1;
    std::uint32_t hash = 1;
    std::string claims;
    std::size_t padding = 64;
};
Bytes encode_hcl_report(const HclFields& fields);

/// The report data that vouch for the claims: SHA-256 of them, then zeros.
attest::ReportData hcl_report_data(std::string_view claims);

/// The two spellings of evidence documents.
enum class AzureForm : unsigned char { numbered, old };
std::string encode_azure_evidence(const attest::AzureEvidence& evidence, AzureForm form);

}  // namespace iapp::simtee
