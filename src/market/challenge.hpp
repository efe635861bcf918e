#pragma once
// How a writer proves an address: it signs a fresh text (EIP-712) and sends "<digest>_<signature>_<address>".
// Pending texts live in memory only: a restart forgets them, and the client asks for another.
#include <deque>
#include <mutex>
#include <unordered_map>

#include "base/clock.hpp"
#include "eth/address.hpp"

namespace iapp::market {

inline constexpr std::chrono::minutes kChallengeLife{5};

/// Safe to share between threads.
class Challenges {
public:
    explicit Challenges(std::uint64_t chain_id, std::size_t capacity = 100'000);

    /// The "data" member of the answer: the typed data to sign. Earlier ones of the address stay valid; when too many are
    /// pending, the oldest goes.
    std::string issue(const eth::Address& address, UnixSeconds now);

    /// Who says that they signed, one of ours that is pending for them. Cheap, and proves nothing: redeem() does.
    /// Errors: unauthenticated "market.authorization".
    Result<eth::Address> claimant(std::string_view authorization, UnixSeconds now);

    /// Who signed; the challenge is used up by success. Errors: unauthenticated "market.authorization".
    Result<eth::Address> redeem(std::string_view authorization, UnixSeconds now);

    /// What `text` asks to sign.
    Hash256 digest(std::string_view text) const;

private:
    struct Pending {
        eth::Address address;
        UnixSeconds expires_at;
    };

    void forget_old(UnixSeconds now);
    bool is_pending(const Hash256& digest, const eth::Address& address, UnixSeconds now);

    std::uint64_t chain_id_;
    std::size_t capacity_;
    Hash256 separator_;
    std::mutex mutex_;
    std::unordered_map<Hash256, Pending> pending_;  ///< by digest
    std::deque<Hash256> by_age_;                    ///< digests issued, oldest first; some are redeemed already
};

}  // namespace iapp::market
