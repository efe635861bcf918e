#include "crypto/x509.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "crypto/internal/openssl.hpp"
#include "crypto/internal/testing.hpp"
#include "crypto/x509_builder.hpp"

namespace iapp::crypto {
namespace {

using testing::bytes;
using testing::reason;
using namespace std::chrono_literals;

const UnixSeconds kNow = parse_iso8601("2026-11-22T10:00:00Z").value();

/// Root, intermediate and leaf as a development PKI makes them.
struct Pki {
    P256Key root_key = P256Key::generate();
    P256Key ca_key = P256Key::generate();
    P256Key leaf_key = P256Key::generate();
    Certificate root = issue_root({.common_name = "Root",
                                   .organization = "Org",
                                   .serial = {},
                                   .not_before = kNow - 24h,
                                   .not_after = kNow + 24h,
                                   .ca = true,
                                   .path_length = 1,
                                   .extensions = {}},
                                  root_key)
                           .value();
    Certificate ca = issue_certificate({.common_name = "CA",
                                        .organization = {},
                                        .serial = {0x01, 0x02},
                                        .not_before = kNow - 24h,
                                        .not_after = kNow + 24h,
                                        .ca = true,
                                        .path_length = 0,
                                        .extensions = {}},
                                       ca_key.public_key(), root, root_key)
                         .value();
    Certificate leaf = issue_certificate({.common_name = "Leaf",
                                          .organization = {},
                                          .serial = {0x7f},
                                          .not_before = kNow,
                                          .not_after = kNow + 1h,
                                          .ca = false,
                                          .path_length = {},
                                          .extensions = {{"1.2.840.113741.1.13.1", false, bytes("3003020105")}}},
                                         leaf_key.public_key(), ca, ca_key)
                           .value();
};

const Pki& pki()
{
    static const Pki made;
    return made;
}

TEST(Certificate, ShowsItsFields)
{
    const Certificate& leaf = pki().leaf;
    EXPECT_EQ(leaf.subject_cn(), "Leaf");
    EXPECT_EQ(leaf.issuer_der(), pki().ca.subject_der());
    EXPECT_EQ(leaf.serial(), Bytes{0x7f});
    EXPECT_EQ(pki().ca.serial(), (Bytes{0x01, 0x02}));
    EXPECT_EQ(leaf.not_before(), kNow);
    EXPECT_EQ(leaf.not_after(), kNow + 1h);
    EXPECT_EQ(leaf.public_key().value(), pki().leaf_key.public_key());
    ASSERT_NE(leaf.find_extension("1.2.840.113741.1.13.1"), nullptr);
    EXPECT_EQ(leaf.find_extension("1.2.840.113741.1.13.1")->value, bytes("3003020105"));
    EXPECT_EQ(leaf.find_extension("1.2.840.113741.1.13"), nullptr);
    EXPECT_EQ(leaf.unknown_critical_extension(), nullptr);
}

TEST(Certificate, ShowsItsRights)
{
    EXPECT_TRUE(pki().root.is_ca() && pki().root.may_sign_certificates() && pki().root.may_sign_crls());
    EXPECT_EQ(pki().root.basic_constraints()->path_length, 1u);
    EXPECT_EQ(pki().ca.basic_constraints()->path_length, 0u);
    EXPECT_FALSE(pki().leaf.is_ca() || pki().leaf.may_sign_certificates() || pki().leaf.may_sign_crls());
    EXPECT_TRUE(pki().leaf.key_usage()->digital_signature);
}

TEST(Certificate, WindowHasTwoEnds)
{
    const Certificate& leaf = pki().leaf;
    EXPECT_FALSE(leaf.valid_at(kNow - 1s));
    EXPECT_TRUE(leaf.valid_at(kNow));
    EXPECT_TRUE(leaf.valid_at(kNow + 1h));
    EXPECT_FALSE(leaf.valid_at(kNow + 1h + 1s));
}

TEST(Certificate, VerifiesStepByStep)
{
    EXPECT_TRUE(pki().root.verify_signed_by(pki().root));
    EXPECT_TRUE(pki().ca.verify_signed_by(pki().root));
    EXPECT_TRUE(pki().leaf.verify_signed_by(pki().ca));
    EXPECT_EQ(reason(pki().leaf.verify_signed_by(pki().root)), "crypto.x509_issuer");
}

/// As OpenSSL parses it when it is asked to read keys as well.
std::unique_ptr<X509, decltype(&X509_free)> reparsed(const Certificate& certificate)
{
    const std::uint8_t* at = certificate.der().data();
    return {d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size())), X509_free};
}

/// The judgement of a second implementation: OpenSSL's own path validation in strict mode.
TEST(Certificate, ChainSatisfiesOpenSslInStrictMode)
{
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store{X509_STORE_new(), X509_STORE_free};
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context{X509_STORE_CTX_new(), X509_STORE_CTX_free};
    const Crl root_crl =
        issue_crl({.this_update = kNow, .next_update = kNow + 1h, .number = 1, .revoked_serials = {}, .extensions = {}},
                  pki().root, pki().root_key)
            .value();
    const Crl ca_crl =
        issue_crl({.this_update = kNow, .next_update = kNow + 1h, .number = 1, .revoked_serials = {}, .extensions = {}},
                  pki().ca, pki().ca_key)
            .value();
    const auto root = reparsed(pki().root);
    const auto ca = reparsed(pki().ca);
    const auto leaf = reparsed(pki().leaf);
    X509_STORE_add_cert(store.get(), root.get());
    for (const Crl* crl : {&root_crl, &ca_crl}) {
        const std::uint8_t* at = crl->der().data();
        X509_CRL* native = d2i_X509_CRL(nullptr, &at, static_cast<long>(crl->der().size()));
        X509_STORE_add_crl(store.get(), native);
        X509_CRL_free(native);
    }
    STACK_OF(X509)* untrusted = sk_X509_new_null();
    sk_X509_push(untrusted, ca.get());
    X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), untrusted);
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    X509_STORE_CTX_set_time(context.get(), 0, kNow.time_since_epoch().count());
    EXPECT_EQ(X509_verify_cert(context.get()), 1) << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
    sk_X509_free(untrusted);
}

TEST(Certificate, RefusesAForgedIssuerOfTheSameName)
{
    const P256Key other = P256Key::generate();
    const Certificate impostor = issue_root({.common_name = "Root",
                                             .organization = "Org",
                                             .serial = {},
                                             .not_before = kNow,
                                             .not_after = kNow + 1h,
                                             .ca = true,
                                             .path_length = {},
                                             .extensions = {}},
                                            other)
                                     .value();
    ASSERT_EQ(impostor.subject_der(), pki().root.subject_der());
    EXPECT_EQ(reason(pki().ca.verify_signed_by(impostor)), "crypto.x509_signature");
}

/// Replaces the only occurrence of `from` in a DER encoding by `to` of the same length.
Bytes patched(Bytes der, std::string_view from, std::string_view to)
{
    const Bytes old = bytes(from);
    const Bytes fresh = bytes(to);
    const auto found = std::ranges::search(der, old);
    EXPECT_FALSE(found.empty());
    std::ranges::copy(fresh, found.begin());
    return der;
}

struct BytesCase {
    const char* name;
    Bytes (*bend)(Bytes der);
    std::string_view reason;
};
class CertificateBytes : public ::testing::TestWithParam<BytesCase> {};

TEST_P(CertificateBytes, AnswersWithTheRule)
{
    EXPECT_EQ(reason(Certificate::from_der(GetParam().bend(pki().ca.der()))), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    X509, CertificateBytes,
    ::testing::Values(
        BytesCase{"good", [](Bytes der) { return der; }, ""},
        BytesCase{"empty", [](Bytes) { return Bytes{}; }, "crypto.x509_der"},
        BytesCase{"cut", [](Bytes der) { return der.pop_back(), der; }, "crypto.x509_der"},
        BytesCase{"trailing", [](Bytes der) { return der.push_back(0), der; }, "crypto.x509_der"},
        BytesCase{"huge", [](Bytes) { return Bytes((64 << 10) + 1, 0x30); }, "crypto.x509_der"},
        BytesCase{"version_2", [](Bytes der) { return patched(std::move(der), "a003020102", "a003020101"); },
                  "crypto.x509_version"},
        BytesCase{"negative_serial", [](Bytes der) { return patched(std::move(der), "02020102", "02028102"); },
                  "crypto.x509_serial"},
        BytesCase{"bad_month", [](Bytes der) { return patched(std::move(der), "170d323631313231", "170d323631333231"); },
                  "crypto.x509_time"},
        BytesCase{
            "time_without_z",
            [](Bytes der) { return patched(std::move(der), "3236313132313130303030305a", "32363131323131303030303059"); },
            "crypto.x509_time"},
        BytesCase{"duplicate_extension", [](Bytes der) { return patched(std::move(der), "0603551d0f", "0603551d13"); },
                  "crypto.x509_extension"},
        BytesCase{"constraints_not_a_sequence",
                  [](Bytes der) { return patched(std::move(der), "30060101ff020100", "31060101ff020100"); },
                  "crypto.x509_extension"},
        BytesCase{"path_length_without_ca",
                  [](Bytes der) { return patched(std::move(der), "30060101ff020100", "3006010100020100"); },
                  "crypto.x509_extension"},
        BytesCase{"negative_path_length",
                  [](Bytes der) { return patched(std::move(der), "30060101ff020100", "30060101ff0201ff"); },
                  "crypto.x509_extension"},
        BytesCase{"usage_with_trailing_bytes",
                  [](Bytes der) { return patched(std::move(der), "040403020106", "040403010600"); },
                  "crypto.x509_extension"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Certificate, NamesUnknownCriticalExtensions)
{
    const Certificate odd = issue_root({.common_name = "Odd",
                                        .organization = {},
                                        .serial = {},
                                        .not_before = kNow,
                                        .not_after = kNow + 1h,
                                        .ca = true,
                                        .path_length = {},
                                        .extensions = {{"1.2.3.4", true, {0x05, 0x00}}}},
                                       pki().root_key)
                                .value();
    ASSERT_NE(odd.unknown_critical_extension(), nullptr);
    EXPECT_EQ(odd.unknown_critical_extension()->oid, "1.2.3.4");
}

TEST(Certificate, LimitsTheNumberOfExtensions)
{
    CertificateProfile profile{.common_name = "Many",
                               .organization = {},
                               .serial = {},
                               .not_before = kNow,
                               .not_after = kNow + 1h,
                               .ca = false,
                               .path_length = {},
                               .extensions = {}};
    for (int i = 0; i < 60; ++i) profile.extensions.push_back({"1.2.3." + std::to_string(i), false, {0x05, 0x00}});
    EXPECT_EQ(reason(issue_root(profile, pki().root_key)), "");  // four standard extensions come first
    profile.extensions.push_back({"1.2.3.60", false, {0x05, 0x00}});
    EXPECT_EQ(reason(issue_root(profile, pki().root_key)), "crypto.x509_extension");
}

TEST(Certificate, RefusesAChangedSignature)
{
    Bytes der = pki().ca.der();
    der.back() ^= 1;
    EXPECT_EQ(reason(Certificate::from_der(der)->verify_signed_by(pki().root)), "crypto.x509_signature");
}

/// A self-signed certificate made with OpenSSL alone: the shapes our builder cannot make.
Certificate foreign(EVP_PKEY* key, const EVP_MD* digest)
{
    const std::unique_ptr<X509, decltype(&X509_free)> made{X509_new(), X509_free};
    X509* x = made.get();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("Foreign"), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, key);
    X509_sign(x, key, digest);
    std::uint8_t* der = nullptr;
    const int size = i2d_X509(x, &der);
    const Bytes copy(der, der + size);
    OPENSSL_free(der);
    return Certificate::from_der(copy).value();
}

TEST(Certificate, RefusesExplicitCurveParameters)  // the CVE-2020-0601 class
{
    const KeyHandle key{EVP_EC_gen("P-256")};
    ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key.get(), "encoding", "explicit"), 1);
    const Certificate certificate = foreign(key.get(), EVP_sha256());
    EXPECT_EQ(reason(certificate.public_key()), "crypto.x509_key");
    EXPECT_EQ(reason(certificate.verify_signed_by(certificate)), "crypto.x509_key");
}

TEST(Certificate, RefusesOtherKeysAndAlgorithms)
{
    const KeyHandle p384{EVP_EC_gen("P-384")};
    const KeyHandle rsa{EVP_RSA_gen(2048)};
    const KeyHandle p256{EVP_EC_gen("P-256")};
    EXPECT_EQ(reason(foreign(p384.get(), EVP_sha256()).public_key()), "crypto.x509_key");
    EXPECT_EQ(reason(foreign(rsa.get(), EVP_sha256()).public_key()), "crypto.x509_key");
    const Certificate sha384 = foreign(p256.get(), EVP_sha384());
    EXPECT_EQ(reason(sha384.verify_signed_by(sha384)), "crypto.x509_algorithm");
}

TEST(Certificate, WithoutExtensionsHasNoRights)
{
    const KeyHandle key{EVP_EC_gen("P-256")};
    const Certificate certificate = foreign(key.get(), EVP_sha256());
    EXPECT_TRUE(certificate.verify_signed_by(certificate));
    EXPECT_FALSE(certificate.is_ca() || certificate.may_sign_certificates() || certificate.may_sign_crls());
}

TEST(Certificate, KeyOffTheCurveIsRefused)
{
    const Bytes point = to_bytes(pki().leaf_key.public_key().bytes());
    Bytes off = point;
    off.back() ^= 1;
    const Certificate bent = Certificate::from_der(patched(pki().leaf.der(), hex(point), hex(off))).value();
    EXPECT_EQ(reason(bent.public_key()), "crypto.p256_point");
}

TEST(Pem, RoundTrip)
{
    EXPECT_EQ(Certificate::from_pem(pki().leaf.to_pem())->der(), pki().leaf.der());
    const std::string chain = pki().leaf.to_pem() + "\r\n " + pki().ca.to_pem() + pki().root.to_pem() + '\0';
    const auto parsed = parse_pem_certificates(chain).value();
    ASSERT_EQ(parsed.size(), 3u);
    EXPECT_EQ(parsed[2].der(), pki().root.der());
}

TEST(Pem, RefusesEverythingElse)
{
    const std::string good = pki().leaf.to_pem();
    std::string bad_digit = good;
    bad_digit[60] = '!';
    std::string url_digit = good;
    url_digit[60] = '-';
    for (const std::string& bad :
         {"x" + good, good + "x", good + '\0' + '\0', bad_digit, url_digit, good.substr(0, good.size() - 5), good.substr(30),
          std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
          std::string("-----BEGIN CERTIFICATE-----\nMAF=\n-----END CERTIFICATE-----\n"),  // stray bits before the padding
          std::string("-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n")})
        EXPECT_EQ(reason(Certificate::from_pem(bad)), "crypto.pem") << bad;
    EXPECT_EQ(reason(Certificate::from_pem("")), "crypto.pem");
    EXPECT_EQ(reason(Certificate::from_pem(good + good)), "crypto.pem");
    EXPECT_EQ(reason(Crl::from_pem(good)), "crypto.pem");
}

TEST(Pem, CountsCertificates)
{
    const std::string one = pki().leaf.to_pem();
    EXPECT_EQ(reason(parse_pem_certificates(" \n")), "crypto.pem_count");
    EXPECT_EQ(reason(parse_pem_certificates(one + one + one, 2)), "crypto.pem_count");
    EXPECT_EQ(parse_pem_certificates(one + one, 2)->size(), 2u);
}

}  // namespace
}  // namespace iapp::crypto
