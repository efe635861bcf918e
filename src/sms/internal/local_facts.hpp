#pragma once
// The part of the facts that lives in our own database, read inside the transaction that will record the decision:
// nonce, owner grants, and which keys and secrets are there. Also their values, for a release.
#include "sms/internal/grants.hpp"
#include "sms/internal/nonces.hpp"
#include "sms/internal/secret_store.hpp"

namespace iapp::sms::internal {

/// Values of everything a release may hand out.
struct TaskSecrets {
    std::vector<std::optional<crypto::SecretBytes>> dataset_keys;  ///< decoded, beside facts.datasets
    std::optional<crypto::SecretBytes> app;
    std::map<std::string, crypto::SecretBytes> requester;  ///< by name
};

/// Completes `facts` and answers the values behind them.
Result<TaskSecrets> load_local_facts(store::Transaction& transaction, const SecretStore& secrets, const Nonces& nonces,
                                     const wire::ReleaseRequest& request, UnixSeconds now, policy::ReleaseFacts& facts);

}  // namespace iapp::sms::internal
