#pragma once
// How a reader of logs proves an address: it signs a text we hand out (EIP-712) and sends "<digest>_<signature>_<address>".
// The text of an address may be signed for as long as it lives. In memory only: after a restart the client asks again.
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"

namespace iapp::scheduler {

inline constexpr std::chrono::minutes kLogChallengeLife{60};

/// Safe to share between threads.
class LogChallenges {
public:
    explicit LogChallenges(std::uint64_t chain_id, std::size_t capacity = 100'000);

    /// The EIP-712 document to sign; the same until it ends. When too many are pending, the oldest goes.
    std::string issue(const eth::Address& address, UnixSeconds now);

    /// Whether `authorization` was made by `reader`, who must be `requester`. As in iExec's scheduler the digest in it and
    /// the last byte of the signature count for nothing.
    /// Errors: unauthenticated "scheduler.log_authorization"; permission_denied "scheduler.log_reader", which comes first.
    Status check(std::optional<std::string_view> authorization, const eth::Address& requester, UnixSeconds now);

    /// What `text` asks to sign.
    Hash256 digest(std::string_view text) const;

private:
    struct Pending {
        std::string text;
        UnixSeconds expires_at;
    };

    void forget_old(UnixSeconds now);
    std::optional<std::string> text_of(const eth::Address& address, UnixSeconds now);

    std::uint64_t chain_id_;
    std::size_t capacity_;
    Hash256 separator_;
    std::mutex mutex_;
    std::unordered_map<eth::Address, Pending> pending_;
    std::deque<eth::Address> by_age_;  ///< addresses in pending_, oldest first
};

}  // namespace iapp::scheduler
