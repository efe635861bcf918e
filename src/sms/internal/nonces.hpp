#pragma once
// Single-use nonces without a table of open ones: expiry(8) || random(8) || MAC(16) over task, expiry and random.
// Asking for nonces costs no state, so nobody can exhaust it; only spent ones are remembered, until they expire.
#include "base/clock.hpp"
#include "crypto/secret.hpp"
#include "policy/release.hpp"
#include "store/database.hpp"
#include "wire/agent_api.hpp"

namespace iapp::sms::internal {

inline constexpr std::chrono::seconds kNonceLife{300};

class Nonces {
public:
    /// Errors: invalid_input "crypto.*".
    static Result<Nonces> open(const crypto::SecretBytes& master_key);

    wire::NonceReply issue(const poco::TaskId& task, UnixSeconds now) const;

    /// What a nonce is worth for this task now.
    Result<policy::NonceState> state(store::Transaction& transaction, const wire::ReleaseNonce& nonce,
                                     const poco::TaskId& task, UnixSeconds now) const;
    /// Marks an open nonce as used; forgets nonces that expired.
    Status spend(store::Transaction& transaction, const wire::ReleaseNonce& nonce, UnixSeconds now) const;

private:
    explicit Nonces(crypto::SecretBytes key) : key_(std::move(key)) {}
    Bytes authenticate(const poco::TaskId& task, ByteView head) const;

    crypto::SecretBytes key_;
};

}  // namespace iapp::sms::internal
