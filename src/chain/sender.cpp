// Nonces and fees; waiting is in sender_wait.cpp. A nonce is consumed only when the node has accepted a transaction that
// carries it.
#include "chain/sender.hpp"

#include "chain/internal/exchange.hpp"
#include "chain/internal/flight.hpp"
#include "chain/internal/pause.hpp"
#include "crypto/random.hpp"

namespace iapp::chain {

using internal::Exchange;

namespace {

constexpr int kNonceAttempts = 8;     ///< times another process may take our nonce before we give up
constexpr int kReplacedAttempts = 4;  ///< times a submitted transaction may be displaced
constexpr std::uint64_t kDefaultPriority_wei = 1'000'000'000;

/// A few wei that tell our transaction from an equal one of another process with the same key: without them both would sign
/// the same bytes, and one transaction would pass for two.
U256 distinction()
{
    const Bytes random = crypto::random_bytes(2);
    return U256{std::uint64_t{random[0]} << 8U | random[1]};
}

}  // namespace

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
    TRY(plan.most, internal::percent(block.base_fee, 200).add(plan.priority));
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
        if (internal::may_have_it(sent)) {
            // In doubt it is in flight: wait() sends it again or finds that the nonce went to somebody else.
            nonces_->next_ = flight.transaction.nonce + 1;
            ++nonces_->in_flight_;
            flight.counted = true;
            flight.since.in_doubt = !sent && internal::is_ambiguous(sent.error());
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
    return {.first_sent = std::chrono::steady_clock::now(),
            .newest_signed = std::chrono::steady_clock::now(),
            .last_sent = std::chrono::steady_clock::now(),
            .in_doubt = true};
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
