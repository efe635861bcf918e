// Checks of the request, the chain and the evidence: what concerns the task as a whole.
#include "policy/internal/checks.hpp"

namespace iapp::policy::internal {

Refusal refuse(CheckId id, std::string message)
{
    const CheckInfo& check = info(id);
    return {check.reason, std::move(message), std::string(check.fix)};
}

MaybeRefusal check_chain(const ReleaseFacts& facts)
{
    if (facts.chain.disagreement) return refuse(CheckId::chain, *facts.chain.disagreement);
    if (facts.request.chain_id != facts.operator_policy.chain_id)
        return refuse(CheckId::chain, "this service serves chain " + std::to_string(facts.operator_policy.chain_id) +
                                          ", not chain " + std::to_string(facts.request.chain_id));
    if (facts.request.hub != facts.operator_policy.hub)
        return refuse(CheckId::chain, "this service serves hub " + eth::to_checksum(facts.operator_policy.hub));
    return std::nullopt;
}

MaybeRefusal check_nonce(const ReleaseFacts& facts)
{
    switch (facts.nonce) {
        case NonceState::open:
            return std::nullopt;
        case NonceState::used:
            return refuse(CheckId::nonce, "the nonce has been used");
        case NonceState::expired:
            return refuse(CheckId::nonce, "the nonce has expired");
        case NonceState::unknown:
            break;
    }
    return refuse(CheckId::nonce, "the nonce was not issued here for this task");
}

MaybeRefusal check_deal(const ReleaseFacts& facts)
{
    if (facts.chain.deal.exists()) return std::nullopt;
    return refuse(CheckId::deal_unknown, "no deal " + facts.request.deal.hex() + " on chain");
}

MaybeRefusal check_task_identity(const ReleaseFacts& facts)
{
    const RequestFacts& request = facts.request;
    if (!facts.chain.deal.has_task(request.index))
        return refuse(CheckId::task_mismatch, "the deal has no task with index " + std::to_string(request.index));
    if (poco::task_id(request.deal, request.index) != request.task)
        return refuse(CheckId::task_mismatch, "deal and index give another task id");
    const poco::Task& task = facts.chain.task;
    if (task.exists() && (task.deal != request.deal || task.index != request.index))
        return refuse(CheckId::task_mismatch, "the chain records another deal or index for this task");
    return std::nullopt;
}

MaybeRefusal check_task_active(const ReleaseFacts& facts)
{
    if (facts.chain.task.status == poco::TaskStatus::active) return std::nullopt;
    return refuse(CheckId::task_not_active, "the task is " + std::string(poco::name(facts.chain.task.status)));
}

MaybeRefusal check_task_deadline(const ReleaseFacts& facts)
{
    if (facts.now < facts.chain.task.contribution_deadline) return std::nullopt;
    return refuse(CheckId::task_deadline,
                  "the contribution deadline was " + iso8601(facts.chain.task.contribution_deadline));
}

/// A deal may leave the framework open, as those that the sharing contract makes for pools of an older tag do: what ran
/// is then for the evidence to say, as always. One that names another framework wants what this service does not verify.
MaybeRefusal check_deal_tag(const ReleaseFacts& facts)
{
    const poco::Tag& tag = facts.chain.deal.tag;
    if (!poco::has(tag, poco::TagBit::tee)) return refuse(CheckId::tag, "the deal's tag asks for no TEE");
    const bool is_open = (tag & poco::framework_bits()).is_zero();
    if (is_open || poco::framework(tag) == poco::Framework::tdx) return std::nullopt;
    return refuse(CheckId::tag, "the deal's tag asks for framework " + std::string(poco::name(poco::framework(tag))));
}

/// The hub takes any 65 bytes as the signature of the zero address, so such a deal was agreed to by nobody.
MaybeRefusal check_deal_requester(const ReleaseFacts& facts)
{
    if (!facts.chain.deal.requester.is_zero()) return std::nullopt;
    return refuse(CheckId::requester, "the deal's requester is the zero address");
}

MaybeRefusal check_matched_orders(const ReleaseFacts& facts)
{
    const auto& matched = facts.chain.matched;
    if (!matched) return refuse(CheckId::order_unknown, "no match of this deal was seen on chain");
    if (poco::deal_id(matched->request, facts.chain.deal.bot_first) != facts.request.deal)
        return refuse(CheckId::order_unknown, "the matched request order gives another deal id");
    if (matched->dataset.is_zero() == facts.chain.deal.has_dataset())
        return refuse(CheckId::order_unknown, "match and deal disagree on whether there is a dataset");
    return std::nullopt;
}

MaybeRefusal check_evidence(const ReleaseFacts& facts)
{
    const auto* refused = std::get_if<NotAttested>(&facts.attestation);
    if (refused == nullptr) return std::nullopt;
    if (const auto ours = find_check(refused->reason)) return refuse(ours->id, refused->detail);
    const auto check = attest::find_check(refused->reason);
    return Refusal{refused->reason, refused->detail, check ? std::string(check->fix) : std::string()};
}

MaybeRefusal check_simulated(const ReleaseFacts& facts)
{
    if (!std::get<Attested>(facts.attestation).simulated || facts.operator_policy.dangerous_allow_simulated_tee)
        return std::nullopt;
    return refuse(CheckId::simulated_tee, "the evidence comes from a simulated TEE");
}

MaybeRefusal check_measured_run(const ReleaseFacts& facts)
{
    const attest::RunIdentity& run = std::get<Attested>(facts.attestation).run;
    const RequestFacts& request = facts.request;
    if (run.chain_id != request.chain_id || run.hub != request.hub)
        return refuse(CheckId::chain, "the agent measured another chain or hub");
    if (run.deal != Hash256(request.deal.bytes()) || run.task != Hash256(request.task.bytes()))
        return refuse(CheckId::task_mismatch, "the agent measured another deal or task");
    return std::nullopt;
}

/// An agent that believes somebody else would take other data, other arguments and another recipient from them, and sign
/// for the result with the enclave key that we are about to publish.
MaybeRefusal check_agent_config(const ReleaseFacts& facts)
{
    const eth::Address& signer = facts.operator_policy.ledger_signer;
    if (facts.agent_believes == signer && !signer.is_zero()) return std::nullopt;
    return refuse(CheckId::agent_config,
                  "the agent's measured configuration does not name ledger signer " + eth::to_checksum(signer));
}

MaybeRefusal check_image_digest(const ReleaseFacts& facts)
{
    const Hash256& measured = std::get<Attested>(facts.attestation).run.image_digest;
    if (measured == facts.chain.app_checksum && !measured.is_zero()) return std::nullopt;
    return refuse(CheckId::image_digest, "the app is sha256:" + hex(facts.chain.app_checksum.bytes()) +
                                             ", the agent runs sha256:" + hex(measured.bytes()));
}

MaybeRefusal check_bulk(const ReleaseFacts& facts)
{
    if (!facts.bulk_failure) return std::nullopt;
    return refuse(CheckId::bulk, *facts.bulk_failure);
}

}  // namespace iapp::policy::internal
