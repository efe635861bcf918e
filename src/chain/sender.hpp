#pragma once
// Sends transactions of one key: nonces without gaps, EIP-1559 fees, gas estimates with a margin, receipts, revert reasons.
// Safe for several threads, several senders of one process (share a NonceQueue) and other processes that use the same key.
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "chain/journal.hpp"
#include "chain/rpc.hpp"
#include "eth/wallet.hpp"

namespace iapp::chain {

/// The next nonce of one account in this process. A nonce is taken and its transaction submitted under one lock, so
/// a transaction that is refused leaves no gap.
class NonceQueue {
public:
    NonceQueue() = default;

private:
    friend class TransactionSender;
    std::mutex mutex_;
    std::optional<std::uint64_t> next_;  ///< trusted only while transactions are in flight; the node is asked otherwise
    std::size_t in_flight_ = 0;
};

struct TransactionRequest {
    std::optional<Address> to;  ///< absent: creates a contract
    Bytes data;
    U256 value = {};                              ///< wei
    std::optional<std::uint64_t> gas_limit = {};  ///< absent: estimated; a call that would revert is then not sent
    std::uint64_t gas_extra = 0;                  ///< on top of the estimate, for instance the hub's callback gas
};

/// A transaction whose effect must happen once, across crashes of this process.
struct OnceRequest {
    std::string key;  ///< names the effect in the journal
    TransactionRequest transaction;
    /// Asks the chain whether the effect is there already, whoever caused it.
    std::function<Result<bool>(const net::CallContext&)> is_done;
    /// Called when the transaction is in a block and succeeded, before the journal is told: whoever waits for the effect
    /// need not wait for our disk. Maybe again after a crash.
    std::function<void(const eth::Receipt&)> on_success = {};
    /// How long after it was sent first to wait for a block; then the answer is "sender.pending", and the next call goes on.
    /// Absent: until the call's deadline.
    std::optional<std::chrono::milliseconds> patience = {};
};

struct SenderOptions {
    std::uint64_t chain_id;
    unsigned gas_margin_percent = 20;
    U256 max_fee_cap = U256{500'000'000'000};  ///< wei per gas we never exceed
    std::chrono::milliseconds poll_first{2};   ///< first wait for a receipt; doubles up to poll_most
    std::chrono::milliseconds poll_most{500};
    std::chrono::milliseconds rebroadcast{2'000};  ///< an unmined transaction is sent again this often
    std::chrono::milliseconds bump_after{45'000};  ///< an unmined transaction is replaced with 25 % more fee this often
    /// A nonce that was used for so long, without a receipt of ours and by nothing in the newest blocks, was used by
    /// somebody else: nodes tell receipts late.
    std::chrono::milliseconds displaced_after{10'000};
    /// A nonce below ours that was unused for so long, and is in no pool either, was one of a block that the chain took
    /// back.
    std::chrono::milliseconds gap_after{5'000};
};

/// Errors of all: those of JsonRpcClient;
///   precondition_failed "sender.reverted" (mined and failed; detail: the contract's reason), "rpc.revert" (refused before
///   sending),
///     "sender.fee_cap" (the chain asks for more than max_fee_cap), "sender.gas_limit" (send_all without one),
///     "sender.journal" (send_once without a journal);
///   conflict "sender.nonce" (another process kept taking our nonces);
///   deadline_exceeded "sender.pending" (sent but not mined in time; detail: the hash).
class TransactionSender {
public:
    /// `rpc`, `wallet` and `journal` must outlive the sender. Senders of the same key share `nonces`; absent: its own.
    TransactionSender(const JsonRpcClient& rpc, const eth::Wallet& wallet, SenderOptions options,
                      std::shared_ptr<NonceQueue> nonces = nullptr, TransactionJournal* journal = nullptr);

    /// Sends and waits until the transaction is in a block and succeeded.
    Result<eth::Receipt> send(const TransactionRequest& request, const net::CallContext& context);

    /// Sends all of them with consecutive nonces without waiting between, then waits for all. Each needs a gas_limit,
    /// because a later one may depend on an earlier one. Answers one receipt per request; the first that failed is the
    /// error. When one is refused, those before it stay sent.
    Result<std::vector<eth::Receipt>> send_all(std::span<const TransactionRequest> requests,
                                               const net::CallContext& context);

    /// As send(), at most once across crashes: what the journal holds for the key is finished first, and nothing is sent
    /// when is_done() says so. No receipt means that the effect was there without us. Needs a journal.
    Result<std::optional<eth::Receipt>> send_once(const OnceRequest& request, const net::CallContext& context);

    /// The nonce the next transaction will take when nobody else uses the key: what addresses of contracts derive from.
    Result<std::uint64_t> next_nonce(const net::CallContext& context);

    const Address& address() const { return wallet_->address(); }

private:
    struct Plan;    ///< gas and fees, decided before a nonce is taken
    struct Flight;  ///< one nonce and every transaction signed for it
    using SteadyTime = std::chrono::steady_clock::time_point;
    /// Since when a flight waits for what; outlives one call of send_once().
    struct Waiting {
        SteadyTime first_sent, newest_signed, last_sent;
        std::optional<SteadyTime> displaced = {};
        std::optional<SteadyTime> behind = {};  ///< since when nonces before it are unused
        bool in_doubt = false;                  ///< the node may not have got it
    };

    /// What one look at the node told.
    struct Seen {
        std::optional<eth::Receipt> receipt;  ///< of any version
        bool is_displaced = false;            ///< another transaction used the nonce
    };

    Result<Plan> plan(const TransactionRequest& request, const net::CallContext& context) const;
    Result<Flight> submit(const TransactionRequest& request, const Plan& plan, const std::string& key,
                          const net::CallContext& context);
    Result<std::vector<Flight>> submit_all(std::span<const TransactionRequest> requests, const net::CallContext& context);
    Status sync_nonce(const net::CallContext& context);
    Status record(const Flight& flight);

    Result<std::optional<eth::Receipt>> wait(Flight& flight, std::optional<std::chrono::milliseconds> patience,
                                             const net::CallContext& context);
    Result<Seen> look(Flight& flight, const net::CallContext& context) const;
    static void note_place(Flight& flight, std::uint64_t count);
    bool is_displaced(Flight& flight, const net::CallContext& context) const;
    Status tend(Flight& flight, const net::CallContext& context);
    bool is_gap_due(const Flight& flight) const;
    void fill_gap(Flight& flight, const net::CallContext& context);
    Status use_nonces_below(std::uint64_t nonce, const net::CallContext& context);
    Status use_nonce(std::uint64_t nonce, const net::CallContext& context);
    Status bump(Flight& flight, const net::CallContext& context);
    Status send_again(Flight& flight, const net::CallContext& context);
    Status rebroadcast(const Flight& flight, const net::CallContext& context) const;
    Result<eth::Receipt> checked(eth::Receipt receipt, const TransactionRequest& request,
                                 const net::CallContext& context) const;

    Result<std::optional<eth::Receipt>> resume(const OnceRequest& request, const net::CallContext& context);
    Waiting recall(const std::string& key) const;
    void remember(const Flight& flight);
    Status settle(const std::string& key);

    const JsonRpcClient* rpc_;
    const eth::Wallet* wallet_;
    SenderOptions options_;
    std::shared_ptr<NonceQueue> nonces_;
    TransactionJournal* journal_;
    mutable std::mutex mutex_;
    std::map<std::string, Waiting> waiting_;  ///< by key, as far as this process knows
};

}  // namespace iapp::chain
