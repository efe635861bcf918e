#include "attest/azure.hpp"

namespace iapp::attest {
namespace {

Result<AzureEvidence> open(const Evidence& evidence, EvidenceKind kind, CheckLog& checks)
{
    if (evidence.kind != kind) return checks.fail(CheckId::evidence_kind, "not evidence of kind " + std::string(name(kind)));
    checks.pass(CheckId::evidence_kind);
    auto parsed = parse_azure_evidence(as_text(evidence.bytes), kind);
    if (!parsed) return checks.fail(CheckId::hcl_format, parsed.error().detail);
    return parsed;
}

Result<HclReport> open_report(const AzureEvidence& evidence, EvidenceKind hardware, CheckLog& checks)
{
    auto report = parse_hcl_report(evidence.hcl_report);
    if (!report) return checks.fail(CheckId::hcl_format, report.error().detail);
    if (report->hardware != hardware)
        return checks.fail(CheckId::hcl_format, "the report is of " + std::string(name(report->hardware)));
    checks.pass(CheckId::hcl_format);
    return report;
}

/// The hash of the claims fills the first half of the report data, and nothing is in the other half.
Status check_binding(const ReportData& report_data, const HclReport& hcl, CheckLog& checks)
{
    Bytes expected = to_bytes(crypto::sha256(as_bytes(hcl.runtime_claims)).bytes());
    expected.resize(ReportData::kSize);
    const bool equal = std::ranges::equal(report_data.bytes(), expected);
    return checks.require(CheckId::hcl_binding, equal,
                          equal ? "" : "report data are not SHA-256 of the runtime claims, then zeros");
}

}  // namespace

/// The two halves put together; a class because only it may make the trusted key and the verified whole.
class AzureVerifier {
public:
    /// `hardware` is verified; its report data have to vouch for the claims, the claims name the key.
    static Result<VerifiedAzure> finish(VerifiedAzure::Hardware hardware, const ReportData& report_data, HclReport hcl,
                                        const AzureEvidence& evidence, const PcrSelection& demanded, CheckLog& checks)
    {
        TRY_OK(check_binding(report_data, hcl, checks));
        checks.skip(CheckId::ak, "named by HCL");
        checks.pass(CheckId::ak_binding, "HCL report");
        const Hash256 id = crypto::sha256(hcl.ak.spki_der());
        const TrustedAk ak(hcl.ak, to_bytes(id.bytes()), TrustedAk::Source::hcl_report);
        TRY(VerifiedTpmQuote tpm, verify_tpm(evidence.tpm, ak, demanded, checks));
        return VerifiedAzure(std::move(hardware), std::move(tpm), std::move(hcl.runtime_claims));
    }
};

bool VerifiedAzure::simulated() const
{
    return std::visit([](const auto& evidence) { return evidence.simulated(); }, hardware_);
}

UnixSeconds VerifiedAzure::valid_until() const
{
    return std::visit([](const auto& evidence) { return evidence.valid_until(); }, hardware_);
}

Hash256 VerifiedAzure::evidence_id() const
{
    const Hash256 hardware = std::visit([](const auto& evidence) { return Hash256(evidence.evidence_id()); }, hardware_);
    return crypto::Sha256().update(hardware.bytes()).update(tpm_.evidence_id().bytes()).finish();
}

Result<VerifiedAzure> verify_azure_snp(const AzureEvidence& evidence, const SnpEndorsements& endorsements,
                                       const AmdTrust& trust, Revocation revocation, const PcrSelection& demanded,
                                       UnixSeconds now, CheckLog& checks)
{
    TRY(HclReport hcl, open_report(evidence, EvidenceKind::snp, checks));
    SnpEndorsements used = endorsements;
    if (used.vek.empty()) used.vek = evidence.vek;
    TRY(const SnpEndorser endorser, SnpEndorser::create(used, trust, revocation, checks));
    TRY(VerifiedSnpReport report, endorser.verify(hcl.hardware_report, now, checks));
    const ReportData report_data = report.report().report_data;
    return AzureVerifier::finish(std::move(report), report_data, std::move(hcl), evidence, demanded, checks);
}

Result<VerifiedAzure> verify_azure_snp(const Evidence& evidence, const SnpEndorsements& endorsements, const AmdTrust& trust,
                                       Revocation revocation, const PcrSelection& demanded, UnixSeconds now,
                                       CheckLog& checks)
{
    TRY(const AzureEvidence opened, open(evidence, EvidenceKind::azure_snp, checks));
    return verify_azure_snp(opened, endorsements, trust, revocation, demanded, now, checks);
}

Result<VerifiedAzure> verify_azure_tdx(const AzureEvidence& evidence, const Collateral& collateral,
                                       const TrustAnchor& anchor, const PcrSelection& demanded, UnixSeconds now,
                                       CheckLog& checks)
{
    TRY(HclReport hcl, open_report(evidence, EvidenceKind::tdx, checks));
    TRY(VerifiedQuote quote, verify_intel({EvidenceKind::tdx, evidence.td_quote}, collateral, anchor, now, checks));
    const ReportData report_data = quote.report_data();
    return AzureVerifier::finish(std::move(quote), report_data, std::move(hcl), evidence, demanded, checks);
}

Result<VerifiedAzure> verify_azure_tdx(const Evidence& evidence, const Collateral& collateral, const TrustAnchor& anchor,
                                       const PcrSelection& demanded, UnixSeconds now, CheckLog& checks)
{
    TRY(const AzureEvidence opened, open(evidence, EvidenceKind::azure_tdx, checks));
    return verify_azure_tdx(opened, collateral, anchor, demanded, now, checks);
}

}  // namespace iapp::attest
