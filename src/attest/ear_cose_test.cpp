// Attestation results as CWT: every rule that a token can break, one at a time.
#include <gtest/gtest.h>

#include "attest/ear.hpp"
#include "codec/cbor.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_ear.hpp"

namespace iapp::attest {
namespace {

using cbor::Map;
using cbor::Value;

const crypto::P256Key& verifier_key()
{
    static const crypto::P256Key key = test::sample_verifier_key();
    return key;
}

Bytes good_token() { return *sign_ear_cose(test::sample_ear(), verifier_key()); }

cbor::Array parts_of(ByteView token) { return *cbor::parse(token)->if_tagged(18)->if_array(); }

Map good_header() { return *cbor::parse(*parts_of(good_token())[0].if_bytes())->if_map(); }
Map good_claims() { return *cbor::parse(*parts_of(good_token())[2].if_bytes())->if_map(); }

Bytes encoded(const Value& value) { return *cbor::encode(value); }

Bytes message(const cbor::Array& parts) { return encoded(Value::tagged(18, Value(parts))); }

/// A message that its verifier really signed, whatever it says. Sig_structure is spelled here on its own.
Bytes signed_message(const Bytes& header, const Map& unprotected, const Bytes& payload,
                     const crypto::P256Key& key = verifier_key())
{
    const Bytes to_sign = encoded(Value(cbor::Array{Value("Signature1"), Value(header), Value(Bytes{}), Value(payload)}));
    return message({Value(header), Value(unprotected), Value(payload), Value(to_bytes(key.sign(to_sign).bytes()))});
}

Bytes with_header(const Map& header) { return signed_message(encoded(Value(header)), {}, encoded(Value(good_claims()))); }
Bytes with_payload(const Bytes& payload) { return signed_message(encoded(Value(good_header())), {}, payload); }

/// `map` without one member.
Map without(const Map& map, const cbor::Key& key)
{
    Map out;
    for (const cbor::Member& member : map.members())
        if (member.key != key) out.set(member.key, member.value);
    return out;
}

void expect_refused(ByteView token, CheckId id, const std::string& what,
                    const EarExpectation& expected = test::sample_expectation())
{
    CheckLog checks;
    const auto ear = verify_ear_cose(token, verifier_key().public_key(), expected, checks);
    ASSERT_FALSE(ear.has_value()) << what;
    EXPECT_EQ(ear.error().reason, info(id).reason) << what << ": " << ear.error().detail;
    test::expect_only_failure(checks, id, what);
}

TEST(EarCose, GoodTokenIsAccepted)
{
    CheckLog checks;
    EXPECT_TRUE(
        verify_ear_cose(with_header(good_header()), verifier_key().public_key(), test::sample_expectation(), checks));
}

TEST(EarCose, EnvelopeIsStrict)  // "attest.ear_format"
{
    const Bytes good = good_token();
    const cbor::Array parts = parts_of(good);
    const auto replaced = [&](std::size_t at, Value value) {
        cbor::Array out = parts;
        out[at] = std::move(value);
        return message(out);
    };
    cbor::Array five = parts;
    five.emplace_back();
    Bytes longer = good;
    longer.push_back(0);
    const std::pair<const char*, Bytes> cases[] = {
        {"empty", {}},
        {"a byte behind", longer},
        {"no tag", encoded(Value(parts))},
        {"tag of COSE_Mac0", encoded(Value::tagged(17, Value(parts)))},
        {"tag of COSE_Sign", encoded(Value::tagged(98, Value(parts)))},
        {"tag of CWT around", encoded(Value::tagged(61, Value::tagged(18, Value(parts))))},
        {"three parts", message({parts[0], parts[1], parts[2]})},
        {"five parts", message(five)},
        {"a map", encoded(Value::tagged(18, Value(Map())))},
        {"header is a map", replaced(0, Value(good_header()))},
        {"header is empty", replaced(0, Value(Bytes{}))},
        {"header is no CBOR", replaced(0, Value(Bytes{0xff}))},
        {"header is a list", replaced(0, Value(Bytes{0x80}))},
        {"unprotected is bytes", replaced(1, Value(Bytes{0xa0}))},
        {"detached payload", replaced(2, Value())},
        {"payload is text", replaced(2, Value("payload"))},
        {"signature is text", replaced(3, Value(std::string(64, 's')))},
        {"signature of 63 bytes", replaced(3, Value(Bytes(63, 1)))},
        {"signature of 65 bytes", replaced(3, Value(Bytes(65, 1)))},
        {"signature in DER", replaced(3, Value(Bytes(71, 0x30)))},
        {"too long", replaced(2, Value(Bytes(kMaxEarBytes, 0)))},
    };
    for (const auto& [what, token] : cases) expect_refused(token, CheckId::ear_format, what);
}

TEST(EarCose, HeaderFixesAlgorithmAndType)
{
    const Map good = good_header();
    const auto with = [&](std::int64_t key, Value value) { return Map(good).set(key, std::move(value)); };
    const std::pair<const char*, Map> cases[] = {
        {"no algorithm", without(good, std::int64_t{1})},
        {"ES384", with(1, Value::integer(-35))},
        {"ES256K", with(1, Value::integer(-47))},
        {"EdDSA", with(1, Value::integer(-8))},
        {"HMAC", with(1, Value::integer(5))},
        {"algorithm as text", with(1, Value("ES256"))},
        {"no type", without(good, std::int64_t{16})},
        {"type of JWT", with(16, Value("application/eat+jwt"))},
        {"type of CWT", with(16, Value("application/cwt"))},
        {"type as number", with(16, Value::integer(61))},
        {"no key id", without(good, std::int64_t{4})},
        {"key id as text", with(4, Value("kid"))},
        {"critical", with(2, Value(cbor::Array{Value::integer(1)}))},
        {"certificate chain", with(33, Value(Bytes{1}))},
        {"a text parameter", Map(good).set("alg", Value::integer(-7))},
    };
    for (const auto& [what, header] : cases) expect_refused(with_header(header), CheckId::ear_format, what);
    const Bytes payload = encoded(Value(good_claims()));
    for (const std::int64_t key : {1, 4, 16})
        expect_refused(signed_message(encoded(Value(good)), Map().set(key, *good.find(key)), payload), CheckId::ear_format,
                       "a parameter outside the signature");
    const Map moved = Map().set(std::int64_t{1}, Value::integer(-7));
    expect_refused(signed_message(encoded(Value(without(good, std::int64_t{1}))), moved, payload), CheckId::ear_format,
                   "the algorithm outside the signature");
    Bytes loose = encoded(Value(good));
    loose.insert(loose.begin() + 1, {0x18, 0x01});
    loose.erase(loose.begin() + 3);
    expect_refused(signed_message(loose, {}, payload), CheckId::ear_format, "a label that is not the shortest");
}

TEST(EarCose, IsSignedByTheVerifierTheRelyingPartyKnows)  // "attest.ear_signature"
{
    const Bytes header = encoded(Value(good_header()));
    const Bytes payload = encoded(Value(good_claims()));
    expect_refused(signed_message(header, {}, payload, crypto::P256Key::generate()), CheckId::ear_signature, "another key");
    cbor::Array parts = parts_of(good_token());
    for (const std::uint8_t fill : {0x00, 0xff}) {
        parts[3] = Value(Bytes(64, fill));
        expect_refused(message(parts), CheckId::ear_signature, "no signature at all");
    }
    const auto signature_over = [&](const Value& to_sign) {
        parts[3] = Value(to_bytes(verifier_key().sign(encoded(to_sign)).bytes()));
        return message(parts);
    };
    const auto to_sign = [&](const char* context, const Bytes& aad) {
        return Value(cbor::Array{Value(context), Value(header), Value(aad), Value(payload)});
    };
    expect_refused(signature_over(to_sign("Signature", {})), CheckId::ear_signature, "the context of COSE_Sign");
    expect_refused(signature_over(to_sign("CounterSignature", {})), CheckId::ear_signature, "a countersignature");
    expect_refused(signature_over(to_sign("Signature1", {1})), CheckId::ear_signature, "external data");
    parts[3] = Value(to_bytes(verifier_key().sign(payload).bytes()));
    expect_refused(message(parts), CheckId::ear_signature, "over the payload alone");
    CheckLog checks;
    EXPECT_FALSE(verify_ear_cose(good_token(), crypto::P256PublicKey::zero(), test::sample_expectation(), checks));
    test::expect_only_failure(checks, CheckId::ear_signature, "a key that is no point");
}

TEST(EarCose, NothingIsInterpretedBeforeTheSignature)
{
    for (const Bytes& payload : {Bytes{}, Bytes{0xff}, Bytes{0x80}, Bytes{0xa0}})
        expect_refused(signed_message(encoded(Value(good_header())), {}, payload, crypto::P256Key::generate()),
                       CheckId::ear_signature, "signed by another");
}

TEST(EarCose, NoFlippedBitAndNoTruncationSurvives)
{
    const Bytes good = good_token();
    const auto accepted = [&](ByteView token) {
        CheckLog checks;
        return verify_ear_cose(token, verifier_key().public_key(), test::sample_expectation(), checks).has_value();
    };
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_FALSE(accepted(ByteView(good).first(i))) << i;
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes bent = good;
            bent[i] ^= static_cast<std::uint8_t>(1U << bit);
            EXPECT_FALSE(accepted(bent)) << i << "." << bit;
        }
    }
}

struct Bend {
    const char* name;
    CheckId check;
    void (*bend)(Map&);
};

constexpr CheckId kFormat = CheckId::ear_format;
constexpr CheckId kClaims = CheckId::ear_claims;

Map map_at(const Map& map, const cbor::Key& key) { return *map.find(key)->if_map(); }

/// Sets one member of the submodule "cpu".
void set_cpu(Map& claims, std::int64_t key, Value value)
{
    Map submods = map_at(claims, 266);
    Map cpu = map_at(submods, "cpu");
    cpu.set(key, std::move(value));
    claims.set(std::int64_t{266}, Value(submods.set("cpu", Value(std::move(cpu)))));
}

void set_vector(Map& claims, std::int64_t key, Value value)
{
    Map vector = map_at(map_at(map_at(claims, 266), "cpu"), 1001);
    set_cpu(claims, 1001, Value(vector.set(key, std::move(value))));
}

void set_own(Map& claims, std::int64_t group, const char* name, Value value)
{
    Map own = map_at(map_at(map_at(claims, 266), "cpu"), group);
    set_cpu(claims, group, Value(own.set(name, std::move(value))));
}

void set_key(Map& claims, std::int64_t key, Value value)
{
    Map cose_key = map_at(map_at(claims, 8), 1);
    claims.set(std::int64_t{8}, Value(Map().set(std::int64_t{1}, Value(cose_key.set(key, std::move(value))))));
}

// clang-format off
constexpr Bend kBends[] = {
    // "attest.ear_format": claims of another form
    {"no_profile", kFormat, [](Map& c) { c = without(c, 265); }},
    {"profile_is_a_number", kFormat, [](Map& c) { c.set(265, Value::integer(1)); }},
    {"profile_is_bytes", kFormat, [](Map& c) { c.set(265, Value(to_bytes(kEarProfile))); }},
    {"no_iat", kFormat, [](Map& c) { c = without(c, 6); }},
    {"iat_is_tagged", kFormat, [](Map& c) { c.set(6, Value::tagged(1, Value::integer(1'790'000'000))); }},
    {"iat_is_negative", kFormat, [](Map& c) { c.set(6, Value::integer(-1)); }},
    {"exp_is_null", kFormat, [](Map& c) { c.set(4, Value()); }},
    {"exp_beyond_year_9999", kFormat, [](Map& c) { c.set(4, Value::integer(253'402'300'800)); }},
    {"exp_beyond_63_bits", kFormat, [](Map& c) { c.set(4, Value::unsigned_integer(~0ULL)); }},
    {"nbf_is_text", kFormat, [](Map& c) { c.set(5, Value("now")); }},
    {"aud_is_a_list", kFormat, [](Map& c) { c.set(3, Value(cbor::Array{Value("https://sms.example")})); }},
    {"nonce_is_text", kFormat, [](Map& c) { c.set(10, Value(std::string(32, 'N'))); }},
    {"nonce_is_short", kFormat, [](Map& c) { c.set(10, Value(Bytes(7, 1))); }},
    {"nonce_is_long", kFormat, [](Map& c) { c.set(10, Value(Bytes(65, 1))); }},
    {"no_verifier", kFormat, [](Map& c) { c = without(c, 1004); }},
    {"verifier_with_names", kFormat, [](Map& c) { c.set(1004, Value(Map().set("developer", Value("d")).set("build", Value("b")))); }},
    {"no_submods", kFormat, [](Map& c) { c = without(c, 266); }},
    {"empty_submods", kFormat, [](Map& c) { c.set(266, Value(Map())); }},
    {"submods_with_numbers", kFormat, [](Map& c) { c.set(266, Value(Map().set(0, *map_at(c, 266).find("cpu")))); }},
    {"submod_is_bytes", kFormat, [](Map& c) { c.set(266, Value(Map().set("cpu", Value(Bytes{0xd2})))); }},
    {"status_as_word", kFormat, [](Map& c) { set_cpu(c, 1000, Value("affirming")); }},
    {"status_is_no_tier", kFormat, [](Map& c) { set_cpu(c, 1000, Value::integer(3)); }},
    {"status_better_than_vector", kFormat, [](Map& c) { set_vector(c, 4, Value::integer(96)); }},
    {"status_better_than_submod", kFormat, [](Map& c) { set_cpu(c, 1000, Value::integer(32)); }},
    {"vector_value_is_128", kFormat, [](Map& c) { set_vector(c, 4, Value::integer(128)); }},
    {"vector_value_is_text", kFormat, [](Map& c) { set_vector(c, 4, Value("2")); }},
    {"policy_ids_is_text", kFormat, [](Map& c) { set_cpu(c, 1003, Value("production")); }},
    {"attester_claims_is_a_list", kFormat, [](Map& c) { set_cpu(c, 1005, Value(cbor::Array{})); }},
    {"simulated_is_a_number", kFormat, [](Map& c) { set_own(c, 1005, "iapp_simulated", Value::integer(0)); }},
    {"evidence_id_is_short", kFormat, [](Map& c) { set_own(c, 1005, "iapp_evidence_id", Value(Bytes(31, 1))); }},
    {"measurement_is_text", kFormat, [](Map& c) { set_own(c, 1005, "iapp_measurements", Value(Map().set("mrtd", Value("00")))); }},
    {"accepted_is_null", kFormat, [](Map& c) { set_own(c, 1006, "iapp_accepted", Value()); }},
    {"report_data_outcome_unknown", kFormat, [](Map& c) { set_own(c, 1006, "iapp_report_data", Value("maybe")); }},
    {"checks_is_a_map", kFormat, [](Map& c) { set_own(c, 1006, "iapp_checks", Value(Map())); }},
    {"cnf_of_another_type", kFormat, [](Map& c) { set_key(c, 1, Value::integer(3)); }},
    {"cnf_type_and_curve_differ", kFormat, [](Map& c) { set_key(c, 1, Value::integer(1)); }},
    {"cnf_point_not_on_the_curve", kFormat, [](Map& c) { set_key(c, -3, Value(Bytes(32, 1))); }},
    {"cnf_compressed_point", kFormat, [](Map& c) { set_key(c, -3, Value(true)); }},
    // "attest.ear_claims": well formed, and not for us
    {"other_profile", kClaims, [](Map& c) { c.set(265, Value("tag:ietf.org,2026:rats/ear#05")); }},
    {"older_profile", kClaims, [](Map& c) { c.set(265, Value("tag:ietf.org,2026:rats/ear#03")); }},
    {"no_exp", kClaims, [](Map& c) { c = without(c, 4); }},
    {"expired_now", kClaims, [](Map& c) { c.set(4, Value::integer(1'790'000'060)); }},
    {"not_yet_valid", kClaims, [](Map& c) { c.set(5, Value::integer(1'790'000'121)); }},
    {"issued_in_the_future", kClaims, [](Map& c) { c.set(6, Value::integer(1'790'000'121)); }},
    {"no_nonce", kClaims, [](Map& c) { c = without(c, 10); }},
    {"other_nonce", kClaims, [](Map& c) { c.set(10, Value(Bytes(32, 0x4f))); }},
    {"longer_nonce", kClaims, [](Map& c) { c.set(10, Value(Bytes(33, 0x4e))); }},
    {"no_audience", kClaims, [](Map& c) { c = without(c, 3); }},
    {"other_audience", kClaims, [](Map& c) { c.set(3, Value("https://sms.example.org")); }},
    {"status_warning", kClaims, [](Map& c) { set_cpu(c, 1000, Value::integer(32)); c.set(1000, Value::integer(32)); }},
    {"status_none", kClaims, [](Map& c) { set_cpu(c, 1000, Value::integer(0)); c.set(1000, Value::integer(0)); }},
    {"status_contraindicated", kClaims, [](Map& c) { c.set(1000, Value::integer(96)); }},
};
// clang-format on

TEST(EarCose, EachBrokenClaimIsRefusedByItsCheck)
{
    for (const auto& [what, check, bend] : kBends) {
        Map claims = good_claims();
        bend(claims);
        expect_refused(with_payload(encoded(Value(claims))), check, what);
    }
}

TEST(EarCose, PayloadIsOneDeterministicMap)
{
    Bytes behind = encoded(Value(good_claims()));
    behind.push_back(0);
    for (const Bytes& payload : {Bytes{}, Bytes{0xa0}, Bytes{0x80}, Bytes{0xf6}, behind, Bytes{0xbf, 0xff}, Bytes(100, 0x81),
                                 Bytes{0xa2, 6, 0, 4, 0}})
        expect_refused(with_payload(payload), CheckId::ear_format, hex(payload).substr(0, 40));
}

TEST(EarCose, UnknownClaimsAreIgnored)
{
    Map claims = good_claims();
    claims.set(7, Value(Bytes{0x0b, 0x71})).set(1002, Value(Bytes{1})).set("iapp_later", Value(true)).set(-70000, Value());
    CheckLog checks;
    const auto ear = verify_ear_cose(with_payload(encoded(Value(claims))), verifier_key().public_key(),
                                     test::sample_expectation(), checks);
    ASSERT_TRUE(ear.has_value());
    EXPECT_EQ(*ear, test::sample_ear());
}

TEST(EarCose, OlderDraftsAreReadOnlyWhenAskedFor)
{
    Map claims = good_claims();
    claims.set(265, Value("tag:github.com,2023:veraison/ear"));
    set_cpu(claims, 1003, Value("policy://psa/60a0068d"));
    const Bytes token = with_payload(encoded(Value(claims)));
    expect_refused(token, CheckId::ear_claims, "an older profile");
    EarExpectation expected = test::sample_expectation();
    expected.accept_older_drafts = true;
    CheckLog checks;
    const auto ear = verify_ear_cose(token, verifier_key().public_key(), expected, checks);
    ASSERT_TRUE(ear.has_value()) << ear.error().detail;
    EXPECT_EQ(ear->submodules[0].policy_ids, std::vector<std::string>{"policy://psa/60a0068d"});
}

}  // namespace
}  // namespace iapp::attest
