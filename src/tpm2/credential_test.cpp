// The verifier's software MakeCredential against a real TPM's ActivateCredential.
#include <gtest/gtest.h>

#include "attest/tpm_credential.hpp"
#include "support/swtpm.hpp"

namespace iapp::tpm2 {
namespace {

using attest::CredentialChallenge;
using test::Swtpm;

attest::TpmPublic public_of(const Key& key)
{
    auto parsed = attest::parse_tpm_public(key.public_area());
    EXPECT_TRUE(parsed.has_value());
    return *std::move(parsed);
}

attest::TrustedEk trusted(const Key& ek)
{
    attest::CheckLog checks;
    const std::vector enrolled{crypto::sha256(public_of(ek).key.spki_der())};
    auto out = attest::trust_pinned_ek(public_of(ek), enrolled, checks);
    EXPECT_TRUE(out.has_value());
    return *std::move(out);
}

class Activation : public testing::TestWithParam<KeyType> {};

TEST_P(Activation, TiesAnAttestationKeyToItsTpm)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    const Key ek = *tpm.create_ek(GetParam());
    const Key ak = *tpm.load_ak(ek, *tpm.create_ak(ek, GetParam()));
    const Key other = *tpm.load_ak(ek, *tpm.create_ak(ek, GetParam()));
    EXPECT_EQ(public_of(ak).name(), ak.name());

    attest::CheckLog checks;
    auto challenge = CredentialChallenge::make(trusted(ek), public_of(ak), checks);
    ASSERT_TRUE(challenge.has_value()) << challenge.error().detail;
    const Credential credential{challenge->id_object(), challenge->encrypted_secret()};
    EXPECT_EQ(tpm.activate(ek, other, credential).error().reason, "tpm2.credential");
    const auto answer = tpm.activate(ek, ak, credential);
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    const auto trusted_ak = std::move(*challenge).accept(*answer, checks);
    ASSERT_TRUE(trusted_ak.has_value()) << trusted_ak.error().detail;

    const attest::PcrSelection selection{attest::HashAlgorithm::sha256, {0, 7, 23}};
    const Bytes nonce(32, 5);
    const auto verified = attest::verify_tpm(*tpm.quote(ak, selection, nonce), *trusted_ak, selection, checks);
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_TRUE(attest::require_extra_data(*verified, nonce, checks).has_value());
    attest::CheckLog refused;
    EXPECT_FALSE(attest::verify_tpm(*tpm.quote(other, selection, nonce), *trusted_ak, selection, refused).has_value());
}

INSTANTIATE_TEST_SUITE_P(Keys, Activation, testing::Values(KeyType::ecc_p256, KeyType::rsa2048),
                         [](const auto& test) { return test.param == KeyType::rsa2048 ? "rsa" : "ecc"; });

}  // namespace
}  // namespace iapp::tpm2
