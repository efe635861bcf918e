// Attestation results: what they say, and that both encodings say it. What is refused is in ear_jwt_test.cpp and
// ear_cose_test.cpp.
#include "attest/ear.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "attest/internal/cose_sign1.hpp"
#include "codec/base64.hpp"
#include "codec/json.hpp"
#include "support/sample_ear.hpp"

namespace iapp::attest {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::string_view reason(const auto& result) { return result ? std::string_view{} : result.error().reason; }

/// The result after a way through each encoding.
std::vector<Ear> travel(const Ear& ear, const EarExpectation& expected)
{
    const auto key = test::sample_verifier_key();
    CheckLog checks;
    const auto jwt = verify_ear_jwt(*sign_ear_jwt(ear, key), key.public_key(), expected, checks);
    const auto cose = verify_ear_cose(*sign_ear_cose(ear, key), key.public_key(), expected, checks);
    for (const auto* result : {&jwt, &cose})
        if (!*result) throw std::runtime_error(result->error().detail);
    EXPECT_EQ(checks.outcomes().size(), 6U);
    for (const CheckId id : {CheckId::ear_format, CheckId::ear_signature, CheckId::ear_claims})
        EXPECT_TRUE(checks.passed(id));
    return {*jwt, *cose};
}

EarExpectation anything()
{
    EarExpectation out = test::sample_expectation();
    out.least_status = Tier::contraindicated;
    return out;
}

TEST(Ear, ArrivesAsItWasSignedInBothEncodings)
{
    Ear ear = test::sample_ear();
    for (const Ear& arrived : travel(ear, test::sample_expectation())) EXPECT_EQ(arrived, ear);

    ear.key = crypto::X25519Key::generate().public_key();
    ear.submodules[0].tcb->advisories = {"INTEL-SA-00828", "\xc3\xa9"};
    for (const Ear& arrived : travel(ear, test::sample_expectation())) EXPECT_EQ(arrived, ear);

    ear.key.reset();
    ear.audience.reset();
    ear.not_before.reset();
    ear.issuer.clear();
    EarExpectation expected = test::sample_expectation();
    expected.audience.reset();
    for (const Ear& arrived : travel(ear, expected)) EXPECT_EQ(arrived, ear);
}

TEST(Ear, SaysWhatTheAppraisalSaid)
{
    const Ear ear = test::sample_ear();
    EXPECT_EQ(ear.profile, kEarProfile);
    EXPECT_EQ(ear.status, Tier::affirming);
    const EarSubmodule& cpu = ear.submodules.at(0);
    EXPECT_EQ(cpu.name, "cpu");
    EXPECT_EQ(cpu.tee, "tdx");
    EXPECT_EQ(cpu.simulated, false);
    EXPECT_EQ(cpu.debug, false);
    EXPECT_EQ(cpu.accepted, true);
    EXPECT_EQ(cpu.report_data, Outcome::passed);
    EXPECT_EQ(cpu.tcb->status, "UpToDate");
    EXPECT_EQ(cpu.tcb->evaluation_number, 17U);
    EXPECT_EQ(cpu.policy_ids,
              (std::vector<std::string>{"production", "ni:///sha-256;kBHHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}));
    EXPECT_EQ(cpu.checks.size(), test::sample_appraisal().checks.size());
    EXPECT_NE(std::ranges::find(cpu.checks, EarCheck{std::string(info(CheckId::machine).reason), Outcome::skipped}),
              cpu.checks.end());
}

TEST(Ear, SaysThatSimulatedEvidenceProvesNothing)
{
    Appraisal appraisal = test::sample_appraisal();
    appraisal.claims->simulated = true;
    for (const Ear& ear : travel(test::sample_ear(appraisal), anything())) {
        EXPECT_EQ(ear.status, Tier::contraindicated);
        EXPECT_EQ(ear.submodules[0].vector.at(TrustClaim::hardware), 96);
        EXPECT_EQ(ear.submodules[0].simulated, true);
        EXPECT_EQ(ear.submodules[0].accepted, true);
    }
}

TEST(Ear, SaysThatAGuestUnderDebugHidesNothing)
{
    Appraisal appraisal = test::sample_appraisal();
    appraisal.claims->debug = true;
    for (const Ear& ear : travel(test::sample_ear(appraisal), anything())) {
        EXPECT_EQ(ear.status, Tier::contraindicated);
        EXPECT_EQ(ear.submodules[0].vector.at(TrustClaim::configuration), 96);
        EXPECT_EQ(ear.submodules[0].vector.at(TrustClaim::runtime_opaque), 96);
        EXPECT_EQ(ear.submodules[0].debug, true);
    }
}

TEST(Ear, TellsARefusalWithItsReason)
{
    Appraisal appraisal = test::refused_by(CheckId::signature);
    appraisal.claims.reset();
    for (const Ear& ear : travel(test::sample_ear(appraisal), anything())) {
        EXPECT_EQ(ear.status, Tier::contraindicated);
        EXPECT_EQ(ear.submodules[0].accepted, false);
        EXPECT_EQ(ear.submodules[0].simulated, std::nullopt);
        EXPECT_EQ(ear.submodules[0].checks.back(), (EarCheck{"attest.signature", Outcome::failed}));
        EXPECT_TRUE(ear.submodules[0].measurements.empty());
    }
}

TEST(Ear, HasTheWorstStatusOfItsSubmodules)
{
    std::vector<NamedAppraisal> named{{"vtpm", test::sample_appraisal()}, {"cpu", test::sample_appraisal()}};
    named[0].appraisal.kind = EvidenceKind::tpm;
    named[1].appraisal.claims->tcb->status = TcbStatus::sw_hardening_needed;
    const auto ear = make_ear(test::sample_ear_request(), named);
    ASSERT_TRUE(ear.has_value());
    EXPECT_EQ(ear->status, Tier::warning);
    EXPECT_EQ(ear->submodules[0].name, "cpu");
    EXPECT_EQ(ear->submodules[1].name, "vtpm");
    for (const Ear& arrived : travel(*ear, anything())) EXPECT_EQ(arrived, *ear);
}

TEST(Ear, ExpiresWithItsTimeToLiveOrWithTheEndorsements)
{
    const auto expiry = [](const Appraisal& appraisal, std::chrono::seconds ttl) {
        EarRequest request = test::sample_ear_request();
        request.ttl = ttl;
        const NamedAppraisal named{"cpu", appraisal};
        return *make_ear(request, {&named, 1})->expires - test::kAppraisedAt;
    };
    Appraisal appraisal = test::sample_appraisal();
    EXPECT_EQ(expiry(appraisal, minutes(10)), minutes(10));
    appraisal.claims->valid_until = test::kAppraisedAt + minutes(3);
    EXPECT_EQ(expiry(appraisal, minutes(10)), minutes(3));
    Appraisal refused = test::refused_by(CheckId::debug);
    refused.claims->valid_until = test::kAppraisedAt - hours(1);
    EXPECT_EQ(expiry(refused, minutes(10)), minutes(10)) << "nobody relies on it";
}

struct BadRequest {
    std::string_view reason;
    void (*bend)(EarRequest&, std::vector<NamedAppraisal>&);
};

TEST(Ear, IsNotMadeOfWhatContradictsItself)
{
    const BadRequest cases[] = {
        {"attest.ear_format", [](EarRequest& r, auto&) { r.nonce.resize(7); }},
        {"attest.ear_format", [](EarRequest& r, auto&) { r.nonce.resize(65); }},
        {"attest.ear_format", [](EarRequest& r, auto&) { r.ttl = std::chrono::seconds(0); }},
        {"attest.ear_format", [](EarRequest&, auto& named) { named.clear(); }},
        {"attest.ear_format", [](EarRequest&, auto& named) { named.push_back(named[0]); }},
        {"attest.ear_format", [](EarRequest&, auto& named) { named[0].name.clear(); }},
        {"attest.ear_format", [](EarRequest&, auto& named) { named[0].appraisal.claims.reset(); }},
        {"attest.ear_format", [](EarRequest&, auto& named) { named[0].appraisal.checks[3].outcome = Outcome::failed; }},
        {"attest.ear_claims", [](EarRequest& r, auto& named) { named[0].appraisal.claims->valid_until = r.now; }},
    };
    for (const auto& [expected, bend] : cases) {
        EarRequest request = test::sample_ear_request();
        std::vector<NamedAppraisal> named{{"cpu", test::sample_appraisal()}};
        bend(request, named);
        EXPECT_EQ(reason(make_ear(request, named)), expected);
    }
}

TEST(Ear, IsNotSignedWhenARelyingPartyWouldRefuseIt)
{
    const auto key = test::sample_verifier_key();
    Ear ear = test::sample_ear();
    ear.submodules.clear();
    EXPECT_EQ(reason(sign_ear_jwt(ear, key)), "attest.ear_format");
    EXPECT_EQ(reason(sign_ear_cose(ear, key)), "attest.ear_format");
    ear = test::sample_ear();
    ear.issuer = "\xff";
    EXPECT_EQ(reason(sign_ear_jwt(ear, key)), "json.utf8");
    EXPECT_EQ(reason(sign_ear_cose(ear, key)), "cbor.utf8");
}

TEST(EarJwt, HasTheNamesOfTheDraft)
{
    const std::string token = *sign_ear_jwt(test::sample_ear(), test::sample_verifier_key());
    const std::size_t first = token.find('.');
    const auto part = [&](std::size_t from, std::size_t to) {
        return *json::parse(to_text(*codec::parse_base64url(token.substr(from, to - from))));
    };
    EXPECT_EQ(json::print(part(0, first)),
              R"({"alg":"ES256","kid":")" + ear_key_id(test::sample_verifier_key().public_key()) + R"(","typ":"eat+jwt"})");
    const json::Value value = part(first + 1, token.rfind('.'));
    const json::Object& claims = value.get_object();
    EXPECT_EQ(claims.at("eat_profile"), "tag:ietf.org,2026:rats/ear#04");
    EXPECT_EQ(claims.at("iat"), 1'790'000'000);
    EXPECT_EQ(claims.at("nbf"), 1'790'000'000);
    EXPECT_EQ(claims.at("exp"), 1'790'000'600);
    EXPECT_EQ(claims.at("ear_status"), "affirming");
    EXPECT_EQ(json::print(claims.at("ear_verifier_id")), R"({"build":"iapp 0.2.0","developer":"https://iapp.example"})");
    const json::Object& cpu = claims.at("submods").at("cpu").get_object();
    EXPECT_EQ(json::print(cpu.at("ear_trustworthiness_vector")),
              R"({"configuration":2,"executables":2,"hardware":2,"runtime-opaque":2})");
    EXPECT_EQ(cpu.at("ear_attester_claims").at("iapp_simulated"), false);
    EXPECT_EQ(cpu.at("ear_attester_claims").at("dbgstat"), "disabled-since-boot");
    EXPECT_EQ(claims.at("cnf").at("jwk").at("kty"), "EC");
}

/// A fenced block of the format's page, without its line breaks.
std::string example(const std::string& name)
{
    std::ifstream in("docs/formats/attestation-result.md");
    const std::string page{std::istreambuf_iterator<char>(in), {}};
    const std::string fence = "```" + name + "\n";
    const std::size_t from = page.find(fence) + fence.size();
    std::string out = page.substr(from, page.find("```", from) - from);
    std::erase(out, '\n');
    return out;
}

TEST(Ear, ExampleOfThePageIsWhatTheCodeWrites)
{
    const auto key = test::sample_verifier_key();
    const std::string jwt = example("jwt");
    const Bytes cwt = *parse_hex(example("cwt"));
    CheckLog checks;
    EXPECT_EQ(*verify_ear_jwt(jwt, key.public_key(), test::sample_expectation(), checks), test::sample_ear());
    EXPECT_EQ(*verify_ear_cose(cwt, key.public_key(), test::sample_expectation(), checks), test::sample_ear());
    const std::string again = *sign_ear_jwt(test::sample_ear(), key);  // ECDSA signatures differ each time
    EXPECT_EQ(jwt.substr(0, jwt.rfind('.')), again.substr(0, again.rfind('.')));
    const Bytes cwt_again = *sign_ear_cose(test::sample_ear(), key);
    EXPECT_EQ(hex(ByteView(cwt).first(cwt.size() - 64)), hex(ByteView(cwt_again).first(cwt_again.size() - 64)));
}

TEST(EarKeyId, IsTheThumbprintOfTheKey)
{
    // Computed with node:crypto from {"crv":"P-256","kty":"EC","x":...,"y":...}.
    EXPECT_EQ(ear_key_id(test::sample_verifier_key().public_key()), "KUT6jPUqqz4OC7G_YIiZmEPyqnogLqA8iZOfYR9hmlk");
}

// RFC 8392 appendix A.3: a CWT signed with the key of A.2.3.
constexpr std::string_view kSignedCwt =
    "d28443a10126a104524173796d6d657472696345434453413235365850a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b7"
    "7"
    "037818636f61703a2f2f6c696768742e6578616d706c652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b7158405427c1ff28d23fbad"
    "1"
    "f29c4c7c6a555e601d6fa29f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a52b9b63632c57209120e1c9e30";

TEST(CoseSign1, ReadsAndWritesTheExampleOfRfc8392)
{
    const Bytes bytes = *parse_hex(kSignedCwt);
    const auto message = parse_cose_sign1(bytes, {});
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(hex(message->protected_header), "a10126");
    EXPECT_EQ(hex(cose_signed_bytes(*message)).substr(0, 38), "846a5369676e61747572653143a10126405850");
    const auto signature = *crypto::P256Signature::from_bytes(message->signature);
    EXPECT_TRUE(crypto::p256_verify(test::sample_verifier_key().public_key(), cose_signed_bytes(*message), signature));
    EXPECT_EQ(*encode_cose_sign1(*message), bytes);
}

}  // namespace
}  // namespace iapp::attest
