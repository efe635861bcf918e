// Logging in: the published vectors, single use, expiry, and each part of the header broken alone.
#include "market/challenge.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "eth/wallet.hpp"

namespace iapp::market {
namespace {

constexpr std::string_view kText = "Sign this message to log into iExec Gateway: ycY7boPtnwWuBhmvfId6gROtOFwuiInQ";
const UnixSeconds kNow{std::chrono::seconds{1'700'000'000}};

eth::Wallet wallet()
{
    return eth::Wallet::from_private_key_hex("0x564a9db84969c8159f7aa3d5393c5ecd014fce6a375842a45b12af6677b12407").value();
}

std::string text_of(const std::string& data)
{
    return std::string(json::parse(data).value().at_pointer("/message/challenge").as_string());
}

std::string header(const Challenges& challenges, const std::string& data, const eth::Wallet& signer,
                   const eth::Address& address)
{
    const Hash256 digest = challenges.digest(text_of(data));
    return digest.hex() + '_' + hex0x(signer.sign(digest).bytes()) + '_' + eth::to_checksum(address);
}

TEST(Challenge, HashesAsTheClientsDo)
{
    EXPECT_EQ(Challenges(421614).digest(kText).hex(), "0xc9f6d39e309a19ddd755085482edca4a145aea2250d73f161f999de5de41bf76");
    EXPECT_EQ(Challenges(65535).digest(kText).hex(), "0x7ff13783ecb384e98174335a8dd1d0bcda3809f5b2cec2e007a2f4aaa40ed6b0");
    const Hash256 digest = Challenges(421614).digest(kText);
    EXPECT_EQ(hex0x(wallet().sign(digest).bytes()),
              "0x9b2c0225aaa00f6c391ee4852333ceb9b36b3bacf0c26d389e0c18bec19a9b1d7967a27b02f5ac624d60bf370205f6cbae88044c5c6"
              "b3bd1b8104e0bd4e115d81c");
}

TEST(Challenge, IsTypedDataWithOneStruct)
{
    Challenges challenges(421614);
    const json::Value data = json::parse(challenges.issue(wallet().address(), kNow)).value();
    EXPECT_EQ(data.at("primaryType").as_string(), "Challenge");
    EXPECT_EQ(json::print(data.at("domain")), R"({"name":"iExec Gateway","version":"1","chainId":"421614"})");
    EXPECT_EQ(data.at("types").as_object().size(), 2U);
    const std::string text(data.at_pointer("/message/challenge").as_string());
    EXPECT_EQ(text.size(), kText.size());
    EXPECT_EQ(text.substr(0, 45), kText.substr(0, 45));
}

TEST(Challenge, WorksOnceAndSeveralMayBePending)
{
    Challenges challenges(421614);
    const auto me = wallet();
    const std::string first = challenges.issue(me.address(), kNow), second = challenges.issue(me.address(), kNow);
    EXPECT_NE(text_of(first), text_of(second));
    for (const std::string& data : {second, first}) {
        const auto redeemed = challenges.redeem(header(challenges, data, me, me.address()), kNow);
        ASSERT_TRUE(redeemed);
        EXPECT_EQ(*redeemed, me.address());
        EXPECT_FALSE(challenges.redeem(header(challenges, data, me, me.address()), kNow));
    }
}

TEST(Challenge, AClaimantIsWhoeverSaysSoWhileTheChallengeIsTheirs)
{
    Challenges challenges(421614);
    const auto me = wallet(), other = eth::Wallet::generate();
    const std::string data = challenges.issue(me.address(), kNow);
    const std::string forged = header(challenges, data, other, me.address());
    EXPECT_EQ(challenges.claimant(forged, kNow).value(), me.address());
    EXPECT_FALSE(challenges.redeem(forged, kNow));
    EXPECT_FALSE(challenges.claimant(header(challenges, data, me, other.address()), kNow));
    EXPECT_FALSE(challenges.claimant(forged, kNow + kChallengeLife));
    EXPECT_FALSE(challenges.claimant("no header", kNow));
    EXPECT_TRUE(challenges.redeem(header(challenges, data, me, me.address()), kNow)) << "a claim uses nothing up";
    EXPECT_FALSE(challenges.claimant(forged, kNow));
}

TEST(Challenge, ExpiresAndGivesWayToNewerOnes)
{
    Challenges challenges(421614, 3);
    const auto me = wallet();
    const std::string data = challenges.issue(me.address(), kNow);
    EXPECT_FALSE(challenges.redeem(header(challenges, data, me, me.address()), kNow + kChallengeLife));
    EXPECT_TRUE(
        challenges.redeem(header(challenges, data, me, me.address()), kNow + kChallengeLife - std::chrono::seconds(1)));

    const std::string old = challenges.issue(me.address(), kNow);
    for (int i = 0; i < 3; ++i) (void)challenges.issue(me.address(), kNow);
    EXPECT_FALSE(challenges.redeem(header(challenges, old, me, me.address()), kNow));
}

struct Case {
    const char* name;
    std::string (*make)(const Challenges&, const std::string& data, const eth::Wallet& me);
};
class Authorization : public testing::TestWithParam<Case> {};

TEST_P(Authorization, IsRefusedAndLeavesTheChallengeUsable)
{
    Challenges challenges(421614);
    const auto me = wallet();
    const std::string data = challenges.issue(me.address(), kNow);
    const auto refused = challenges.redeem(GetParam().make(challenges, data, me), kNow);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "market.authorization");
    EXPECT_EQ(refused.error().detail, "invalid authorization");
    EXPECT_TRUE(challenges.redeem(header(challenges, data, me, me.address()), kNow));
}

std::string cut(const std::string& text, std::size_t parts)
{
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts; ++i) at = text.find('_', at) + 1;
    return text.substr(0, at - 1);
}

INSTANTIATE_TEST_SUITE_P(
    Parts, Authorization,
    testing::Values(
        Case{"empty", [](const Challenges&, const std::string&, const eth::Wallet&) { return std::string(); }},
        Case{"only_digest", [](const Challenges& c, const std::string& d,
                               const eth::Wallet& me) { return cut(header(c, d, me, me.address()), 1); }},
        Case{"no_address", [](const Challenges& c, const std::string& d,
                              const eth::Wallet& me) { return cut(header(c, d, me, me.address()), 2); }},
        Case{"more", [](const Challenges& c, const std::string& d,
                        const eth::Wallet& me) { return header(c, d, me, me.address()) + "_0x"; }},
        Case{"another_digest",
             [](const Challenges& c, const std::string& d, const eth::Wallet& me) {
                 return Hash256::zero().hex() + header(c, d, me, me.address()).substr(66);
             }},
        Case{"another_address", [](const Challenges& c, const std::string& d,
                                   const eth::Wallet& me) { return header(c, d, me, eth::Wallet::generate().address()); }},
        Case{"zero_address", [](const Challenges& c, const std::string& d,
                                const eth::Wallet& me) { return header(c, d, me, eth::Address::zero()); }},
        Case{"another_key", [](const Challenges& c, const std::string& d,
                               const eth::Wallet& me) { return header(c, d, eth::Wallet::generate(), me.address()); }},
        Case{"another_chain",
             [](const Challenges& c, const std::string& d, const eth::Wallet& me) {
                 const Hash256 digest = Challenges(1).digest(text_of(d));
                 return c.digest(text_of(d)).hex() + '_' + hex0x(me.sign(digest).bytes()) + '_' +
                        eth::to_checksum(me.address());
             }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace iapp::market
