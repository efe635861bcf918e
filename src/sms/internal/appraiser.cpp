#include "sms/internal/appraiser.hpp"

#include <mutex>

#include "attest/intel_verify.hpp"
#include "attest/report_data.hpp"
#include "base/file.hpp"

namespace iapp::sms::internal {
namespace {

Result<std::string> read_text(const std::string& path)
{
    if (auto text = read_file(path)) return *std::move(text);
    return fail(ErrorKind::unavailable, "sms.collateral",
                "the collateral file cannot be read; ask the operator to refresh it");
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
    const auto quote = attest::parse_intel_quote(evidence.bytes);
    if (!quote) return;
    out.evidence_id = attest::evidence_id(*quote);
    if (quote->td() != nullptr) out.mr_td = hex(quote->td()->mr_td.bytes());
}

}  // namespace

/// What one content of the collateral file amounts to; replaced when the content changes.
struct Appraiser::Endorsed {
    std::string text;
    attest::Collateral collateral;
    std::optional<attest::IntelVerifier> verifier;  ///< absent when the collateral fails its own checks
};

struct Appraiser::Kept {
    std::mutex mutex;
    std::shared_ptr<const Endorsed> endorsed;
    std::shared_ptr<attest::PckCache> pck_cache = std::make_shared<attest::PckCache>();
};

Appraiser::Appraiser(attest::TrustAnchor anchor, attest::AppraisalPolicy policy, std::string collateral_file)
    : anchor_(anchor),
      policy_(std::move(policy)),
      collateral_file_(std::move(collateral_file)),
      kept_(std::make_unique<Kept>())
{
}
Appraiser::Appraiser(Appraiser&&) noexcept = default;
Appraiser& Appraiser::operator=(Appraiser&&) noexcept = default;
Appraiser::~Appraiser() = default;

Result<Appraiser> Appraiser::open(const wire::NetworkTrust& trust)
{
    TRY(const attest::TrustAnchor anchor, attest::TrustAnchor::from_pem(trust.root_certificate));
    attest::AppraisalPolicy policy;
    for (const Hash384& mr_td : trust.agent_measurements) policy.accepted.push_back(attest::tdx_reference(mr_td));
    policy.dangerous_allow_simulated = trust.dangerous_allow_simulated_tee;
    return Appraiser(anchor, std::move(policy), trust.collateral_file);
}

Result<std::shared_ptr<const Appraiser::Endorsed>> Appraiser::endorsed() const
{
    TRY(std::string text, read_text(collateral_file_));
    const std::scoped_lock lock(kept_->mutex);
    if (kept_->endorsed && kept_->endorsed->text == text) return kept_->endorsed;
    auto collateral = attest::parse_collateral(text);
    if (!collateral)
        return fail(ErrorKind::unavailable, "sms.collateral",
                    "the collateral file is malformed; ask the operator to refresh it");
    attest::CheckLog opening;
    auto endorsements = attest::IntelEndorsements::open(*collateral, anchor_, opening);
    std::optional<attest::IntelVerifier> verifier;
    if (endorsements) verifier.emplace(*std::move(endorsements), kept_->pck_cache);
    kept_->endorsed =
        std::make_shared<const Endorsed>(Endorsed{std::move(text), *std::move(collateral), std::move(verifier)});
    return kept_->endorsed;
}

Result<Appraisal> Appraiser::appraise(const wire::ReleaseRequest& request, UnixSeconds now) const
{
    Appraisal out;
    name_evidence(request.evidence, out);
    TRY(const std::shared_ptr<const Endorsed> endorsed, this->endorsed());
    out.collateral = endorsed->collateral;
    attest::CheckLog checks;
    const auto verify = [&] {  // without a verifier the one-call form names the check that the collateral fails
        return endorsed->verifier ? endorsed->verifier->verify(request.evidence, now, checks)
                                  : attest::verify_intel(request.evidence, endorsed->collateral, anchor_, now, checks);
    };
    const auto judge = [&]() -> Result<attest::RunAttestation> {
        TRY(const attest::VerifiedQuote quote, verify());
        return attest::appraise_run(quote, policy_, expected_report_data(request), request.event_log, now, checks);
    };
    out.facts = policy::attestation_facts(judge());
    out.checks = checks.outcomes();
    return out;
}

}  // namespace iapp::sms::internal
