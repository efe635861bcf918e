#include "attest/tpm_quote.hpp"

#include <gtest/gtest.h>

#include "attest/tpm_public.hpp"
#include "simtee/tpm_writer.hpp"
#include "support/attest_vectors.hpp"
#include "support/check_coverage.hpp"

namespace iapp::attest {
namespace {

using crypto::Curve;
using crypto::SigningKey;
using simtee::TpmQuoteFields;
using test::load_vector;

template <class T>
void expect_refused(const Result<T>& result, const std::string& what)
{
    EXPECT_EQ(result ? "" : result.error().reason, "attest.tpm_format") << what;
    test::count_negative("attest.tpm_format");
}

TpmQuoteFields sample_fields()
{
    TpmQuoteFields fields;
    fields.qualified_signer = Bytes(34, 0x11);
    fields.extra_data = Bytes(32, 0x22);
    fields.selections = {simtee::encode_selection({HashAlgorithm::sha256, {0, 7, 8, 23}})};
    fields.pcr_digest = Bytes(32, 0x33);
    return fields;
}

TEST(TpmQuote, IsReadFieldByField)
{
    const Bytes bytes = simtee::encode_tpm_quote(sample_fields());
    const auto quote = parse_tpm_quote(bytes);
    ASSERT_TRUE(quote.has_value()) << quote.error().detail;
    EXPECT_EQ(quote->bytes, bytes);
    EXPECT_EQ(quote->extra_data, Bytes(32, 0x22));
    EXPECT_EQ(quote->clock.reset_count, 2U);
    EXPECT_TRUE(quote->clock.safe);
    ASSERT_EQ(quote->selections.size(), 1U);
    EXPECT_EQ(quote->selections[0], (PcrSelection{HashAlgorithm::sha256, {0, 7, 8, 23}}));
    EXPECT_EQ(quote->pcr_digest, Bytes(32, 0x33));
}

TEST(TpmQuote, EveryTruncationAndEveryByteMoreIsRefused)
{
    Bytes bytes = simtee::encode_tpm_quote(sample_fields());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        expect_refused(parse_tpm_quote(ByteView(bytes).first(size)), "cut at " + std::to_string(size));
    bytes.push_back(0);
    expect_refused(parse_tpm_quote(bytes), "one byte more");
    bytes.resize(kMaxTpmAttestSize + 1);
    expect_refused(parse_tpm_quote(bytes), "too large");
}

TEST(TpmQuote, LengthFieldsAreBounded)
{
    const Bytes good = simtee::encode_tpm_quote(sample_fields());
    struct Field {
        std::size_t at;
        std::size_t width;
    };
    // sizes of qualifiedSigner, extraData, the number of banks, a bitmap, and of the digest
    constexpr std::size_t kBanks = 6 + 2 + 34 + 2 + 32 + 17 + 8;
    for (const Field field : {Field{6, 2}, Field{42, 2}, Field{kBanks, 4}, Field{kBanks + 6, 1}, Field{kBanks + 10, 2}}) {
        std::uint64_t n = 0;
        for (std::size_t i = 0; i < field.width; ++i) n = n << 8 | good[field.at + i];
        for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, n - 1, n + 1, std::uint64_t{0x7fffffff},
                                          std::uint64_t{0x80000000}, std::uint64_t{0xffffffff}}) {
            Bytes bent = good;
            for (std::size_t i = 0; i < field.width; ++i)
                bent[field.at + i] = static_cast<std::uint8_t>(value >> (8 * (field.width - 1 - i)));
            if (bent == good) continue;
            expect_refused(parse_tpm_quote(bent), std::to_string(field.at) + " = " + std::to_string(value));
        }
    }
}

struct QuoteCase {
    const char* name;
    void (*bend)(TpmQuoteFields&);
};
class TpmQuoteFormat : public testing::TestWithParam<QuoteCase> {};

TEST_P(TpmQuoteFormat, IsRefused)
{
    TpmQuoteFields fields = sample_fields();
    GetParam().bend(fields);
    expect_refused(parse_tpm_quote(simtee::encode_tpm_quote(fields)), GetParam().name);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, TpmQuoteFormat, testing::Values(
    QuoteCase{"magic",             [](TpmQuoteFields& f) { f.magic ^= 1; }},
    QuoteCase{"certify",           [](TpmQuoteFields& f) { f.type = 0x8017; }},
    QuoteCase{"creation",          [](TpmQuoteFields& f) { f.type = 0x801a; }},
    QuoteCase{"safe_is_2",         [](TpmQuoteFields& f) { f.safe = 2; }},
    QuoteCase{"long_name",         [](TpmQuoteFields& f) { f.qualified_signer.resize(67); }},
    QuoteCase{"long_extra_data",   [](TpmQuoteFields& f) { f.extra_data.resize(67); }},
    QuoteCase{"long_digest",       [](TpmQuoteFields& f) { f.pcr_digest.resize(65); }},
    QuoteCase{"short_bitmap",      [](TpmQuoteFields& f) { f.selections[0].bitmap.resize(2); }},
    QuoteCase{"long_bitmap",       [](TpmQuoteFields& f) { f.selections[0].bitmap.resize(4); }},
    QuoteCase{"unknown_bank",      [](TpmQuoteFields& f) { f.selections[0].bank = 0x0010; }},
    QuoteCase{"17_banks",          [](TpmQuoteFields& f) { f.selections.assign(17, f.selections[0]); }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(TpmSignatures, AreReadAndWrittenAlike)
{
    const SigningKey p256 = SigningKey::generate(Curve::p256);
    const SigningKey p384 = SigningKey::generate(Curve::p384);
    const SigningKey rsa = SigningKey::generate_rsa(2048).value();
    const Bytes message(10, 7);
    for (const SigningKey* key : {&p256, &p384, &rsa}) {
        for (const bool pss : {false, true}) {
            const Bytes bytes = encode(simtee::tpm_sign(*key, message, pss));
            const auto signature = parse_tpm_signature(bytes);
            ASSERT_TRUE(signature.has_value()) << signature.error().detail;
            EXPECT_EQ(encode(*signature), bytes);
            EXPECT_TRUE(verify_tpm_signature(key->public_key(), message, *signature).has_value());
            EXPECT_FALSE(verify_tpm_signature(key->public_key(), Bytes(10, 8), *signature).has_value());
            for (std::size_t size = 0; size < bytes.size(); ++size)
                expect_refused(parse_tpm_signature(ByteView(bytes).first(size)), "cut at " + std::to_string(size));
            Bytes longer = bytes;
            longer.push_back(0);
            expect_refused(parse_tpm_signature(longer), "one byte more");
        }
    }
}

TEST(TpmSignatures, SchemeHashAndKeyHaveToFit)
{
    const SigningKey p256 = SigningKey::generate(Curve::p256);
    const SigningKey p384 = SigningKey::generate(Curve::p384);
    const Bytes message(10, 7);
    const TpmSignature good = simtee::tpm_sign(p256, message);
    const auto reason = [&](const crypto::PublicKey& key, const TpmSignature& signature) {
        const auto verdict = verify_tpm_signature(key, message, signature);
        return verdict ? std::string_view{} : verdict.error().reason;
    };
    EXPECT_EQ(reason(p256.public_key(), good), "");
    EXPECT_EQ(reason(p384.public_key(), good), "attest.signature");
    TpmSignature bent = good;
    bent.hash = HashAlgorithm::sha384;
    EXPECT_EQ(reason(p256.public_key(), bent), "attest.signature");
    bent = good;
    bent.kind = TpmSignatureKind::rsassa;
    EXPECT_EQ(reason(p256.public_key(), bent), "attest.signature");
    bent = good;
    bent.r.insert(bent.r.begin(), 0);
    EXPECT_EQ(reason(p256.public_key(), bent), "attest.signature") << "wider than the curve";
    bent = good;
    bent.s.clear();
    EXPECT_EQ(reason(p256.public_key(), bent), "attest.signature") << "s is zero";

    Bytes weak = encode(good);
    weak[3] = 0x04;
    expect_refused(parse_tpm_signature(weak), "SHA-1");
    Bytes unknown = encode(good);
    unknown[1] = 0x1a;
    expect_refused(parse_tpm_signature(unknown), "ECDAA");
}

/// Short r or s: TPMs leave out leading zeros (pitfall 14 for TPMs).
TEST(TpmSignatures, ShortNumbersArePaddedOnTheLeft)
{
    const SigningKey key = SigningKey::generate(Curve::p256);
    bool short_r = false;
    bool short_s = false;
    for (std::uint32_t i = 0; i < 5000 && !(short_r && short_s); ++i) {
        const Bytes message{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
        TpmSignature signature = simtee::tpm_sign(key, message);
        if (signature.r[0] != 0 && signature.s[0] != 0) continue;
        short_r = short_r || signature.r[0] == 0;
        short_s = short_s || signature.s[0] == 0;
        for (Bytes* number : {&signature.r, &signature.s})
            while (number->front() == 0) number->erase(number->begin());
        EXPECT_TRUE(verify_tpm_signature(key.public_key(), message, signature).has_value());
    }
    EXPECT_TRUE(short_r && short_s);
}

TEST(PlainSignatures, OfToolsAreDerOrRaw)
{
    const SigningKey key = SigningKey::generate(Curve::p256);
    const Bytes der = parse_hex("3007020101020200ff").value();
    const auto signature = parse_plain_signature(der, key.public_key());
    ASSERT_TRUE(signature.has_value()) << signature.error().detail;
    EXPECT_EQ(signature->r, Bytes{1});
    EXPECT_EQ(signature->s, Bytes{0xff});
    for (const std::string_view bad :
         {"", "30", "3000", "30070201010202", "3007020101020200", "3007020101020200ff00", "3008020101020200ff00",
          "3006020181020200ff", "3007020181020200ff", "300802020001020200ff", "3007030101020200ff", "3107020101020200ff",
          "30060201010201ff", "3006020101020200", "308107020101020200ff", "30050201010200", "3007020101028200ff"})
        expect_refused(parse_plain_signature(parse_hex(bad).value(), key.public_key()), std::string(bad));
    const SigningKey rsa = SigningKey::generate_rsa(2048).value();
    EXPECT_EQ(parse_plain_signature(Bytes(256, 1), rsa.public_key())->rsa, Bytes(256, 1));
    expect_refused(parse_plain_signature(Bytes(kMaxTpmSignatureSize + 1), rsa.public_key()), "too large");
}

TEST(TpmPublicArea, IsReadForEveryKind)
{
    const SigningKey p256 = SigningKey::generate(Curve::p256);
    const SigningKey p384 = SigningKey::generate(Curve::p384);
    const SigningKey rsa = SigningKey::generate_rsa(2048).value();
    for (const SigningKey* key : {&p256, &p384, &rsa}) {
        for (const auto& fields : {simtee::ak_fields(key->public_key()), simtee::ek_fields()}) {
            const Bytes bytes = simtee::encode_tpm_public(fields, key->public_key());
            const auto parsed = parse_tpm_public(bytes);
            ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
            EXPECT_EQ(parsed->key, key->public_key());
            EXPECT_EQ(parsed->attributes, fields.attributes);
            EXPECT_EQ(parsed->scheme, fields.scheme);
            EXPECT_EQ(parsed->symmetric.algorithm, fields.symmetric.algorithm);
            EXPECT_EQ(parsed->name().size(), 34U);
            for (std::size_t size = 0; size < bytes.size(); ++size)
                expect_refused(parse_tpm_public(ByteView(bytes).first(size)), "cut at " + std::to_string(size));
            Bytes longer = bytes;
            longer.push_back(0);
            expect_refused(parse_tpm_public(longer), "one byte more");
            Bytes sized{static_cast<std::uint8_t>(bytes.size() >> 8), static_cast<std::uint8_t>(bytes.size())};
            append(sized, bytes);
            EXPECT_TRUE(std::ranges::equal(strip_tpm2b(sized), bytes));
            EXPECT_TRUE(std::ranges::equal(strip_tpm2b(bytes), bytes));
        }
    }
}

TEST(TpmPublicArea, NameCoversTheAttributes)
{
    const SigningKey key = SigningKey::generate(Curve::p256);
    auto fields = simtee::ak_fields(key.public_key());
    const Bytes one = parse_tpm_public(simtee::encode_tpm_public(fields, key.public_key()))->name();
    fields.attributes &= ~tpm_attribute::kRestricted;
    EXPECT_NE(parse_tpm_public(simtee::encode_tpm_public(fields, key.public_key()))->name(), one);
}

struct PublicCase {
    const char* name;
    void (*bend)(simtee::TpmPublicFields&);
};
class TpmPublicFormat : public testing::TestWithParam<PublicCase> {};

TEST_P(TpmPublicFormat, IsRefused)
{
    static const SigningKey key = SigningKey::generate(Curve::p256);
    auto fields = simtee::ak_fields(key.public_key());
    GetParam().bend(fields);
    expect_refused(parse_tpm_public(simtee::encode_tpm_public(fields, key.public_key())), GetParam().name);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Bent, TpmPublicFormat, testing::Values(
    PublicCase{"name_by_sha1",        [](simtee::TpmPublicFields& f) { f.name_algorithm = 0x0004; }},
    PublicCase{"no_name_algorithm",   [](simtee::TpmPublicFields& f) { f.name_algorithm = 0x0010; }},
    PublicCase{"reserved_attribute",  [](simtee::TpmPublicFields& f) { f.attributes |= 1U << 31; }},
    PublicCase{"reserved_bit_0",      [](simtee::TpmPublicFields& f) { f.attributes |= 1U; }},
    PublicCase{"long_policy",         [](simtee::TpmPublicFields& f) { f.auth_policy.resize(65); }},
    PublicCase{"unknown_cipher",      [](simtee::TpmPublicFields& f) { f.symmetric.algorithm = 0x0003; }},
    PublicCase{"rsa_scheme_for_ecc",  [](simtee::TpmPublicFields& f) { f.scheme = 0x0014; }},
    PublicCase{"unknown_hash",        [](simtee::TpmPublicFields& f) { f.scheme_hash = 0x0027; }}),
    [](const auto& test) { return std::string(test.param.name); });
// clang-format on

TEST(TpmPublicArea, KeysAreChecked)
{
    const SigningKey key = SigningKey::generate(Curve::p256);
    const Bytes good = simtee::encode_tpm_public(simtee::ak_fields(key.public_key()), key.public_key());
    Bytes bent = good;
    bent.back() ^= 1;
    expect_refused(parse_tpm_public(bent), "a point off the curve");
    bent = good;
    bent[good.size() - 71] = 5;
    expect_refused(parse_tpm_public(bent), "P-521");
    const SigningKey rsa = SigningKey::generate_rsa(2048).value();
    bent = simtee::encode_tpm_public(simtee::ak_fields(rsa.public_key()), rsa.public_key());
    bent[bent.size() - 256 - 2 - 1] = 3;
    expect_refused(parse_tpm_public(bent), "exponent 3");
    bent = simtee::encode_tpm_public(simtee::ak_fields(rsa.public_key()), rsa.public_key());
    bent.back() &= 0xfe;
    expect_refused(parse_tpm_public(bent), "an even modulus");
}

class GenuineTpmQuotes : public test::WithVectors {};

TEST_F(GenuineTpmQuotes, AreRead)
{
    const auto dstack = parse_tpm_quote(as_bytes(load_vector("tpm/dstack-tpms_attest.bin")));
    ASSERT_TRUE(dstack.has_value()) << dstack.error().detail;
    EXPECT_EQ(hex(dstack->extra_data), "12345678");
    EXPECT_EQ(dstack->selections, (std::vector<PcrSelection>{{HashAlgorithm::sha256, {0, 1, 2}}}));
    const auto azure = parse_tpm_quote(as_bytes(load_vector("azure/snp/tpm-quote.msg")));
    ASSERT_TRUE(azure.has_value()) << azure.error().detail;
    EXPECT_EQ(to_text(azure->extra_data), "challenge");
}

}  // namespace
}  // namespace iapp::attest
