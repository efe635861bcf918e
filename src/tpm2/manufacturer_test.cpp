// What a manufacturer and a firmware set up before any program runs: certificates in NV indices, allocated banks.
#include <gtest/gtest.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include "attest/tpm_credential.hpp"
#include "crypto/x509_builder.hpp"
#include "support/swtpm.hpp"

namespace iapp::tpm2 {
namespace {

using attest::HashAlgorithm;
using test::Swtpm;

constexpr ESYS_TR kNone = ESYS_TR_NONE;

/// The TPM with platform rights, which our own code never has.
class Platform {
public:
    explicit Platform(const Swtpm& swtpm)
    {
        EXPECT_EQ(Tss2_TctiLdr_Initialize(swtpm.tcti().c_str(), &tcti_), TSS2_RC_SUCCESS);
        EXPECT_EQ(Esys_Initialize(&esys_, tcti_, nullptr), TSS2_RC_SUCCESS);
    }
    ~Platform()
    {
        Esys_Finalize(&esys_);
        Tss2_TctiLdr_Finalize(&tcti_);
    }
    Platform(const Platform&) = delete;
    Platform& operator=(const Platform&) = delete;

    void store(TPM2_HANDLE index, const Bytes& content, TPMA_NV readers)
    {
        TPM2B_NV_PUBLIC described = {};
        described.nvPublic.nvIndex = index;
        described.nvPublic.nameAlg = TPM2_ALG_SHA256;
        described.nvPublic.attributes = TPMA_NV_PLATFORMCREATE | TPMA_NV_PPWRITE | TPMA_NV_PPREAD | TPMA_NV_NO_DA | readers;
        described.nvPublic.dataSize = static_cast<UINT16>(content.size());
        const TPM2B_AUTH no_password = {};
        ESYS_TR nv = kNone;
        ASSERT_EQ(
            Esys_NV_DefineSpace(esys_, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD, kNone, kNone, &no_password, &described, &nv),
            TSS2_RC_SUCCESS);
        for (std::size_t done = 0; done < content.size();) {
            TPM2B_MAX_NV_BUFFER part = {};
            part.size = static_cast<UINT16>(std::min<std::size_t>(1024, content.size() - done));
            copy_bytes(ByteView(content).subspan(done, part.size), part.buffer);
            ASSERT_EQ(Esys_NV_Write(esys_, ESYS_TR_RH_PLATFORM, nv, ESYS_TR_PASSWORD, kNone, kNone, &part,
                                    static_cast<UINT16>(done)),
                      TSS2_RC_SUCCESS);
            done += part.size;
        }
        Esys_TR_Close(esys_, &nv);
    }

    /// From the next start on only this bank has registers.
    void keep_only(TPM2_ALG_ID bank)
    {
        TPML_PCR_SELECTION banks = {};
        for (const TPM2_ALG_ID id : {TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512}) {
            auto& one = banks.pcrSelections[banks.count++];
            one.hash = id;
            one.sizeofSelect = 3;
            if (id == bank) std::fill_n(one.pcrSelect, 3, BYTE{0xff});
        }
        TPMI_YES_NO done = 0;
        UINT32 most = 0, needed = 0, available = 0;
        ASSERT_EQ(Esys_PCR_Allocate(esys_, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD, kNone, kNone, &banks, &done, &most,
                                    &needed, &available),
                  TSS2_RC_SUCCESS);
        ASSERT_EQ(done, TPM2_YES);
    }

private:
    TSS2_TCTI_CONTEXT* tcti_ = nullptr;
    ESYS_CONTEXT* esys_ = nullptr;
};

/// Looks like a certificate from outside: SEQUENCE, length in two bytes.
Bytes der_of(std::size_t content)
{
    Bytes out{0x30, 0x82, static_cast<std::uint8_t>(content >> 8), static_cast<std::uint8_t>(content)};
    for (std::size_t i = 0; i < content; ++i) out.push_back(static_cast<std::uint8_t>(i));
    return out;
}

Bytes padded(Bytes certificate, std::size_t size)
{
    certificate.resize(size, 0xff);
    return certificate;
}

constexpr TPM2_HANDLE kRsa = 0x01C00002, kEcc = 0x01C0000A;

TEST(EkCertificate, IsReadFromItsIndexInPortions)
{
    const Swtpm swtpm;
    Platform(swtpm).store(kRsa, padded(der_of(1700), 2000), TPMA_NV_AUTHREAD);
    Platform(swtpm).store(kEcc, der_of(700), TPMA_NV_OWNERREAD);
    Tpm tpm = swtpm.open();
    EXPECT_EQ(**tpm.ek_certificate(KeyType::rsa2048), der_of(1700));
    EXPECT_EQ(**tpm.ek_certificate(KeyType::ecc_p256), der_of(700));
}

TEST(EkCertificate, IsNotTakenFromAnIndexNearby)
{
    const Swtpm swtpm;
    Platform(swtpm).store(kRsa + 1, der_of(700), TPMA_NV_AUTHREAD);
    Tpm tpm = swtpm.open();
    EXPECT_EQ(*tpm.ek_certificate(KeyType::rsa2048), std::nullopt);
}

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};

/// Certifies endorsement keys.
struct Manufacturer {
    crypto::SigningKey key = crypto::SigningKey::generate(crypto::Curve::p256);
    crypto::CertificateProfile profile{.common_name = "Simulated TPM Root",
                                       .organization = {},
                                       .serial = {},
                                       .not_before = kNow - std::chrono::hours(1),
                                       .not_after = kNow + std::chrono::hours(1),
                                       .ca = true,
                                       .path_length = {},
                                       .extensions = {}};
    crypto::Certificate root = *crypto::issue_root(profile, key);

    Bytes certify(const Key& ek) const
    {
        crypto::CertificateProfile leaf = profile;
        leaf.common_name = "Simulated EK";
        leaf.ca = false;
        return crypto::issue_certificate(leaf, attest::parse_tpm_public(ek.public_area())->key, root, key)->der();
    }
};

class EkChain : public testing::TestWithParam<KeyType> {
protected:
    static TPM2_HANDLE index() { return GetParam() == KeyType::rsa2048 ? kRsa : kEcc; }

    Result<attest::TrustedEk> trust(Tpm& tpm, const Key& ek, attest::CheckLog& checks) const
    {
        TRY(const auto certificate, tpm.ek_certificate(GetParam()));
        TRY(const auto area, attest::parse_tpm_public(ek.public_area()));
        return attest::verify_ek_certificate(area, certificate.value(), {}, maker_.root.to_pem(), kNow, checks);
    }

    Manufacturer maker_;
};

TEST_P(EkChain, LeadsFromTheManufacturerToAQuote)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    const Key ek = *tpm.create_ek(GetParam());
    Platform(swtpm).store(index(), padded(maker_.certify(ek), 1600), TPMA_NV_AUTHREAD);
    const Key ak = *tpm.load_ak(ek, *tpm.create_ak(ek, KeyType::ecc_p256));

    attest::CheckLog checks;
    const auto trusted_ek = trust(tpm, ek, checks);
    ASSERT_TRUE(trusted_ek.has_value()) << trusted_ek.error().detail;
    auto challenge = *attest::CredentialChallenge::make(*trusted_ek, *attest::parse_tpm_public(ak.public_area()), checks);
    const auto answer = tpm.activate(ek, ak, {challenge.id_object(), challenge.encrypted_secret()});
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    const auto trusted_ak = std::move(challenge).accept(*answer, checks);
    ASSERT_TRUE(trusted_ak.has_value()) << trusted_ak.error().detail;
    const attest::PcrSelection selection{HashAlgorithm::sha256, {0, 7}};
    EXPECT_TRUE(attest::verify_tpm(*tpm.quote(ak, selection, Bytes(32, 1)), *trusted_ak, selection, checks).has_value());
}

/// Pitfall 9, the other half (CVE-2021-3406): a genuine certificate that is of another TPM's endorsement key.
TEST_P(EkChain, DoesNotStartAtTheCertificateOfAnotherTpm)
{
    const Swtpm genuine, stranger;
    Tpm theirs = genuine.open();
    Platform(stranger).store(index(), maker_.certify(*theirs.create_ek(GetParam())), TPMA_NV_AUTHREAD);
    Tpm tpm = stranger.open();
    const Key ek = *tpm.create_ek(GetParam());
    attest::CheckLog checks;
    EXPECT_EQ(trust(tpm, ek, checks).error().reason, "attest.ak_binding");
}

INSTANTIATE_TEST_SUITE_P(Keys, EkChain, testing::Values(KeyType::ecc_p256, KeyType::rsa2048),
                         [](const auto& test) { return test.param == KeyType::rsa2048 ? "rsa" : "ecc"; });

struct Case {
    const char* name;
    Bytes content;
};
class BadCertificate : public testing::TestWithParam<Case> {};

TEST_P(BadCertificate, IsNoCertificate)
{
    const Swtpm swtpm;
    Platform(swtpm).store(kRsa, GetParam().content, TPMA_NV_AUTHREAD);
    Tpm tpm = swtpm.open();
    EXPECT_EQ(tpm.ek_certificate(KeyType::rsa2048).error().reason, "tpm2.ek_certificate");
}

INSTANTIATE_TEST_SUITE_P(Index, BadCertificate,
                         testing::Values(Case{"zeros", Bytes(600, 0)}, Case{"three_bytes", Bytes{0x30, 0x82, 1}},
                                         Case{"cut",
                                              [] {
                                                  Bytes cut = der_of(700);
                                                  cut.pop_back();
                                                  return cut;
                                              }()},
                                         Case{"another_form", Bytes(300, 0x30)}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Bank, ThatIsNotAllocatedIsNamed)
{
    Swtpm swtpm;
    Platform(swtpm).keep_only(TPM2_ALG_SHA256);
    swtpm.restart();
    Tpm tpm = swtpm.open();
    EXPECT_TRUE(tpm.read_pcrs({HashAlgorithm::sha256, {0, 15}}).has_value());
    EXPECT_EQ(tpm.read_pcrs({HashAlgorithm::sha384, {0, 15}}).error().reason, "tpm2.bank");
    const Key ek = *tpm.create_ek(KeyType::ecc_p256);
    const Key ak = *tpm.load_ak(ek, *tpm.create_ak(ek, KeyType::ecc_p256));
    EXPECT_EQ(tpm.quote(ak, {HashAlgorithm::sha384, {15}}, {}).error().reason, "tpm2.bank");
}

}  // namespace
}  // namespace iapp::tpm2
