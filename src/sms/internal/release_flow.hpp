#pragma once
// One release request from bytes to bytes: gather (chain, evidence, blobs), decide (policy, inside the transaction that
// records the decision), act (seal to the agent, or say why not). Nothing is sent before its leaf is durable.
#include <variant>

#include "sms/chain_facts.hpp"
#include "sms/internal/appraiser.hpp"
#include "sms/internal/bulk.hpp"
#include "sms/internal/ledger.hpp"
#include "sms/internal/local_facts.hpp"
#include "sms/internal/refusal_budget.hpp"
#include "store/group_committer.hpp"
#include "wire/errors.hpp"

namespace iapp::sms::internal {

/// Everything a release works with; all references outlive the flow.
struct ReleaseParts {
    policy::OperatorPolicy operator_policy;
    ChainFacts& chain;
    BlobSource& blobs;
    const Clock& clock;
    store::Database& database;
    store::GroupCommitter& committer;
    const SecretStore& secrets;
    const Nonces& nonces;
    const Ledger& ledger;
    const Appraiser& appraiser;
    RefusalBudget& refusals;
};

using ReleaseReply = std::variant<wire::SealedReply, wire::ErrorBody>;

/// An error of ChainFacts for a peer to see: node URLs may carry access keys, so the detail stays in our log.
Error public_chain_error(const Error& error);

/// An answer that was decided, and recorded as a leaf. Errors: the request could not be decided at all (malformed, or chain,
/// gateway, storage or collateral unavailable), or it would be one refusal too many (resource_exhausted
/// "sms.too_many_refusals"); nothing was released and nothing was recorded.
Result<ReleaseReply> handle_release(const ReleaseParts& parts, std::string_view body, const net::CallContext& context);

}  // namespace iapp::sms::internal
