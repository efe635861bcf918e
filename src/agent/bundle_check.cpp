#include "agent/internal/bundle_check.hpp"

#include <algorithm>

#include "crypto/merkle.hpp"

namespace iapp::agent {
namespace {

std::unexpected<Error> wrong(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::corrupt, reason, std::move(detail) + "; the secret service answered another question");
}

const eth::Address& address_of(const wire::BundleDataset& dataset)
{
    return std::visit([](const auto& one) -> const eth::Address& { return one.address; }, dataset);
}

std::uint64_t position_of(const wire::BundleDataset& dataset)
{
    return std::visit([](const auto& one) { return one.position; }, dataset);
}

Status check_task(const wire::ReleaseBundle& bundle, const Assignment& task)
{
    if (bundle.task != task.config.task) return wrong("agent.bundle_task", "the release is for task " + bundle.task.hex());
    if (bundle.index != task.config.index || !bundle.deal.has_task(bundle.index))
        return wrong("agent.bundle_index", "the release is for index " + std::to_string(bundle.index));
    return {};
}

/// The deal's own dataset has position 0; the datasets of a bulk slice count from 1 without a gap; never both.
Status check_datasets(const wire::ReleaseBundle& bundle, const poco::RequestParams& params)
{
    const bool single = bundle.deal.has_dataset();
    std::uint64_t expected = single ? 0 : 1;
    for (const auto& dataset : bundle.datasets) {
        if (position_of(dataset) != expected++) return wrong("agent.bundle_dataset", "a dataset at an unexpected position");
        if (single && address_of(dataset) != bundle.deal.dataset.pointer)
            return wrong("agent.bundle_dataset", "a dataset the deal does not name");
    }
    if (single && bundle.datasets.size() != 1) return wrong("agent.bundle_dataset", "not exactly the dataset of the deal");
    if (!single && !params.bulk_cid && !bundle.datasets.empty())
        return wrong("agent.bundle_dataset", "datasets nobody paid for");
    return {};
}

/// Encryption that the requester asked for on chain cannot be switched off by the answer.
Status check_sealing(const wire::ReleaseBundle& bundle, const poco::RequestParams& params)
{
    const bool rsa = std::holds_alternative<wire::SealToRsa>(bundle.result);
    if (params.result_encryption == rsa) return {};
    return wrong("agent.bundle_sealing", params.result_encryption
                                             ? "the deal asks for an encrypted result and the release names no RSA key"
                                             : "an RSA key for a deal that asks for none");
}

std::vector<eth::Address> released(const wire::ReleaseBundle& bundle)
{
    std::vector<eth::Address> out;
    for (const auto& dataset : bundle.datasets)
        if (const auto* one = std::get_if<wire::ReleasedDataset>(&dataset)) out.push_back(one->address);
    return out;
}

/// The decision must be a release, of this run, and really in the tree whose head it carries.
Status check_decision(const wire::ReleaseBundle& bundle, const Assignment& task, const eth::Address& enclave)
{
    const auto& decision = bundle.decision;
    const auto leaf = attest::parse_leaf(decision.leaf);
    if (!leaf) return wrong("agent.bundle_decision", "the ledger leaf cannot be read");
    const bool ours = leaf->released && leaf->chain_id == task.config.chain_id && leaf->hub == task.config.hub &&
                      std::ranges::equal(leaf->deal.bytes(), task.config.deal.bytes()) &&
                      std::ranges::equal(leaf->task.bytes(), task.config.task.bytes()) && leaf->enclave == enclave;
    if (!ours) return wrong("agent.bundle_decision", "the ledger leaf is about another run");
    if (leaf->datasets != released(bundle))
        return wrong("agent.bundle_decision", "the ledger leaf lists other datasets than were released");
    if (!crypto::merkle_verify_inclusion(crypto::merkle_leaf_hash(decision.leaf), decision.index, decision.tree_head.size,
                                         decision.inclusion, decision.tree_head.root))
        return wrong("agent.bundle_decision", "the ledger leaf is not in the signed tree");
    return {};
}

}  // namespace

Status check_bundle(const wire::ReleaseBundle& bundle, const poco::RequestParams& params, const Assignment& task,
                    const eth::Address& enclave)
{
    TRY_OK(check_task(bundle, task));
    TRY_OK(check_datasets(bundle, params));
    TRY_OK(check_sealing(bundle, params));
    return check_decision(bundle, task, enclave);
}

}  // namespace iapp::agent
