#include "crypto/secp256k1.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "crypto/internal/testing.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using testing::secret;

constexpr const char* kOne = "0000000000000000000000000000000000000000000000000000000000000001";
constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr const char* kOrderMinusOne = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
const Hash256 kDigest = sha256(as_bytes("Satoshi Nakamoto"));

Secp256k1Key key(const char* scalar) { return Secp256k1Key::from_secret(secret(scalar)).value(); }
std::string address(const Secp256k1PublicKey& key) { return hex(keccak256(key.bytes()).bytes().last<20>()); }

TEST(Secp256k1, NamesTheAddressOfKnownKeys)
{
    EXPECT_EQ(address(key(kOne).public_key64()), "7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    EXPECT_EQ(address(key("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80").public_key64()),
              "f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
}

TEST(Secp256k1, SignsDeterministicallyWithLowS)  // RFC 6979 nonces; a vector that many wallets share
{
    const Signature65 signature = key(kOne).sign_recoverable(kDigest);
    EXPECT_EQ(hex(signature.bytes().first<64>()),
              "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
              "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
    EXPECT_EQ(key(kOne).sign_recoverable(kDigest), signature);
}

TEST(Secp256k1, RecoversTheSigner)
{
    bool seen[2] = {false, false};
    for (int i = 0; i < 64; ++i) {
        const Secp256k1Key signer = Secp256k1Key::generate();
        const auto digest = random_fixed<Hash256>();
        const Signature65 signature = signer.sign_recoverable(digest);
        seen[signature.bytes()[64] - 27] = true;
        EXPECT_EQ(recover(digest, signature).value(), signer.public_key64());
        EXPECT_NE(recover(random_fixed<Hash256>(), signature).value_or(Secp256k1PublicKey::zero()), signer.public_key64());
    }
    EXPECT_TRUE(seen[0] && seen[1]);
}

struct KeyCase {
    const char* name;
    const char* scalar;
    std::string_view reason;
};
class Secp256k1KeyCheck : public ::testing::TestWithParam<KeyCase> {};

TEST_P(Secp256k1KeyCheck, AnswersWithTheRule)
{
    EXPECT_EQ(reason(Secp256k1Key::from_secret(secret(GetParam().scalar))), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Secp256k1, Secp256k1KeyCheck,
    ::testing::Values(
        KeyCase{"one", kOne, ""}, KeyCase{"largest", kOrderMinusOne, ""}, KeyCase{"order", kOrder, "crypto.secp256k1_key"},
        KeyCase{"zero", "0000000000000000000000000000000000000000000000000000000000000000", "crypto.secp256k1_key"},
        KeyCase{"all_ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "crypto.secp256k1_key"},
        KeyCase{"short", "01", "crypto.key_length"}, KeyCase{"empty", "", "crypto.key_length"}),
    [](const auto& test) { return std::string(test.param.name); });

struct RecoverCase {
    const char* name;
    void (*bend)(std::array<std::uint8_t, 65>&);
    std::string_view reason;
};
class Recover : public ::testing::TestWithParam<RecoverCase> {};

void put(std::array<std::uint8_t, 65>& signature, std::size_t at, const char* number)
{
    std::ranges::copy(bytes(number), signature.begin() + static_cast<std::ptrdiff_t>(at));
}

TEST_P(Recover, AnswersWithTheRule)
{
    auto raw = key(kOne).sign_recoverable(kDigest).array();
    GetParam().bend(raw);
    EXPECT_EQ(reason(recover(kDigest, Signature65{raw})), GetParam().reason);
}
using Raw = std::array<std::uint8_t, 65>;
INSTANTIATE_TEST_SUITE_P(
    Secp256k1, Recover,
    ::testing::Values(
        RecoverCase{"good", [](Raw&) {}, ""},  //
        RecoverCase{"v_0", [](Raw& s) { s[64] = 0; }, "crypto.signature_v"},
        RecoverCase{"v_26", [](Raw& s) { s[64] = 26; }, "crypto.signature_v"},
        RecoverCase{"v_29", [](Raw& s) { s[64] = 29; }, "crypto.signature_v"},
        RecoverCase{"r_zero", [](Raw& s) { std::fill_n(s.begin(), 32, std::uint8_t{0}); }, "crypto.signature_range"},
        RecoverCase{"s_zero", [](Raw& s) { std::fill_n(s.begin() + 32, 32, std::uint8_t{0}); }, "crypto.signature_range"},
        RecoverCase{"r_order", [](Raw& s) { put(s, 0, kOrder); }, "crypto.signature_range"},
        RecoverCase{"s_order", [](Raw& s) { put(s, 32, kOrder); }, "crypto.signature_range"},
        RecoverCase{"high_s", [](Raw& s) { put(s, 32, kOrderMinusOne); }, "crypto.signature_high_s"},
        // x = 5 is not the abscissa of any point of the curve
        RecoverCase{"no_point",
                    [](Raw& s) {
                        std::fill_n(s.begin(), 31, std::uint8_t{0});
                        s[31] = 5;
                    },
                    "crypto.recover"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Secp256k1PublicKeyParse, TakesThreeForms)
{
    const Secp256k1PublicKey expected = key(kOne).public_key64();
    const std::string raw = hex(expected.bytes());
    EXPECT_EQ(parse_secp256k1_public_key(bytes(raw)).value(), expected);
    EXPECT_EQ(parse_secp256k1_public_key(bytes("04" + raw)).value(), expected);
    EXPECT_EQ(parse_secp256k1_public_key(bytes("02" + raw.substr(0, 64))).value(), expected);
}

TEST(Secp256k1PublicKeyParse, RefusesOthers)
{
    const std::string raw = hex(key(kOne).public_key64().bytes());
    for (const std::string& bad :
         {std::string{}, raw.substr(2), "06" + raw, "05" + raw.substr(0, 64), std::string(128, '0'), "04" + raw + "00"})
        EXPECT_EQ(reason(parse_secp256k1_public_key(bytes(bad))), "crypto.secp256k1_point") << bad;
}

}  // namespace
}  // namespace iapp::crypto
