// Legal moves of a task: for each requirement of the hub one case that breaks it and nothing else; deadlines; consensus.
#include "poco/task.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "poco/contribution.hpp"
#include "poco/internal/test_vectors.hpp"

namespace iapp::poco {
namespace {

using vectors::address;
using vectors::repeat;

constexpr std::chrono::seconds kTime{300};
const UnixSeconds kStart{std::chrono::seconds(1'700'000'000)};
const auto kTask = repeat<TaskId>(0xab);
const auto kDigest = repeat<Hash256>(0xdd);
const Address kWorker = address(0x55);
const Address kPoolOwner = address(0xa3);

struct Scene {
    Deal deal;
    Task task;
    Mover mover;
    std::uint64_t index = 0;
    UnixSeconds now = kStart + std::chrono::seconds(10);
};

/// A scene in which `move` is legal.
Scene good(Move move)
{
    Scene s;
    s.deal.app.pointer = address(0x11);
    s.deal.workerpool = {address(0x33), kPoolOwner, 25U};
    s.deal.trust = 1U;
    s.deal.tag = tdx_tag();
    s.deal.start_time = kStart;
    s.deal.bot_size = 1;
    s.deal.worker_stake = 8U;
    s.task.timeref = kTime;
    s.task.contribution_deadline = deadlines(kStart, kTime).contribution;
    s.task.final_deadline = deadlines(kStart, kTime).final;
    s.task.status = TaskStatus::active;
    s.mover = {kWorker, {}, address(0x66), true, true, 8U, kDigest, {}};
    if (move == Move::initialize) s.task = Task{};
    if (move == Move::claim) s.now = s.task.final_deadline;
    if (move != Move::reveal && move != Move::finalize && move != Move::reopen) return s;

    s.task.status = TaskStatus::revealing;
    s.task.reveal_deadline = reveal_deadline(s.now, kTime);
    s.task.consensus_value = result_hash(kTask, kDigest);
    s.task.contributors = {kWorker};
    s.task.winner_counter = 1;
    s.mover.contribution = {ContributionStatus::contributed, result_hash(kTask, kDigest),
                            result_seal(kWorker, kTask, kDigest), address(0x66), 1U};
    if (move == Move::finalize) {
        s.task.reveal_counter = 1;
        s.task.result_digest = kDigest;
    }
    if (move == Move::reopen) s.now = s.task.reveal_deadline;
    if (move != Move::reveal) s.mover.sender = kPoolOwner;
    return s;
}

MoveVerdict judged(Move move, const Scene& s) { return judge(move, s.deal, kTask, s.index, s.task, s.mover, s.now); }

struct Case {
    Move move;
    std::string_view reason;
    void (*bend)(Scene& s);
};

class Judging : public testing::TestWithParam<Case> {};

TEST_P(Judging, NamesTheRequirementThatFailed)
{
    EXPECT_TRUE(judged(GetParam().move, good(GetParam().move)).legal)
        << judged(GetParam().move, good(GetParam().move)).detail;
    Scene scene = good(GetParam().move);
    GetParam().bend(scene);
    const MoveVerdict verdict = judged(GetParam().move, scene);
    EXPECT_FALSE(verdict.legal);
    EXPECT_EQ(verdict.reason, GetParam().reason);
    EXPECT_FALSE(verdict.detail.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Task, Judging,
    testing::Values(
        Case{Move::initialize, "task.deal_unknown", [](Scene& s) { s.deal.app.pointer = Address::zero(); }},
        Case{Move::initialize, "task.index", [](Scene& s) { s.index = 1; }},
        Case{Move::initialize, "task.index", [](Scene& s) { s.deal.bot_first = 1; }},
        Case{Move::initialize, "task.status", [](Scene& s) { s.task.status = TaskStatus::active; }},
        Case{Move::contribute, "task.status", [](Scene& s) { s.task.status = TaskStatus::revealing; }},
        Case{Move::contribute, "task.contribution_deadline", [](Scene& s) { s.now = s.task.contribution_deadline; }},
        Case{Move::contribute, "task.already_contributed",
             [](Scene& s) { s.mover.contribution.status = ContributionStatus::rejected; }},
        Case{Move::contribute, "task.enclave_challenge", [](Scene& s) { s.mover.enclave_challenge = Address::zero(); }},
        Case{Move::contribute, "task.authorization", [](Scene& s) { s.mover.authorization_valid = false; }},
        Case{Move::contribute, "task.enclave_signature", [](Scene& s) { s.mover.enclave_signature_valid = false; }},
        Case{Move::contribute, "task.stake", [](Scene& s) { s.mover.free_stake = 7U; }},
        Case{Move::contribute_and_finalize, "task.status", [](Scene& s) { s.task.status = TaskStatus::completed; }},
        Case{Move::contribute_and_finalize, "task.contribution_deadline",
             [](Scene& s) { s.now = s.task.contribution_deadline; }},
        Case{Move::contribute_and_finalize, "task.contributors", [](Scene& s) { s.task.contributors = {address(1)}; }},
        Case{Move::contribute_and_finalize, "task.trust", [](Scene& s) { s.deal.trust = 2U; }},
        Case{Move::contribute_and_finalize, "task.callback", [](Scene& s) { s.deal.callback = address(1); }},
        Case{Move::contribute_and_finalize, "task.callback", [](Scene& s) { s.mover.results_callback = {1}; }},
        Case{Move::contribute_and_finalize, "task.enclave_challenge",
             [](Scene& s) { s.mover.enclave_challenge = Address::zero(); }},
        Case{Move::contribute_and_finalize, "task.authorization", [](Scene& s) { s.mover.authorization_valid = false; }},
        Case{Move::contribute_and_finalize, "task.enclave_signature",
             [](Scene& s) { s.mover.enclave_signature_valid = false; }},
        Case{Move::reveal, "task.status", [](Scene& s) { s.task.status = TaskStatus::active; }},
        Case{Move::reveal, "task.reveal_deadline", [](Scene& s) { s.now = s.task.reveal_deadline; }},
        Case{Move::reveal, "task.not_contributed",
             [](Scene& s) { s.mover.contribution.status = ContributionStatus::proved; }},
        Case{Move::reveal, "task.consensus", [](Scene& s) { s.task.consensus_value = Hash256::zero(); }},
        Case{Move::reveal, "task.seal", [](Scene& s) { s.mover.digest = Hash256::zero(); }},
        Case{Move::reveal, "task.seal", [](Scene& s) { s.mover.contribution.result_seal = Hash256::zero(); }},
        Case{Move::finalize, "task.sender", [](Scene& s) { s.mover.sender = kWorker; }},
        Case{Move::finalize, "task.status", [](Scene& s) { s.task.status = TaskStatus::completed; }},
        Case{Move::finalize, "task.final_deadline", [](Scene& s) { s.now = s.task.final_deadline; }},
        Case{Move::finalize, "task.reveals", [](Scene& s) { s.task.winner_counter = 2; }},
        Case{Move::finalize, "task.callback", [](Scene& s) { s.mover.results_callback = {1}; }},
        Case{Move::reopen, "task.sender", [](Scene& s) { s.mover.sender = kWorker; }},
        Case{Move::reopen, "task.status", [](Scene& s) { s.task.status = TaskStatus::active; }},
        Case{Move::reopen, "task.final_deadline", [](Scene& s) { s.now = s.task.final_deadline; }},
        Case{Move::reopen, "task.reveal_open", [](Scene& s) { s.now = s.task.reveal_deadline - std::chrono::seconds(1); }},
        Case{Move::reopen, "task.reveals", [](Scene& s) { s.task.reveal_counter = 1; }},
        Case{Move::claim, "task.status", [](Scene& s) { s.task.status = TaskStatus::completed; }},
        Case{Move::claim, "task.status", [](Scene& s) { s.task.status = TaskStatus::unset; }},
        Case{Move::claim, "task.not_expired", [](Scene& s) { s.now = s.task.final_deadline - std::chrono::seconds(1); }}),
    [](const auto& test) {
        std::string text = std::string(name(test.param.move)) + "_" + std::string(test.param.reason.substr(5)) + "_" +
                           std::to_string(test.index);
        return text;
    });

TEST(Judge, TakesPartialRevealsAfterTheirDeadline)
{
    Scene scene = good(Move::finalize);
    scene.task.winner_counter = 2;
    scene.now = scene.task.reveal_deadline;
    EXPECT_TRUE(judged(Move::finalize, scene).legal);
}

TEST(Judge, TakesCallbackDataThatHashesToTheDigest)
{
    Scene scene = good(Move::contribute_and_finalize);
    scene.deal.callback = address(1);
    scene.mover.results_callback = {1, 2, 3};
    scene.mover.digest = crypto::keccak256(scene.mover.results_callback);
    EXPECT_TRUE(judged(Move::contribute_and_finalize, scene).legal);
    scene.deal.callback = Address::zero();  // bytes without a callback address are accepted when their hash matches
    EXPECT_TRUE(judged(Move::contribute_and_finalize, scene).legal);
}

TEST(Judge, AsksNoEnclaveOfAPlainDeal)
{
    Scene scene = good(Move::contribute);
    scene.deal.tag = Tag::zero();
    scene.mover.enclave_challenge = Address::zero();
    scene.mover.enclave_signature_valid = false;
    EXPECT_TRUE(judged(Move::contribute, scene).legal);
}

TEST(Judge, JudgesAllMovesAtOnce)
{
    const Scene scene = good(Move::contribute);
    const auto all = judge_all(scene.deal, kTask, 0, scene.task, scene.mover, scene.now);
    ASSERT_EQ(all.size(), 7U);
    for (const auto& [move, verdict] : all)
        EXPECT_EQ(verdict.legal, move == Move::contribute || move == Move::contribute_and_finalize) << name(move);
}

TEST(Deadlines, CountFromTheMatch)
{
    EXPECT_EQ(deadlines(kStart, kTime).contribution, kStart + std::chrono::seconds(2100));
    EXPECT_EQ(deadlines(kStart, kTime).final, kStart + std::chrono::seconds(3000));
    EXPECT_EQ(reveal_deadline(kStart, kTime), kStart + std::chrono::seconds(600));
}

TEST(DisplayStatus, CallsAnExpiredTaskTimeout)
{
    Scene scene = good(Move::claim);
    EXPECT_EQ(display_status(scene.task, scene.now - std::chrono::seconds(1)), "ACTIVE");
    EXPECT_EQ(display_status(scene.task, scene.now), "TIMEOUT");
    scene.task.status = TaskStatus::completed;
    EXPECT_EQ(display_status(scene.task, scene.now), "COMPLETED");
}

TEST(Consensus, FollowsTheArithmeticOfTheHub)
{
    EXPECT_EQ(contribution_weight(0), 2U);
    EXPECT_EQ(contribution_weight(11), 2U);
    EXPECT_EQ(contribution_weight(12), 3U);
    // Fresh workers who agree: group 2^n, total 1 + group.
    const auto agree = [](std::uint64_t workers, std::uint64_t trust) {
        return has_consensus(1ULL << workers, 1 + (1ULL << workers), trust);
    };
    EXPECT_TRUE(agree(1, 1) && agree(1, 2) && agree(2, 3) && agree(2, 4) && agree(3, 8));
    EXPECT_FALSE(agree(1, 3) || agree(2, 5));
    // One fresh liar raises trust 4 to four honest workers.
    const auto with_liar = [](std::uint64_t workers) {
        return has_consensus(1ULL << workers, 1 + (1ULL << workers) + 2, 4U);
    };
    EXPECT_FALSE(with_liar(3));
    EXPECT_TRUE(with_liar(4));
    EXPECT_FALSE(has_consensus(U256::max(), 1U, 2U));
}

}  // namespace
}  // namespace iapp::poco
