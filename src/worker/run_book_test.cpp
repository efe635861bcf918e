#include "worker/run_book.hpp"

#include <gtest/gtest.h>

namespace iapp::worker {
namespace {

wire::Lease lease(const std::string& id)
{
    return {poco::TaskId{std::array<std::uint8_t, 32>{1}},
            poco::DealId{std::array<std::uint8_t, 32>{2}},
            0,
            id,
            UnixSeconds{std::chrono::seconds(50)},
            UnixSeconds{std::chrono::seconds(100)},
            10,
            Hash256::zero(),
            "127.0.0.1:1/app:1",
            "sha256:" + std::string(64, 'a'),
            "http://127.0.0.1:2"};
}

wire::AgentResult result()
{
    return {Hash256{std::array<std::uint8_t, 32>{7}},
            eth::Address{std::array<std::uint8_t, 20>{8}},
            *crypto::Signature65::from_hex("0x" + std::string(126, '1') + "221b"),
            "{ \"storage\": \"ipfs\" }",
            {},
            "Qm"};
}

TEST(RunBook, RemembersARunUntilItEnds)
{
    auto book = *RunBook::in_memory();
    ASSERT_TRUE(book.begin(lease("a")));
    ASSERT_EQ(book.open_runs()->size(), 1U);
    EXPECT_FALSE(book.open_runs()->front().result);
    EXPECT_FALSE(*book.result_of(lease("a").task));
    ASSERT_TRUE(book.end(lease("a").task));
    EXPECT_TRUE(book.open_runs()->empty());
}

TEST(RunBook, KeepsTheResultWhenTheLeaseChanges)
{
    auto book = *RunBook::in_memory();
    ASSERT_TRUE(book.begin(lease("a")));
    ASSERT_TRUE(book.finish(lease("a").task, result()));
    ASSERT_TRUE(book.begin(lease("b")));
    const auto runs = *book.open_runs();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs.front().lease.lease_id, "b");
    ASSERT_TRUE(runs.front().result);
    EXPECT_EQ(runs.front().result->digest, result().digest);
}

}  // namespace
}  // namespace iapp::worker
