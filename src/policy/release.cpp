#include "policy/release.hpp"

#include <algorithm>

#include "policy/internal/checks.hpp"

namespace iapp::policy {
namespace {

using internal::MaybeRefusal;
using internal::refuse;

/// Checks that concern the whole task, in order.
constexpr internal::TaskCheck kBeforeEvidence[] = {
    internal::check_chain,         internal::check_nonce,          internal::check_deal,
    internal::check_task_identity, internal::check_task_active,    internal::check_task_deadline,
    internal::check_deal_tag,      internal::check_deal_requester, internal::check_matched_orders,
};
constexpr internal::TaskCheck kAfterEvidence[] = {
    internal::check_evidence,     internal::check_simulated,    internal::check_measured_run,
    internal::check_agent_config, internal::check_image_digest, internal::check_bulk,
};

MaybeRefusal first_refusal(std::span<const internal::TaskCheck> checks, const ReleaseFacts& facts)
{
    for (const internal::TaskCheck check : checks)
        if (auto refusal = check(facts)) return refusal;
    return std::nullopt;
}

/// A missing dataset fact is a refusal too: the deal names a dataset, so there is one to decide about.
MaybeRefusal check_dataset_list(const ReleaseFacts& facts)
{
    if (!facts.chain.deal.has_dataset()) return std::nullopt;
    const bool is_own = facts.datasets.size() == 1 && facts.datasets[0].position == 0 &&
                        facts.datasets[0].address == facts.chain.deal.dataset.pointer;
    if (is_own) return std::nullopt;
    return refuse(CheckId::order_unknown, "the dataset of the deal was not looked up");
}

/// Fills `decisions`. A refusal here ends the whole release.
MaybeRefusal decide_datasets(const ReleaseFacts& facts, const manifest::AppManifest& app,
                             std::vector<DatasetDecision>& decisions)
{
    if (auto refusal = check_dataset_list(facts)) return refusal;
    const bool all_or_nothing = app.datasets == manifest::DatasetRule::all || facts.chain.deal.has_dataset();
    std::map<std::pair<Hash256, eth::Address>, std::uint64_t> given;  // a slice may name one order more than once
    for (DatasetFacts dataset : facts.datasets) {
        std::uint64_t& given_here = given[{dataset.order_hash, dataset.address}];
        dataset.releases += given_here;
        auto refusal = internal::check_dataset(facts, dataset);
        if (!refusal) refusal = internal::check_dataset_callback(facts, dataset, app);
        if (refusal && all_or_nothing) return refusal;
        if (!refusal) ++given_here;
        decisions.push_back({dataset.position, dataset.address, std::move(refusal)});
    }
    return std::nullopt;
}

MaybeRefusal check_requester_secrets(const ReleaseFacts& facts, const std::map<std::uint32_t, std::string>& wanted)
{
    for (const auto& [position, secret] : wanted)
        if (!facts.secrets.requester_secrets.contains(secret))
            return refuse(CheckId::secret_missing, "the requester has no secret named " + secret);
    return std::nullopt;
}

/// What the network cannot read becomes the app's arguments, and every setting in it is off. For encryption that would be a
/// result in clear for somebody who asked for a sealed one.
MaybeRefusal check_params(const ReleaseFacts& facts, const poco::RequestParams& params)
{
    if (params.degraded.empty() || !facts.chain.deal.params.contains("iexec_result_encryption")) return std::nullopt;
    return refuse(CheckId::params, "the deal's params speak of encryption and cannot be read: " + params.degraded);
}

}  // namespace

AttestationFacts attestation_facts(const Result<attest::RunAttestation>& result)
{
    if (result) return Attested{result->simulated(), result->run()};
    // Both rooms refuse what is simulated; the refusal has one name, whichever of them sees it first.
    const bool simulated = result.error().reason == attest::info(attest::CheckId::simulated).reason;
    return NotAttested{simulated ? info(CheckId::simulated_tee).reason : result.error().reason, result.error().detail};
}

Decision decide(const ReleaseFacts& facts)
{
    if (auto refusal = first_refusal(kBeforeEvidence, facts)) return *std::move(refusal);
    if (auto refusal = first_refusal(kAfterEvidence, facts)) return *std::move(refusal);

    const auto& label = std::get<Attested>(facts.attestation).run.app_manifest;
    const auto app = manifest::of_label(label.empty() ? std::nullopt : std::optional(to_text(label)));
    if (!app) return refuse(CheckId::manifest, app.error().detail);

    Release release;
    if (auto refusal = decide_datasets(facts, *app, release.datasets)) return *std::move(refusal);

    const poco::RequestParams params = poco::parse_params(facts.chain.deal.params);
    if (auto refusal = internal::check_callback(facts, params)) return *std::move(refusal);
    if (auto refusal = check_params(facts, params)) return *std::move(refusal);
    if (auto refusal = check_requester_secrets(facts, params.secrets)) return *std::move(refusal);
    if (auto refusal = internal::choose_result_mode(facts.secrets, params.result_encryption, release.result))
        return *std::move(refusal);
    release.app_secret = facts.secrets.app_secret;
    release.requester_secrets = params.secrets;
    return release;
}

}  // namespace iapp::policy
