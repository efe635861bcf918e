#include "attest/tpm_verify.hpp"

#include <gtest/gtest.h>

#include "simtee/tpm_writer.hpp"
#include "support/attest_vectors.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

using crypto::Curve;
using crypto::SigningKey;
using simtee::SimulatedTpm;
using simtee::TpmQuoteFields;
using test::load_vector;

const PcrSelection kDemanded{HashAlgorithm::sha256, {0, 2, 4, 7}};

/// One attempt at a verifier, with one thing bent.
struct Attempt {
    SimulatedTpm tpm{SigningKey::generate(Curve::p256)};
    simtee::TpmPublicFields ak = simtee::ak_fields(tpm.ak.public_key());
    TpmQuoteFields fields = tpm.quote_fields(kDemanded, Bytes(32, 9));
    PcrSelection demanded = kDemanded;
    std::optional<TpmEvidence> evidence;  ///< made from the fields unless a case makes its own
    std::optional<Bytes> pinned_name;     ///< of the key above unless a case names another
};

struct Case {
    const char* name;
    std::string_view reason;  ///< "" means it must pass
    void (*bend)(Attempt&);
};

Result<VerifiedTpmQuote> verify(Attempt& attempt, CheckLog& checks)
{
    const Bytes ak_bytes = simtee::encode_tpm_public(attempt.ak, attempt.tpm.ak.public_key());
    if (!attempt.evidence) attempt.evidence = attempt.tpm.evidence(attempt.fields, kDemanded);
    if (attempt.evidence->ak_public == attempt.tpm.ak_public()) attempt.evidence->ak_public = ak_bytes;
    const std::vector<Bytes> names{attempt.pinned_name.value_or(parse_tpm_public(ak_bytes)->name())};
    return verify_tpm({EvidenceKind::tpm, to_bytes(encode_tpm_evidence(*attempt.evidence))}, {names, {}}, attempt.demanded,
                      checks);
}

class TpmVerify : public testing::TestWithParam<Case> {};

TEST_P(TpmVerify, AnswersWithTheCheckThatFailed)
{
    Attempt attempt;
    GetParam().bend(attempt);
    CheckLog checks;
    const auto verified = verify(attempt, checks);
    EXPECT_EQ(verified ? "" : verified.error().reason, GetParam().reason) << (verified ? "" : verified.error().detail);
    if (!verified) test::expect_only_failure(checks, find_check(GetParam().reason)->id);
}

/// The fields of an honest quote over another selection, with the values for it.
void select(Attempt& attempt, const PcrSelection& selection)
{
    attempt.evidence = attempt.tpm.quote(selection, Bytes(32, 9));
}

void make_evidence(Attempt& attempt) { attempt.evidence = attempt.tpm.evidence(attempt.fields, kDemanded); }

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, TpmVerify, testing::Values(
    Case{"good",                    "", [](Attempt&) {}},
    Case{"more_attributes",         "", [](Attempt& r) { r.ak.attributes |= tpm_attribute::kNoDictionaryAttack; }},
    Case{"unsafe_clock",            "", [](Attempt& r) { r.fields.safe = 0; }},
    Case{"attest_is_no_quote",      "attest.tpm_format", [](Attempt& r) { r.fields.type = 0x8017; }},
    Case{"signature_cut",           "attest.tpm_format", [](Attempt& r) { make_evidence(r); r.evidence->signature.pop_back(); }},
    Case{"key_cut",                 "attest.tpm_format", [](Attempt& r) { make_evidence(r); r.evidence->ak_public->pop_back(); }},
    Case{"not_restricted",          "attest.ak", [](Attempt& r) { r.ak.attributes &= ~tpm_attribute::kRestricted; }},
    Case{"not_fixed_to_tpm",        "attest.ak", [](Attempt& r) { r.ak.attributes &= ~tpm_attribute::kFixedTpm; }},
    Case{"not_fixed_to_parent",     "attest.ak", [](Attempt& r) { r.ak.attributes &= ~tpm_attribute::kFixedParent; }},
    Case{"made_outside",            "attest.ak", [](Attempt& r) { r.ak.attributes &= ~tpm_attribute::kSensitiveDataOrigin; }},
    Case{"does_not_sign",           "attest.ak", [](Attempt& r) { r.ak.attributes &= ~tpm_attribute::kSign; }},
    Case{"decrypts",                "attest.ak", [](Attempt& r) { r.ak.attributes |= tpm_attribute::kDecrypt; }},
    Case{"no_scheme",               "attest.ak", [](Attempt& r) { r.ak.scheme = tpm_algorithm::kNull; }},
    Case{"key_exchange_scheme",     "attest.ak", [](Attempt& r) { r.ak.scheme = tpm_algorithm::kEcdh; }},
    Case{"scheme_with_sha1",        "attest.ak", [](Attempt& r) { r.ak.scheme_hash = 0x0004; }},
    Case{"name_not_pinned",         "attest.ak_binding", [](Attempt& r) { r.pinned_name = Bytes(34, 1); }},
    Case{"name_cut",                "attest.ak_binding", [](Attempt& r) { r.pinned_name = Bytes(); }},
    Case{"name_of_other_attributes", "attest.ak_binding", [](Attempt& r) { r.pinned_name = parse_tpm_public(r.tpm.ak_public())->name(); r.ak.attributes |= tpm_attribute::kNoDictionaryAttack; }},
    Case{"signature_by_other_key",  "attest.signature", [](Attempt& r) { make_evidence(r); r.evidence->signature = encode(simtee::tpm_sign(SigningKey::generate(Curve::p256), r.evidence->attest)); }},
    Case{"signature_of_other_quote", "attest.signature", [](Attempt& r) { make_evidence(r); r.evidence->signature = encode(simtee::tpm_sign(r.tpm.ak, Bytes(10))); }},
    Case{"clock_changed",           "attest.signature", [](Attempt& r) { make_evidence(r); r.evidence->attest[6 + 2 + 34 + 2 + 32 + 7] ^= 1; }},
    Case{"extra_data_changed",      "attest.signature", [](Attempt& r) { make_evidence(r); r.evidence->attest[6 + 2 + 34 + 2] ^= 1; }},
    Case{"no_policy",               "attest.pcr_selection", [](Attempt& r) { r.demanded.pcrs.clear(); }},
    Case{"policy_with_sha1",        "attest.pcr_selection", [](Attempt& r) { r.demanded.bank = HashAlgorithm::sha1; }},
    Case{"fewer_registers",         "attest.pcr_selection", [](Attempt& r) { select(r, {HashAlgorithm::sha256, {0, 2, 4}}); }},
    Case{"more_registers",          "attest.pcr_selection", [](Attempt& r) { select(r, {HashAlgorithm::sha256, {0, 2, 4, 7, 8}}); }},
    Case{"other_register",          "attest.pcr_selection", [](Attempt& r) { select(r, {HashAlgorithm::sha256, {0, 2, 4, 16}}); }},
    Case{"no_register",             "attest.pcr_selection", [](Attempt& r) { select(r, {HashAlgorithm::sha256, {}}); }},
    Case{"no_bank",                 "attest.pcr_selection", [](Attempt& r) { r.fields.selections.clear(); }},
    Case{"two_banks",               "attest.pcr_selection", [](Attempt& r) { r.fields.selections.push_back({0x000c, Bytes(3, 0)}); }},
    Case{"one_bank_twice",          "attest.pcr_selection", [](Attempt& r) { r.fields.selections.push_back(r.fields.selections[0]); }},
    Case{"sha1_bank",               "attest.pcr_selection", [](Attempt& r) { r.fields.selections[0].bank = 0x0004; }},
    Case{"sha384_bank",             "attest.pcr_selection", [](Attempt& r) { r.fields.selections[0].bank = 0x000c; }},
    Case{"digest_changed",          "attest.pcr_digest", [](Attempt& r) { r.fields.pcr_digest[0] ^= 1; }},
    Case{"digest_cut",              "attest.pcr_digest", [](Attempt& r) { r.fields.pcr_digest.pop_back(); }},
    Case{"no_digest",               "attest.pcr_digest", [](Attempt& r) { r.fields.pcr_digest.clear(); }},
    Case{"value_changed",           "attest.pcr_digest", [](Attempt& r) { make_evidence(r); r.evidence->pcrs[4][0] ^= 1; }},
    Case{"values_swapped",          "attest.pcr_digest", [](Attempt& r) { make_evidence(r); std::swap(r.evidence->pcrs[2], r.evidence->pcrs[4]); }},
    Case{"value_missing",           "attest.pcr_digest", [](Attempt& r) { make_evidence(r); r.evidence->pcrs.erase(4); }},
    Case{"value_too_many",          "attest.pcr_digest", [](Attempt& r) { make_evidence(r); r.evidence->pcrs[9] = r.tpm.pcrs[9]; }},
    Case{"value_under_other_index", "attest.pcr_digest", [](Attempt& r) { make_evidence(r); r.evidence->pcrs[5] = r.evidence->pcrs[4]; r.evidence->pcrs.erase(4); }},
    Case{"values_of_other_bank",    "attest.pcr_digest", [](Attempt& r) { make_evidence(r); r.evidence->bank = HashAlgorithm::sm3_256; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(TpmVerifier, EveryKindOfKeyQuotes)
{
    std::vector<SigningKey> keys;
    keys.push_back(SigningKey::generate(Curve::p256));
    keys.push_back(SigningKey::generate(Curve::p384));
    keys.push_back(SigningKey::generate_rsa(2048).value());
    for (SigningKey& key : keys) {
        const SimulatedTpm tpm(std::move(key));
        const std::vector<Bytes> names{parse_tpm_public(tpm.ak_public())->name()};
        TpmEvidence evidence = tpm.quote(kDemanded, Bytes(32, 9));
        for (const bool pss : {false, true}) {
            evidence.signature = encode(simtee::tpm_sign(tpm.ak, evidence.attest, pss));
            CheckLog checks;
            const Evidence document{EvidenceKind::tpm, to_bytes(encode_tpm_evidence(evidence))};
            const auto verified = verify_tpm(document, {names, {}}, kDemanded, checks);
            ASSERT_TRUE(verified.has_value()) << verified.error().detail;
            EXPECT_EQ(verified->pcrs().values.at(7), tpm.pcrs.at(7));
            EXPECT_EQ(verified->extra_data(), Bytes(32, 9));
            EXPECT_EQ(verified->clock().reset_count, 2U);
            EXPECT_EQ(verified->ak().name(), names[0]);
        }
    }
}

TEST(TpmVerifier, KindOfEvidenceIsChecked)
{
    CheckLog checks;
    EXPECT_FALSE(verify_tpm({EvidenceKind::snp, {}}, PinnedAks{}, kDemanded, checks).has_value());
    test::expect_only_failure(checks, CheckId::evidence_kind);
}

/// A key pinned without its Name: the attributes were not looked at, and the list of checks says so.
TEST(TpmVerifier, AKeyPinnedByItsDigestSkipsTheAttributes)
{
    const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
    const Hash256 id = crypto::sha256(tpm.ak.public_key().spki_der());
    const Evidence evidence{EvidenceKind::tpm, to_bytes(encode_tpm_evidence(tpm.quote(kDemanded, Bytes(32, 9))))};
    CheckLog checks;
    EXPECT_TRUE(verify_tpm(evidence, {{}, {id}}, kDemanded, checks).has_value());
    EXPECT_FALSE(checks.passed(CheckId::ak));
    EXPECT_TRUE(std::ranges::any_of(
        checks.outcomes(), [](const CheckOutcome& c) { return c.id == CheckId::ak && c.outcome == Outcome::skipped; }));
    CheckLog other;
    EXPECT_FALSE(trust_pinned_key(SigningKey::generate(Curve::p256).public_key(), std::vector{id}, other).has_value());
    test::expect_only_failure(other, CheckId::ak_binding);
}

TEST(TpmVerifier, ExtraDataAreComparedWhole)
{
    const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
    const std::vector<Bytes> names{parse_tpm_public(tpm.ak_public())->name()};
    const Evidence evidence{EvidenceKind::tpm, to_bytes(encode_tpm_evidence(tpm.quote(kDemanded, Bytes(32, 9))))};
    CheckLog checks;
    const auto verified = verify_tpm(evidence, {names, {}}, kDemanded, checks);
    ASSERT_TRUE(verified.has_value());
    EXPECT_TRUE(require_extra_data(*verified, Bytes(32, 9), checks).has_value());
    std::vector<Bytes> wrong{{}, Bytes(31, 9), Bytes(33, 9), Bytes(64, 9)};
    for (std::size_t bit = 0; bit < 256; ++bit) {
        wrong.emplace_back(32, 9);
        wrong.back()[bit / 8] = static_cast<std::uint8_t>(wrong.back()[bit / 8] ^ 1U << (bit % 8));
    }
    for (const Bytes& expected : wrong) {
        CheckLog one;
        const auto status = require_extra_data(*verified, expected, one);
        EXPECT_EQ(status ? "" : status.error().reason, "attest.report_data");
        test::expect_only_failure(one, CheckId::report_data);
    }
}

TEST(TpmVerifier, EverySingleBitOfQuoteSignatureAndKeyIsCovered)
{
    const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
    const std::vector<Bytes> names{parse_tpm_public(tpm.ak_public())->name()};
    TpmEvidence evidence = tpm.quote(kDemanded, Bytes(32, 9));
    for (Bytes* part : {&evidence.attest, &evidence.signature, &*evidence.ak_public}) {
        for (std::size_t bit = 0; bit < 8 * part->size(); ++bit) {
            const auto turn = [&] { (*part)[bit / 8] = static_cast<std::uint8_t>((*part)[bit / 8] ^ 1U << (bit % 8)); };
            turn();
            CheckLog checks;
            const Evidence sent{EvidenceKind::tpm, to_bytes(encode_tpm_evidence(evidence))};
            ASSERT_FALSE(verify_tpm(sent, {names, {}}, kDemanded, checks).has_value()) << "bit " << bit;
            test::expect_only_failure(checks, checks.outcomes().back().id);
            turn();
        }
    }
}

TEST(TpmVerifier, TheIdentityOfEvidenceIgnoresTheSpellingOfItsSignature)
{
    const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
    const std::vector<Bytes> names{parse_tpm_public(tpm.ak_public())->name()};
    TpmEvidence evidence = tpm.quote(kDemanded, Bytes(32, 9));
    const auto id = [&] {
        CheckLog checks;
        return verify_tpm({EvidenceKind::tpm, to_bytes(encode_tpm_evidence(evidence))}, {names, {}}, kDemanded, checks)
            ->evidence_id();
    };
    const Hash256 first = id();
    evidence.signature = encode(simtee::tpm_sign(tpm.ak, evidence.attest));
    EXPECT_EQ(id(), first);
    evidence = tpm.quote(kDemanded, Bytes(32, 8));
    EXPECT_NE(id(), first);
}

TEST(TpmEvidenceDocument, HasOneSpelling)
{
    const SimulatedTpm tpm(SigningKey::generate(Curve::p256));
    const std::string good = encode_tpm_evidence(tpm.quote(kDemanded, Bytes(32, 9)));
    const auto parsed = parse_tpm_evidence(good);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    EXPECT_EQ(encode_tpm_evidence(*parsed), good);

    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text :
         {std::string(), std::string("{}"), good + "\n}", with("quote/1", "quote/2"),
          with("\"bank\":\"sha256\"", "\"bank\":\"md5\""), with("\"bank\":\"sha256\"", "\"bank\":\"sha384\""),
          with("\"index\":2", "\"index\":0"), with("\"index\":7", "\"index\":24"), with("\"index\":2", "\"index\":\"2\""),
          with("\"index\":2", "\"index\":2,\"index\":2"), with("\"index\":2", "\"index\":2,\"extra\":2"),
          with("{\"schema\"", "{\"extra\":1,\"schema\""), with("\"attest\"", "\"quote\""),
          with("\"attest\":\"", "\"attest\":\" "), with("\"value\":\"", "\"value\":\"00"),
          with("\"value\":\"", "\"value\":\"AA")}) {
        const auto evidence = parse_tpm_evidence(text);
        EXPECT_EQ(evidence ? "" : evidence.error().reason, "attest.tpm_format") << text.substr(0, 60);
        test::count_negative("attest.tpm_format");
    }
}

/// Pitfall 8: values are labelled by the signed selection, never by their position.
TEST(Pitfall8, ResettableRegistersDoNotPoseAsBootRegisters)
{
    const auto reason = [](void (*bend)(Attempt&)) {
        Attempt attempt;
        bend(attempt);
        CheckLog checks;
        const auto verified = verify(attempt, checks);
        if (!verified) test::expect_only_failure(checks, find_check(verified.error().reason)->id);
        return verified ? std::string_view{} : verified.error().reason;
    };
    EXPECT_EQ(reason([](Attempt& r) {  // PCR 16 and 23 can be reset and extended by anyone
                  r.tpm.pcrs[16] = r.tpm.pcrs[0];
                  r.tpm.pcrs[23] = r.tpm.pcrs[7];
                  select(r, {HashAlgorithm::sha256, {16, 23}});
                  r.evidence->pcrs = {{0, r.tpm.pcrs[0]}, {7, r.tpm.pcrs[7]}};
                  r.demanded.pcrs = {0, 7};
              }),
              "attest.pcr_selection");
    EXPECT_EQ(reason([](Attempt& r) {
                  select(r, {HashAlgorithm::sha256, {0, 2, 7}});
              }),
              "attest.pcr_selection")
        << "one is missing";
    EXPECT_EQ(reason([](Attempt& r) {
                  r.fields.selections.insert(r.fields.selections.begin(), {0x0004, Bytes{0x95, 0, 0}});
              }),
              "attest.pcr_selection")
        << "two banks";
    EXPECT_EQ(reason([](Attempt& r) { r.fields.selections[0].bank = 0x0004; }), "attest.pcr_selection") << "SHA-1";
}

class GenuineTpm : public test::WithVectors {};

TEST_F(GenuineTpm, QuoteOfOurOwnMachineVerifies)
{
    const auto ak = crypto::PublicKey::from_spki_pem(load_vector("tpm/own-ovmf-q35/ak.pem"));
    ASSERT_TRUE(ak.has_value());
    const auto signature = parse_plain_signature(as_bytes(load_vector("tpm/own-ovmf-q35/quote.sig")), *ak);
    ASSERT_TRUE(signature.has_value()) << signature.error().detail;
    const PcrSelection selection{HashAlgorithm::sha256, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12}};
    TpmEvidence evidence{
        to_bytes(load_vector("tpm/own-ovmf-q35/quote.msg")), encode(*signature), {}, HashAlgorithm::sha256, {}};
    const std::string values = load_vector("tpm/own-ovmf-q35/pcrs.bin");
    std::size_t at = 0;
    for (const std::uint32_t index : selection.pcrs) evidence.pcrs[index] = to_bytes(values.substr(at++ * 32, 32));

    CheckLog checks;
    const auto trusted = trust_pinned_key(*ak, std::vector{crypto::sha256(ak->spki_der())}, checks);
    const auto verified = verify_tpm(evidence, *trusted, selection, checks);
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    const std::string nonce = load_vector("tpm/own-ovmf-q35/nonce").substr(0, 64);
    EXPECT_TRUE(require_extra_data(*verified, parse_hex(nonce).value(), checks).has_value());
}

}  // namespace
}  // namespace iapp::attest
