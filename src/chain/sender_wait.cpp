// Waiting for a block: who used the nonce, what is sent again, with how much fee, and what keeps it from being mined.
#include "base/log.hpp"
#include "chain/internal/exchange.hpp"
#include "chain/internal/flight.hpp"
#include "chain/internal/nonce_user.hpp"
#include "chain/internal/pause.hpp"

namespace iapp::chain {

using internal::Exchange;
using Steady = std::chrono::steady_clock;

namespace {

constexpr int kMostFilled = 16;            ///< unused nonces that one turn takes
constexpr std::uint64_t kWidestGap = 256;  ///< more is another chain than the one we signed for

}  // namespace

Status TransactionSender::rebroadcast(const Flight& flight, const net::CallContext& context) const
{
    const auto sent = rpc_->send_raw(flight.versions.back().raw, context);
    // "known" is what we hope for; a used nonce is judged by the next poll; a busy node is asked again later.
    if (sent || sent.error().kind == ErrorKind::conflict || internal::is_ambiguous(sent.error()) ||
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
    higher.max_priority_fee_per_gas = internal::percent(higher.max_priority_fee_per_gas, 125);
    higher.max_fee_per_gas = internal::percent(higher.max_fee_per_gas, 125);
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

/// One nonce that nobody uses: with the transaction that is written down for it, or with an empty one when there is none or
/// the node refuses it.
Status TransactionSender::use_nonce(std::uint64_t nonce, const net::CallContext& context)
{
    TRY(const auto entry, journal_->find(wallet_->address(), nonce));
    if (entry && internal::may_have_it(rpc_->send_raw(entry->raw, context))) return {};
    TRY(const Plan fees, plan({.to = wallet_->address(), .data = {}}, context));
    const auto empty = eth::sign(
        {options_.chain_id, nonce, fees.priority, fees.most, fees.gas, wallet_->address(), U256{}, Bytes{}}, *wallet_);
    TRY(const Hash256 hash, rpc_->send_raw(empty.raw, context));
    log::info("an empty transaction takes a nonce that nobody uses", {{"nonce", nonce}, {"transaction", hash.hex()}});
    return {};
}

/// One without a key may be a step of a pipeline, whose earlier steps must not be replaced.
bool TransactionSender::is_gap_due(const Flight& flight) const
{
    return !flight.key.empty() && flight.since.behind && Steady::now() >= *flight.since.behind + options_.gap_after &&
           flight.versions.back().from == wallet_->address();
}

Status TransactionSender::use_nonces_below(std::uint64_t nonce, const net::CallContext& context)
{
    for (int used = 0; used < kMostFilled; ++used) {
        const std::lock_guard lock(nonces_->mutex_);
        TRY(const std::uint64_t next, rpc_->transaction_count(wallet_->address(), BlockId::pending(), context));
        if (next >= nonce) return {};
        if (nonce - next > kWidestGap)
            return fail(ErrorKind::precondition_failed, "sender.gap",
                        "nonces " + std::to_string(next) + " to " + std::to_string(nonce - 1) +
                            " are unused; was the journal written for another chain?");
        TRY_OK(use_nonce(next, context));
    }
    return {};
}

/// When the chain took a block back, and the node forgot the transaction that had the nonce before ours, ours waits for
/// ever. Another transaction for the same effect could be mined beside it, so the nonces in between are used up instead.
void TransactionSender::fill_gap(Flight& flight, const net::CallContext& context)
{
    flight.since.behind = Steady::now();
    const Status used = use_nonces_below(flight.transaction.nonce, context);
    if (used || used.error().kind == ErrorKind::conflict) return;  // conflict: it has found its user meanwhile
    log::warning("a nonce that nobody uses stays so", {{"reason", used.error().reason}, {"detail", used.error().detail}});
}

/// What is due: the nonces before it, more fee, or the same once more.
Status TransactionSender::tend(Flight& flight, const net::CallContext& context)
{
    const auto now = Steady::now();
    if (is_gap_due(flight)) fill_gap(flight, context);
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

/// Its nonce is unused; the account has used `count`.
void TransactionSender::note_place(Flight& flight, std::uint64_t count)
{
    flight.since.displaced.reset();
    if (count == flight.transaction.nonce) flight.since.behind.reset();
    else if (!flight.since.behind) flight.since.behind = Steady::now();
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
    if (const internal::Answer& answer = answers->front(); answer) {
        TRY(const std::uint64_t count, internal::read_u64(*answer));
        if (count > flight.transaction.nonce) return Seen{{}, is_displaced(flight, context)};
        note_place(flight, count);
    }
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

}  // namespace iapp::chain
