#include "crypto/public_key.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/hash.hpp"
#include "crypto/internal/testing.hpp"
#include "crypto/p256.hpp"
#include "crypto/signing_key.hpp"
#include "crypto/x509_builder.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using namespace std::chrono_literals;
using enum SignatureScheme;

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();
const Bytes kMessage = to_bytes("message");

const SigningKey& p256()
{
    static const SigningKey made = SigningKey::generate(Curve::p256);
    return made;
}
const SigningKey& p384()
{
    static const SigningKey made = SigningKey::generate(Curve::p384);
    return made;
}
const SigningKey& rsa()
{
    static const SigningKey made = SigningKey::generate_rsa(2048).value();
    return made;
}

struct SchemeCase {
    const char* name;
    SignatureScheme scheme;
    const SigningKey& (*key)();
};
class Scheme : public ::testing::TestWithParam<SchemeCase> {};

TEST_P(Scheme, VerifiesItsOwnSignatureAndNoOther)
{
    const auto& [name, scheme, key] = GetParam();
    const PublicKey& verifier = key().public_key();
    Bytes signature = key().sign(scheme, kMessage).value();
    EXPECT_TRUE(verifier.verify(scheme, kMessage, signature));
    EXPECT_EQ(reason(verifier.verify(scheme, to_bytes("massage"), signature)), "crypto.public_key_signature");
    for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
        signature[at] ^= 1;
        EXPECT_EQ(reason(verifier.verify(scheme, kMessage, signature)), "crypto.public_key_signature") << at;
        signature[at] ^= 1;
    }
    Bytes longer = signature;
    longer.insert(longer.begin(), 0);
    EXPECT_EQ(reason(verifier.verify(scheme, kMessage, longer)), "crypto.public_key_signature");
    EXPECT_EQ(reason(verifier.verify(scheme, kMessage, ByteView(signature).subspan(1))), "crypto.public_key_signature");
    EXPECT_EQ(reason(verifier.verify(scheme, kMessage, {})), "crypto.public_key_signature");
    const Bytes zero(signature.size());
    EXPECT_EQ(reason(verifier.verify(scheme, kMessage, zero)), "crypto.public_key_signature");
    const Bytes ones(signature.size(), 0xff);
    EXPECT_EQ(reason(verifier.verify(scheme, kMessage, ones)), "crypto.public_key_signature");
}
INSTANTIATE_TEST_SUITE_P(
    PublicKey, Scheme,
    ::testing::Values(SchemeCase{"p256", ecdsa_p256_sha256, p256}, SchemeCase{"p384", ecdsa_p384_sha384, p384},
                      SchemeCase{"pss256", rsa_pss_sha256, rsa}, SchemeCase{"pss384", rsa_pss_sha384, rsa},
                      SchemeCase{"pss512", rsa_pss_sha512, rsa}, SchemeCase{"pkcs256", rsa_pkcs1_sha256, rsa},
                      SchemeCase{"pkcs384", rsa_pkcs1_sha384, rsa}, SchemeCase{"pkcs512", rsa_pkcs1_sha512, rsa}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(PublicKey, SchemesAreNotInterchangeable)
{
    const std::array all{rsa_pss_sha256,   rsa_pss_sha384,   rsa_pss_sha512,
                         rsa_pkcs1_sha256, rsa_pkcs1_sha384, rsa_pkcs1_sha512};
    for (const SignatureScheme made : all) {
        const Bytes signature = rsa().sign(made, kMessage).value();
        for (const SignatureScheme read : all)
            EXPECT_EQ(rsa().public_key().verify(read, kMessage, signature).has_value(), made == read);
    }
    EXPECT_EQ(reason(rsa().public_key().verify(ecdsa_p256_sha256, kMessage, Bytes(64))), "crypto.public_key_scheme");
    EXPECT_EQ(reason(p384().public_key().verify(ecdsa_p256_sha256, kMessage, Bytes(64))), "crypto.public_key_scheme");
    EXPECT_EQ(reason(p256().public_key().verify(rsa_pss_sha256, kMessage, Bytes(64))), "crypto.public_key_scheme");
    EXPECT_EQ(reason(p256().sign(ecdsa_p384_sha384, kMessage)), "crypto.public_key_scheme");
}

/// Signs the digest with a salt of another length than the hash, or another MGF1 hash.
Bytes odd_pss(int salt, const EVP_MD* mgf)
{
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{
        EVP_PKEY_CTX_new_from_pkey(nullptr, rsa().native(), nullptr), EVP_PKEY_CTX_free};
    EVP_PKEY_sign_init(context.get());
    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha384());
    EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), mgf);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), salt);
    Bytes out(256);
    std::size_t size = out.size();
    const Hash384 digest = sha384(kMessage);
    EXPECT_EQ(EVP_PKEY_sign(context.get(), out.data(), &size, digest.bytes().data(), 48), 1);
    return out;
}

TEST(PublicKey, PssSaltIsExactlyAsLongAsTheHash)
{
    EXPECT_TRUE(rsa().public_key().verify(rsa_pss_sha384, kMessage, odd_pss(48, EVP_sha384())));
    for (const int salt : {0, 32, 47, 49, 64})
        EXPECT_FALSE(rsa().public_key().verify(rsa_pss_sha384, kMessage, odd_pss(salt, EVP_sha384()))) << salt;
    EXPECT_FALSE(rsa().public_key().verify(rsa_pss_sha384, kMessage, odd_pss(48, EVP_sha1())));
    EXPECT_FALSE(rsa().public_key().verify(rsa_pss_sha384, kMessage, odd_pss(48, EVP_sha256())));
}

TEST(PublicKey, ReadsWhatItWrites)
{
    for (const SigningKey* key : {&p256(), &p384(), &rsa()}) {
        const PublicKey& made = key->public_key();
        EXPECT_EQ(PublicKey::from_spki_der(made.spki_der())->kind(), made.kind());
        EXPECT_EQ(PublicKey::from_spki_pem(made.spki_pem()).value(), made);
        EXPECT_EQ(SigningKey::from_pem(key->to_pem())->public_key(), made);
    }
    EXPECT_EQ(p256().public_key().bits(), 256U);
    EXPECT_EQ(p384().public_key().bits(), 384U);
    EXPECT_EQ(rsa().public_key().bits(), 2048U);
    EXPECT_EQ(reason(SigningKey::from_pem(testing::secret_text("no key"))), "crypto.signing_key");
    EXPECT_EQ(reason(SigningKey::generate_rsa(1024)), "crypto.public_key_rsa");
}

TEST(PublicKey, TakesPointsAndNumbers)
{
    const P256Key key = P256Key::generate();
    const auto xy = key.public_key().bytes();
    const PublicKey made = PublicKey::from_ec_point(Curve::p256, xy.first<32>(), xy.last<32>()).value();
    EXPECT_TRUE(made.verify(ecdsa_p256_sha256, kMessage, key.sign(kMessage).bytes()));
    Bytes off = to_bytes(xy);
    off.back() ^= 1;
    EXPECT_EQ(reason(PublicKey::from_ec_point(Curve::p256, ByteView(off).first(32), ByteView(off).last(32))),
              "crypto.public_key_point");
    EXPECT_EQ(reason(PublicKey::from_ec_point(Curve::p384, xy.first<32>(), xy.last<32>())), "crypto.public_key");
    const Bytes zero(48);
    EXPECT_EQ(reason(PublicKey::from_ec_point(Curve::p384, zero, zero)), "crypto.public_key_point");

    // SubjectPublicKeyInfo of a 2048-bit key with exponent 65537: the modulus is bytes 33..289, after a zero byte.
    const Bytes& spki = rsa().public_key().spki_der();
    const Bytes n(spki.begin() + 33, spki.begin() + 33 + 256);
    Bytes padded = n;
    padded.insert(padded.begin(), 2, 0);
    EXPECT_EQ(PublicKey::from_rsa(n, bytes("010001")).value(), rsa().public_key());
    EXPECT_EQ(PublicKey::from_rsa(padded, bytes("00010001")).value(), rsa().public_key());
}

TEST(PublicKey, RefusesWeakRsaNumbers)
{
    const Bytes& spki = rsa().public_key().spki_der();
    const Bytes n(spki.begin() + 33, spki.begin() + 33 + 256);
    Bytes even = n;
    even.back() &= 0xfe;
    const Bytes small(n.begin(), n.begin() + 255);
    const Bytes big(1025, 0xff);
    for (const auto& [modulus, exponent] :
         {std::pair{even, "010001"}, std::pair{small, "010001"}, std::pair{big, "010001"}, std::pair{n, "03"},
          std::pair{n, "ffff"}, std::pair{n, "010000"}, std::pair{n, "010000000000000001"}, std::pair{n, "00"},
          std::pair{Bytes{}, "010001"}})
        EXPECT_EQ(reason(PublicKey::from_rsa(modulus, bytes(exponent))), "crypto.public_key_rsa");
    const KeyHandle weak{EVP_RSA_gen(1024)};
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(weak.get(), &der);
    EXPECT_EQ(reason(PublicKey::from_spki_der({der, static_cast<std::size_t>(size)})), "crypto.public_key_rsa");
    OPENSSL_free(der);
}

Bytes spki_of(EVP_PKEY* key)
{
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

/// id-RSASSA-PSS: a key that carries its own restrictions.
KeyHandle pss_only_key()
{
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr), EVP_PKEY_CTX_free};
    EVP_PKEY* made = nullptr;
    EVP_PKEY_keygen_init(context.get());
    EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048);
    EVP_PKEY_keygen(context.get(), &made);
    return KeyHandle{made};
}

TEST(PublicKey, TakesOneSpellingOnly)
{
    const Bytes good = p384().public_key().spki_der();
    Bytes cut = good;
    cut.pop_back();
    Bytes more = good;
    more.push_back(0);
    Bytes hybrid = good;
    hybrid[23] = 0x06;
    const KeyHandle explicit_curve{EVP_EC_gen("P-384")};
    EVP_PKEY_set_utf8_string_param(explicit_curve.get(), "encoding", "explicit");
    const KeyHandle compressed{EVP_EC_gen("P-384")};
    EVP_PKEY_set_utf8_string_param(compressed.get(), "point-format", "compressed");
    const KeyHandle other_curve{EVP_EC_gen("P-521")};
    const KeyHandle edwards{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    const KeyHandle pss = pss_only_key();
    for (const Bytes& bad : {cut, more, hybrid, Bytes{}, spki_of(explicit_curve.get()), spki_of(compressed.get()),
                             spki_of(other_curve.get()), spki_of(edwards.get())})
        EXPECT_EQ(reason(PublicKey::from_spki_der(bad)), "crypto.public_key");
    ASSERT_TRUE(pss);
    EXPECT_EQ(reason(PublicKey::from_spki_der(spki_of(pss.get()))), "crypto.public_key");
    Bytes off = good;
    off.back() ^= 1;
    EXPECT_EQ(reason(PublicKey::from_spki_der(off)), "crypto.public_key_point");
    Bytes rsa_more = rsa().public_key().spki_der();
    rsa_more.push_back(0);
    EXPECT_EQ(reason(PublicKey::from_spki_der(rsa_more)), "crypto.public_key");
    EXPECT_EQ(reason(PublicKey::from_spki_pem("no PEM")), "crypto.pem");
}

// --- certificates and lists of these keys

CertificateProfile profile(const char* name, bool ca)
{
    return {.common_name = name,
            .organization = {},
            .serial = {},
            .not_before = kNow,
            .not_after = kNow + 1h,
            .ca = ca,
            .path_length = {},
            .extensions = {}};
}

TEST(CertificateKeys, EveryKindSignsEveryKind)
{
    for (const SigningKey* issuer : {&p256(), &p384(), &rsa()}) {
        const Certificate root = issue_root(profile("Root", true), *issuer).value();
        EXPECT_TRUE(root.verify_signed_by(root));
        EXPECT_EQ(root.subject_key().value(), issuer->public_key());
        for (const SigningKey* subject : {&p256(), &p384(), &rsa()}) {
            const Certificate leaf = issue_certificate(profile("Leaf", false), subject->public_key(), root, *issuer).value();
            EXPECT_EQ(leaf.subject_key().value(), subject->public_key());
            EXPECT_TRUE(leaf.verify_signed_by(root));
            Bytes bent = leaf.der();
            bent.back() ^= 1;
            EXPECT_EQ(reason(Certificate::from_der(bent)->verify_signed_by(root)), "crypto.x509_signature");
        }
        const Crl list =
            issue_crl({.this_update = kNow, .next_update = kNow + 1h, .number = 1, .revoked_serials = {}, .extensions = {}},
                      root, *issuer)
                .value();
        EXPECT_TRUE(list.verify_signed_by(root));
        Bytes bent = list.der();
        bent.back() ^= 1;
        EXPECT_EQ(reason(Crl::from_der(bent)->verify_signed_by(root)), "crypto.crl_signature");
        const SigningKey& other = issuer == &rsa() ? p384() : rsa();
        const Certificate twin = issue_root(profile("Root", true), other).value();  // the same name, another kind of key
        EXPECT_EQ(reason(root.verify_signed_by(twin)), "crypto.x509_algorithm");
        EXPECT_EQ(reason(list.verify_signed_by(twin)), "crypto.crl_algorithm");
    }
}

TEST(CertificateKeys, BareHasNoStandardExtensionsAndMayHaveSerialZero)
{
    CertificateProfile bare = profile("Bare", false);
    bare.bare = true;
    bare.serial = {0};
    const Certificate made = issue_root(bare, p384()).value();
    EXPECT_TRUE(made.extensions().empty());
    EXPECT_EQ(made.serial(), Bytes{0});
}

/// A self-signed RSA certificate with PSS parameters of one's choice.
Certificate with_pss(const EVP_MD* md, const EVP_MD* mgf, int salt)
{
    const std::unique_ptr<X509, decltype(&X509_free)> made{X509_new(), X509_free};
    X509* x = made.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, rsa().native());
    const DigestHandle context{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* operation = nullptr;
    EVP_DigestSignInit(context.get(), &operation, md, nullptr, rsa().native());
    EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_mgf1_md(operation, mgf);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, salt);
    EXPECT_GT(X509_sign_ctx(x, context.get()), 0);
    std::uint8_t* der = nullptr;
    const int size = i2d_X509(x, &der);
    const Bytes copy(der, der + size);
    OPENSSL_free(der);
    return Certificate::from_der(copy).value();
}

TEST(CertificateKeys, PssParametersAreCheckedOneByOne)
{
    const auto verdict = [](const Certificate& c) { return reason(c.verify_signed_by(c)); };
    EXPECT_EQ(verdict(with_pss(EVP_sha384(), EVP_sha384(), 48)), "");
    EXPECT_EQ(verdict(with_pss(EVP_sha256(), EVP_sha256(), 32)), "crypto.x509_algorithm");
    EXPECT_EQ(verdict(with_pss(EVP_sha512(), EVP_sha512(), 64)), "crypto.x509_algorithm");
    EXPECT_EQ(verdict(with_pss(EVP_sha384(), EVP_sha256(), 48)), "crypto.x509_algorithm");
    EXPECT_EQ(verdict(with_pss(EVP_sha384(), EVP_sha1(), 48)), "crypto.x509_algorithm");
    for (const int salt : {0, 20, 32, 47, 49})
        EXPECT_EQ(verdict(with_pss(EVP_sha384(), EVP_sha384(), salt)), "crypto.x509_algorithm") << salt;
}

/// AMD's certificates spell the default trailer field out. DER does not, and OpenSSL never writes it: splice it in.
TEST(CertificateKeys, PssTrailerMayBeSpelledOutButIsOne)
{
    // SEQUENCE { RSASSA-PSS, SEQUENCE { ... [2] 48 } } grows by [3] INTEGER 1 in both places; every outer length is two
    // bytes.
    const auto spliced = [](std::uint8_t trailer) {
        const Certificate plain = with_pss(EVP_sha384(), EVP_sha384(), 48);
        const Bytes old = bytes("304106092a864886f70d01010a3034");
        Bytes der = plain.der();
        for (int i = 0; i < 2; ++i) {
            const auto found = i == 0 ? std::ranges::search(der, old) : std::ranges::find_end(der, old);
            const auto at = found.begin() - der.begin();
            der[static_cast<std::size_t>(at) + 1] += 5;
            der[static_cast<std::size_t>(at) + 14] += 5;
            const Bytes field{0xa3, 0x03, 0x02, 0x01, trailer};
            der.insert(der.begin() + at + 67, field.begin(), field.end());
        }
        const auto grow = [&](std::size_t at, std::size_t by) {
            const std::size_t size = static_cast<std::size_t>(der[at] << 8 | der[at + 1]) + by;
            der[at] = static_cast<std::uint8_t>(size >> 8);
            der[at + 1] = static_cast<std::uint8_t>(size);
        };
        grow(2, 10);  // Certificate
        grow(6, 5);   // TBSCertificate
        const std::size_t tbs_size = 4 + static_cast<std::size_t>(der[6] << 8 | der[7]);
        const Bytes signature = rsa().sign(rsa_pss_sha384, ByteView(der).subspan(4, tbs_size)).value();
        std::ranges::copy(signature, der.end() - 256);
        return Certificate::from_der(der);
    };
    const Certificate one = spliced(1).value();
    EXPECT_EQ(reason(one.verify_signed_by(one)), "");
    const Certificate two = spliced(2).value();
    EXPECT_EQ(reason(two.verify_signed_by(two)), "crypto.x509_algorithm");
}

}  // namespace
}  // namespace iapp::crypto
