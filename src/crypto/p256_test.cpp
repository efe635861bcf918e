#include "crypto/p256.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "crypto/hash.hpp"
#include "crypto/internal/pem.hpp"
#include "crypto/internal/testing.hpp"
#include "crypto/rsa.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using testing::secret_text;

/// RFC 6979 A.2.5.
const auto kPublic = P256PublicKey::from_bytes(bytes("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                                     "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"))
                         .value();
const auto kSignature = P256Signature::from_bytes(bytes("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                                        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"))
                            .value();
constexpr const char* kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

TEST(P256, VerifiesThePublishedSignature)
{
    EXPECT_TRUE(p256_verify(kPublic, as_bytes("sample"), kSignature));
    EXPECT_TRUE(P256Verifier::create(kPublic)->verify_digest(sha256(as_bytes("sample")), kSignature));
    EXPECT_EQ(reason(p256_verify(kPublic, as_bytes("Sample"), kSignature)), "crypto.p256_signature");
}

struct Case {
    const char* name;
    void (*bend)(std::array<std::uint8_t, 64>&);
};
class P256BadSignature : public ::testing::TestWithParam<Case> {};
using Raw = std::array<std::uint8_t, 64>;

TEST_P(P256BadSignature, IsRefused)
{
    Raw raw = kSignature.array();
    GetParam().bend(raw);
    EXPECT_EQ(reason(p256_verify(kPublic, as_bytes("sample"), P256Signature{raw})), "crypto.p256_signature");
}
INSTANTIATE_TEST_SUITE_P(P256, P256BadSignature,
                         ::testing::Values(Case{"r_bit", [](Raw& s) { s[31] ^= 1; }},
                                           Case{"s_bit", [](Raw& s) { s[63] ^= 1; }},
                                           Case{"zero", [](Raw& s) { s.fill(0); }},
                                           Case{"r_zero", [](Raw& s) { std::fill_n(s.begin(), 32, std::uint8_t{0}); }},
                                           Case{"s_zero", [](Raw& s) { std::fill_n(s.begin() + 32, 32, std::uint8_t{0}); }},
                                           Case{"r_order", [](Raw& s) { std::ranges::copy(bytes(kOrder), s.begin()); }},
                                           Case{"s_order", [](Raw& s) { std::ranges::copy(bytes(kOrder), s.begin() + 32); }},
                                           Case{"swapped", [](Raw& s) { std::rotate(s.begin(), s.begin() + 32, s.end()); }}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(P256, RefusesPointsOffTheCurve)
{
    auto raw = kPublic.array();
    raw[63] ^= 1;
    EXPECT_EQ(reason(P256Verifier::create(P256PublicKey{raw})), "crypto.p256_point");
    EXPECT_EQ(reason(P256Verifier::create(P256PublicKey::zero())), "crypto.p256_point");
    raw.fill(0xff);
    EXPECT_EQ(reason(P256Verifier::create(P256PublicKey{raw})), "crypto.p256_point");
}

/// Short numbers: r and s with leading zero bytes appear about once in 128 signatures.
TEST(P256, SignaturesSurviveTheRawForm)
{
    const P256Key key = P256Key::generate();
    const P256Verifier verifier = P256Verifier::create(key.public_key()).value();
    bool short_number = false;
    for (int i = 0; i < 2000 || !short_number; ++i) {
        const std::string message = "message " + std::to_string(i);
        const P256Signature signature = key.sign(as_bytes(message));
        short_number |= signature.bytes()[0] == 0 || signature.bytes()[32] == 0;
        ASSERT_TRUE(verifier.verify(as_bytes(message), signature)) << i;
    }
}

TEST(P256, PemRoundTrip)
{
    const P256Key key = P256Key::generate();
    const P256Key again = P256Key::from_pem(key.to_pem()).value();
    EXPECT_EQ(again.public_key(), key.public_key());
    EXPECT_TRUE(p256_verify(key.public_key(), as_bytes("m"), again.sign(as_bytes("m"))));
}

SecretBytes pem_of(const char* group, bool explicit_parameters)
{
    const KeyHandle key{EVP_EC_gen(group)};
    EXPECT_EQ(EVP_PKEY_set_utf8_string_param(key.get(), "encoding", explicit_parameters ? "explicit" : "named_curve"), 1);
    return internal::private_key_pem(key.get());
}

TEST(P256, RefusesOtherKeys)
{
    EXPECT_EQ(reason(P256Key::from_pem(secret_text("no pem"))), "crypto.p256_pem");
    EXPECT_EQ(reason(P256Key::from_pem(SecretBytes{})), "crypto.p256_pem");
    EXPECT_EQ(reason(P256Key::from_pem(pem_of("P-384", false))), "crypto.p256_curve");
    EXPECT_EQ(reason(P256Key::from_pem(pem_of("P-256", true))), "crypto.p256_curve");
    EXPECT_EQ(reason(P256Key::from_pem(RsaKey::generate(2048)->private_pem())), "crypto.p256_curve");
}

TEST(P256, BothSidesAgreeOnOneSecret)
{
    const P256Key one = P256Key::generate();
    const P256Key two = P256Key::generate();
    const SecretBytes shared = one.agree(two.public_key()).value();
    EXPECT_EQ(shared.size(), 32U);
    EXPECT_TRUE(equal_constant_time(shared.reveal(SecretAccess{}), two.agree(one.public_key())->reveal(SecretAccess{})));
    EXPECT_EQ(one.agree(P256PublicKey::zero()).error().reason, "crypto.p256_point");
}

}  // namespace
}  // namespace iapp::crypto
