#pragma once
// What dataset owners said here about their orders: limits, revocations, and how often each key was released.
// A grant is named by order and dataset together, so that nobody can speak about another owner's order.
#include "policy/release.hpp"
#include "store/database.hpp"
#include "wire/sms_api.hpp"

namespace iapp::sms::internal {

/// Stores a policy. The caller has checked that the dataset's owner signed it.
/// Errors: conflict "grant.stale" unless it was issued after the stored one, "grant.revoked" when there is nothing left to
/// limit.
Status store_policy(store::Transaction& transaction, const wire::Signed<wire::GrantPolicy>& policy);
/// Stores a revocation. It is final, so it is never too late and repeating it is harmless.
Status store_revocation(store::Transaction& transaction, const wire::Signed<wire::RevokeGrant>& revocation);

struct GrantState {
    std::optional<policy::OwnerPolicy> policy;
    bool revoked = false;
    std::uint64_t releases = 0;
};
Result<GrantState> grant_state(store::Transaction& transaction, const Hash256& order_hash, const eth::Address& dataset);

Status count_release(store::Transaction& transaction, const Hash256& order_hash, const eth::Address& dataset);

}  // namespace iapp::sms::internal
