#include "poco/task.hpp"

#include "crypto/hash.hpp"
#include "poco/contribution.hpp"

namespace iapp::poco {
namespace {

constexpr Move kMoves[] = {Move::initialize, Move::contribute, Move::contribute_and_finalize, Move::reveal, Move::finalize,
                           Move::reopen,     Move::claim};

/// One requirement of the hub; the first broken one decides.
struct Rule {
    bool ok;
    std::string_view reason;
    std::string detail;
};

MoveVerdict first_broken(std::initializer_list<Rule> rules)
{
    for (const Rule& rule : rules)
        if (!rule.ok) return {false, rule.reason, rule.detail};
    return {true, "", ""};
}

std::string at(UnixSeconds time) { return iso8601(time); }
std::string text(std::uint64_t number) { return std::to_string(number); }

/// Everything a rule looks at, under short names.
struct Scene {
    const Deal& deal;
    const TaskId& id;
    std::uint64_t index;
    const Task& task;
    const Mover& mover;
    UnixSeconds now;
};

Rule status_is(const Scene& s, TaskStatus wanted)
{
    return {s.task.status == wanted, "task.status",
            "the task is " + std::string(name(s.task.status)) + ", this move needs " + std::string(name(wanted))};
}

Rule before_contribution_deadline(const Scene& s)
{
    return {s.now < s.task.contribution_deadline, "task.contribution_deadline",
            "contributions closed at " + at(s.task.contribution_deadline) + ", the chain is at " + at(s.now) +
                "; claim from " + at(s.task.final_deadline)};
}

Rule before_final_deadline(const Scene& s)
{
    return {s.now < s.task.final_deadline, "task.final_deadline",
            "the task expired at " + at(s.task.final_deadline) + ", the chain is at " + at(s.now) + "; only claim is left"};
}

Rule enclave_named(const Scene& s)
{
    return {!has(s.deal.tag, TagBit::tee) || !s.mover.enclave_challenge.is_zero(), "task.enclave_challenge",
            "the deal's tag asks for a TEE, so the contribution must name an enclave challenge"};
}

Rule authorized(const Scene& s)
{
    return {s.mover.authorization_valid, "task.authorization",
            "the authorization is not signed by " + eth::to_checksum(s.deal.workerpool.owner) +
                " (or the hub's TEE broker) for worker " + eth::to_checksum(s.mover.sender) + " and challenge " +
                eth::to_checksum(s.mover.enclave_challenge)};
}

Rule enclave_signed(const Scene& s)
{
    return {s.mover.enclave_challenge.is_zero() || s.mover.enclave_signature_valid, "task.enclave_signature",
            "the result is not signed by the enclave key " + eth::to_checksum(s.mover.enclave_challenge)};
}

Rule callback_matches(const Scene& s, const Hash256& digest)
{
    const bool none = s.deal.callback.is_zero() && s.mover.results_callback.empty();
    return {none || crypto::keccak256(s.mover.results_callback) == digest, "task.callback",
            "the deal's callback is " + eth::to_checksum(s.deal.callback) + ": keccak256 of the callback data is " +
                crypto::keccak256(s.mover.results_callback).hex() + ", the result digest is " + digest.hex()};
}

Rule sender_is_pool_owner(const Scene& s)
{
    return {s.mover.sender == s.deal.workerpool.owner, "task.sender",
            "only the pool owner at match time, " + eth::to_checksum(s.deal.workerpool.owner) +
                ", may do this; the sender is " + eth::to_checksum(s.mover.sender)};
}

MoveVerdict judge_initialize(const Scene& s)
{
    return first_broken({
        {s.deal.exists(), "task.deal_unknown", "the hub knows no such deal"},
        {s.deal.has_task(s.index), "task.index",
         "index " + text(s.index) + " is not one of the deal's " + text(s.deal.bot_size) + " from " +
             text(s.deal.bot_first)},
        status_is(s, TaskStatus::unset),
    });
}

MoveVerdict judge_contribute(const Scene& s)
{
    return first_broken({
        status_is(s, TaskStatus::active),
        before_contribution_deadline(s),
        {s.mover.contribution.status == ContributionStatus::unset, "task.already_contributed",
         "this worker already contributed, and a rejected worker may not contribute again"},
        enclave_named(s),
        authorized(s),
        enclave_signed(s),
        {s.mover.free_stake >= s.deal.worker_stake, "task.stake",
         "contributing locks " + s.deal.worker_stake.to_dec() + " nRLC, the worker has " + s.mover.free_stake.to_dec() +
             " free; deposit the difference"},
    });
}

MoveVerdict judge_contribute_and_finalize(const Scene& s)
{
    return first_broken({
        status_is(s, TaskStatus::active),
        before_contribution_deadline(s),
        {s.task.contributors.empty(), "task.contributors",
         text(s.task.contributors.size()) + " workers contributed already; use contribute"},
        {s.deal.trust == U256{1U}, "task.trust",
         "the deal's trust is " + s.deal.trust.to_dec() + ", only 1 is finalized at once; use contribute"},
        callback_matches(s, s.mover.digest),
        enclave_named(s),
        authorized(s),
        enclave_signed(s),
    });
}

MoveVerdict judge_reveal(const Scene& s)
{
    const Contribution& own = s.mover.contribution;
    return first_broken({
        status_is(s, TaskStatus::revealing),
        {s.now < s.task.reveal_deadline, "task.reveal_deadline",
         "reveals closed at " + at(s.task.reveal_deadline) + ", the chain is at " + at(s.now)},
        {own.status == ContributionStatus::contributed, "task.not_contributed", "this worker has no contribution to reveal"},
        {own.result_hash == s.task.consensus_value, "task.consensus",
         "this worker contributed " + own.result_hash.hex() + ", the consensus is " + s.task.consensus_value.hex()},
        {own.result_hash == result_hash(s.id, s.mover.digest) &&
             own.result_seal == result_seal(s.mover.sender, s.id, s.mover.digest),
         "task.seal", "digest " + s.mover.digest.hex() + " is not the one this worker sealed"},
    });
}

MoveVerdict judge_finalize(const Scene& s)
{
    const bool all_revealed = s.task.reveal_counter == s.task.winner_counter;
    const bool some_in_time = s.task.reveal_counter > 0 && s.now >= s.task.reveal_deadline;
    return first_broken({
        sender_is_pool_owner(s),
        status_is(s, TaskStatus::revealing),
        before_final_deadline(s),
        {all_revealed || some_in_time, "task.reveals",
         text(s.task.reveal_counter) + " of " + text(s.task.winner_counter) +
             " winners revealed; wait for the rest or until " + at(s.task.reveal_deadline)},
        callback_matches(s, s.task.result_digest),
    });
}

MoveVerdict judge_reopen(const Scene& s)
{
    return first_broken({
        sender_is_pool_owner(s),
        status_is(s, TaskStatus::revealing),
        before_final_deadline(s),
        {s.now >= s.task.reveal_deadline, "task.reveal_open", "reveals are open until " + at(s.task.reveal_deadline)},
        {s.task.reveal_counter == 0, "task.reveals", text(s.task.reveal_counter) + " workers revealed; finalize instead"},
    });
}

MoveVerdict judge_claim(const Scene& s)
{
    const bool open = s.task.status == TaskStatus::active || s.task.status == TaskStatus::revealing;
    return first_broken({
        {open, "task.status",
         "the task is " + std::string(name(s.task.status)) +
             (s.task.exists() ? "; there is nothing to claim" : "; use initializeAndClaimArray")},
        {s.now >= s.task.final_deadline, "task.not_expired",
         "the task may still complete until " + at(s.task.final_deadline) + ", the chain is at " + at(s.now)},
    });
}

}  // namespace

Deadlines deadlines(UnixSeconds deal_start, std::chrono::seconds category_time)
{
    return {deal_start + kContributionRatio * category_time, deal_start + kFinalRatio * category_time};
}

UnixSeconds reveal_deadline(UnixSeconds consensus, std::chrono::seconds category_time)
{
    return consensus + kRevealRatio * category_time;
}

std::string_view name(Move move)
{
    constexpr std::string_view kNames[] = {"initialize", "contribute", "contributeAndFinalize", "reveal", "finalize",
                                           "reopen",     "claim"};
    return kNames[static_cast<std::size_t>(move)];
}

std::string_view name(TaskStatus status)
{
    constexpr std::string_view kNames[] = {"UNSET", "ACTIVE", "REVEALING", "COMPLETED", "FAILED"};
    return kNames[static_cast<std::size_t>(status)];
}

MoveVerdict judge(Move move, const Deal& deal, const TaskId& id, std::uint64_t index, const Task& task, const Mover& mover,
                  UnixSeconds now)
{
    const Scene scene{deal, id, index, task, mover, now};
    switch (move) {
        case Move::initialize:
            return judge_initialize(scene);
        case Move::contribute:
            return judge_contribute(scene);
        case Move::contribute_and_finalize:
            return judge_contribute_and_finalize(scene);
        case Move::reveal:
            return judge_reveal(scene);
        case Move::finalize:
            return judge_finalize(scene);
        case Move::reopen:
            return judge_reopen(scene);
        case Move::claim:
            return judge_claim(scene);
    }
    return {false, "task.status", "no such move"};
}

std::vector<JudgedMove> judge_all(const Deal& deal, const TaskId& id, std::uint64_t index, const Task& task,
                                  const Mover& mover, UnixSeconds now)
{
    std::vector<JudgedMove> out;
    for (const Move move : kMoves) out.push_back({move, judge(move, deal, id, index, task, mover, now)});
    return out;
}

std::string_view display_status(const Task& task, UnixSeconds now)
{
    const bool open = task.status == TaskStatus::active || task.status == TaskStatus::revealing;
    return open && now >= task.final_deadline ? "TIMEOUT" : name(task.status);
}

std::uint64_t contribution_weight(std::uint64_t score) { return std::max<std::uint64_t>(score / 3, 3) - 1; }

bool has_consensus(const U256& group, const U256& total, const U256& trust)
{
    const auto left = group.mul(trust);
    const auto less_one = trust.sub(1U);
    const auto right = less_one ? total.mul(*less_one) : less_one;
    return left && right && *left > *right;
}

}  // namespace iapp::poco
