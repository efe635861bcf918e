#pragma once
// How a reader of logs proves an address: it signs a text we hand out (EIP-712) and sends "<digest>_<signature>_<address>".
// Nothing is remembered: the text is a function of a key, the address and the hour, so it outlives a restart, and nobody can
// crowd out another's.
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/fixed_bytes.hpp"
#include "crypto/secret.hpp"
#include "eth/address.hpp"

namespace iapp::scheduler {

inline constexpr std::chrono::minutes kLogChallengeLife{60};

/// Safe to share between threads.
class LogChallenges {
public:
    /// `key` is 32 bytes that nobody else has and no restart changes; see log_challenge_key().
    LogChallenges(std::uint64_t chain_id, crypto::SecretBytes key);

    /// The EIP-712 document to sign: the same within an hour, and good for kLogChallengeLife at least, for twice that at
    /// most.
    std::string issue(const eth::Address& address, UnixSeconds now) const;

    /// Whether `authorization` was made by `reader`, who must be `requester`. As in iExec's scheduler the digest in it and
    /// the last byte of the signature count for nothing.
    /// Errors: unauthenticated "scheduler.log_authorization"; permission_denied "scheduler.log_reader", which comes first.
    Status check(std::optional<std::string_view> authorization, const eth::Address& requester, UnixSeconds now) const;

    /// What `text` asks to sign.
    Hash256 digest(std::string_view text) const;

private:
    std::string text_of(const eth::Address& address, std::uint64_t hour) const;

    std::uint64_t chain_id_;
    crypto::SecretBytes key_;
    Hash256 separator_;
};

/// The key of the scheduler whose wallet has this private key.
crypto::SecretBytes log_challenge_key(const crypto::SecretBytes& private_key);

}  // namespace iapp::scheduler
