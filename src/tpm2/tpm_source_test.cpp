// From a real TPM to the verifier: what the source collects is what attest believes, and nothing else is.
#include "tpm2/tpm_source.hpp"

#include <gtest/gtest.h>

#include "attest/event_log.hpp"
#include "attest/tpm_verify.hpp"
#include "support/swtpm.hpp"
#include "tee/measured_log.hpp"

namespace iapp::tpm2 {
namespace {

using attest::HashAlgorithm;
using test::Swtpm;

const attest::ReportData kChallenge{[] {
    std::array<std::uint8_t, 64> data{};
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i + 1);
    return data;
}()};

std::string_view reason_of(const auto& result) { return result ? std::string_view{} : result.error().reason; }

TpmSourceOptions options(const Swtpm& swtpm, KeyType attestation = KeyType::ecc_p256)
{
    TpmSourceOptions out;
    out.tcti = swtpm.tcti();
    out.attestation = attestation;
    return out;
}

Result<attest::VerifiedTpmQuote> verify(const attest::Evidence& evidence, const Bytes& ak_name,
                                        const attest::PcrSelection& demanded)
{
    attest::CheckLog checks;
    return attest::verify_tpm(evidence, attest::PinnedAks{{ak_name}, {}}, demanded, checks);
}

class Source : public testing::TestWithParam<KeyType> {};

TEST_P(Source, MeasuresARunAndProvesIt)
{
    const Swtpm swtpm;
    const auto source = *TpmSource::open(options(swtpm, GetParam()));
    EXPECT_EQ(source->kind(), attest::EvidenceKind::tpm);
    EXPECT_TRUE(source->simulated());
    tee::MeasuredLog log(*source);
    ASSERT_TRUE(log.record(attest::op::kAgentConfig, to_bytes("{}")).has_value());
    ASSERT_TRUE(log.record(attest::op::kReady, {}).has_value());

    const auto bytes = source->quote(kChallenge);
    ASSERT_TRUE(bytes.has_value()) << bytes.error().detail;
    const auto verified = verify({source->kind(), *bytes}, source->ak_name(), TpmSourceOptions{}.selection);
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;

    const Hash384 replayed = attest::replay(log.entries());
    EXPECT_EQ(verified->pcrs().values.at(15), to_bytes(replayed.bytes()));
    EXPECT_EQ(verified->pcrs().values.at(14), Bytes(48, 0));
    attest::CheckLog checks;
    EXPECT_TRUE(attest::require_extra_data(*verified, kChallenge.bytes().first(32), checks).has_value());
    EXPECT_FALSE(attest::require_extra_data(*verified, kChallenge.bytes(), checks).has_value());
}

INSTANTIATE_TEST_SUITE_P(Keys, Source, testing::Values(KeyType::ecc_p256, KeyType::rsa2048),
                         [](const auto& test) { return test.param == KeyType::rsa2048 ? "rsa" : "ecc"; });

TEST(TpmSource, QuotesChangeWithARegister)
{
    const Swtpm swtpm;
    const auto source = *TpmSource::open(options(swtpm));
    const auto selection = TpmSourceOptions{}.selection;
    const auto quote = [&] {
        return *verify({attest::EvidenceKind::tpm, *source->quote(kChallenge)}, source->ak_name(), selection);
    };
    const auto before = quote();
    Tpm firmware = swtpm.open();  // another program on the same TPM
    ASSERT_TRUE(firmware.extend(HashAlgorithm::sha384, 4, Bytes(48, 4)).has_value());
    const auto after = quote();
    EXPECT_EQ(after.pcrs().values.at(4), attest::extend(HashAlgorithm::sha384, before.pcrs().values.at(4), Bytes(48, 4)));
    EXPECT_EQ(after.pcrs().values.at(5), before.pcrs().values.at(5));
    EXPECT_NE(after.evidence_id(), before.evidence_id());
    EXPECT_EQ(after.clock().reset_count, before.clock().reset_count);

    // values of the one moment beside the signature of the other
    auto stale = *source->collect(kChallenge);
    stale.pcrs.at(4) = before.pcrs().values.at(4);
    const attest::Evidence mixed{attest::EvidenceKind::tpm, to_bytes(attest::encode_tpm_evidence(stale))};
    EXPECT_EQ(reason_of(verify(mixed, source->ak_name(), selection)), "attest.pcr_digest");
}

/// Pitfall 9: a quote of another TPM's key is not this machine's, however good its signature is.
TEST(Pitfall9, AKeyOfAnotherTpmIsNotBelieved)
{
    const Swtpm ours, theirs;
    const auto source = *TpmSource::open(options(ours));
    const auto stranger = *TpmSource::open(options(theirs));
    const auto selection = TpmSourceOptions{}.selection;
    const attest::Evidence evidence{attest::EvidenceKind::tpm, *stranger->quote(kChallenge)};
    EXPECT_TRUE(verify(evidence, stranger->ak_name(), selection).has_value());
    EXPECT_EQ(reason_of(verify(evidence, source->ak_name(), selection)), "attest.ak_binding");

    // our key's public part beside the stranger's signature
    auto mixed = *stranger->collect(kChallenge);
    mixed.ak_public = source->ak_public();
    const attest::Evidence forged{attest::EvidenceKind::tpm, to_bytes(attest::encode_tpm_evidence(mixed))};
    EXPECT_EQ(reason_of(verify(forged, source->ak_name(), selection)), "attest.signature");
}

/// Pitfall 8: a quote over other registers than the policy names is refused, though all of it is genuine.
TEST(Pitfall8, GenuineQuotesOverOtherRegistersAreRefused)
{
    const Swtpm swtpm;
    auto with_debug = options(swtpm);
    with_debug.selection.pcrs.insert(16);
    const auto source = *TpmSource::open(with_debug);
    const attest::Evidence evidence{attest::EvidenceKind::tpm, *source->quote(kChallenge)};
    EXPECT_TRUE(verify(evidence, source->ak_name(), with_debug.selection).has_value());
    EXPECT_EQ(reason_of(verify(evidence, source->ak_name(), TpmSourceOptions{}.selection)), "attest.pcr_selection");
}

TEST(TpmSource, WantsItsMeasurementsQuoted)
{
    const Swtpm swtpm;
    auto bent = options(swtpm);
    bent.selection.bank = HashAlgorithm::sha256;
    EXPECT_EQ(reason_of(TpmSource::open(bent)), "tpm2.selection");
    bent = options(swtpm);
    bent.selection.pcrs.erase(15);
    EXPECT_EQ(reason_of(TpmSource::open(bent)), "tpm2.selection");
    bent = options(swtpm);
    bent.tcti = "/tmp/evil.so";
    EXPECT_EQ(reason_of(TpmSource::open(bent)), "tpm2.tcti");
}

TEST(TpmSource, ExtendsOnlyTheRegistersOfPrograms)
{
    const Swtpm swtpm;
    const auto source = *TpmSource::open(options(swtpm));
    const Hash384 digest = crypto::sha384(as_bytes("event"));
    for (const int index : {-1, 0, 1, 4, 14, 15}) EXPECT_EQ(reason_of(source->extend(index, digest)), "tee.register");
    EXPECT_TRUE(source->extend(2, digest).has_value());
    const auto quote = *source->collect(kChallenge);
    EXPECT_EQ(quote.pcrs.at(14), to_bytes(attest::extend(Hash384::zero(), digest).bytes()));
    EXPECT_EQ(quote.pcrs.at(15), Bytes(48, 0));
}

TEST(TpmSource, ProvesThatItsKeysShareATpm)
{
    const Swtpm swtpm;
    const auto source = *TpmSource::open(options(swtpm));
    EXPECT_EQ(*source->ek_certificate(), std::nullopt);
    const Bytes secret(32, 0x33);
    Tpm verifier = swtpm.open();  // any TPM can make a credential: it takes public parts only
    const auto credential = *verifier.make_credential(source->ek_public(), source->ak_name(), secret);
    EXPECT_EQ(*source->activate(credential), secret);
}

}  // namespace
}  // namespace iapp::tpm2
