#pragma once
// What TransactionSender decides before it takes a nonce, and what it knows of one that it took.
#include "chain/sender.hpp"

namespace iapp::chain {

struct TransactionSender::Plan {
    std::uint64_t gas;
    U256 priority;  ///< wei per gas
    U256 most;      ///< wei per gas
};

struct TransactionSender::Flight {
    Flight(std::shared_ptr<NonceQueue> queue, eth::Transaction first, std::string key_)
        : nonces(std::move(queue)), transaction(std::move(first)), key(std::move(key_))
    {
    }
    Flight(Flight&& other) noexcept = default;
    Flight& operator=(Flight&&) = delete;
    ~Flight()
    {
        if (!nonces || !counted) return;
        const std::lock_guard lock(nonces->mutex_);
        --nonces->in_flight_;
    }

    std::shared_ptr<NonceQueue> nonces;
    eth::Transaction transaction;                  ///< the newest version
    std::vector<eth::SignedTransaction> versions;  ///< same nonce, rising fees; any of them may be mined
    std::string key;                               ///< in the journal; empty: not journaled
    bool counted = false;                          ///< part of NonceQueue::in_flight_
    Waiting since{std::chrono::steady_clock::now(), std::chrono::steady_clock::now(), std::chrono::steady_clock::now()};
};

namespace internal {

/// Whether a node that gave this error may still have got our request.
inline bool is_ambiguous(const Error& error)
{
    return error.reason != "net.connect" && error.reason != "net.resolve" &&
           (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::deadline_exceeded ||
            error.kind == ErrorKind::corrupt);
}

/// Whether the node has it, or may have it, after it was sent so.
inline bool may_have_it(const Result<Hash256>& sent)
{
    return sent || sent.error().reason == "rpc.known" || is_ambiguous(sent.error());
}

/// `of_hundred` percent, rounded down; the largest value when it does not fit.
inline U256 percent(const U256& value, std::uint64_t of_hundred)
{
    const auto scaled = value.mul(of_hundred);
    if (!scaled) return U256::max();
    return scaled->div(100).value_or(U256::max());
}

}  // namespace internal

}  // namespace iapp::chain
