// Addresses, contract addresses and wallets against EIP-55, EIP-1014 and ethers 6.
#include "eth/address.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "eth/create2.hpp"
#include "eth/wallet.hpp"

namespace iapp::eth {
namespace {

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

TEST(Address, FollowsEip55)
{
    for (const char* text : {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
                             "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
                             "0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77"}) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_checksum(*address), text);
    }
}

TEST(Address, TakesAnyCaseButNoWrongChecksum)
{
    EXPECT_TRUE(parse_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
    EXPECT_TRUE(parse_address("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"));
    EXPECT_EQ(reason(parse_address("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")), "address.checksum");
    EXPECT_EQ(reason(parse_address("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")), "address.format");
    EXPECT_EQ(reason(parse_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae")), "address.format");
    EXPECT_EQ(reason(parse_address("vitalik.eth")), "address.format");
}

TEST(Create, MatchesEthers)
{
    const Address sender = *parse_address("0x6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a6a");
    EXPECT_EQ(to_checksum(create_address(sender, 0)), "0xAD931f3f30152c88d5C9A220A6Ab1b7BDFbBC3c9");
    EXPECT_EQ(to_checksum(create_address(sender, 300)), "0xC2ed3fe0F75B41EE15CB4a2849A86a64AE09CA4f");
}

TEST(Create2, MatchesTheExamplesOfEip1014)
{
    const auto address = [](const char* deployer, const char* salt, const char* init_code) {
        return to_checksum(
            create2_address(*parse_address(deployer), *Hash256::from_hex(salt), crypto::keccak256(*parse_hex0x(init_code))));
    };
    constexpr auto kZero = "0x0000000000000000000000000000000000000000000000000000000000000000";
    EXPECT_EQ(address("0x0000000000000000000000000000000000000000", kZero, "0x00"),
              "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38");
    EXPECT_EQ(address("0x00000000000000000000000000000000deadbeef",
                      "0x00000000000000000000000000000000000000000000000000000000cafebabe", "0xdeadbeef"),
              "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7");
    EXPECT_EQ(address("0x0000000000000000000000000000000000000000", kZero, "0x"),
              "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0");
}

TEST(Wallet, KnowsItsAddress)
{
    EXPECT_EQ(
        to_checksum(
            Wallet::from_private_key_hex("0x4646464646464646464646464646464646464646464646464646464646464646")->address()),
        "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    EXPECT_NE(Wallet::generate().address(), Wallet::generate().address());
}

TEST(Wallet, RefusesWhatIsNoKey)
{
    for (const char* bad : {"", "0x46", "4646464646464646464646464646464646464646464646464646464646464646",
                            "0x0000000000000000000000000000000000000000000000000000000000000000",
                            "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"})
        EXPECT_EQ(reason(Wallet::from_private_key_hex(bad)), "wallet.key") << bad;
}

}  // namespace
}  // namespace iapp::eth
