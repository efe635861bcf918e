#include "crypto/hpke.hpp"

#include <gtest/gtest.h>

#include "crypto/internal/hpke_suite.hpp"
#include "crypto/internal/testing.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using testing::revealed;
using testing::secret;

constexpr const char* kInfo = "4f6465206f6e2061204772656369616e2055726e";
constexpr const char* kAad = "436f756e742d30";
constexpr const char* kText = "4265617574792069732074727574682c20747275746820626561757479";

struct Vector {
    const char* name;
    internal::HpkeAead aead;
    const char* ephemeral;
    const char* recipient;
    const char* enc;
    const char* ciphertext;
};
class HpkeVector : public ::testing::TestWithParam<Vector> {};

TEST_P(HpkeVector, SealsAndOpensAsPublished)
{
    const Vector& v = GetParam();
    const X25519Key ephemeral = X25519Key::from_secret(secret(v.ephemeral)).value();
    const HpkeKeyPair recipient = HpkeKeyPair::from_secret(secret(v.recipient)).value();
    const HpkeSealed sealed =
        internal::hpke_seal(v.aead, ephemeral, recipient.public_key(), bytes(kInfo), bytes(kAad), bytes(kText)).value();
    EXPECT_EQ(hex(sealed.enc), v.enc);
    EXPECT_EQ(hex(sealed.ciphertext), v.ciphertext);
    EXPECT_EQ(
        revealed(
            internal::hpke_open(v.aead, recipient, bytes(v.enc), bytes(kInfo), bytes(kAad), bytes(v.ciphertext)).value()),
        kText);
}
/// Base mode, sequence number 0: RFC 9180 A.1.1 and A.2.1; for AES-256-GCM the working group's test-vectors.json
/// (mode 0, kem_id 32, kdf_id 1, aead_id 2), which the RFC's appendix leaves out.
INSTANTIATE_TEST_SUITE_P(
    Rfc9180, HpkeVector,
    ::testing::Values(Vector{"Aes128Gcm", internal::kHpkeAes128Gcm,
                             "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
                             "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
                             "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
                             "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"},
                      Vector{"Aes256Gcm", internal::kHpkeAes256Gcm,
                             "179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11",
                             "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
                             "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
                             "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"},
                      Vector{"ChaCha20Poly1305", internal::kHpkeChaCha20Poly1305,
                             "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
                             "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
                             "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
                             "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"}),
    [](const auto& test) { return std::string(test.param.name); });

struct OpenCase {
    const char* name;
    void (*bend)(Bytes& enc, Bytes& info, Bytes& aad, Bytes& ciphertext);
    std::string_view reason;
};
class HpkeOpen : public ::testing::TestWithParam<OpenCase> {};

TEST_P(HpkeOpen, AnswersWithTheRuleThatBroke)
{
    const HpkeKeyPair recipient = HpkeKeyPair::generate();
    Bytes info = to_bytes("info");
    Bytes aad = to_bytes("aad");
    HpkeSealed sealed = hpke_seal(recipient.public_key(), info, aad, as_bytes("text")).value();
    GetParam().bend(sealed.enc, info, aad, sealed.ciphertext);
    EXPECT_EQ(reason(hpke_open(recipient, sealed.enc, info, aad, sealed.ciphertext)), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Hpke, HpkeOpen,
    ::testing::Values(OpenCase{"good", [](Bytes&, Bytes&, Bytes&, Bytes&) {}, ""},
                      OpenCase{"enc_short", [](Bytes& enc, Bytes&, Bytes&, Bytes&) { enc.pop_back(); }, "crypto.hpke_enc"},
                      OpenCase{"enc_long", [](Bytes& enc, Bytes&, Bytes&, Bytes&) { enc.push_back(0); }, "crypto.hpke_enc"},
                      OpenCase{"enc_empty", [](Bytes& enc, Bytes&, Bytes&, Bytes&) { enc.clear(); }, "crypto.hpke_enc"},
                      OpenCase{"enc_zero", [](Bytes& enc, Bytes&, Bytes&, Bytes&) { enc.assign(32, 0); },
                               "crypto.x25519_zero"},
                      OpenCase{"enc_other", [](Bytes& enc, Bytes&, Bytes&, Bytes&) { enc[0] ^= 1; }, "crypto.aead_open"},
                      OpenCase{"info", [](Bytes&, Bytes& text, Bytes&, Bytes&) { text.push_back('x'); }, "crypto.aead_open"},
                      OpenCase{"aad", [](Bytes&, Bytes&, Bytes& aad, Bytes&) { aad.clear(); }, "crypto.aead_open"},
                      OpenCase{"text", [](Bytes&, Bytes&, Bytes&, Bytes& text) { text[0] ^= 1; }, "crypto.aead_open"},
                      OpenCase{"no_text", [](Bytes&, Bytes&, Bytes&, Bytes& text) { text.clear(); }, "crypto.aead_open"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Hpke, OpensOnlyForTheRecipient)
{
    const HpkeSealed sealed = hpke_seal(HpkeKeyPair::generate().public_key(), {}, {}, as_bytes("text")).value();
    EXPECT_EQ(reason(hpke_open(HpkeKeyPair::generate(), sealed.enc, {}, {}, sealed.ciphertext)), "crypto.aead_open");
}

TEST(Hpke, NeverSealsTwiceAlike)
{
    const HpkePublicKey recipient = HpkeKeyPair::generate().public_key();
    EXPECT_NE(hpke_seal(recipient, {}, {}, {})->enc, hpke_seal(recipient, {}, {}, {})->enc);
}

TEST(Hpke, RefusesALowOrderRecipient)
{
    EXPECT_EQ(reason(hpke_seal(HpkePublicKey::zero(), {}, {}, as_bytes("text"))), "crypto.x25519_zero");
}

TEST(X25519, AnswersRfc7748)  // s.5.2
{
    const X25519Key scalar =
        X25519Key::from_secret(secret("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")).value();
    const auto point =
        X25519PublicKey::from_bytes(bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")).value();
    EXPECT_EQ(revealed(scalar.agree(point).value()), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

TEST(X25519, BothSidesAgree)
{
    const X25519Key alice = X25519Key::generate();
    const X25519Key bob = X25519Key::from_secret(X25519Key::generate().secret()).value();
    EXPECT_EQ(revealed(alice.agree(bob.public_key()).value()), revealed(bob.agree(alice.public_key()).value()));
    EXPECT_EQ(X25519Key::from_secret(alice.secret())->public_key(), alice.public_key());
}

TEST(X25519, RefusesLowOrderPoints)  // RFC 7748 s.6.1; the list is Curve25519's points of order 1, 2, 4 and 8
{
    for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                              "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
        EXPECT_EQ(reason(X25519Key::generate().agree(X25519PublicKey::from_bytes(bytes(point)).value())),
                  "crypto.x25519_zero")
            << point;
}

TEST(X25519, TakesOneKeyLength)
{
    EXPECT_EQ(reason(X25519Key::from_secret(SecretBytes(31))), "crypto.key_length");
    EXPECT_EQ(reason(X25519Key::from_secret(SecretBytes(33))), "crypto.key_length");
}

}  // namespace
}  // namespace iapp::crypto
