// Attestation results as JWT: every rule that a token can break, one at a time.
#include <gtest/gtest.h>

#include "attest/ear.hpp"
#include "codec/base64.hpp"
#include "codec/json.hpp"
#include "support/check_coverage.hpp"
#include "support/sample_ear.hpp"

namespace iapp::attest {
namespace {

const crypto::P256Key& verifier_key()
{
    static const crypto::P256Key key = test::sample_verifier_key();
    return key;
}

struct Parts {
    std::string header;
    std::string payload;
};

Parts good_parts()
{
    const std::string token = *sign_ear_jwt(test::sample_ear(), verifier_key());
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    return {to_text(*codec::parse_base64url(token.substr(0, first))),
            to_text(*codec::parse_base64url(token.substr(first + 1, last - first - 1)))};
}

/// A token that its verifier really signed, whatever it says.
std::string signed_token(const Parts& parts, const crypto::P256Key& key = verifier_key())
{
    const std::string text = codec::base64url(as_bytes(parts.header)) + "." + codec::base64url(as_bytes(parts.payload));
    return text + "." + codec::base64url(key.sign(as_bytes(text)).bytes());
}

void expect_refused(std::string_view token, CheckId id, const std::string& what,
                    const EarExpectation& expected = test::sample_expectation())
{
    CheckLog checks;
    const auto ear = verify_ear_jwt(token, verifier_key().public_key(), expected, checks);
    ASSERT_FALSE(ear.has_value()) << what;
    EXPECT_EQ(ear.error().reason, info(id).reason) << what << ": " << ear.error().detail;
    test::expect_only_failure(checks, id, what);
}

TEST(EarJwt, GoodTokenIsAccepted)
{
    CheckLog checks;
    EXPECT_TRUE(verify_ear_jwt(signed_token(good_parts()), verifier_key().public_key(), test::sample_expectation(), checks));
}

TEST(EarJwt, EnvelopeIsStrict)  // "attest.ear_format"
{
    const std::string good = signed_token(good_parts());
    const std::size_t first = good.find('.');
    const std::size_t last = good.rfind('.');
    const std::pair<const char*, std::string> cases[] = {
        {"empty", ""},
        {"no dots", "abcd"},
        {"two parts", good.substr(0, last)},
        {"four parts", good + ".AAAA"},
        {"dot behind", good + "."},
        {"dot before", "." + good},
        {"only dots", ".."},
        {"no header", good.substr(first)},
        {"no signature", good.substr(0, last + 1)},
        {"white space before", " " + good},
        {"white space behind", good + "\n"},
        {"padding", good + "=="},
        {"bearer", "Bearer " + good},
        {"base64, not base64url", good.substr(0, last) + "." + std::string(85, '/') + "w"},
        {"63 bytes of signature", good.substr(0, last + 1) + codec::base64url(Bytes(63, 1))},
        {"65 bytes of signature", good.substr(0, last + 1) + codec::base64url(Bytes(65, 1))},
        {"DER signature", good.substr(0, last + 1) + codec::base64url(Bytes(71, 0x30))},
        {"too long", std::string(kMaxEarBytes, 'A') + good},
        {"JSON serialization", R"({"payload":"AA","protected":"AA","signature":"AA"})"},
    };
    for (const auto& [what, token] : cases) expect_refused(token, CheckId::ear_format, what);
}

TEST(EarJwt, HeaderFixesAlgorithmAndType)
{
    const char* const headers[] = {
        R"({"alg":"none","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"None","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"HS256","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES384","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES256K","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"RS256","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"EdDSA","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"es256","kid":"k","typ":"eat+jwt"})",
        R"({"alg":["ES256"],"kid":"k","typ":"eat+jwt"})",
        R"({"alg":-7,"kid":"k","typ":"eat+jwt"})",
        R"({"kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES256","alg":"ES256","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES256","kid":"k","typ":"JWT"})",
        R"({"alg":"ES256","kid":"k","typ":"EAT+JWT"})",
        R"({"alg":"ES256","kid":"k","typ":"eat+cwt"})",
        R"({"alg":"ES256","kid":"k","typ":"application/eat+jwt"})",
        R"({"alg":"ES256","kid":"k","typ":7})",
        R"({"alg":"ES256","kid":"k"})",
        R"({"alg":"ES256","typ":"eat+jwt"})",
        R"({"alg":"ES256","kid":7,"typ":"eat+jwt"})",
        R"({"alg":"ES256","crit":["exp"],"kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES256","b64":false,"crit":["b64"],"kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES256","jwk":{"kty":"EC"},"kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES256","jku":"https://evil.example","kid":"k","typ":"eat+jwt"})",
        R"({"alg":"ES256","kid":"k","typ":"eat+jwt","x5c":[]})",
        R"({"alg":"ES256","kid":"k","typ":"eat+jwt","zip":"DEF"})",
        R"({"alg":"ES256","kid":"k","typ":"eat+jwt"}x)",
        R"(["ES256"])",
        "",
        "\xff",
    };
    Parts parts = good_parts();
    for (const char* header : headers) {
        parts.header = header;
        expect_refused(signed_token(parts), CheckId::ear_format, header);
    }
    parts.header = R"({"alg":"none","kid":"k","typ":"eat+jwt"})";
    const std::string text = codec::base64url(as_bytes(parts.header)) + "." + codec::base64url(as_bytes(parts.payload));
    expect_refused(text + ".", CheckId::ear_format, "alg none without signature");
    parts.header = R"({"alg":"ES256","kid":")" + std::string(2000, 'k') + R"(","typ":"eat+jwt"})";
    expect_refused(signed_token(parts), CheckId::ear_format, "a header of 2000 bytes");
}

TEST(EarJwt, IsSignedByTheVerifierTheRelyingPartyKnows)  // "attest.ear_signature"
{
    const std::string good = signed_token(good_parts());
    const std::size_t last = good.rfind('.');
    const auto with = [&](const Bytes& signature) { return good.substr(0, last + 1) + codec::base64url(signature); };
    expect_refused(signed_token(good_parts(), crypto::P256Key::generate()), CheckId::ear_signature, "another key");
    expect_refused(with(Bytes(64, 0)), CheckId::ear_signature, "zeros");
    expect_refused(with(Bytes(64, 0xff)), CheckId::ear_signature, "numbers beyond the order");
    Bytes zero_s = *codec::parse_base64url(good.substr(last + 1));
    std::fill(zero_s.begin() + 32, zero_s.end(), std::uint8_t{0});
    expect_refused(with(zero_s), CheckId::ear_signature, "s is zero");
    const std::string other = signed_token({good_parts().header, R"({"iat":1})"});
    expect_refused(good.substr(0, last) + other.substr(other.rfind('.')), CheckId::ear_signature, "of another token");
    CheckLog checks;
    const auto nobody = crypto::P256PublicKey::zero();
    EXPECT_FALSE(verify_ear_jwt(good, nobody, test::sample_expectation(), checks));
    test::expect_only_failure(checks, CheckId::ear_signature, "a key that is no point");
}

TEST(EarJwt, NothingIsInterpretedBeforeTheSignature)
{
    for (const char* payload : {"", "{", "[]", "\xff", R"({"eat_profile":"other"})"})
        expect_refused(signed_token({good_parts().header, payload}, crypto::P256Key::generate()), CheckId::ear_signature,
                       payload);
}

TEST(EarJwt, NoChangedCharacterAndNoTruncationSurvives)
{
    const std::string good = signed_token(good_parts());
    const auto accepted = [&](std::string_view token) {
        CheckLog checks;
        return verify_ear_jwt(token, verifier_key().public_key(), test::sample_expectation(), checks).has_value();
    };
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bent = good;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(accepted(bent)) << i;
        bent[i] = static_cast<char>(good[i] ^ 0x01);
        EXPECT_FALSE(accepted(bent)) << i;
        EXPECT_FALSE(accepted(good.substr(0, i))) << i;
    }
}

struct Bend {
    const char* name;
    CheckId check;
    void (*bend)(json::Object&);
};

json::Object& cpu(json::Object& claims) { return claims["submods"].as_object()["cpu"].as_object(); }
json::Object& attester(json::Object& claims) { return cpu(claims)["ear_attester_claims"].as_object(); }
json::Object& verifier(json::Object& claims) { return cpu(claims)["ear_verifier_claims"].as_object(); }
json::Object& jwk(json::Object& claims) { return claims["cnf"].as_object()["jwk"].as_object(); }

using J = json::Object;
constexpr CheckId kFormat = CheckId::ear_format;
constexpr CheckId kClaims = CheckId::ear_claims;

// clang-format off
constexpr Bend kBends[] = {
    // "attest.ear_format": claims of another form
    {"no_profile", kFormat, [](J& c) { c.erase("eat_profile"); }},
    {"profile_is_a_number", kFormat, [](J& c) { c["eat_profile"] = 265; }},
    {"no_iat", kFormat, [](J& c) { c.erase("iat"); }},
    {"iat_with_fraction", kFormat, [](J& c) { c["iat"] = 1'790'000'000.5; }},
    {"iat_is_text", kFormat, [](J& c) { c["iat"] = "1790000000"; }},
    {"iat_is_negative", kFormat, [](J& c) { c["iat"] = -1; }},
    {"exp_is_text", kFormat, [](J& c) { c["exp"] = "never"; }},
    {"exp_is_null", kFormat, [](J& c) { c["exp"] = nullptr; }},
    {"exp_beyond_year_9999", kFormat, [](J& c) { c["exp"] = 253'402'300'800; }},
    {"exp_beyond_64_bits", kFormat, [](J& c) { c["exp"] = 18'446'744'073'709'551'615ULL; }},
    {"nbf_is_true", kFormat, [](J& c) { c["nbf"] = true; }},
    {"aud_is_a_list", kFormat, [](J& c) { c["aud"] = json::Array{"https://sms.example"}; }},
    {"iss_is_a_number", kFormat, [](J& c) { c["iss"] = 1; }},
    {"iss_too_long", kFormat, [](J& c) { c["iss"] = std::string(1025, 'i'); }},
    {"nonce_is_short", kFormat, [](J& c) { c["eat_nonce"] = codec::base64url(Bytes(7, 1)); }},
    {"nonce_is_long", kFormat, [](J& c) { c["eat_nonce"] = codec::base64url(Bytes(65, 1)); }},
    {"nonce_is_padded", kFormat, [](J& c) { c["eat_nonce"] = codec::base64(Bytes(32, 0x4e)); }},
    {"nonce_is_a_list", kFormat, [](J& c) { c["eat_nonce"] = json::Array{c["eat_nonce"]}; }},
    {"no_verifier", kFormat, [](J& c) { c.erase("ear_verifier_id"); }},
    {"verifier_without_build", kFormat, [](J& c) { c["ear_verifier_id"].as_object().erase("build"); }},
    {"verifier_is_text", kFormat, [](J& c) { c["ear_verifier_id"] = "iapp"; }},
    {"no_submods", kFormat, [](J& c) { c.erase("submods"); }},
    {"empty_submods", kFormat, [](J& c) { c["submods"] = J{}; }},
    {"submods_is_a_list", kFormat, [](J& c) { c["submods"] = json::Array{}; }},
    {"submod_is_a_nested_token", kFormat, [](J& c) { c["submods"] = J{{"cpu", json::Array{"JWT", "e30.e30.AA"}}}; }},
    {"submod_with_long_name", kFormat, [](J& c) { c["submods"].as_object()[std::string(257, 'n')] = cpu(c); }},
    {"65_submods", kFormat, [](J& c) { for (int i = 0; i < 64; ++i) c["submods"].as_object()[std::to_string(i)] = cpu(c); }},
    {"no_status", kFormat, [](J& c) { cpu(c).erase("ear_status"); }},
    {"status_is_a_number", kFormat, [](J& c) { cpu(c)["ear_status"] = 2; }},
    {"status_is_unknown", kFormat, [](J& c) { cpu(c)["ear_status"] = "excellent"; }},
    {"status_better_than_vector", kFormat, [](J& c) { cpu(c)["ear_trustworthiness_vector"].as_object()["hardware"] = 96; }},
    {"status_better_than_warning", kFormat, [](J& c) { cpu(c)["ear_trustworthiness_vector"].as_object()["file-system"] = 32; }},
    {"status_better_than_submod", kFormat, [](J& c) { cpu(c)["ear_status"] = "warning"; }},
    {"vector_value_is_text", kFormat, [](J& c) { cpu(c)["ear_trustworthiness_vector"].as_object()["hardware"] = "2"; }},
    {"vector_value_is_128", kFormat, [](J& c) { cpu(c)["ear_trustworthiness_vector"].as_object()["hardware"] = 128; }},
    {"vector_value_is_minus_129", kFormat, [](J& c) { cpu(c)["ear_trustworthiness_vector"].as_object()["hardware"] = -129; }},
    {"vector_is_a_list", kFormat, [](J& c) { cpu(c)["ear_trustworthiness_vector"] = json::Array{2}; }},
    {"policy_ids_is_text", kFormat, [](J& c) { cpu(c)["ear_appraisal_policy_ids"] = "production"; }},
    {"policy_ids_is_empty", kFormat, [](J& c) { cpu(c)["ear_appraisal_policy_ids"] = json::Array{}; }},
    {"policy_id_is_a_number", kFormat, [](J& c) { cpu(c)["ear_appraisal_policy_ids"] = json::Array{1}; }},
    {"attester_claims_is_text", kFormat, [](J& c) { cpu(c)["ear_attester_claims"] = "none"; }},
    {"simulated_is_text", kFormat, [](J& c) { attester(c)["iapp_simulated"] = "false"; }},
    {"debug_is_unknown", kFormat, [](J& c) { attester(c)["dbgstat"] = "off"; }},
    {"measurement_is_hex", kFormat, [](J& c) { attester(c)["iapp_measurements"].as_object()["mrtd"] = "0x0000"; }},
    {"measurements_is_a_list", kFormat, [](J& c) { attester(c)["iapp_measurements"] = json::Array{}; }},
    {"evidence_id_is_short", kFormat, [](J& c) { attester(c)["iapp_evidence_id"] = codec::base64url(Bytes(31, 1)); }},
    {"accepted_is_a_number", kFormat, [](J& c) { verifier(c)["iapp_accepted"] = 1; }},
    {"policy_hash_is_long", kFormat, [](J& c) { verifier(c)["iapp_policy_sha256"] = codec::base64url(Bytes(33, 1)); }},
    {"report_data_outcome_unknown", kFormat, [](J& c) { verifier(c)["iapp_report_data"] = "maybe"; }},
    {"check_without_outcome", kFormat, [](J& c) { verifier(c)["iapp_checks"].as_array()[0].as_object().erase("outcome"); }},
    {"check_outcome_unknown", kFormat, [](J& c) { verifier(c)["iapp_checks"].as_array()[0].as_object()["outcome"] = "ok"; }},
    {"513_checks", kFormat, [](J& c) { verifier(c)["iapp_checks"] = json::Array(513, verifier(c)["iapp_checks"].as_array()[0]); }},
    {"tcb_without_status", kFormat, [](J& c) { verifier(c)["iapp_tcb"].as_object().erase("status"); }},
    {"tcb_evaluation_beyond_32_bits", kFormat, [](J& c) { verifier(c)["iapp_tcb"].as_object()["evaluation"] = 4'294'967'296; }},
    {"cnf_without_key", kFormat, [](J& c) { c["cnf"] = J{}; }},
    {"cnf_key_of_another_type", kFormat, [](J& c) { jwk(c)["kty"] = "RSA"; }},
    {"cnf_type_and_curve_differ", kFormat, [](J& c) { jwk(c)["kty"] = "OKP"; }},
    {"cnf_x25519_with_y", kFormat, [](J& c) { jwk(c)["kty"] = "OKP"; jwk(c)["crv"] = "X25519"; }},
    {"cnf_unknown_curve", kFormat, [](J& c) { jwk(c)["crv"] = "P-384"; }},
    {"cnf_without_y", kFormat, [](J& c) { jwk(c).erase("y"); }},
    {"cnf_point_not_on_the_curve", kFormat, [](J& c) { jwk(c)["y"] = jwk(c)["x"]; }},
    {"cnf_x_is_short", kFormat, [](J& c) { jwk(c)["x"] = codec::base64url(Bytes(31, 1)); }},
    // "attest.ear_claims": well formed, and not for us
    {"other_profile", kClaims, [](J& c) { c["eat_profile"] = "tag:ietf.org,2026:rats/ear#05"; }},
    {"older_profile", kClaims, [](J& c) { c["eat_profile"] = "tag:ietf.org,2026:rats/ear#03"; }},
    {"profile_with_space", kClaims, [](J& c) { c["eat_profile"] = std::string(kEarProfile) + " "; }},
    {"no_exp", kClaims, [](J& c) { c.erase("exp"); }},
    {"expired_now", kClaims, [](J& c) { c["exp"] = 1'790'000'060; }},
    {"expired_long_ago", kClaims, [](J& c) { c["exp"] = 0; }},
    {"not_yet_valid", kClaims, [](J& c) { c["nbf"] = 1'790'000'121; }},
    {"issued_in_the_future", kClaims, [](J& c) { c["iat"] = 1'790'000'121; }},
    {"no_nonce", kClaims, [](J& c) { c.erase("eat_nonce"); }},
    {"other_nonce", kClaims, [](J& c) { c["eat_nonce"] = codec::base64url(Bytes(32, 0x4f)); }},
    {"shorter_nonce", kClaims, [](J& c) { c["eat_nonce"] = codec::base64url(Bytes(31, 0x4e)); }},
    {"longer_nonce", kClaims, [](J& c) { c["eat_nonce"] = codec::base64url(Bytes(33, 0x4e)); }},
    {"no_audience", kClaims, [](J& c) { c.erase("aud"); }},
    {"other_audience", kClaims, [](J& c) { c["aud"] = "https://sms.example.org"; }},
    {"audience_in_upper_case", kClaims, [](J& c) { c["aud"] = "HTTPS://SMS.EXAMPLE"; }},
    {"status_warning", kClaims, [](J& c) { c["ear_status"] = cpu(c)["ear_status"] = "warning"; }},
    {"status_none", kClaims, [](J& c) { c["ear_status"] = cpu(c)["ear_status"] = "none"; }},
    {"status_contraindicated", kClaims, [](J& c) { c["ear_status"] = cpu(c)["ear_status"] = "contraindicated"; }},
    {"status_worse_than_submods", kClaims, [](J& c) { c["ear_status"] = "contraindicated"; }},
    {"status_of_a_submod_only", kClaims, [](J& c) { c.erase("ear_status"); cpu(c)["ear_status"] = "warning"; }},
};
// clang-format on

TEST(EarJwt, EachBrokenClaimIsRefusedByItsCheck)
{
    const Parts good = good_parts();
    for (const auto& [what, check, bend] : kBends) {
        json::Value claims = *json::parse(good.payload);
        bend(claims.as_object());
        expect_refused(signed_token({good.header, json::print(claims)}), check, what);
    }
}

TEST(EarJwt, PayloadIsOneStrictObject)
{
    const Parts good = good_parts();
    std::string twice = good.payload;
    twice.insert(1, R"("iat":1790000000,)");
    for (const std::string& payload :
         {std::string(), std::string("{}"), std::string("[]"), std::string("null"), twice, good.payload + "x",
          good.payload + good.payload, std::string("\xef\xbb\xbf") + good.payload, std::string(100, '['),
          good.payload.substr(0, good.payload.size() - 1)})
        expect_refused(signed_token({good.header, payload}), CheckId::ear_format, payload.substr(0, 40));
}

TEST(EarJwt, UnknownClaimsAreIgnored)
{
    const Parts good = good_parts();
    json::Value claims = *json::parse(good.payload);
    claims.as_object()["ear_raw_evidence"] = "AAAA";
    claims.as_object()["jti"] = json::Object{{"x", 1}};
    cpu(claims.as_object())["ear_teep_claims"] = json::Object{{"nonce", 1}};
    CheckLog checks;
    const auto ear = verify_ear_jwt(signed_token({good.header, json::print(claims)}), verifier_key().public_key(),
                                    test::sample_expectation(), checks);
    ASSERT_TRUE(ear.has_value());
    EXPECT_EQ(*ear, test::sample_ear());
}

TEST(EarJwt, ExpectationsAreMetExactly)
{
    const std::string good = signed_token(good_parts());
    EarExpectation expected = test::sample_expectation();
    expected.audience.reset();
    expect_refused(good, CheckId::ear_claims, "a token for someone", expected);
    expected = test::sample_expectation();
    expected.nonce.clear();
    expect_refused(good, CheckId::ear_claims, "no nonce to expect", expected);
    json::Value claims = *json::parse(good_parts().payload);
    claims.as_object().erase("eat_nonce");
    expect_refused(signed_token({good_parts().header, json::print(claims)}), CheckId::ear_claims, "no nonce at all",
                   expected);
    expected = test::sample_expectation();
    expected.now = test::kAppraisedAt + std::chrono::seconds(599);
    CheckLog checks;
    EXPECT_TRUE(verify_ear_jwt(good, verifier_key().public_key(), expected, checks));
    expected.now += std::chrono::seconds(1);
    expect_refused(good, CheckId::ear_claims, "the second it expires, skew or not", expected);
    expected.now = test::kAppraisedAt - std::chrono::seconds(60);
    EXPECT_TRUE(verify_ear_jwt(good, verifier_key().public_key(), expected, checks));
    expected.now -= std::chrono::seconds(1);
    expect_refused(good, CheckId::ear_claims, "a clock that is too far behind", expected);
}

// Made by node:crypto with the same key; members in another order.
constexpr std::string_view kByNode =
    "eyJ0eXAiOiJlYXQrand0IiwiYWxnIjoiRVMyNTYiLCJraWQiOiJrMSJ9.eyJlYXRfcHJvZmlsZSI6InRhZzppZXRmLm9yZywyMDI"
    "2OnJhdHMvZWFyIzA0IiwiaWF0IjoxNzkwMDAwMDAwLCJleHAiOjE3OTAwMDA2MDAsImVhdF9ub25jZSI6IlRrNU9UazVPVGs1T1R"
    "rNU9UazVPVGs1T1RrNU9UazVPVGs1T1RrNU9UazQiLCJhdWQiOiJodHRwczovL3Ntcy5leGFtcGxlIiwiZWFyX3ZlcmlmaWVyX2l"
    "kIjp7ImRldmVsb3BlciI6Im5vZGUiLCJidWlsZCI6InYyMCJ9LCJzdWJtb2RzIjp7IlBTQSI6eyJlYXJfc3RhdHVzIjoiYWZmaXJ"
    "taW5nIn19fQ.-r4Fwd2Q5-EWTl5ykT48E0nW0KVtuSAwIaL4-r2ttfJYFLARp49U9VSEvsrVbVr_gcyttaTcS29LgC6xg5BanQ";

TEST(EarJwt, TokensOfAnotherImplementationAreRead)
{
    CheckLog checks;
    const auto ear = verify_ear_jwt(kByNode, verifier_key().public_key(), test::sample_expectation(), checks);
    ASSERT_TRUE(ear.has_value()) << ear.error().detail;
    EXPECT_EQ(ear->verifier.developer, "node");
    EXPECT_EQ(ear->status, Tier::affirming);
    EXPECT_TRUE(ear->submodules[0].vector.empty());
}

// A token in the form that Veraison's verifier and its Rust crate write (docs.rs/ear): dotted names, typ JWT.
constexpr std::string_view kDotted =
    R"({"ear.verifier-id":{"build":"rrtrap-v1.0.0","developer":"Acme Inc."},"eat_nonce":"Tk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk4",)"
    R"("eat_profile":"tag:github.com,2023:veraison/ear","exp":1790000600,"iat":1790000000,"submods":{"test":{)"
    R"("ear.appraisal-policy-id":"policy://psa/60a0068d","ear.status":"warning",)"
    R"("ear.trustworthiness-vector":{"executables":33,"hardware":2}}}})";

TEST(EarJwt, OlderDraftsAreReadOnlyWhenAskedFor)
{
    const std::string token = signed_token({R"({"alg":"ES256","typ":"JWT"})", std::string(kDotted)});
    EarExpectation expected = test::sample_expectation();
    expected.audience.reset();
    expected.least_status = Tier::warning;
    expect_refused(token, CheckId::ear_format, "typ JWT", expected);
    expect_refused(signed_token({good_parts().header, std::string(kDotted)}), CheckId::ear_claims, "dotted names", expected);
    expected.accept_older_drafts = true;
    CheckLog checks;
    const auto ear = verify_ear_jwt(token, verifier_key().public_key(), expected, checks);
    ASSERT_TRUE(ear.has_value()) << ear.error().detail;
    EXPECT_EQ(ear->verifier.developer, "Acme Inc.");
    EXPECT_EQ(ear->status, Tier::warning);
    EXPECT_EQ(ear->submodules[0].policy_ids, std::vector<std::string>{"policy://psa/60a0068d"});
    EXPECT_EQ(ear->submodules[0].vector.at(TrustClaim::executables), 33);
    EXPECT_EQ(ear->submodules[0].simulated, std::nullopt);
    expected.least_status = Tier::affirming;
    expect_refused(token, CheckId::ear_claims, "a status is a status in every draft", expected);
    expected.accept_older_drafts = true;
    expect_refused(signed_token({R"({"alg":"none","typ":"JWT"})", std::string(kDotted)}), CheckId::ear_format,
                   "older drafts are signed too", expected);
}

}  // namespace
}  // namespace iapp::attest
