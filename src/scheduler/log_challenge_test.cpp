#include "scheduler/log_challenge.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "eth/wallet.hpp"

namespace iapp::scheduler {
namespace {

constexpr UnixSeconds kNow{std::chrono::hours(300)};  // an hour begins

crypto::SecretBytes key(std::uint8_t byte = 1) { return crypto::SecretBytes(Bytes(32, byte)); }

std::string text_of(const std::string& document)
{
    return std::string(json::parse(document)->at_pointer("/message/challenge").as_string());
}

std::string header(const LogChallenges& challenges, const std::string& text, const eth::Wallet& wallet,
                   const eth::Address& reader)
{
    const Hash256 digest = challenges.digest(text);
    return digest.hex() + "_" + wallet.sign(digest).hex() + "_" + eth::to_checksum(reader);
}

TEST(LogChallenges, HashAsThePublishedVector)
{
    EXPECT_EQ(LogChallenges(134, key()).digest("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ=").hex(),
              "0x102ca0d9e5df6f266daa357a3b8467290d5e5ba8972e37aa5178b9c30bd386b5");
}

TEST(LogChallenges, AreDocumentsThatClientsCanSign)
{
    const LogChallenges challenges(134, key());
    const auto document = json::parse(challenges.issue(eth::Wallet::generate().address(), kNow)).value();
    EXPECT_EQ(document.at("primaryType").as_string(), "Challenge");
    EXPECT_EQ(document.at_pointer("/domain/name").as_string(), "iExec Core");
    EXPECT_EQ(document.at_pointer("/domain/chainId").as_int64(), 134);
    EXPECT_EQ(document.at("types").as_object().size(), 2U);
    EXPECT_EQ(document.at_pointer("/message/challenge").as_string().size(), 44U);
}

struct LogReader : testing::Test {
    LogChallenges challenges{134, key()};
    eth::Wallet requester = eth::Wallet::generate();
    eth::Wallet stranger = eth::Wallet::generate();
    std::string text = text_of(challenges.issue(requester.address(), kNow));

    std::string_view check(std::optional<std::string> authorization, UnixSeconds now = kNow)
    {
        const auto done = challenges.check(authorization, requester.address(), now);
        return done ? std::string_view{} : done.error().reason;
    }
    std::string good() const { return header(challenges, text, requester, requester.address()); }
};

TEST_F(LogReader, MaySignOneTextAsOftenAsItLives)
{
    EXPECT_EQ(text_of(challenges.issue(requester.address(), kNow + std::chrono::seconds(3599))), text);
    EXPECT_NE(text_of(challenges.issue(requester.address(), kNow + kLogChallengeLife)), text);
    EXPECT_NE(text_of(challenges.issue(stranger.address(), kNow)), text);
    EXPECT_EQ(check(good()), "");
    EXPECT_EQ(check(good(), kNow + 2 * kLogChallengeLife - std::chrono::seconds(1)), "")
        << "an hour after it was last given";
    EXPECT_EQ(check(good(), kNow + 2 * kLogChallengeLife), "scheduler.log_authorization");
    EXPECT_EQ(check(good(), kNow - std::chrono::seconds(1)), "scheduler.log_authorization") << "not given yet";
}

TEST_F(LogReader, MaySignATextFromBeforeARestart)
{
    const std::string signed_before = good();
    EXPECT_TRUE(LogChallenges(134, key()).check(signed_before, requester.address(), kNow));
    EXPECT_FALSE(LogChallenges(134, key(2)).check(signed_before, requester.address(), kNow)) << "another scheduler";
    const auto first = log_challenge_key(key()), again = log_challenge_key(key()), other = log_challenge_key(key(2));
    const auto answer = [&](const crypto::SecretBytes& of) {
        return LogChallenges(134, of.clone(crypto::SecretAccess{})).issue(requester.address(), kNow);
    };
    EXPECT_EQ(answer(first), answer(again));
    EXPECT_NE(answer(first), answer(other));
}

TEST_F(LogReader, NeedsNeitherTheDigestNorTheLastByte)
{
    std::string other_digest = good();
    other_digest[5] = other_digest[5] == '0' ? '1' : '0';
    EXPECT_EQ(check(other_digest), "");
    std::string other_v = good();
    other_v.replace(other_v.rfind('_') - 2, 2, "00");
    EXPECT_EQ(check(other_v), "");
}

TEST_F(LogReader, IsTheRequesterBeforeTheSignatureIsLookedAt)
{
    EXPECT_EQ(check(header(challenges, text, stranger, stranger.address())), "scheduler.log_reader");
    EXPECT_EQ(check(header(challenges, text, stranger, requester.address())), "scheduler.log_authorization");
    EXPECT_EQ(check(header(challenges, "another text", requester, requester.address())), "scheduler.log_authorization");
    EXPECT_EQ(check(header(challenges, text, requester, eth::Address::zero())), "scheduler.log_authorization");
    for (const char* malformed : {"", "a", "a_b", "a_b_c", "__"})
        EXPECT_EQ(check(malformed), "scheduler.log_authorization") << malformed;
    EXPECT_EQ(check(std::nullopt), "scheduler.log_authorization");
}

}  // namespace
}  // namespace iapp::scheduler
