// A real TPM 2.0 in software, a process per test: what the room promises, and what a TPM refuses.
#include "tpm2/tpm.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include "support/swtpm.hpp"

namespace iapp::tpm2 {
namespace {

using attest::HashAlgorithm;
using test::Swtpm;

const attest::PcrSelection kBoot{HashAlgorithm::sha256, {0, 1, 2, 3, 4, 5, 6, 7}};
const Bytes kNonce(32, 0x5a);

std::string_view reason_of(const auto& result) { return result ? std::string_view{} : result.error().reason; }

/// Unwraps, or ends the test with the error's words.
template <class T>
T must(Result<T> result)
{
    if (!result) throw std::runtime_error(std::string(result.error().reason) + ": " + result.error().detail);
    return *std::move(result);
}

struct Keys {
    Key ek, ak;
};
Keys make_keys(Tpm& tpm, KeyType ek_type = KeyType::ecc_p256, KeyType ak_type = KeyType::ecc_p256)
{
    Key ek = must(tpm.create_ek(ek_type));
    const SavedKey saved = must(tpm.create_ak(ek, ak_type));
    Key ak = must(tpm.load_ak(ek, saved));
    return {std::move(ek), std::move(ak)};
}

TEST(Tcti, NamesOnlyDevicesAndSwtpm)
{
    for (const char* text : {"", "device", "device:", "device:/dev/", "device:/etc/passwd", "device:/dev/../etc/passwd",
                             "device:/dev/tpm rm0", "swtpm", "swtpm:", "swtpm:port=1;x", "cmd:/bin/sh", "mssim:port=1",
                             "libtss2-tcti-device.so.0", "/tmp/evil.so", "DEVICE:/dev/tpmrm0"})
        EXPECT_EQ(reason_of(Tpm::open(text)), "tpm2.tcti") << text;
    EXPECT_EQ(reason_of(Tpm::open("device:/dev/no_such_tpm")), "tpm2.unavailable");
    EXPECT_EQ(reason_of(Tpm::open("swtpm:host=127.0.0.1,port=1")), "tpm2.unavailable");
}

TEST(EndorsementKey, IsTheSameEveryTimeAndAnotherInAnotherTpm)
{
    const Swtpm one, two;
    for (const KeyType type : {KeyType::rsa2048, KeyType::ecc_p256}) {
        Tpm tpm = one.open();
        const Bytes first = must(tpm.create_ek(type)).public_area();
        EXPECT_EQ(must(tpm.create_ek(type)).public_area(), first);
        Tpm other = two.open();
        EXPECT_NE(must(other.create_ek(type)).public_area(), first);
    }
}

TEST(EndorsementKey, HasNoCertificateUntilSomebodyStoresOne)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    for (const KeyType type : {KeyType::rsa2048, KeyType::ecc_p256}) EXPECT_EQ(must(tpm.ek_certificate(type)), std::nullopt);
}

struct KeyCase {
    const char* name;
    KeyType ek, ak;
};
class Binding : public testing::TestWithParam<KeyCase> {};

TEST_P(Binding, OnlyTheTpmThatHoldsBothKeysOpensTheCredential)
{
    const Swtpm swtpm, stranger;
    Tpm tpm = swtpm.open();
    Tpm other = stranger.open();
    const Bytes secret(32, 0x17);
    const Keys keys = make_keys(tpm, GetParam().ek, GetParam().ak);
    const Keys others = make_keys(other, GetParam().ek, GetParam().ak);

    const auto credential = must(tpm.make_credential(keys.ek.public_area(), keys.ak.name(), secret));
    EXPECT_EQ(must(tpm.activate(keys.ek, keys.ak, credential)), secret);

    // for the key of another TPM, made with our endorsement key, and the other way round
    const auto for_stranger = must(tpm.make_credential(keys.ek.public_area(), others.ak.name(), secret));
    EXPECT_EQ(reason_of(tpm.activate(keys.ek, keys.ak, for_stranger)), "tpm2.credential");
    const auto by_stranger = must(tpm.make_credential(others.ek.public_area(), keys.ak.name(), secret));
    EXPECT_EQ(reason_of(tpm.activate(keys.ek, keys.ak, by_stranger)), "tpm2.credential");
    EXPECT_EQ(reason_of(other.activate(others.ek, others.ak, credential)), "tpm2.credential");

    for (Bytes Credential::*part : {&Credential::id_object, &Credential::encrypted_secret}) {
        Credential bent = credential;
        (bent.*part).back() ^= 1;
        EXPECT_EQ(reason_of(tpm.activate(keys.ek, keys.ak, bent)), "tpm2.credential");
        (bent.*part).resize(5000);
        EXPECT_EQ(reason_of(tpm.activate(keys.ek, keys.ak, bent)), "tpm2.credential");
    }
}

INSTANTIATE_TEST_SUITE_P(Keys, Binding,
                         testing::Values(KeyCase{"ecc_under_ecc", KeyType::ecc_p256, KeyType::ecc_p256},
                                         KeyCase{"rsa_under_ecc", KeyType::ecc_p256, KeyType::rsa2048},
                                         KeyCase{"ecc_under_rsa", KeyType::rsa2048, KeyType::ecc_p256},
                                         KeyCase{"rsa_under_rsa", KeyType::rsa2048, KeyType::rsa2048}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(AttestationKey, LoadsAgainInItsOwnTpmOnly)
{
    const Swtpm swtpm, stranger;
    Tpm tpm = swtpm.open();
    const Key ek = must(tpm.create_ek(KeyType::ecc_p256));
    const SavedKey saved = must(tpm.create_ak(ek, KeyType::ecc_p256));
    EXPECT_EQ(must(tpm.load_ak(ek, saved)).public_area(), saved.public_area);
    EXPECT_EQ(must(tpm.load_ak(ek, saved)).name(), must(tpm.load_ak(ek, saved)).name());

    Tpm other = stranger.open();
    const Key other_ek = must(other.create_ek(KeyType::ecc_p256));
    EXPECT_EQ(reason_of(other.load_ak(other_ek, saved)), "tpm2.command");
    SavedKey bent = saved;
    bent.private_blob.back() ^= 1;
    EXPECT_EQ(reason_of(tpm.load_ak(ek, bent)), "tpm2.command");
    bent = saved;
    bent.public_area.push_back(0);
    EXPECT_EQ(reason_of(tpm.load_ak(ek, bent)), "tpm2.command");
    bent = saved;
    bent.private_blob.assign(5000, 0);
    EXPECT_EQ(reason_of(tpm.load_ak(ek, bent)), "tpm2.credential");
}

TEST(Registers, AreReadUntilTheSelectionIsComplete)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    attest::PcrSelection all{HashAlgorithm::sha384, {}};
    for (std::uint32_t pcr = 0; pcr < 24; ++pcr) all.pcrs.insert(pcr);  // one command returns eight
    const PcrValues values = must(tpm.read_pcrs(all));
    ASSERT_EQ(values.size(), 24U);
    for (const auto& [pcr, value] : values) EXPECT_EQ(value, Bytes(48, pcr >= 17 && pcr <= 22 ? 0xff : 0x00)) << pcr;
}

TEST(Registers, ExtendByTheirBanksHash)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    for (const auto bank : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
        const Bytes digest(attest::digest_size(bank), 0x42);
        const Bytes before = must(tpm.read_pcrs({bank, {15}})).at(15);
        ASSERT_TRUE(tpm.extend(bank, 15, digest).has_value());
        EXPECT_EQ(must(tpm.read_pcrs({bank, {15}})).at(15), attest::extend(bank, before, digest));
    }
}

TEST(Registers, NeedASensibleSelection)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    const Keys keys = make_keys(tpm);
    const attest::PcrSelection none{HashAlgorithm::sha256, {}}, outside{HashAlgorithm::sha256, {3, 24}};
    EXPECT_EQ(reason_of(tpm.read_pcrs(none)), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.read_pcrs(outside)), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.quote(keys.ak, none, kNonce)), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.quote(keys.ak, outside, kNonce)), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.extend(HashAlgorithm::sha256, 24, Bytes(32))), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.extend(HashAlgorithm::sha256, 15, Bytes(31))), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.extend(HashAlgorithm::sha384, 15, Bytes(32))), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.extend(HashAlgorithm::sha1, 15, Bytes(20))), "tpm2.selection");
    EXPECT_EQ(reason_of(tpm.read_pcrs({HashAlgorithm::sm3_256, {0}})), "tpm2.bank");
    EXPECT_EQ(reason_of(tpm.quote(keys.ak, {HashAlgorithm::sm3_256, {0}}, kNonce)), "tpm2.bank");
}

TEST(Quotes, FollowTheRegistersAndTheNonce)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    for (const KeyType type : {KeyType::ecc_p256, KeyType::rsa2048}) {
        const Keys keys = make_keys(tpm, KeyType::ecc_p256, type);
        const attest::TpmEvidence first = must(tpm.quote(keys.ak, kBoot, kNonce));
        EXPECT_EQ(first.pcrs, must(tpm.read_pcrs(kBoot)));
        EXPECT_EQ(first.ak_public, keys.ak.public_area());
        EXPECT_NE(std::ranges::search(first.attest, kNonce).begin(), first.attest.end());

        ASSERT_TRUE(tpm.extend(HashAlgorithm::sha256, 7, Bytes(32, 1)).has_value());
        const attest::TpmEvidence second = must(tpm.quote(keys.ak, kBoot, kNonce));
        EXPECT_NE(second.pcrs.at(7), first.pcrs.at(7));
        EXPECT_NE(second.attest, first.attest);
    }
}

TEST(Quotes, TakeShortNoncesOnly)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    const Keys keys = make_keys(tpm);
    EXPECT_EQ(reason_of(tpm.quote(keys.ak, kBoot, Bytes(33))), "tpm2.extra_data");
    EXPECT_TRUE(tpm.quote(keys.ak, kBoot, Bytes(32)).has_value());
}

TEST(Quotes, CoverWhatTheyCarryWhileSomebodyExtends)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    const Keys keys = make_keys(tpm);
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(tpm.extend(HashAlgorithm::sha256, static_cast<std::uint32_t>(i % 8), Bytes(32, 9)).has_value());
        const attest::TpmEvidence quote = must(tpm.quote(keys.ak, kBoot, kNonce));
        Bytes values;
        for (const auto& [pcr, value] : quote.pcrs) append(values, value);
        const Hash256 digest = crypto::sha256(values);
        EXPECT_NE(std::ranges::search(quote.attest, digest.bytes()).begin(), quote.attest.end());
    }
}

TEST(Handles, AreFlushedOnEveryPath)
{
    const Swtpm swtpm;  // without a resource manager: three transient objects and three sessions are all there is
    Tpm tpm = swtpm.open();
    for (int i = 0; i < 8; ++i) {
        const Keys keys = make_keys(tpm);
        const auto credential = must(tpm.make_credential(keys.ek.public_area(), keys.ak.name(), Bytes(16, 1)));
        Credential bent = credential;
        bent.id_object.back() ^= 1;
        EXPECT_FALSE(tpm.activate(keys.ek, keys.ak, bent).has_value());
        EXPECT_TRUE(tpm.activate(keys.ek, keys.ak, credential).has_value());
        SavedKey nonsense{Bytes(100, 1), keys.ak.public_area()};
        EXPECT_FALSE(tpm.load_ak(keys.ek, nonsense).has_value());
    }
}

TEST(Tpm, ThatHasGoneIsAnError)
{
    const Swtpm swtpm;
    Tpm tpm = swtpm.open();
    const Keys keys = make_keys(tpm);
    ASSERT_EQ(::kill(swtpm.pid(), SIGKILL), 0);
    EXPECT_EQ(reason_of(tpm.quote(keys.ak, kBoot, kNonce)), "tpm2.command");
}

}  // namespace
}  // namespace iapp::tpm2
