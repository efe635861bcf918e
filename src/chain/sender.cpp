// Nonces, fees and waiting. A nonce is consumed only when the node has accepted a transaction that carries it.
#include "chain/sender.hpp"

#include "base/log.hpp"
#include "chain/internal/exchange.hpp"
#include "chain/internal/nonce_user.hpp"
#include "chain/internal/pause.hpp"
#include "crypto/random.hpp"

namespace iapp::chain {

using internal::Exchange;
using Steady = std::chrono::steady_clock;

namespace {

constexpr int kNonceAttempts = 8;     ///< times another process may take our nonce before we give up
constexpr int kReplacedAttempts = 4;  ///< times a submitted transaction may be displaced
constexpr std::uint64_t kDefaultPriority_wei = 1'000'000'000;

/// Whether a node that gave this error may still have got our request.
bool is_ambiguous(const Error& error)
{
    return error.reason != "net.connect" && error.reason != "net.resolve" &&
           (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::deadline_exceeded ||
            error.kind == ErrorKind::corrupt);
}

/// A few wei that tell our transaction from an equal one of another process with the same key: without them both would sign
/// the same bytes, and one transaction would pass for two.
U256 distinction()
{
    const Bytes random = crypto::random_bytes(2);
    return U256{std::uint64_t{random[0]} << 8U | random[1]};
}

U256 percent(const U256& value, std::uint64_t of_hundred)
{
    const auto scaled = value.mul(of_hundred);
    if (!scaled) return U256::max();
    return scaled->div(100).value_or(U256::max());
}

}  // namespace

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
    Waiting since{Steady::now(), Steady::now(), Steady::now()};
};

TransactionSender::TransactionSender(const JsonRpcClient& rpc, const eth::Wallet& wallet, SenderOptions options,
                                     std::shared_ptr<NonceQueue> nonces, TransactionJournal* journal)
    : rpc_(&rpc),
      wallet_(&wallet),
      options_(options),
      nonces_(nonces ? std::move(nonces) : std::make_shared<NonceQueue>()),
      journal_(journal)
{
}

Result<TransactionSender::Plan> TransactionSender::plan(const TransactionRequest& request,
                                                        const net::CallContext& context) const
{
    std::vector<RpcCall> calls{internal::block_request(BlockId::latest()), {"eth_maxPriorityFeePerGas"}};
    if (!request.gas_limit)
        calls.push_back(internal::estimate_gas_request({request.to, request.data, wallet_->address(), request.value}));
    TRY(auto answers, Exchange::ask(*rpc_, calls, context));

    TRY(const json::Value latest, internal::value_of(std::move(answers[0])));
    TRY(const Block block, internal::read_block(latest));
    Plan plan{request.gas_limit.value_or(0), kDefaultPriority_wei, {}};
    if (answers[1]) {  // the method is younger than EIP-1559 itself; without it a usual tip does
        TRY(plan.priority, internal::read_u256(*answers[1]));
    }
    TRY(plan.priority, plan.priority.add(distinction()));
    TRY(plan.most, percent(block.base_fee, 200).add(plan.priority));
    if (plan.most > options_.max_fee_cap)
        return fail(ErrorKind::precondition_failed, "sender.fee_cap",
                    "the chain asks for " + plan.most.to_dec() + " wei per gas; raise max_fee_cap or wait");
    if (!request.gas_limit) {
        TRY(const json::Value estimate, internal::value_of(std::move(answers[2])));
        TRY(const std::uint64_t gas, internal::read_u64(estimate));
        plan.gas = gas + gas * options_.gas_margin_percent / 100 + request.gas_extra;
    }
    return plan;
}

/// Makes next_ right; the caller holds the queue's lock. While nothing is in flight only the node knows: another process may
/// have sent, or the chain may have gone back.
Status TransactionSender::sync_nonce(const net::CallContext& context)
{
    if (nonces_->next_ && nonces_->in_flight_ > 0) return {};
    TRY(nonces_->next_, rpc_->transaction_count(wallet_->address(), BlockId::pending(), context));
    return {};
}

Result<std::uint64_t> TransactionSender::next_nonce(const net::CallContext& context)
{
    const std::lock_guard lock(nonces_->mutex_);
    TRY_OK(sync_nonce(context));
    return *nonces_->next_;
}

Status TransactionSender::record(const Flight& flight)
{
    if (flight.key.empty()) return {};
    const eth::SignedTransaction& newest = flight.versions.back();
    return journal_->record({flight.key, newest.from, flight.transaction.nonce, newest.hash, newest.raw});
}

Result<TransactionSender::Flight> TransactionSender::submit(const TransactionRequest& request, const Plan& plan,
                                                            const std::string& key, const net::CallContext& context)
{
    for (int attempt = 0; attempt < kNonceAttempts; ++attempt) {
        std::unique_lock lock(nonces_->mutex_);
        TRY_OK(sync_nonce(context));
        Flight flight(nonces_,
                      {options_.chain_id, *nonces_->next_, plan.priority, plan.most, plan.gas, request.to, request.value,
                       request.data},
                      key);
        flight.versions.push_back(eth::sign(flight.transaction, *wallet_));
        TRY_OK(record(flight));
        const auto sent = rpc_->send_raw(flight.versions.back().raw, context);
        if (sent || sent.error().reason == "rpc.known" || is_ambiguous(sent.error())) {
            // In doubt it is in flight: wait() sends it again or finds that the nonce went to somebody else.
            nonces_->next_ = flight.transaction.nonce + 1;
            ++nonces_->in_flight_;
            flight.counted = true;
            flight.since.in_doubt = !sent && is_ambiguous(sent.error());
            return flight;
        }
        nonces_->next_.reset();
        if (!key.empty()) TRY_OK(settle(key));  // sent once and refused, so it can never be mined
        if (sent.error().reason != "rpc.nonce") return std::unexpected(sent.error());
        lock.unlock();
        TRY_OK(internal::pause(options_.poll_first * (1 << attempt), context));
    }
    return fail(ErrorKind::conflict, "sender.nonce",
                "other processes keep using nonces of " + wallet_->address().hex() + "; give each process its own key");
}

Result<std::vector<TransactionSender::Flight>> TransactionSender::submit_all(std::span<const TransactionRequest> requests,
                                                                             const net::CallContext& context)
{
    TRY(const Plan fees, plan({.to = {}, .data = {}, .gas_limit = 1}, context));
    const std::lock_guard lock(nonces_->mutex_);
    TRY_OK(sync_nonce(context));
    for (const TransactionRequest& request : requests)
        if (!request.gas_limit)
            return fail(ErrorKind::precondition_failed, "sender.gas_limit",
                        "a pipelined transaction needs a gas limit; set gas_limit");
    // One after the other: a node may run the calls of a batch in any order, and some then forget to mine what had to wait
    // for an earlier nonce.
    std::vector<Flight> flights;
    for (const TransactionRequest& request : requests) {
        Flight flight(nonces_,
                      {options_.chain_id, *nonces_->next_, fees.priority, fees.most, *request.gas_limit, request.to,
                       request.value, request.data},
                      {});
        flight.versions.push_back(eth::sign(flight.transaction, *wallet_));
        const auto sent = rpc_->send_raw(flight.versions.back().raw, context);
        if (!sent && sent.error().reason != "rpc.known") {
            nonces_->next_.reset();
            return std::unexpected(sent.error());
        }
        ++*nonces_->next_;
        flights.push_back(std::move(flight));
    }
    for (Flight& flight : flights) flight.counted = true;
    nonces_->in_flight_ += flights.size();
    return flights;
}

Status TransactionSender::rebroadcast(const Flight& flight, const net::CallContext& context) const
{
    const auto sent = rpc_->send_raw(flight.versions.back().raw, context);
    // "known" is what we hope for; a used nonce is judged by the next poll; a busy node is asked again later.
    if (sent || sent.error().kind == ErrorKind::conflict || is_ambiguous(sent.error()) ||
        sent.error().reason == "net.connect")
        return {};
    return std::unexpected(sent.error());
}

/// Signs the same transaction again with 25 % more fee, or what the chain asks for now, within the cap. One that a former
/// key signed stays as it is.
Status TransactionSender::bump(Flight& flight, const net::CallContext& context)
{
    flight.since.newest_signed = Steady::now();
    if (flight.versions.back().from != wallet_->address()) return {};
    eth::Transaction higher = flight.transaction;
    higher.max_priority_fee_per_gas = percent(higher.max_priority_fee_per_gas, 125);
    higher.max_fee_per_gas = percent(higher.max_fee_per_gas, 125);
    if (const auto now = plan({.to = {}, .data = {}, .gas_limit = 1}, context)) {
        higher.max_priority_fee_per_gas = std::max(higher.max_priority_fee_per_gas, now->priority);
        higher.max_fee_per_gas = std::max(higher.max_fee_per_gas, now->most);
    }
    if (higher.max_fee_per_gas > options_.max_fee_cap) return {};
    flight.transaction = std::move(higher);
    flight.versions.push_back(eth::sign(flight.transaction, *wallet_));
    log::info("raised the fee of a waiting transaction",
              {{"nonce", flight.transaction.nonce}, {"transaction", flight.versions.back().hash.hex()}});
    return record(flight);
}

/// A node that does not take it any more, for instance because the chain has become dearer, gets it with more fee.
Status TransactionSender::send_again(Flight& flight, const net::CallContext& context)
{
    flight.since.last_sent = Steady::now();
    flight.since.in_doubt = false;
    if (rebroadcast(flight, context)) return {};
    TRY_OK(bump(flight, context));
    return rebroadcast(flight, context);
}

/// What is due: more fee, or the same once more.
Status TransactionSender::tend(Flight& flight, const net::CallContext& context)
{
    const auto now = Steady::now();
    const bool is_bump_due = now >= flight.since.newest_signed + options_.bump_after;
    if (is_bump_due) TRY_OK(bump(flight, context));
    if (is_bump_due || flight.since.in_doubt || now >= flight.since.last_sent + options_.rebroadcast)
        return send_again(flight, context);
    return {};
}

/// A nonce that is used without a receipt of ours: by whom the blocks say, or by another when it stays so.
bool TransactionSender::is_displaced(Flight& flight, const net::CallContext& context) const
{
    const auto user =
        internal::find_nonce_user(*rpc_, flight.versions.back().from, flight.transaction.nonce, flight.versions, context);
    if (user == internal::NonceUser::other) return true;
    if (user == internal::NonceUser::ours) {
        flight.since.displaced.reset();
        return false;
    }
    if (!flight.since.displaced) flight.since.displaced = Steady::now();
    return Steady::now() - *flight.since.displaced >= options_.displaced_after;
}

Result<TransactionSender::Seen> TransactionSender::look(Flight& flight, const net::CallContext& context) const
{
    std::vector<RpcCall> calls{internal::transaction_count_request(flight.versions.back().from, BlockId::latest())};
    for (const auto& version : flight.versions) calls.push_back(internal::receipt_request(version.hash));
    const auto answers = Exchange::ask(*rpc_, calls, context);
    if (!answers) return Seen{};  // a node that is away says nothing
    for (const internal::Answer& answer : std::span(*answers).subspan(1)) {
        if (!answer || answer->is_null()) continue;
        TRY(eth::Receipt receipt, internal::read_receipt(*answer));
        return Seen{std::move(receipt), false};
    }
    const auto count = (*answers)[0] ? internal::read_u64(*(*answers)[0]) : Result<std::uint64_t>(0U);
    if (count && *count > flight.transaction.nonce) return Seen{{}, is_displaced(flight, context)};
    flight.since.displaced.reset();
    return Seen{};
}

/// The receipt, or nothing when the nonce was used by a transaction that is not ours.
Result<std::optional<eth::Receipt>> TransactionSender::wait(Flight& flight,
                                                            std::optional<std::chrono::milliseconds> patience,
                                                            const net::CallContext& context)
{
    std::chrono::milliseconds delay = options_.poll_first;
    while (true) {
        TRY(Seen seen, look(flight, context));
        if (seen.receipt || seen.is_displaced) return std::move(seen.receipt);
        TRY_OK(tend(flight, context));
        remember(flight);
        const bool is_enough = patience && Steady::now() - flight.since.first_sent >= *patience;
        const Status paused = is_enough ? Status{} : internal::pause(delay, context);
        if (!paused && paused.error().kind != ErrorKind::deadline_exceeded) return std::unexpected(paused.error());
        if (is_enough || !paused)
            return fail(ErrorKind::deadline_exceeded, "sender.pending",
                        "transaction " + flight.versions.back().hash.hex() +
                            " was sent but is not in a block yet; look again later");
        delay = std::min(delay * 2, options_.poll_most);
    }
}

Result<eth::Receipt> TransactionSender::checked(eth::Receipt receipt, const TransactionRequest& request,
                                                const net::CallContext& context) const
{
    if (receipt.succeeded) return receipt;
    // Replayed on the state after its block, which usually still has what it failed on.
    const ContractCall replay{request.to, request.data, wallet_->address(), request.value};
    const auto outcome = rpc_->eth_call_many({&replay, 1}, context, BlockId::number(receipt.block_number));
    const std::string reason = outcome ? outcome->front().reason() : std::string{};
    return fail(
        ErrorKind::precondition_failed, "sender.reverted",
        "transaction " + receipt.transaction_hash.hex() + " failed: " + (reason.empty() ? "no reason given" : reason));
}

Result<eth::Receipt> TransactionSender::send(const TransactionRequest& request, const net::CallContext& context)
{
    for (int attempt = 0; attempt < kReplacedAttempts; ++attempt) {
        TRY(const Plan planned, plan(request, context));
        TRY(Flight flight, submit(request, planned, {}, context));
        TRY(auto receipt, wait(flight, {}, context));
        if (receipt) return checked(*std::move(receipt), request, context);
    }
    return fail(ErrorKind::conflict, "sender.nonce",
                "the transaction was displaced again and again; give each process its own key");
}

Result<std::vector<eth::Receipt>> TransactionSender::send_all(std::span<const TransactionRequest> requests,
                                                              const net::CallContext& context)
{
    TRY(std::vector<Flight> flights, submit_all(requests, context));
    std::vector<eth::Receipt> receipts;
    receipts.reserve(flights.size());
    for (std::size_t i = 0; i < flights.size(); ++i) {
        TRY(auto receipt, wait(flights[i], {}, context));
        if (!receipt)
            return fail(ErrorKind::conflict, "sender.nonce", "a pipelined transaction was displaced by another process");
        TRY(eth::Receipt good, checked(*std::move(receipt), requests[i], context));
        receipts.push_back(std::move(good));
    }
    return receipts;
}

/// Finishes what an earlier life of this process may have sent. Nothing when there was nothing, or when it can never be
/// mined.
Result<std::optional<eth::Receipt>> TransactionSender::resume(const OnceRequest& request, const net::CallContext& context)
{
    TRY(const auto entry, journal_->find(request.key));
    if (!entry) return std::optional<eth::Receipt>{};
    TRY(eth::ParsedTransaction parsed, eth::parse_transaction(entry->raw));
    Flight flight(nonces_, std::move(parsed.transaction), request.key);
    flight.versions.push_back({entry->raw, entry->hash, entry->from});
    flight.since = recall(request.key);
    return wait(flight, request.patience, context);
}

/// An earlier life of this process may have died before it sent what it had written down.
TransactionSender::Waiting TransactionSender::recall(const std::string& key) const
{
    const std::lock_guard lock(mutex_);
    if (const auto known = waiting_.find(key); known != waiting_.end()) return known->second;
    return {.first_sent = Steady::now(), .newest_signed = Steady::now(), .last_sent = Steady::now(), .in_doubt = true};
}

void TransactionSender::remember(const Flight& flight)
{
    if (flight.key.empty()) return;
    const std::lock_guard lock(mutex_);
    waiting_[flight.key] = flight.since;
}

Status TransactionSender::settle(const std::string& key)
{
    {
        const std::lock_guard lock(mutex_);
        waiting_.erase(key);
    }
    return journal_->settle(key);
}

Result<std::optional<eth::Receipt>> TransactionSender::send_once(const OnceRequest& request, const net::CallContext& context)
{
    if (journal_ == nullptr)
        return fail(ErrorKind::precondition_failed, "sender.journal", "send_once needs a journal; give the sender one");
    TRY(auto receipt, resume(request, context));
    for (int attempt = 0; !receipt && attempt < kReplacedAttempts; ++attempt) {
        TRY_OK(settle(request.key));
        TRY(const bool done, request.is_done(context));
        if (done) return std::optional<eth::Receipt>{};
        TRY(const Plan planned, plan(request.transaction, context));
        TRY(Flight flight, submit(request.transaction, planned, request.key, context));
        TRY(receipt, wait(flight, request.patience, context));
    }
    if (!receipt) return fail(ErrorKind::conflict, "sender.nonce", "the transaction was displaced again and again");
    if (request.on_success && receipt->succeeded) request.on_success(*receipt);
    TRY_OK(settle(request.key));
    TRY(eth::Receipt good, checked(*std::move(receipt), request.transaction, context));
    return std::optional{std::move(good)};
}

}  // namespace iapp::chain
