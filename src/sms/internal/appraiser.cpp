#include "sms/internal/appraiser.hpp"

#include <fstream>
#include <sstream>

#include "attest/report_data.hpp"
#include "attest/tdx_quote.hpp"

namespace iapp::sms::internal {
namespace {

Result<attest::Collateral> load_collateral(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf()))
        return fail(ErrorKind::unavailable, "sms.collateral",
                    "the collateral file cannot be read; ask the operator to refresh it");
    auto collateral = attest::parse_collateral(text.str());
    if (!collateral)
        return fail(ErrorKind::unavailable, "sms.collateral",
                    "the collateral file is malformed; ask the operator to refresh it");
    return collateral;
}

/// What the quote must be over, from values we hold ourselves.
attest::ReportData expected_report_data(const wire::ReleaseRequest& request)
{
    return attest::report_data({.nonce = request.nonce.array(),
                                .hpke_public_key = request.hpke_public_key.array(),
                                .enclave = request.enclave_address,
                                .chain_id = request.chain_id,
                                .hub = request.hub,
                                .deal = Hash256(request.deal.bytes()),
                                .task = Hash256(request.task.bytes())});
}

void name_evidence(const attest::Evidence& evidence, Appraisal& out)
{
    const auto quote = attest::parse_tdx_quote(evidence.bytes);
    if (!quote) return;
    out.evidence_id = attest::evidence_id(*quote);
    out.mr_td = hex(quote->body.mr_td.bytes());
}

}  // namespace

Result<Appraiser> Appraiser::open(const wire::NetworkTrust& trust)
{
    TRY(const attest::TrustAnchor anchor, attest::TrustAnchor::from_pem(trust.root_certificate));
    attest::AppraisalPolicy policy;
    for (const Hash384& mr_td : trust.agent_measurements) policy.accepted.push_back(attest::ReferenceValue{mr_td});
    policy.dangerous_allow_simulated = trust.dangerous_allow_simulated_tee;
    return Appraiser(anchor, std::move(policy), trust.collateral_file);
}

Result<Appraisal> Appraiser::appraise(const wire::ReleaseRequest& request, UnixSeconds now) const
{
    Appraisal out;
    name_evidence(request.evidence, out);
    TRY(out.collateral, load_collateral(collateral_file_));
    attest::CheckLog checks;
    const auto judge = [&]() -> Result<attest::AttestationResult> {
        TRY(const attest::VerifiedQuote quote, attest::verify_tdx(request.evidence, *out.collateral, anchor_, now, checks));
        return attest::appraise(quote, policy_, expected_report_data(request), request.event_log, checks);
    };
    out.facts = policy::attestation_facts(judge());
    out.checks = checks.outcomes();
    return out;
}

}  // namespace iapp::sms::internal
