#include "attest/tpm_credential.hpp"

#include <gtest/gtest.h>

#include "crypto/x509_builder.hpp"
#include "simtee/tpm_activation.hpp"
#include "simtee/tpm_writer.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

using crypto::Certificate;
using crypto::Curve;
using crypto::SigningKey;
using simtee::SimulatedEk;
using simtee::SimulatedTpm;

constexpr UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::chrono::hours kYear{24 * 365};

TpmPublic public_of(const SimulatedTpm& tpm) { return parse_tpm_public(tpm.ak_public()).value(); }
TpmPublic public_of(const SimulatedEk& ek) { return parse_tpm_public(ek.public_area()).value(); }

TrustedEk trusted(const TpmPublic& ek)
{
    CheckLog checks;
    return trust_pinned_ek(ek, std::vector{crypto::sha256(ek.key.spki_der())}, checks).value();
}

const SimulatedEk& rsa_ek()
{
    static const SimulatedEk made = SimulatedEk::rsa();
    return made;
}

TEST(CredentialActivation, MakesAnAttestationKeyTrusted)
{
    const SimulatedEk p256 = SimulatedEk::p256();
    for (const SimulatedEk* ek : {&rsa_ek(), &p256}) {
        const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
        const TpmPublic ak = public_of(tpm);
        CheckLog checks;
        auto challenge = CredentialChallenge::make(trusted(public_of(*ek)), ak, checks);
        ASSERT_TRUE(challenge.has_value()) << challenge.error().detail;
        const auto answer = ek->activate(challenge->id_object(), challenge->encrypted_secret(), ak.name());
        ASSERT_TRUE(answer.has_value());
        const auto trusted_ak = std::move(*challenge).accept(*answer, checks);
        ASSERT_TRUE(trusted_ak.has_value()) << trusted_ak.error().detail;
        EXPECT_EQ(trusted_ak->source(), TrustedAk::Source::activated);
        EXPECT_EQ(trusted_ak->name(), ak.name());
        EXPECT_TRUE(checks.passed(CheckId::ak));
        EXPECT_TRUE(checks.passed(CheckId::ak_binding));

        const PcrSelection selection{HashAlgorithm::sha256, {0, 7}};
        EXPECT_TRUE(verify_tpm(tpm.quote(selection, Bytes(32, 1)), *trusted_ak, selection, checks).has_value());
    }
}

TEST(CredentialActivation, OnlyTheSecretIsAnAnswerAndOnlyOnce)
{
    const TpmPublic ak = public_of(SimulatedTpm(SigningKey::generate(Curve::p256)));
    const auto answer_with = [&](void (*bend)(Bytes&)) {
        CheckLog checks;
        auto challenge = CredentialChallenge::make(trusted(public_of(rsa_ek())), ak, checks).value();
        Bytes answer = rsa_ek().activate(challenge.id_object(), challenge.encrypted_secret(), ak.name()).value();
        bend(answer);
        EXPECT_FALSE(std::move(challenge).accept(answer, checks).has_value());
        test::expect_only_failure(checks, CheckId::ak_binding);
    };
    answer_with([](Bytes& a) { a.clear(); });
    answer_with([](Bytes& a) { a.pop_back(); });
    answer_with([](Bytes& a) { a.push_back(0); });
    answer_with([](Bytes& a) { a.back() ^= 1; });
    answer_with([](Bytes& a) { a.assign(32, 0); });

    CheckLog checks;
    auto challenge = CredentialChallenge::make(trusted(public_of(rsa_ek())), ak, checks).value();
    const Bytes answer = rsa_ek().activate(challenge.id_object(), challenge.encrypted_secret(), ak.name()).value();
    EXPECT_TRUE(std::move(challenge).accept(answer, checks).has_value());
    EXPECT_FALSE(std::move(challenge).accept(answer, checks).has_value());  // NOLINT(bugprone-use-after-move): the point
    EXPECT_FALSE(std::move(challenge).accept({}, checks).has_value());      // NOLINT(bugprone-use-after-move)
}

/// Pitfall 9: an attestation key that is not in the TPM of the endorsement key.
TEST(Pitfall9, AnAttestationKeyOfAnotherTpmIsNotActivated)
{
    const SimulatedEk ek = SimulatedEk::p256();
    const SimulatedEk other_ek = SimulatedEk::p256();
    const TpmPublic ak = public_of(SimulatedTpm(SigningKey::generate(Curve::p256)));
    const TpmPublic other_ak = public_of(SimulatedTpm(SigningKey::generate(Curve::p256)));
    CheckLog checks;
    auto challenge = CredentialChallenge::make(trusted(public_of(ek)), ak, checks).value();
    const auto activate = [&](const SimulatedEk& by, const TpmPublic& key) {
        return by.activate(challenge.id_object(), challenge.encrypted_secret(), key.name()).has_value();
    };
    EXPECT_TRUE(activate(ek, ak));
    EXPECT_FALSE(activate(ek, other_ak)) << "the TPM of the EK does not hold this key";
    EXPECT_FALSE(activate(other_ek, ak)) << "another TPM holds it";
    EXPECT_FALSE(std::move(challenge).accept(Bytes(32, 0), checks).has_value());
    test::expect_only_failure(checks, CheckId::ak_binding);

    // The same key with other attributes has another Name.
    TpmPublic unrestricted = ak;
    unrestricted.bytes[6] ^= 1;
    EXPECT_NE(unrestricted.name(), ak.name());

    // A quote by a key of another TPM fails under the key that was activated.
    const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
    const SimulatedTpm other(SigningKey::generate(Curve::p256));
    const PcrSelection selection{HashAlgorithm::sha256, {0}};
    CheckLog log;
    const auto trusted_ak = trust_pinned_ak(public_of(tpm), std::vector<Bytes>{public_of(tpm).name()}, log);
    EXPECT_FALSE(verify_tpm(other.quote(selection, Bytes(32)), *trusted_ak, selection, log).has_value());
    test::expect_only_failure(log, CheckId::ak_binding);
    TpmEvidence without_key = other.quote(selection, Bytes(32));
    without_key.ak_public.reset();
    CheckLog bare;
    EXPECT_FALSE(verify_tpm(without_key, *trusted_ak, selection, bare).has_value());
    test::expect_only_failure(bare, CheckId::signature);
}

TEST(CredentialActivation, KeysOfOtherFormsAreRefused)
{
    const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
    auto fields = simtee::ak_fields(tpm.ak.public_key());
    fields.attributes &= ~tpm_attribute::kRestricted;
    const TpmPublic loose = parse_tpm_public(simtee::encode_tpm_public(fields, tpm.ak.public_key())).value();
    CheckLog checks;
    EXPECT_FALSE(CredentialChallenge::make(trusted(public_of(rsa_ek())), loose, checks).has_value());
    test::expect_only_failure(checks, CheckId::ak);

    const auto challenge = [&](void (*bend)(simtee::TpmPublicFields&), const crypto::PublicKey& key) {
        auto bent = simtee::ek_fields();
        bend(bent);
        CheckLog log;
        const auto ek = parse_tpm_public(simtee::encode_tpm_public(bent, key)).value();
        EXPECT_FALSE(CredentialChallenge::make(trusted(ek), public_of(tpm), log).has_value());
        test::expect_only_failure(log, CheckId::ak_binding);
    };
    challenge([](auto& f) { f.symmetric.key_bits = 256; }, rsa_ek().public_key());
    challenge([](auto& f) { f.symmetric.mode = 0x0042; }, rsa_ek().public_key());
    challenge([](auto& f) { f.symmetric.algorithm = tpm_algorithm::kNull; }, rsa_ek().public_key());
    challenge([](auto& f) { f.name_algorithm = 0x000c; }, rsa_ek().public_key());
    challenge([](auto&) {}, SigningKey::generate(Curve::p384).public_key());

    // An attestation key is no endorsement key, whoever pins it.
    CheckLog log;
    const auto as_ek = trust_pinned_ek(public_of(tpm), std::vector{crypto::sha256(tpm.ak.public_key().spki_der())}, log);
    EXPECT_FALSE(as_ek.has_value());
    test::expect_only_failure(log, CheckId::ak_binding);
    CheckLog unknown;
    EXPECT_FALSE(trust_pinned_ek(public_of(rsa_ek()), std::vector{Hash256::zero()}, unknown).has_value());
    test::expect_only_failure(unknown, CheckId::ak_binding);
}

/// A manufacturer: root, CA, EK certificate, P-256 throughout.
struct Manufacturer {
    crypto::P256Key root_key = crypto::P256Key::generate();
    crypto::P256Key ca_key = crypto::P256Key::generate();
    crypto::CertificateProfile root{.common_name = "Simulated TPM Root",
                                    .organization = {},
                                    .serial = {},
                                    .not_before = kNow - kYear,
                                    .not_after = kNow + kYear,
                                    .ca = true,
                                    .path_length = {},
                                    .extensions = {}};
    crypto::CertificateProfile ca{.common_name = "Simulated TPM CA",
                                  .organization = {},
                                  .serial = {},
                                  .not_before = kNow - kYear,
                                  .not_after = kNow + kYear,
                                  .ca = true,
                                  .path_length = 0,
                                  .extensions = {}};
    crypto::CertificateProfile leaf{.common_name = "Simulated EK",
                                    .organization = {},
                                    .serial = {},
                                    .not_before = kNow - kYear,
                                    .not_after = kNow + kYear,
                                    .ca = false,
                                    .path_length = {},
                                    .extensions = {}};
    SimulatedEk ek = SimulatedEk::p256();
    std::optional<crypto::P256PublicKey> certified;  ///< another key than the EK's
    std::string roots;                               ///< what the verifier trusts, when not the root above
    std::string intermediates;                       ///< in front of the CA
    bool with_ca = true;
    UnixSeconds now = kNow;
};

struct EkCase {
    const char* name;
    std::string_view reason;  ///< "" means it must pass
    void (*bend)(Manufacturer&);
};
class EkCertificate : public testing::TestWithParam<EkCase> {};

TEST_P(EkCertificate, AnswersWithTheCheckThatFailed)
{
    Manufacturer m;
    GetParam().bend(m);
    const Certificate root = issue_root(m.root, m.root_key).value();
    const Certificate ca = issue_certificate(m.ca, m.ca_key.public_key(), root, m.root_key).value();
    const ByteView point = ByteView(m.ek.public_key().spki_der()).last(64);
    const auto subject = m.certified.value_or(crypto::P256PublicKey(point.first<64>()));
    const Certificate leaf = issue_certificate(m.leaf, subject, ca, m.ca_key).value();
    CheckLog checks;
    const auto ek = verify_ek_certificate(public_of(m.ek), leaf.der(), m.intermediates + (m.with_ca ? ca.to_pem() : ""),
                                          m.roots.empty() ? root.to_pem() : m.roots, m.now, checks);
    EXPECT_EQ(ek ? "" : ek.error().reason, GetParam().reason) << (ek ? "" : ek.error().detail);
    if (!ek) test::expect_only_failure(checks, find_check(GetParam().reason)->id);
    if (ek) {
        EXPECT_EQ(checks.outcomes().back().id, CheckId::revoked);
        EXPECT_EQ(checks.outcomes().back().outcome, Outcome::skipped) << "said, not hidden";
    }
}

/// A root of the same name with another key.
std::string look_alike(const Manufacturer& m) { return issue_root(m.root, crypto::P256Key::generate())->to_pem(); }

const Bytes kEkUsage{0x30, 0x07, 0x06, 0x05, 0x67, 0x81, 0x05, 0x08, 0x01};
const Bytes kServerUsage{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, EkCertificate, testing::Values(
    EkCase{"good",                  "", [](Manufacturer&) {}},
    EkCase{"ek_usage",              "", [](Manufacturer& m) { m.leaf.extensions.push_back({"2.5.29.37", false, kEkUsage}); }},
    EkCase{"critical_alt_name",     "", [](Manufacturer& m) { m.leaf.extensions.push_back({"2.5.29.17", true, Bytes{0x30, 0x00}}); }},
    EkCase{"two_roots",             "", [](Manufacturer& m) { m.roots = look_alike(m) + issue_root(m.root, m.root_key)->to_pem(); }},
    EkCase{"unused_intermediate",   "", [](Manufacturer& m) { m.intermediates = look_alike(m); }},
    EkCase{"first_second",          "", [](Manufacturer& m) { m.now = kNow - kYear; }},
    EkCase{"last_second",           "", [](Manufacturer& m) { m.now = kNow + kYear; }},
    EkCase{"no_intermediate",       "attest.chain", [](Manufacturer& m) { m.with_ca = false; }},
    EkCase{"intermediate_is_text",  "attest.chain", [](Manufacturer& m) { m.intermediates = "text"; }},
    EkCase{"roots_are_text",        "attest.chain", [](Manufacturer& m) { m.roots = "text"; }},
    EkCase{"server_certificate",    "attest.chain", [](Manufacturer& m) { m.leaf.extensions.push_back({"2.5.29.37", false, kServerUsage}); }},
    EkCase{"unknown_critical",      "attest.chain", [](Manufacturer& m) { m.leaf.extensions.push_back({"1.2.3.4", true, Bytes{0x05, 0x00}}); }},
    EkCase{"leaf_is_a_ca",          "attest.chain", [](Manufacturer& m) { m.leaf.ca = true; }},
    EkCase{"issuer_is_no_ca",       "attest.chain", [](Manufacturer& m) { m.ca.ca = false; m.ca.path_length.reset(); }},
    EkCase{"unknown_critical_in_ca", "attest.chain", [](Manufacturer& m) { m.ca.extensions.push_back({"1.2.3.4", true, Bytes{0x05, 0x00}}); }},
    EkCase{"path_too_long",         "attest.root", [](Manufacturer& m) { m.root.path_length = 0; }},
    EkCase{"look_alike_root",       "attest.root", [](Manufacturer& m) { m.roots = look_alike(m); }},
    EkCase{"root_among_the_chain",  "attest.root", [](Manufacturer& m) { m.roots = look_alike(m); m.intermediates = issue_root(m.root, m.root_key)->to_pem(); }},
    EkCase{"no_roots",              "attest.root", [](Manufacturer& m) { m.roots = " "; }},
    EkCase{"leaf_expired",          "attest.certificate_expired", [](Manufacturer& m) { m.leaf.not_after = kNow - std::chrono::seconds(1); }},
    EkCase{"leaf_not_yet",          "attest.certificate_expired", [](Manufacturer& m) { m.leaf.not_before = kNow + std::chrono::seconds(1); }},
    EkCase{"ca_expired",            "attest.certificate_expired", [](Manufacturer& m) { m.ca.not_after = kNow - std::chrono::seconds(1); }},
    EkCase{"root_expired",          "attest.certificate_expired", [](Manufacturer& m) { m.root.not_after = kNow - std::chrono::seconds(1); }},
    EkCase{"certificate_of_another_ek", "attest.ak_binding", [](Manufacturer& m) { m.certified = crypto::P256Key::generate().public_key(); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

// Made once with OpenSSL: manufacturers sign with sha256WithRSAEncryption and leave the subject empty.
constexpr std::string_view kRsaRoot = R"(-----BEGIN CERTIFICATE-----
MIIDSjCCAjKgAwIBAgIUcl/NEOAooLe9cmxqx7uBa4pRmtIwDQYJKoZIhvcNAQEL
BQAwKjEoMCYGA1UEAwwfU2ltdWxhdGVkIFRQTSBNYW51ZmFjdHVyZXIgUm9vdDAg
Fw0yNjExMjkxMzM1NTNaGA8yMTI2MTEwNTEzMzU1M1owKjEoMCYGA1UEAwwfU2lt
dWxhdGVkIFRQTSBNYW51ZmFjdHVyZXIgUm9vdDCCASIwDQYJKoZIhvcNAQEBBQAD
ggEPADCCAQoCggEBAJNYrgeXhREXDrT/gpjjEnj7zrkRFsALZa1bcL0uraha2Ect
qOhUxkCQlsnsC1CFw2YtXG4yFtFHfliWY8RJrw8u6XKvwzz+n/B/k+1QzlXgQerq
HXL5gnN+PSo7t72zFYxGpthY2zTrmqdghFj1F4ebedG2TUWgJufFV9ra5q84q90c
BiupHO8x0EqQJmZx027hg0seqMvGZ0ESYqi189tnoghK1jP97JBeGFaPmag8rKuW
i9/2U7SGfIySv/1Mq+NeRzL098PlSfgL+1yUzd+QBvzexVt7bjY7QIWbvnwVf178
giPQFq2sS1k79tZVhOv2U/VHH3ZbDcGMXvYmET8CAwEAAaNmMGQwHQYDVR0OBBYE
FCPGeYwWWmbaso0DhDVGc68ElazOMB8GA1UdIwQYMBaAFCPGeYwWWmbaso0DhDVG
c68ElazOMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgEGMA0GCSqG
SIb3DQEBCwUAA4IBAQA9TVhR+95rC9VhKwY1OxKjw+FxyJYJKjXZLFYuByCTLmYD
n8yT9ooomHwTNjhPTGdr9EMenzSGi4Grnxzv8X7ncq5GbFk60OKZL+lmL7dLiwrx
A7OJccYCwVZyVl5NSPUV+1ASlKkTUobvRq/jfNY6OGqaoxVHxkTHuXepampnOQwS
RE491NWzWLmWuFATqJS6igYl/uN2CrWG03T6xfiqwVXoxgCo+io7ZL04HtMdK0bx
+iJJfvSpKU/ScXW3h+fMFN3tRkSQzsboImWFihgcuX4xvI77uj4ZWA+MuwekP9Nw
oaD6bBfEyHzTlMixY26AxU0Z8JXogafimBV2Nmmr
-----END CERTIFICATE-----
)";
constexpr std::string_view kRsaEk = R"(-----BEGIN CERTIFICATE-----
MIIDgDCCAmigAwIBAgIUOZHltYuq5wu/4bBb2vgmhtdqJi4wDQYJKoZIhvcNAQEL
BQAwKjEoMCYGA1UEAwwfU2ltdWxhdGVkIFRQTSBNYW51ZmFjdHVyZXIgUm9vdDAg
Fw0yNjExMjkxMzM2MDRaGA8yMTI2MTEwNDEzMzYwNFowADCCASIwDQYJKoZIhvcN
AQEBBQADggEPADCCAQoCggEBAP7Vk1c58Z0PECsNizgdZqGYOI8u1y1fiOhCGrh8
5T4rbKZROCkPCOcLNiUZm/YY6eIf/UWioGfOEy/1Cp4vsu9hvRwith6c7hop64zu
M27tzQxvjklJAV11rxdDgXBbHRrZi9vSmebmjfi8J6CizJ2Rg19Q9nfsVpNoIbpu
q9nyoZCDW/bE+dDfbedce32QMf5ZwVjh1ZiJAXjCoh0MlqJpPD0oxDjseGfMWlbI
hmkw5e77pM5GMWNBZb85n5dEig1ddyxkjzA/RsEIYdiRmg8I8z0dWWQ88PFbxads
w4gF7CMsegpOY9Gf9oaNBY7EPjrZ0Wr9flCv6U1BSyUgfgECAwEAAaOBxTCBwjAM
BgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIFIDAQBgNVHSUECTAHBgVngQUIATBQ
BgNVHREBAf8ERjBEpEIwQDEWMBQGBWeBBQIBDAtpZDo0OTQ2NTgwMDEOMAwGBWeB
BQICDANTSU0xFjAUBgVngQUCAwwLaWQ6MDAwMTAyMDMwHQYDVR0OBBYEFK3STIcd
C+LGbVo4lCz1yQ0/Uq41MB8GA1UdIwQYMBaAFCPGeYwWWmbaso0DhDVGc68ElazO
MA0GCSqGSIb3DQEBCwUAA4IBAQA8OAKmliigIJEIpg/NWXg+dCo+ZjyFAuCKSjOa
nE2btfi7OLLy6q72BTz/Uk0sVpIboYDykS6SQdyMKS7+JmrWCQ6krc/GKBL+Uora
NmvXmcsNP7DhyvbK/HayaHQuNLv9mudoruHz5OLhmPzK8OKDbp++ENeGx8Et08WR
mbe4Bzg5WNUg6DbncPMyivmrlMwFwf8e65kVzdCLRxkItVrpzpd1/IJNh9VcJSY1
2glHYNxfeqf5Pbxe04xlEcYI4yzIVbYUjlBew9vLEcnYydWsnAziZ3ze9fUW2wrX
t11ebj6Om0i8QcohuaB3c5lNTu3/OWNjaZVg2rDNsOuLJPV7
-----END CERTIFICATE-----
)";

TEST(EkCertificates, OfManufacturersAreSignedWithPkcs1)
{
    const Certificate leaf = Certificate::from_pem(kRsaEk).value();
    const TpmPublic ek =
        parse_tpm_public(simtee::encode_tpm_public(simtee::ek_fields(), leaf.subject_key().value())).value();
    CheckLog checks;
    const auto verified = verify_ek_certificate(ek, leaf.der(), {}, kRsaRoot, kNow, checks);
    EXPECT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_FALSE(leaf.verify_signed_by(Certificate::from_pem(kRsaRoot).value()).has_value()) << "only where it is asked for";

    // CVE-2021-3406: a genuine certificate beside an endorsement key of one's own.
    CheckLog other;
    EXPECT_FALSE(verify_ek_certificate(public_of(rsa_ek()), leaf.der(), {}, kRsaRoot, kNow, other).has_value());
    test::expect_only_failure(other, CheckId::ak_binding);
    Bytes cut = leaf.der();
    cut.pop_back();
    CheckLog broken;
    EXPECT_FALSE(verify_ek_certificate(ek, cut, {}, kRsaRoot, kNow, broken).has_value());
    test::expect_only_failure(broken, CheckId::chain);
}

}  // namespace
}  // namespace iapp::attest
