#include "crypto/rsa.hpp"

#include <gtest/gtest.h>

#include "crypto/internal/testing.hpp"
#include "crypto/p256.hpp"
#include "crypto/random.hpp"

namespace iapp::crypto {
namespace {

using testing::reason;
using testing::revealed;

const RsaKey& key()
{
    static const RsaKey made = RsaKey::generate(2048).value();
    return made;
}

TEST(Rsa, EncryptsToItsPublicKey)
{
    const SecretBytes text = random_secret(32);
    const Bytes sealed = rsa_pkcs1_encrypt(key().public_pem(), text).value();
    EXPECT_EQ(sealed.size(), 256u);
    EXPECT_EQ(revealed(key().decrypt_pkcs1(sealed).value()), revealed(text));
    EXPECT_EQ(revealed(RsaKey::from_pem(key().private_pem())->decrypt_pkcs1(sealed).value()), revealed(text));
    EXPECT_NE(rsa_pkcs1_encrypt(key().public_pem(), text).value(), sealed);
}

TEST(Rsa, TakesPemWithoutALastNewline)  // what WebCrypto clients store
{
    std::string pem = key().public_pem();
    pem.pop_back();
    EXPECT_TRUE(rsa_pkcs1_encrypt(pem, random_secret(32)));
}

TEST(Rsa, RefusesOtherText)
{
    const std::string good = key().public_pem();
    const std::string private_pem = to_text(key().private_pem().reveal(SecretAccess{}));
    std::string damaged = good;
    damaged[40] = damaged[40] == 'A' ? 'B' : 'A';
    for (const std::string& bad :
         {std::string{}, std::string("text"), good + good, "x" + good, good + "x", damaged, private_pem, good.substr(0, 200),
          std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")})
        EXPECT_EQ(reason(rsa_pkcs1_encrypt(bad, random_secret(32))), "crypto.rsa_pem") << bad;
}

TEST(Rsa, RefusesAKeyOfAnotherKind)
{
    // P-256 SubjectPublicKeyInfo of RFC 6979 A.2.5.
    const std::string p256 =
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7\n"
        "Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n-----END PUBLIC KEY-----\n";
    EXPECT_EQ(reason(rsa_pkcs1_encrypt(p256, random_secret(32))), "crypto.rsa_pem");
    EXPECT_EQ(reason(RsaKey::from_pem(P256Key::generate().to_pem())), "crypto.rsa_pem");
}

TEST(Rsa, RefusesSmallAndHugeKeys)
{
    EXPECT_EQ(reason(RsaKey::generate(1024)), "crypto.rsa_size");
    EXPECT_EQ(reason(RsaKey::generate(16384)), "crypto.rsa_size");
    // A published 1024-bit key.
    const std::string small =
        "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDdlatRjRjogo3WojgGHFHYLugd\n"
        "UWAY9iR3fy4arWNA1KoS8kVw33cJibXr8bvwUAUparCwlvdbH6dvEOfou0/gCFQs\n"
        "HUfQrSDv+MuSUMAe8jzKE4qW+jK+xQU9a03GUnKHkkle+Q0pX/g6jXZ7r1/xAK5D\n"
        "o2kQ+X5xK9cipRgEKwIDAQAB\n-----END PUBLIC KEY-----\n";
    EXPECT_EQ(reason(rsa_pkcs1_encrypt(small, random_secret(32))), "crypto.rsa_size");
}

TEST(Rsa, LimitsTheText)
{
    EXPECT_TRUE(rsa_pkcs1_encrypt(key().public_pem(), SecretBytes(245)));
    EXPECT_EQ(reason(rsa_pkcs1_encrypt(key().public_pem(), SecretBytes(246))), "crypto.rsa_length");
}

TEST(Rsa, RefusesForeignCiphertext)
{
    EXPECT_EQ(reason(key().decrypt_pkcs1({})), "crypto.rsa_decrypt");
    EXPECT_EQ(reason(key().decrypt_pkcs1(Bytes(255))), "crypto.rsa_decrypt");
    EXPECT_EQ(reason(key().decrypt_pkcs1(Bytes(256))), "crypto.rsa_decrypt");
}

TEST(RsaOaep, OpensWithTheSameKeyAndLabelOnly)
{
    const RsaKey key = RsaKey::generate(2048).value();
    const PublicKey public_key = PublicKey::from_spki_pem(key.public_pem()).value();
    const Bytes label = to_bytes("IDENTITY");
    const SecretBytes text = SecretBytes::copy_of(Bytes(32, 7));
    Bytes sealed = rsa_oaep_sha256_encrypt(public_key, label, text).value();
    EXPECT_EQ(hex(key.decrypt_oaep_sha256(label, sealed)->reveal(SecretAccess{})), hex(Bytes(32, 7)));
    EXPECT_EQ(key.decrypt_oaep_sha256({}, sealed).error().reason, "crypto.rsa_decrypt");
    sealed[0] ^= 1;
    EXPECT_EQ(key.decrypt_oaep_sha256(label, sealed).error().reason, "crypto.rsa_decrypt");
    EXPECT_TRUE(rsa_oaep_sha256_encrypt(public_key, {}, SecretBytes(190)).has_value());
    EXPECT_EQ(rsa_oaep_sha256_encrypt(public_key, {}, SecretBytes(191)).error().reason, "crypto.rsa_length");
    const P256PublicKey point = P256Key::generate().public_key();
    const auto curve_key = PublicKey::from_ec_point(Curve::p256, point.bytes().first<32>(), point.bytes().last<32>());
    EXPECT_EQ(rsa_oaep_sha256_encrypt(*curve_key, {}, text).error().reason, "crypto.rsa_pem");
}

}  // namespace
}  // namespace iapp::crypto
