#pragma once
// The life of a task on chain: its deadlines, and which move is legal now. Pure: the caller reads the chain and the clock.
// The hub's task functions revert without a reason, so every one of their requirements is repeated here with words.
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "poco/deal.hpp"

namespace iapp::poco {

inline constexpr int kContributionRatio = 7;
inline constexpr int kRevealRatio = 2;
inline constexpr int kFinalRatio = 10;

struct Deadlines {
    UnixSeconds contribution;  ///< contribute strictly before
    UnixSeconds final;         ///< finalize strictly before; claim from here on
};
/// Both count from the match, so a task initialised late has less time.
Deadlines deadlines(UnixSeconds deal_start, std::chrono::seconds category_time);
/// Counts from the block of consensus.
UnixSeconds reveal_deadline(UnixSeconds consensus, std::chrono::seconds category_time);

enum class Move : unsigned char { initialize, contribute, contribute_and_finalize, reveal, finalize, reopen, claim };
std::string_view name(Move move);  ///< the hub function: "contributeAndFinalize"

/// Who wants to move, and what they bring. Members that a move does not use are ignored.
struct Mover {
    Address sender = Address::zero();
    Contribution contribution;  ///< the sender's own, as viewContribution answers it
    Address enclave_challenge = Address::zero();
    bool authorization_valid = false;      ///< signature of the pool owner (or TEE broker) over authorization_hash
    bool enclave_signature_valid = false;  ///< signature of the challenge over enclave_message
    U256 free_stake;                       ///< contribute only
    Hash256 digest = Hash256::zero();      ///< reveal, contributeAndFinalize
    Bytes results_callback;                ///< finalize, contributeAndFinalize
};

/// What the hub would do with a move.
struct MoveVerdict {
    bool legal;
    std::string_view reason;  ///< "" when legal, else "task.status", "task.contribution_deadline", ... (static storage)
    std::string detail;       ///< the two values that disagree, and what to do instead
};

/// Judges one move at chain time `now`. Reasons: "task.deal_unknown", "task.index", "task.status",
/// "task.contribution_deadline", "task.reveal_deadline", "task.reveal_open", "task.final_deadline", "task.not_expired",
/// "task.already_contributed", "task.contributors", "task.trust", "task.enclave_challenge", "task.authorization",
/// "task.enclave_signature", "task.stake", "task.not_contributed", "task.consensus", "task.seal", "task.sender",
/// "task.reveals", "task.callback".
MoveVerdict judge(Move move, const Deal& deal, const TaskId& id, std::uint64_t index, const Task& task, const Mover& mover,
                  UnixSeconds now);

/// All moves, each judged for the same mover.
struct JudgedMove {
    Move move;
    MoveVerdict verdict;
};
std::vector<JudgedMove> judge_all(const Deal& deal, const TaskId& id, std::uint64_t index, const Task& task,
                                  const Mover& mover, UnixSeconds now);

/// What a person sees: COMPLETED, FAILED, TIMEOUT (final deadline passed while open), else the status name.
std::string_view display_status(const Task& task, UnixSeconds now);

// Consensus arithmetic (integers, as in the contract).

/// max(score / 3, 3) - 1
std::uint64_t contribution_weight(std::uint64_t score);
/// Whether a group whose value is `group` carries the day: group * trust > total * (trust - 1). Values are products of
/// weights.
bool has_consensus(const U256& group, const U256& total, const U256& trust);

}  // namespace iapp::poco
